"""A decision of the registry, in the reader's words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from fare_app.page import App
from fare_app.words import Words, literal, plain
from taxi_fare.core.evidence import (
    Gain,
    may_be_chance,
    no_real_difference,
    standings,
    worth,
)
from taxi_fare.core.metrics import METRICS, Metric, compared_in
from taxi_fare.registry.promotion import improved, needed_in
from taxi_fare.registry.records import HistoryEntry

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
    rule : str
        Which one decided.
    needed : int or None
        How many metrics had to improve; None where nobody wrote it down.
    """

    metrics: Mapping[str, float]
    current: Mapping[str, float] | None
    gains: Mapping[str, Any] | None = None
    rule: str = "two_of_three"
    needed: int | None = None


def _beside_of(
    promotion: Mapping[str, Any], metrics: Mapping[str, float]
) -> Beside:
    """Return the figures of the last run, with the rule that decided."""
    return Beside(
        metrics,
        promotion.get("current_metrics"),
        _gains_of(promotion),
        promotion.get("rule") or "two_of_three",
        needed_in(promotion["reason"]),
    )


def _beside_in(entry: HistoryEntry) -> Beside:
    """Return the figures of a decision; its reason tells the rule."""
    needed = needed_in(entry.reason)
    # The rule that counts writes down how many were needed.
    guarded = entry.gains is not None and needed is None
    return Beside(
        entry.metrics,
        entry.current_metrics,
        entry.to_document().get("gains"),
        "guarded" if guarded else "two_of_three",
        needed,
    )


def why(entry: HistoryEntry, words: Words) -> str:
    """
    Say why a decision of the past was taken, and how sure it is.

    Parameters
    ----------
    entry : HistoryEntry
        Of the registry.
    words : Words
        The language.

    Returns
    -------
    str
        A sentence or two.
    """
    if (entry.event, entry.decided_by) == ("promoted", "person"):
        return words("decision.by_person", reason=entry.reason)
    figures = _beside_in(entry)
    told = sentence(
        entry.event,
        reason=words.retold(entry.reason),
        figures=figures,
        words=words,
    )
    how = changes(figures.gains, words)
    # What the reason tells is not told twice.
    if how and worth(entry.gains, reason=entry.reason) and how not in told:
        return words("decision.worth", why=told, how=how)
    return told


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
    compared = decision in {"promoted", "kept"} and figures.current
    if compared and figures.rule == "guarded":
        return words("decision.by_guarded", reason=reason)
    if compared and _all_chance(figures.gains):
        how = changes(figures.gains, words)
        return words("decision.no_difference", how=how)
    if compared:
        return _counted(decision, figures=figures, words=words)
    if decision == "promoted":
        return words("decision.first")
    return words(f"decision.because_{decision}", reason=reason)


def _counted(decision: str, *, figures: Beside, words: Words) -> str:
    """Tell the metrics that the rule counted, and what is sure of each."""
    metrics, current = figures.metrics, figures.current or {}
    better = improved(metrics, current)
    counted = {
        "count": len(better),
        "of": len(compared_in(metrics, current)),
    }
    parted = standings(metrics, current, _gains(figures.gains))
    if "no_difference" in parted:
        told = (
            words(f"decision.standing_{name}", names=_titles(found))
            for name, found in parted.items()
        )
        said = words(
            "decision.in_part",
            told=words.semicolon.join(told),
            how=changes(figures.gains, words),
            **counted,
        )
    else:
        names = _titles(METRICS[name] for name in better)
        said = words(
            f"decision.compared_{decision}",
            names=names or words("decision.none"),
            **counted,
        )
        if decision == "promoted":
            return said
    if figures.needed is None:
        return said
    return f"{said} {words('decision.needed', needed=figures.needed)}"


def _titles(metrics: Iterable[Metric]) -> str:
    return ", ".join(each.title for each in metrics)


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


def _gains_of(promotion: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = (promotion.get("evidence") or {}).get(
        "gains"
    )
    return found


def _all_chance(gains: Mapping[str, Any] | None) -> bool:
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
    why = sentence(
        decision,
        reason=literal(words.retold(promotion["reason"])),
        figures=_beside_of(promotion, metrics["metrics"]),
        words=words,
    )
    text = words(
        f"decision.{decision}_banner", month=literal(test_month), why=why
    )
    box = st.error if decision == "refused" else st.info
    box(plain(text), icon=_ICONS[decision])
    if promotion.get("current_trained_on_test_month"):
        app.note("decision.trained_on_test_month")
    how = changes(_gains_of(promotion), words)
    if how and how not in why:
        app.note("decision.sure", how=how)
    _guarded(app, promotion)


def _guarded(app: App, promotion: Mapping[str, Any]) -> None:
    """Say what the guarded rule would have done, and why."""
    words, guarded = app.words, promotion.get("guarded")
    if not guarded or promotion.get("rule") == "guarded":
        return
    told = guarded["decision"]
    agrees = told == promotion["decision"]
    app.note(
        f"decision.guarded_{told}{'_too' * agrees}",
        reasons=words.semicolon.join(map(words.retold, guarded["reasons"])),
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
    known = _gains(gains)
    better, shown = improved(metrics, theirs), compared_in(metrics)
    for each, column in zip(shown, st.columns(len(shown)), strict=True):
        delta, chance = None, may_be_chance(each, known)
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
