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
    """
    One limit, and whether it is kept.

    Parameters
    ----------
    gate : str
        Such as ``rmse < 10``.
    value : float
        What was found.
    passed : bool
        Whether that is good enough; NaN never is.
    """

    gate: str
    value: float
    passed: bool


def compare(name: str, value: float, sign: str, limit: float) -> GateCheck:
    """
    Check a figure against a limit.

    Parameters
    ----------
    name : str
        What the figure is.
    value : float
        The figure.
    sign : {'<', '<=', '>', '>='}
        How it must lie to the limit.
    limit : float
        The limit.

    Returns
    -------
    GateCheck
        Named after all three.
    """
    passed = _COMPARISONS[sign](value, limit)
    return GateCheck(f"{name} {sign} {limit:g}", value, passed)


def failures(checks: Sequence[GateCheck]) -> list[str]:
    """
    Say which gates were missed.

    Parameters
    ----------
    checks : sequence of GateCheck
        What was checked.

    Returns
    -------
    list of str
        One phrase for each, such as ``rmse < 10 is missed (12.3000)``.
    """
    return [
        f"{check.gate} is missed ({check.value:.4f})"
        for check in checks
        if not check.passed
    ]
