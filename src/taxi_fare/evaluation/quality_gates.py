"""What a model must reach to be allowed into production."""

from taxi_fare.core.gates import Gate, GateCheck, check_gates
from taxi_fare.core.sections import GateSettings
from taxi_fare.evaluation.metrics import Metrics

# A limit is a number, a setting of [gates] or another metric.
QUALITY_GATES = (
    Gate("rmse", "<", "rmse_max_dollars"),
    # Better than always predicting the mean, whatever conf/ asks for.
    Gate("r2", ">", 0.0),
    Gate("r2", ">", "r2_min"),
    Gate("mae", "<", "mae_max_dollars"),
    # Holds for any set of errors; otherwise the figures are wrong.
    Gate("mae", "<=", "rmse"),
)


def check_quality(
    metrics: Metrics, *, gates: GateSettings
) -> tuple[GateCheck, ...]:
    """Check a model's metrics; what was never measured is not judged."""
    return check_gates(
        QUALITY_GATES,
        figures=metrics.to_document(),
        settings=gates.model_dump(),
    )
