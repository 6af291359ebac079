"""Decide what becomes of a candidate: a pure function of figures."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from taxi_fare.core.evidence import (
    Evidence,
    Guarded,
    change_in_words,
    difference_in_words,
    gain_in_words,
    may_be_chance,
)
from taxi_fare.core.metrics import GUARDED, compared_in
from taxi_fare.core.name_in_words import name_in_words
from taxi_fare.core.sections import PromotionSettings

_NEEDED = re.compile(r"\d+ of \d+ [a-z ]+, (\d+) are needed \(")


@dataclass(frozen=True)
class Decision:
    """What becomes of a candidate."""

    decision: Literal["promoted", "kept", "refused"]
    reason: str
    improved: tuple[str, ...] = ()


def decide(
    candidate: Mapping[str, float],
    *,
    current: Mapping[str, float] | None,
    gate_failures: Sequence[str],
    min_improved: int,
    evidence: Evidence | None = None,
) -> Decision:
    """
    Apply the rule; ``current`` is of the same trips, if there is one.

    Parameters
    ----------
    evidence : Evidence, optional
        For the words alone: what may be chance is not said to improve.
    """
    if current is None:
        if gate_failures:
            return Decision("refused", "; ".join(gate_failures))
        return Decision("promoted", "the first model that passes every gate")
    compared = compared_in(candidate, current)
    better = improved(candidate, current)
    if gate_failures:
        return Decision("refused", "; ".join(gate_failures), better)
    figures = ", ".join(
        f"{each.name} {current[each.name]:.4f} -> {candidate[each.name]:.4f}"
        for each in compared
    )
    gains = evidence.gains if evidence else {}
    chance = any(may_be_chance(each, gains) for each in compared)
    told = "are on the better side" if chance else "metrics improve"
    reason = (
        f"{len(better)} of {len(compared)} {told},"
        f" {min_improved} are needed ({figures})"
    )
    promoted = len(better) >= min_improved
    return Decision("promoted" if promoted else "kept", reason, better)


def in_words(decision: Decision, evidence: Evidence | None) -> Decision:
    """Say of figures that may differ by chance that they do."""
    if evidence is None or decision.decision == "refused":
        return decision
    told = difference_in_words(evidence.gains)
    if told == evidence.in_words():
        return decision
    return replace(
        decision,
        reason=f"{told}; the rule takes figures as they are:"
        f" {decision.reason}",
    )


def needed_in(reason: str) -> int | None:
    """
    Read how many metrics had to improve, out of a reason of ``decide``.

    Examples
    --------
    >>> needed_in("1 of 3 metrics improve, 2 are needed (rmse 4.1 -> 4.2)")
    2
    """
    found = _NEEDED.search(reason)
    return int(found[1]) if found else None


def guard(
    decision: Decision,
    *,
    evidence: Evidence | None,
    not_beaten: Sequence[str],
    limits: PromotionSettings,
) -> Guarded:
    """
    Decide by evidence about what the rule alone would do.

    Parameters
    ----------
    evidence : Evidence or None
        None without a current model to be compared with.
    not_beaten : sequence of str
        Baselines that are closer than the candidate.
    """
    if decision.decision != "promoted":
        return Guarded(decision=decision.decision, reasons=(decision.reason,))
    against = [
        f"the baseline {name!r}, which needs no model, is closer"
        for name in not_beaten
    ]
    if evidence is not None:
        against += [*_objections(evidence, limits)]
    if against:
        return Guarded(decision="kept", reasons=tuple(against))
    told = evidence.in_words() if evidence else decision.reason
    return Guarded(decision="promoted", reasons=(told,))


def _objections(
    evidence: Evidence, limits: PromotionSettings
) -> Iterator[str]:
    """Say what speaks against a model that improves."""
    title, found = GUARDED.title, evidence.guarded
    told = f"{title} {gain_in_words(found)}"
    if found.gain is None or found.gain < limits.min_gain:
        yield f"{told}: a gain of {limits.min_gain:.1%} is needed"
    if found.interval is None:
        yield (
            f"{evidence.days} days with trips: too few to be sure"
            if found.gain is not None
            else f"{title} cannot be compared"
        )
    elif not found.is_sure or found.interval[0] <= 0:
        yield f"{told}: that may be chance"
    for way, levels in evidence.slices.items():
        for level, each in levels.items():
            gain = each.gains[GUARDED.name]
            is_worse = gain is None or -gain > limits.max_slice_loss
            if is_worse and each.rows >= limits.n_min:
                was = "was 0" if gain is None else change_in_words(gain)
                kind = name_in_words(f"{way} {level}")
                yield (
                    f"{title} of the {each.rows:,} trips of {kind} {was}: at"
                    f" most {limits.max_slice_loss:+.1%} is accepted"
                )


def improved(
    candidate: Mapping[str, float], current: Mapping[str, float]
) -> tuple[str, ...]:
    """Name the metrics, of those that both have, that are better."""
    return tuple(
        each.name
        for each in compared_in(candidate, current)
        if each.improves(candidate[each.name], on=current[each.name])
    )
