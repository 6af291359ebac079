"""A decision of the registry, in the reader's words."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from fare_app.page import App
from fare_app.words import Words, plain

LOWER_IS_BETTER = {"rmse": True, "mae": True, "r2": False}
_ICONS = {
    "promoted": ":material/check_circle:",
    "kept": ":material/pause_circle:",
    "refused": ":material/block:",
    "rolled_back": ":material/undo:",
}


def improved(
    metrics: Mapping[str, float], current: Mapping[str, float]
) -> list[str]:
    """
    Name the metrics that are better than those of the current model.

    Parameters
    ----------
    metrics, current : mapping of str to float
        On the same trips.

    Returns
    -------
    list of str
        ``rmse``, ``mae``, ``r2``; a tie is no improvement.
    """
    return [
        name
        for name, lower in LOWER_IS_BETTER.items()
        if (
            metrics[name] < current[name]
            if lower
            else metrics[name] > current[name]
        )
    ]


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
        names = ", ".join(words(f"metric.{name}") for name in better)
        key = f"decision.compared_{decision}"
        return words(
            key, count=len(better), names=names or words("decision.none")
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
        st.info(words("decision.legacy", month=test_month))
        return
    text = words(
        f"decision.{decision}_banner",
        month=test_month,
        why=sentence(
            decision,
            reason=promotion["reason"],
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
    Show the three metrics, each with its distance from production's.

    Parameters
    ----------
    app : App
        The page.
    metrics : mapping of str to float
        Of the new model.
    current : mapping of str to float or None
        Of the model in production on the same trips.
    """
    words = app.words
    better = improved(metrics, current) if current else []
    for name, column in zip(LOWER_IS_BETTER, st.columns(3), strict=True):
        delta = None
        if current:
            change = metrics[name] - current[name]
            digits = 3 if name == "r2" else 2
            delta = words.number(change, digits=digits, sign=True)
            delta = delta.replace("−", "-")  # Streamlit looks for this one
        column.metric(
            words(f"metric.{name}"),
            plain(words.metric(name, metrics[name])),
            delta=delta,
            delta_color="blue" if name in better else "orange",
            delta_description=words("decision.than_production")
            if current
            else None,
            help=plain(words(f"metric.{name}_help")),
            border=True,
        )
