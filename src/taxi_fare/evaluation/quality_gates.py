"""What a model must reach to be allowed into production."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from taxi_fare.core.sections import GateSettings
from taxi_fare.evaluation.metrics import Metrics

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True)
class GateCheck:
    """
    One gate, and whether a model passes it.

    Parameters
    ----------
    gate : str
        Such as ``rmse < 10``.
    value : float
        What the model reaches.
    passed : bool
        Whether that is enough; NaN never is.
    """

    gate: str
    value: float
    passed: bool


def check_quality(
    metrics: Metrics, *, gates: GateSettings
) -> tuple[GateCheck, ...]:
    """
    Check a model's metrics against every quality gate.

    Parameters
    ----------
    metrics : Metrics
        Of the model on the test trips.
    gates : GateSettings
        The limits.

    Returns
    -------
    tuple of GateCheck
        In the order of the description: RMSE, R² (twice), MAE, MAE <= RMSE.
    """
    return (
        _check("rmse", metrics.rmse, "<", gates.rmse_max_dollars),
        # Better than always predicting the mean, whatever conf/ asks for.
        _check("r2", metrics.r2, ">", 0.0),
        _check("r2", metrics.r2, ">", gates.r2_min),
        _check("mae", metrics.mae, "<", gates.mae_max_dollars),
        # Holds for any set of errors; otherwise the figures are wrong.
        GateCheck(
            "mae <= rmse", metrics.mae, metrics.mae <= _at_most(metrics.rmse)
        ),
    )


def failures(checks: Sequence[GateCheck]) -> list[str]:
    """
    Say which gates were missed.

    Parameters
    ----------
    checks : sequence of GateCheck
        From ``check_quality``.

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


def _check(name: str, value: float, sign: str, limit: float) -> GateCheck:
    passed = _COMPARISONS[sign](value, limit)
    return GateCheck(f"{name} {sign} {limit:g}", value, passed)


def _at_most(rmse: float) -> float:
    # Equal errors make both figures equal, but for the last digit.
    return rmse * (1 + 1e-9)
