"""What a gate checked: a limit, a figure, and whether it is kept."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class GateCheck:
    """One limit, and whether it is kept."""

    gate: str
    value: float
    passed: bool


def compare(name: str, *, value: float, sign: str, limit: float) -> GateCheck:
    """Check a figure against a limit."""
    passed = _COMPARISONS[sign](value, limit)
    return GateCheck(f"{name} {sign} {limit:g}", value, passed)


def failures(checks: Sequence[GateCheck]) -> list[str]:
    """Say which gates were missed."""
    return [
        f"{check.gate} is missed ({check.value:.4f})"
        for check in checks
        if not check.passed
    ]
