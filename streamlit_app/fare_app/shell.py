"""The frame around every page: navigation, language, which files."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from fare_app.page import App
from fare_app.places import Places, find_places
from fare_app.views import (
    backtest,
    data,
    errors,
    limits,
    overview,
    quality,
    quote,
    registry,
    watch,
)
from fare_app.words import LANGUAGES, Words, language_of, literal, plain
from taxi_fare.core.choices import Language
from taxi_fare.core.errors import TaxiFareError

PAGES: dict[str, tuple[Callable[[App], None], str]] = {
    "overview": (overview.show, ":material/home:"),
    "quote": (quote.show, ":material/local_taxi:"),
    "quality": (quality.show, ":material/monitoring:"),
    "watch": (watch.show, ":material/visibility:"),
    "backtest": (backtest.show, ":material/history:"),
    "errors": (errors.show, ":material/troubleshoot:"),
    "data": (data.show, ":material/table_chart:"),
    "registry": (registry.show, ":material/inventory_2:"),
    "limits": (limits.show, ":material/gavel:"),
}

# Where nothing hovers, toolbars are always there: that of a table gets a line
# of its own, and charts have theirs below them, as data.
_TOUCHED = """<style>
@media (hover: none) {
  [data-testid="stFullScreenFrame"]:has([data-testid="stDataFrame"]) {
    margin-top: 2.5rem;
  }
  .modebar-container { display: none !important; }
}
</style>"""


def main(first: str = "overview", places: Places | None = None) -> None:
    """
    Run the app.

    Parameters
    ----------
    first : str, optional
        The page that is shown when the address names none.
    places : Places, optional
        Where the artefacts are; default: what the command line says.
    """
    st.set_page_config(
        page_title="taxi_fare", page_icon="🚕", layout="centered"
    )
    words = Words(_language())
    try:
        found = places or find_places(_arguments())
    except TaxiFareError as error:
        st.error(plain(literal(error)))
        return
    app = App(found, words)
    # For screen readers: Streamlit says English whatever is on its pages.
    st.html(
        f"<script>document.documentElement.lang = '{words.language}'</script>",
        unsafe_allow_javascript=True,
    )
    st.html(_TOUCHED)
    chosen = st.navigation(
        [
            st.Page(
                partial(_framed, app, show),
                title=words(f"{name}.menu"),
                icon=icon,
                url_path=name,
                default=name == first,
            )
            for name, (show, icon) in PAGES.items()
        ]
    )
    # Its figures stand side by side; the others are read like a page.
    if chosen.title == words("overview.menu"):
        st.set_page_config(layout="wide")
    _sidebar(app)
    chosen.run()


def _arguments() -> list[str]:
    """Return what follows ``--``; under a test, arguments are the test's."""
    return sys.argv[1:] if Path(sys.argv[0]).name == "app.py" else []


def _framed(app: App, show: Callable[[App], None]) -> None:
    if _simulated(app):
        st.warning(app.words("shell.simulated"), icon=":material/science:")
    try:
        show(app)
    except TaxiFareError as error:  # such as settings that cannot be used
        st.error(plain(literal(error)))


def _language() -> Language:
    if "language" not in st.session_state:
        asked = st.query_params.get("lang")
        known = asked if asked in LANGUAGES else None
        st.session_state["language"] = known or language_of(st.context.locale)
    chosen = st.session_state["language"]
    language: Language = chosen if chosen in LANGUAGES else "en"
    # What else is in the address is said in it: a colleague is to understand.
    st.query_params["lang"] = language
    return language


def _sidebar(app: App) -> None:
    words = app.words
    with st.sidebar:
        st.segmented_control(
            "Language · Langue",
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            key="language",
            required=True,
            width="stretch",
        )
        state = app.peek("registry")
        current = state.current if state else None
        st.caption(
            words("shell.model", model=f"`{current}`")
            if current
            else words("shell.no_model")
        )
        with st.expander(words("shell.files")):
            st.caption(words("shell.registry"))
            st.code(str(app.places.registry), language=None, wrap_lines=True)
            st.caption(words("shell.reports"))
            st.code(str(app.places.reports), language=None, wrap_lines=True)
            st.caption(words("shell.fresh"))


def _simulated(app: App) -> bool:
    """Tell whether anything on show comes from the simulator."""
    reports = ("train_metrics", "predict_report", "eda_summary")
    documents = [app.peek(name) or {} for name in reports]
    state = app.peek("registry")
    return any(each.get("simulated") is True for each in documents) or bool(
        state and state.history[-1].simulated
    )
