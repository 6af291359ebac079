"""The files that the app shows: which are there, and what makes the others."""

import streamlit as st

from fare_app.artefacts import ARTEFACTS, DamagedError, path_of, stamp
from fare_app.page import App
from fare_app.words import MISSING

_NANOSECONDS = 1_000_000_000


def files_there(app: App) -> None:
    """
    List the files that the app shows, and what makes those that lack.

    Parameters
    ----------
    app : App
        The page.
    """
    words = app.words
    rows = []
    for name, artefact in ARTEFACTS.items():
        status, since = _status(app, name)
        rows.append(
            {
                words("files.status"): words(f"files.{status}"),
                words("files.file"): artefact.file,
                words("files.since"): since,
                words("files.holds"): words(f"artefact.{name}"),
            }
        )
    app.table(rows, hide_index=True, height="content")
    gone = [name for name in ARTEFACTS if _status(app, name)[0] != "there"]
    if gone:
        app.say("files.to_make")
        commands = dict.fromkeys(app.command(name) for name in gone)
        st.code("\n".join(commands), language="bash", wrap_lines=True)


def _status(app: App, name: str) -> tuple[str, str]:
    try:
        artefact = app.artefact(name)
    except DamagedError:
        return "damaged", MISSING
    if artefact is None:
        return "missing", MISSING
    if name == "registry":
        return "there", app.words.moment(artefact.history[-1].timestamp)
    found = stamp(path_of(name, app.places))
    seconds = found[1] / _NANOSECONDS if found else None
    return "there", app.words.moment(seconds)
