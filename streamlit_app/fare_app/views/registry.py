"""Registry: slots, versions, and every decision."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fare_app.artefacts import DamagedError, Document
from fare_app.decisions import metric_cards, why
from fare_app.models import read_version
from fare_app.page import IN_ADDRESS, App, needs
from fare_app.report_pages import offer_page
from fare_app.versions_beside import show_beside
from fare_app.words import MISSING, literal, plain
from taxi_fare.core.metrics import COMPARED, METRICS
from taxi_fare.registry.records import HistoryEntry, RegistryState

_HASH = 12
_IN_FULL = 12


def show(app: App) -> None:
    """
    Show the page.

    Parameters
    ----------
    app : App
        The page.
    """
    app.title("registry")
    _slots(app)
    st.subheader(app.words("registry.versions"))
    _versions(app)
    st.subheader(app.words("registry.beside"))
    _beside(app)
    st.subheader(app.words("registry.history"))
    _history(app)


@needs("registry")
def _slots(app: App, state: RegistryState) -> None:
    words = app.words
    cells = st.columns(2)
    for cell, slot in zip(cells, ("current", "candidate"), strict=True):
        with cell.container(border=True):
            st.caption(words(f"registry.{slot}"))
            name = getattr(state, slot)
            if name:
                st.code(name, language=None, wrap_lines=True)
            else:
                st.markdown(words("registry.empty"))
    before = state.before_current()
    app.note("registry.generation", generation=state.generation)
    if before:
        app.say("registry.rollback", model=before)
        command = "taxi-fare registry rollback --reason …"
        options = app.places.options(registry=True, reports=False)
        st.code(command + options, language="bash", wrap_lines=True)


@needs("registry")
def _versions(app: App, state: RegistryState) -> None:
    names = list(
        dict.fromkeys(entry.model_id for entry in reversed(state.history))
    )
    first = names.index(state.current) if state.current in names else 0
    model = st.selectbox(
        app.words("registry.version"),
        names,
        index=first,
        key="version",
        bind=IN_ADDRESS,
    )
    try:
        manifest = read_version(model, app.places)
    except DamagedError as error:
        st.warning(plain(literal(error)), icon=":material/warning:")
        return
    if manifest is None:
        app.say("registry.pruned", model=model)
        return
    _manifest(app, manifest)


def _manifest(app: App, manifest: Document) -> None:
    words, data = app.words, manifest["data"]
    metric_cards(
        app,
        metrics=manifest["metrics"],
        current=None,
        before=manifest.get("before_the_ride"),
    )
    portable = manifest.get("portable") or {}
    facts = {
        "registry.trained": words.moment(manifest["timestamp"]),
        "registry.train": f"{words.months(data['train_months'])}"
        f" ({words.number(data['train_rows'])})",
        "registry.test": f"{data['test_month']}"
        f" ({words.number(data['test_rows'])})",
        "quality.recipe": manifest["recipe"]["name"],
        "registry.seed": manifest.get("seed"),
        "registry.commit": (manifest.get("git_commit") or MISSING)[:_HASH],
        "registry.libraries": ", ".join(
            f"{name} {version}"
            for name, version in manifest["versions"].items()
        ),
        "registry.files": len(manifest["files"]),
        "registry.portable": words(
            "registry.parity",
            trips=words.number(portable["trips"]),
            difference=f"{portable['max_difference_dollars']:.1e}",
        )
        if "trips" in portable
        else MISSING,
    }
    st.table(
        pd.DataFrame(
            {
                words("quality.value"): [
                    literal(each) for each in facts.values()
                ]
            },
            index=[words(name) for name in facts],
        )
    )
    left, right = st.columns(2)
    with left.expander(words("registry.fingerprints")):
        for month, digest in manifest["fingerprints"].items():
            st.caption(literal(month))
            st.code(digest, language=None, wrap_lines=True)
    with right.expander("manifest.json"):
        st.json(manifest, expanded=1)


@needs("registry")
def _beside(app: App, state: RegistryState) -> None:
    show_beside(app, state)


@needs("registry")
def _history(app: App, state: RegistryState) -> None:
    words = app.words
    rows = [_row(app, entry) for entry in reversed(state.history)]
    app.table(
        rows,
        hide_index=True,
        height="content" if len(rows) <= 12 else 460,
        column_config={
            words("registry.why"): st.column_config.TextColumn(width="large")
        },
    )
    _decision(app, state.history)
    # A cell shows the beginning of a long reason.
    lines = [
        _line(app, entry) for entry in state.history[: -_IN_FULL - 1 : -1]
    ]
    with st.expander(words("registry.in_full")):
        st.markdown(plain("\n".join(f"- {line}" for line in lines)))


def _decision(app: App, history: Sequence[HistoryEntry]) -> None:
    """Tell one decision in full, and offer the page of its run."""
    words = app.words
    # The newest first; their number stays when there are more.
    named = {
        f"{number}. {entry.test_month}: {words(f'decision.{entry.event}')}"
        f" ({words.moment(entry.timestamp)})": entry
        for number, entry in enumerate(history, 1)
    }
    chosen = named[
        st.selectbox(
            words("registry.one_decision"),
            [*reversed(named)],
            key="decision",
            bind=IN_ADDRESS,
        )
    ]
    st.markdown(plain(_line(app, chosen)))
    month = chosen.test_month
    label = words("registry.page", month=month)
    page = f"monthly/{month}/report.html"
    if not offer_page(app, page, label=label, key="page_of_decision"):
        app.note("registry.no_page", month=month)
        return
    # A month has one page: of the run that was the last to be about it.
    runs = [
        each.model_id
        for each in history
        if each.test_month == month
        and each.decided_by == "rule"
        and each.event != "rolled_back"
    ]
    if runs and runs[-1] != chosen.model_id:
        app.note("registry.later_page", model=runs[-1])


def _line(app: App, entry: HistoryEntry) -> str:
    words = app.words
    return words(
        "registry.line",
        month=entry.test_month,
        event=words(f"decision.{entry.event}"),
        why=literal(why(entry, words)),
    )


def _row(app: App, entry: HistoryEntry) -> dict[str, str]:
    words = app.words
    current = entry.current_metrics or {}
    return {
        words("registry.when"): words.moment(entry.timestamp),
        words("registry.event"): words(f"decision.{entry.event}"),
        words("registry.test"): entry.test_month,
        **{each.title: words.metric(each, entry.metrics) for each in COMPARED},
        words("registry.rmse_before"): words.metric(METRICS["rmse"], current),
        words("registry.why"): why(entry, words),
        words("registry.version"): entry.model_id,
    }
