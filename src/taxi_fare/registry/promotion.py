"""Decide what becomes of a candidate: a pure function of figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

# Source: the description's rule of promotion. True: lower is better.
LOWER_IS_BETTER = {"rmse": True, "mae": True, "r2": False}


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
    """
    Apply the rule of promotion.

    Parameters
    ----------
    current : mapping of str to float or None
        Of the current model on the same trips; None when there is none.
    """
    if current is None:
        if gate_failures:
            return Decision("refused", "; ".join(gate_failures))
        return Decision("promoted", "the first model that passes every gate")
    improved = tuple(
        name
        for name, lower in LOWER_IS_BETTER.items()
        if _better(candidate[name], theirs=current[name], lower=lower)
    )
    if gate_failures:
        return Decision("refused", "; ".join(gate_failures), improved)
    figures = ", ".join(
        f"{name} {current[name]:.4f} -> {candidate[name]:.4f}"
        for name in LOWER_IS_BETTER
    )
    reason = (
        f"{len(improved)} of {len(LOWER_IS_BETTER)} metrics improve,"
        f" {min_improved} are needed ({figures})"
    )
    promoted = len(improved) >= min_improved
    return Decision("promoted" if promoted else "kept", reason, improved)


def _better(ours: float, *, theirs: float, lower: bool) -> bool:
    # A tie, and whatever is not a number, is no improvement.
    return ours < theirs if lower else ours > theirs
