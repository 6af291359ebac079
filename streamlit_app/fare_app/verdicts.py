"""What a month calls for, as a box with a light."""

import streamlit as st

from fare_app.words import Words, literal, plain

_BOXES = {"ok": st.success, "look": st.warning, "act": st.error}
_ICONS = {
    "ok": ":material/check_circle:",
    "look": ":material/visibility:",
    "act": ":material/notification_important:",
}


def verdict_box(verdict: str, *, month: str, words: Words) -> None:
    """
    Show a verdict of the watch.

    Parameters
    ----------
    verdict : str
        ``ok``, ``look`` or ``act``.
    month : str
        What it is about.
    words : Words
        The language.
    """
    text = words(f"watch.{verdict}", month=literal(month))
    _BOXES[verdict](plain(text), icon=_ICONS[verdict])
