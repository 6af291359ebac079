"""A decision of the registry, in the reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from fare_app.page import App
from fare_app.words import Words, literal, plain
from taxi_fare.core.evidence import Gain, no_real_difference
from taxi_fare.core.metrics import METRICS, compared_in
from taxi_fare.registry.promotion import improved

_ICONS = {
    "promoted": ":material/check_circle:",
    "kept": ":material/pause_circle:",
    "refused": ":material/block:",
    "rolled_back": ":material/undo:",
}


@dataclass(frozen=True)
class Beside:
    """
    Figures of a new model, beside those of the one in production.

    Parameters
    ----------
    metrics : mapping of str to float
        Of the new model.
    current : mapping of str to float or None
        Of the model in production on the same trips.
    gains : mapping or None
        How sure the difference is, by metric, as documents hold it.
    """

    metrics: Mapping[str, float]
    current: Mapping[str, float] | None
    gains: Mapping[str, Any] | None = None


def sentence(
    decision: str, *, reason: str, figures: Beside, words: Words
) -> str:
    """
    Say why a decision was taken.

    Parameters
    ----------
    decision : str
        Promoted, kept, refused or rolled back.
    reason : str
        As the registry wrote it, in the reader's language.
    figures : Beside
        What it was taken by.
    words : Words
        The language.

    Returns
    -------
    str
        A sentence; the reason itself where it holds what figures do not.
    """
    metrics, current = figures.metrics, figures.current
    if decision in {"promoted", "kept"} and _may_be_chance(figures.gains):
        how = changes(figures.gains, words)
        return words("decision.no_difference", how=how)
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


def changes(gains: Mapping[str, Any] | None, words: Words) -> str:
    """
    Write what becomes of each error, and between which ends.

    Parameters
    ----------
    gains : mapping or None
        By metric, as documents hold it.
    words : Words
        The language.

    Returns
    -------
    str
        Part of a sentence; empty where nothing is known.
    """
    return ", ".join(
        words(
            "decision.change",
            metric=METRICS[name].title,
            change=words.change(0.0 - gain.gain),
            low=words.change(0.0 - gain.interval[1]),
            high=words.change(0.0 - gain.interval[0]),
        )
        for name, gain in _gains(gains).items()
        if gain.interval is not None and gain.gain is not None
    )


def _gains(gains: Mapping[str, Any] | None) -> dict[str, Gain]:
    return {
        name: Gain.model_validate(each) for name, each in (gains or {}).items()
    }


def _may_be_chance(gains: Mapping[str, Any] | None) -> bool:
    return no_real_difference(_gains(gains))


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
            reason=literal(words.retold(promotion["reason"])),
            figures=Beside(
                metrics["metrics"],
                promotion.get("current_metrics"),
                (promotion.get("evidence") or {}).get("gains"),
            ),
            words=words,
        ),
    )
    box = st.error if decision == "refused" else st.info
    box(plain(text), icon=_ICONS[decision])
    if promotion.get("current_trained_on_test_month"):
        app.note("decision.trained_on_test_month")
    _evidence(app, promotion)


def _evidence(app: App, promotion: Mapping[str, Any]) -> None:
    """Say how sure the decision is, and what the guarded rule says."""
    words = app.words
    gains = (promotion.get("evidence") or {}).get("gains")
    how = changes(gains, words)
    if how and not _may_be_chance(gains):
        app.note("decision.sure", how=how)
    guarded = promotion.get("guarded")
    if guarded and promotion.get("rule") != "guarded":
        app.note(
            f"decision.guarded_{guarded['decision']}",
            reasons="; ".join(map(words.retold, guarded["reasons"])),
        )


def metric_cards(
    app: App,
    *,
    metrics: Mapping[str, float],
    current: Mapping[str, float] | None,
    gains: Mapping[str, Any] | None = None,
    before: Mapping[str, float] | None = None,
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
    gains : mapping of str to mapping, optional
        How sure the distance is: what may be chance has no colour.
    before : mapping of str to float, optional
        Of the same model before the ride, where it was measured.
    """
    words, theirs = app.words, current or {}
    chance = bool(gains) and _may_be_chance(gains)
    better, shown = improved(metrics, theirs), compared_in(metrics)
    for each, column in zip(shown, st.columns(len(shown)), strict=True):
        delta = None
        if each.name in theirs:
            change = metrics[each.name] - theirs[each.name]
            delta = words.number(change, digits=each.digits, sign=True)
            delta = delta.replace("−", "-")  # Streamlit looks for this one
        sided: Literal["blue", "orange"] = (
            "blue" if each.name in better else "orange"
        )
        column.metric(
            each.title,
            plain(words.metric(each, metrics)),
            delta=delta,
            delta_color="off" if chance else sided,
            delta_description=words(
                "decision.chance" if chance else "decision.than_production"
            )
            if delta
            else None,
            help=plain(words.meaning(each)),
            border=True,
        )
    if before:
        app.note("metric.before_the_ride", metrics=words.metrics(before))


def promoted_months(app: App) -> list[str]:
    """
    Return the months after which a new model went into production.

    Parameters
    ----------
    app : App
        The page.

    Returns
    -------
    list of str
        Test months; empty without a registry.
    """
    state = app.peek("registry")
    return [
        entry.test_month
        for entry in (state.history if state else ())
        if entry.event == "promoted"
    ]
