"""What a model must reach to be allowed into production."""

from taxi_fare.core.gates import GateCheck, compare
from taxi_fare.core.sections import GateSettings
from taxi_fare.evaluation.metrics import Metrics


def check_quality(
    metrics: Metrics, *, gates: GateSettings
) -> tuple[GateCheck, ...]:
    """Check a model's metrics against every quality gate."""
    return (
        compare(
            "rmse", value=metrics.rmse, sign="<", limit=gates.rmse_max_dollars
        ),
        # Better than always predicting the mean, whatever conf/ asks for.
        compare("r2", value=metrics.r2, sign=">", limit=0.0),
        compare("r2", value=metrics.r2, sign=">", limit=gates.r2_min),
        compare(
            "mae", value=metrics.mae, sign="<", limit=gates.mae_max_dollars
        ),
        # Holds for any set of errors; otherwise the figures are wrong.
        GateCheck(
            "mae <= rmse", metrics.mae, metrics.mae <= _at_most(metrics.rmse)
        ),
    )


def _at_most(rmse: float) -> float:
    # Equal errors make both figures equal, but for the last digit.
    return rmse * (1 + 1e-9)
