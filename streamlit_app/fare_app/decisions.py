"""A decision of the registry, in the reader's words."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from fare_app.page import App
from fare_app.words import Words, literal, plain
from taxi_fare.core.metrics import METRICS, compared_in
from taxi_fare.registry.promotion import improved

_ICONS = {
    "promoted": ":material/check_circle:",
    "kept": ":material/pause_circle:",
    "refused": ":material/block:",
    "rolled_back": ":material/undo:",
}


def sentence(
    decision: str,
    *,
    reason: str,
    metrics: Mapping[str, float],
    current: Mapping[str, float] | None,
    words: Words,
) -> str:
    """
    Say why a decision was taken.

    Parameters
    ----------
    decision : str
        Promoted, kept, refused or rolled back.
    reason : str
        As the registry wrote it: in English.
    metrics : mapping of str to float
        Of the new model.
    current : mapping of str to float or None
        Of the model in production on the same trips.
    words : Words
        The language.

    Returns
    -------
    str
        A sentence; the reason itself where it holds what figures do not.
    """
    if decision in {"promoted", "kept"} and current:
        better = improved(metrics, current)
        names = ", ".join(METRICS[name].title for name in better)
        return words(
            f"decision.compared_{decision}",
            count=len(better),
            of=len(compared_in(metrics, current)),
            names=names or words("decision.none"),
        )
    if decision == "promoted":
        return words("decision.first")
    return words(f"decision.because_{decision}", reason=reason)


def banner(app: App, *, metrics: Mapping[str, Any], test_month: str) -> None:
    """
    Show the verdict of the last run, and why.

    Parameters
    ----------
    app : App
        The page.
    metrics : mapping
        ``train_metrics.json``.
    test_month : str
        What the run was about.
    """
    words, promotion = app.words, metrics.get("promotion") or {}
    decision = promotion.get("decision")
    if decision is None:  # the legacy mode decides by the gates alone
        st.info(words("decision.legacy", month=literal(test_month)))
        return
    text = words(
        f"decision.{decision}_banner",
        month=literal(test_month),
        why=sentence(
            decision,
            reason=literal(promotion["reason"]),
            metrics=metrics["metrics"],
            current=promotion.get("current_metrics"),
            words=words,
        ),
    )
    box = st.error if decision == "refused" else st.info
    box(plain(text), icon=_ICONS[decision])
    if promotion.get("current_trained_on_test_month"):
        app.note("decision.trained_on_test_month")


def metric_cards(
    app: App,
    *,
    metrics: Mapping[str, float],
    current: Mapping[str, float] | None,
) -> None:
    """
    Show what models are compared by, and the distance from production's.

    Parameters
    ----------
    app : App
        The page.
    metrics : mapping of str to float
        Of the new model.
    current : mapping of str to float or None
        Of the model in production on the same trips.
    """
    words, theirs = app.words, current or {}
    better, shown = improved(metrics, theirs), compared_in(metrics)
    for each, column in zip(shown, st.columns(len(shown)), strict=True):
        delta = None
        if each.name in theirs:
            change = metrics[each.name] - theirs[each.name]
            delta = words.number(change, digits=each.digits, sign=True)
            delta = delta.replace("−", "-")  # Streamlit looks for this one
        column.metric(
            each.title,
            plain(words.metric(each, metrics)),
            delta=delta,
            delta_color="blue" if each.name in better else "orange",
            delta_description=words("decision.than_production")
            if delta
            else None,
            help=plain(words.meaning(each)),
            border=True,
        )
