"""Decide what becomes of a candidate: a pure function of figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from taxi_fare.core.metrics import compared_in


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
) -> Decision:
    """Apply the rule; ``current`` is of the same trips, if there is one."""
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
    reason = (
        f"{len(better)} of {len(compared)} metrics improve,"
        f" {min_improved} are needed ({figures})"
    )
    promoted = len(better) >= min_improved
    return Decision("promoted" if promoted else "kept", reason, better)


def improved(
    candidate: Mapping[str, float], current: Mapping[str, float]
) -> tuple[str, ...]:
    """Name the metrics, of those that both have, that are better."""
    return tuple(
        each.name
        for each in compared_in(candidate, current)
        if each.improves(candidate[each.name], on=current[each.name])
    )
