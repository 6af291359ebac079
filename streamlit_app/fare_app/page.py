"""What a page works with: places, language, reports, and how to say no."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from shlex import quote
from typing import Any, Final

import pandas as pd
import streamlit as st

from fare_app.artefacts import (
    ARTEFACTS,
    DamagedError,
    path_of,
    read_artefact,
)
from fare_app.dark_page import for_dark
from fare_app.drawn import drawn_in
from fare_app.models import read_registry
from fare_app.places import Places
from fare_app.trips import load_sample
from fare_app.words import Words, literal, plain
from taxi_fare.core.spreadsheets import csv_bytes, safe_cell
from taxi_fare.core.visible import visible
from taxi_fare.reports.monthly.pages import there_in

_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)
_FALLBACK_MONTHS = "2023-03..2023-05"
_FALLBACK_MONTH = "2023-06"
# What a reader chose is in the address: it survives a reload, and a colleague
# who is sent it sees the same.
IN_ADDRESS: Final = "query-params"
# Of Plotly's own buttons, the one that saves a picture.
_CONFIG = {
    "displayModeBar": "hover",
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "responsive": True,
}
_PICTURE = {"format": "png", "scale": 2}
OnClick = Callable[[list[dict[str, Any]]], None]
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class App:
    """
    One run of a page.

    Parameters
    ----------
    places : Places
        Where the artefacts are.
    words : Words
        What is said, in the reader's language.
    told : set of str
        Artefacts whose absence was mentioned: once a page is enough.
    """

    places: Places
    words: Words
    told: set[str] = field(default_factory=set)

    def artefact(self, name: str) -> Any:
        """
        Read an artefact.

        Parameters
        ----------
        name : str
            Of the artefact.

        Returns
        -------
        object
            What it holds; None when it is missing.

        Raises
        ------
        DamagedError
            If it is there, and unreadable.
        """
        if name == "registry":
            return read_registry(self.places)
        path = path_of(name, self.places)
        if name == "eda_sample":
            return load_sample(path)
        if name == "predictions":
            return sorted(path.glob("*.parquet"), reverse=True) or None
        return read_artefact(name, self.places)

    def peek(self, name: str) -> Any:
        """
        Read an artefact that a page can do without.

        Parameters
        ----------
        name : str
            Of the artefact.

        Returns
        -------
        object
            What it holds; None when it is missing or damaged.
        """
        try:
            return self.artefact(name)
        except DamagedError:
            return None

    def report_page(self, name: str) -> str:
        """
        Return the page of a run in the reader's language.

        Parameters
        ----------
        name : str
            Of the English one, from the folder of the reports.

        Returns
        -------
        str
            The English one, where a run of before wrote no other.
        """
        if not name:
            return name
        return there_in(self.places.reports, name, self.words.language)

    def last_run(self) -> dict[str, Any]:
        """
        Return what the last run was about.

        Returns
        -------
        dict
            ``model_id``, ``test_month`` and ``train_months``; empty where
            there was none.
        """
        metrics = self.peek("train_metrics") or {}
        data = metrics.get("data")
        if not isinstance(data, dict) or "model_id" not in metrics:
            return {}
        return data | {"model_id": metrics["model_id"]}

    def command(self, name: str) -> str:
        """
        Return the command that makes an artefact.

        Parameters
        ----------
        name : str
            Of the artefact.

        Returns
        -------
        str
            To be copied; about the months of the last run where there was
            one.
        """
        artefact = ARTEFACTS[name]
        data = self.last_run()
        trained = data.get("train_months") or []
        months = f"{trained[0]}..{trained[-1]}" if trained else None
        return artefact.command.format(
            month=quote(str(data.get("test_month") or _FALLBACK_MONTH)),
            months=quote(months or _FALLBACK_MONTHS),
            options=self.places.options(registry=artefact.registry),
        )

    def title(self, section: str) -> None:
        """
        Write the title and the first sentence of a page.

        Parameters
        ----------
        section : str
            Of the texts.
        """
        st.title(self.words(f"{section}.title"))
        st.markdown(plain(self.words(f"{section}.lead")))

    def say(self, key: str, **values: object) -> None:
        """
        Write a text.

        Parameters
        ----------
        key : str
            Of the text.
        **values : object
            What fills its gaps.
        """
        st.markdown(plain(self.words(key, **_literal(values))))

    def note(self, key: str, **values: object) -> None:
        """
        Write a text in small print.

        Parameters
        ----------
        key : str
            Of the text.
        **values : object
            What fills its gaps.
        """
        st.caption(plain(self.words(key, **_literal(values))))

    def chart(
        self,
        figure: Any,
        *,
        key: str,
        alt: str,
        on_click: OnClick | None = None,
    ) -> None:
        """
        Draw a chart as wide as the page, and offer what it draws as CSV.

        Parameters
        ----------
        figure : plotly.graph_objects.Figure
            The chart.
        key : str
            Its name on the page.
        alt : str
            What it shows, for those who do not see it.
        on_click : callable, optional
            Called with the points that the reader clicked.
        """

        def clicked() -> None:
            """Tell which, before the page runs again."""
            if on_click is not None:
                on_click(st.session_state[key]["selection"]["points"])

        # On the first run of a session, Streamlit may not know it yet.
        dark = st.context.theme.type == "dark"
        picture = _PICTURE | {"filename": key}
        config = _CONFIG | {"toImageButtonOptions": picture}
        st.plotly_chart(
            for_dark(figure) if dark else figure,
            width="stretch",
            config=config,
            key=key,
            alt=alt,
            on_select=clicked if on_click is not None else "ignore",
            selection_mode="points",
        )
        st.download_button(
            self.words("chart.data"),
            lambda: csv_bytes(drawn_in(figure)),
            f"{key}.csv",
            "text/csv",
            key=f"{key}_csv",
            help=self.words("chart.data_help", what=alt[:200]),
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )

    def table(self, rows: Any, **options: Any) -> None:
        """
        Show a table, which its reader may save as CSV.

        Parameters
        ----------
        rows : DataFrame or list of dict
            Its cells.
        **options : object
            Of ``st.dataframe``.
        """
        frame = pd.DataFrame(rows)
        frame = frame.map(_cell).rename(index=_cell, columns=_cell)
        st.dataframe(frame, **options)

    def missing(self, name: str) -> None:
        """
        Say that an artefact is missing, and what makes it.

        Parameters
        ----------
        name : str
            Of the artefact.
        """
        if name in self.told:
            return
        self.told.add(name)
        file = ARTEFACTS[name].file
        what = self.words.name("artefact", name)
        st.info(
            plain(self.words("missing.text", what=what, file=file)),
            icon=":material/info:",
        )
        st.code(self.command(name), language="bash", wrap_lines=True)

    def damaged(self, name: str, reason: str) -> None:
        """
        Say that an artefact cannot be read, and what makes it anew.

        Parameters
        ----------
        name : str
            Of the artefact.
        reason : str
            What is wrong with it.
        """
        if name in self.told:
            return
        self.told.add(name)
        place = self.places.registry
        if name != "registry":
            place = path_of(name, self.places)
        st.warning(
            plain(self.words("damaged.text", file=literal(place))),
            icon=":material/warning:",
        )
        st.caption(plain(literal(reason.splitlines()[0][:300])))
        if name != "registry":
            st.code(self.command(name), language="bash", wrap_lines=True)


def choose_one(
    label: str,
    named: Mapping[str, str],
    *,
    key: str,
    place: Any = st,
    first: str | None = None,
) -> str:
    """
    Let the reader choose one of a few.

    Parameters
    ----------
    label : str
        What of.
    named : mapping of str to str
        Names by what may be chosen.
    key : str
        In the address.
    place : object, optional
        Where on the page.
    first : str, optional
        What is chosen until then; the first of all where none is given.

    Returns
    -------
    str
        What was chosen.
    """
    return str(
        place.segmented_control(
            label,
            list(named),
            format_func=named.__getitem__,
            default=first or next(iter(named)),
            required=True,
            key=key,
            bind=IN_ADDRESS,
        )
    )


def _literal(values: dict[str, object]) -> dict[str, object]:
    return {
        name: literal(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


def _cell(value: Any) -> Any:
    return safe_cell(visible(value)) if isinstance(value, str) else value


def needs(
    *names: str,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """
    Make a section of a page that is shown when its artefacts are there.

    Parameters
    ----------
    *names : str
        Of the artefacts, which the section takes after the app.

    Returns
    -------
    callable
        Decorator. A missing or damaged artefact becomes a message.
    """

    def decorate(
        show: Callable[..., None],
    ) -> Callable[..., None]:
        @wraps(show)
        def shown(app: App, *args: Any, **kwargs: Any) -> None:
            found = []
            for name in names:
                try:
                    found.append(app.artefact(name))
                except DamagedError as error:
                    return app.damaged(name, str(error))
                if found[-1] is None:
                    return app.missing(name)
            try:
                return show(app, *found, *args, **kwargs)
            except _MALFORMED as error:
                _logger.exception("%s cannot show %s", show.__name__, names)
                return app.damaged(names[0], repr(error))

        return shown

    return decorate
