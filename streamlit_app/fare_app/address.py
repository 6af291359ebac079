"""What an address asks of a form, and what of it the form does not know."""

from collections.abc import Callable

import streamlit as st

from fare_app.page import App
from fare_app.words import literal, plain

_ASKED, _NOT_KNOWN = "address_asked", "address_not_known"
# Characters of an answer that are repeated.
_LONGEST = 80


def hear(key: str, is_known: Callable[[str], bool]) -> None:
    """
    Note what the address asks of a question that cannot answer so.

    Streamlit drops such an answer without a word.

    Parameters
    ----------
    key : str
        Of the question, which is shown after this.
    is_known : callable
        Whether a text is an answer.
    """
    # As it came: the first question takes its part out of it.
    asked = st.session_state.setdefault(_ASKED, dict(st.query_params))
    text = asked.pop(key, "")
    if text and not is_known(text):
        st.session_state.setdefault(_NOT_KNOWN, {})[key] = (text, None)


def is_number(text: str, kind: Callable[[str], float] = float) -> bool:
    """Tell whether a text is a finite number."""
    try:
        return abs(kind(text)) < float("inf")
    except (ValueError, OverflowError):
        return False


def tell_unknown(app: App, labels: dict[str, str]) -> None:
    """
    Say what was not known, until its question is answered otherwise.

    Parameters
    ----------
    app : App
        The page.
    labels : dict of str to str
        What each question asks, by key.
    """
    noted, lines = st.session_state.get(_NOT_KNOWN, {}), []
    for key, (text, stood) in [*noted.items()]:
        value = st.session_state.get(key)
        if stood not in {None, value}:
            del noted[key]
            continue
        noted[key] = (text, value)
        what, found = labels[key], literal(text[:_LONGEST])
        lines.append(app.words("quote.not_known", what=what, found=found))
    if lines:
        told = "\n".join(f"- {line}" for line in lines)
        st.warning(plain(told), icon=":material/link_off:")
