"""The intervals of a run, from the errors of its test trips."""

from taxi_fare.core.intervals import (
    PAYMENTS,
    PRICE_LIMITS,
    RATE_CODES,
    Intervals,
)
from taxi_fare.evaluation.conformal import Counts, calibrated
from taxi_fare.run.run import Run


def intervals_of(
    run: Run, errors: Counts, *, by_payment: bool = True
) -> Intervals | None:
    """Calibrate intervals; None with too few test trips."""
    if not by_payment:
        errors = errors.sum(axis=1, keepdims=True)
    found = calibrated(errors)
    if found is None:
        return None
    return Intervals(
        **run.header(),
        month=run.data.parts.test_month,
        trips=int(errors.sum()),
        price_limits=PRICE_LIMITS,
        rate_codes=RATE_CODES,
        payments=PAYMENTS if by_payment else (),
        by_coverage=found,
    )
