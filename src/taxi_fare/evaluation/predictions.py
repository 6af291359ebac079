"""What predictions look like: figures that need no total to compare with."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taxi_fare.core.columns import DISTANCE, PREDICTION, RATE_CODE

# The TLC's data dictionary: 2 is the flat fare between Manhattan and JFK.
_JFK = 2

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class PredictionFigures:
    """
    Figures of some predictions.

    Parameters
    ----------
    mean, std, min, p05, median, p95, max : float or None
        Dollars; None when there is no prediction.
    jfk_median : float or None
        Median of trips on the JFK flat fare, dollars; None without any.
    dollars_per_mile_median : float or None
        Of trips of at least a mile; None without any.
    """

    rows: int
    non_finite: int
    negative: int
    above_limit: int
    below_minimum_fare: int
    mean: float | None
    std: float | None
    min: float | None
    p05: float | None
    median: float | None
    p95: float | None
    max: float | None
    jfk_median: float | None
    dollars_per_mile_median: float | None

    def to_document(self) -> dict[str, Any]:
        """Return every figure."""
        return asdict(self)


def prediction_figures(
    predicted: pa.Table, *, limit_dollars: float, minimum_fare_dollars: float
) -> PredictionFigures:
    """Look at predictions."""
    values = numbers(predicted, PREDICTION)
    distances = numbers(predicted, DISTANCE)
    usable = np.isfinite(values)
    finite = values[usable]
    long_enough = usable & (distances >= 1)
    per_mile = values[long_enough] / distances[long_enough]
    is_jfk = numbers(predicted, RATE_CODE) == _JFK
    count = len(finite)
    return PredictionFigures(
        rows=len(values),
        non_finite=len(values) - count,
        negative=int((finite < 0).sum()),
        above_limit=int((finite > limit_dollars).sum()),
        below_minimum_fare=int((finite < minimum_fare_dollars).sum()),
        mean=float(finite.mean()) if count else None,
        std=float(finite.std(ddof=1)) if count > 1 else None,
        min=_percentile(finite, 0),
        p05=_percentile(finite, 5),
        median=_percentile(finite, 50),
        p95=_percentile(finite, 95),
        max=_percentile(finite, 100),
        jfk_median=_percentile(values[is_jfk & usable], 50),
        dollars_per_mile_median=_percentile(per_mile, 50),
    )


def numbers(table: pa.Table, name: str) -> Numbers:
    """
    Return a column as numbers.

    Returns
    -------
    ndarray of float64, shape (rows,)
        NaN where there is none.
    """
    column = table[name].cast(pa.float64())
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _percentile(values: Numbers, share: int) -> float | None:
    if not len(values):
        return None
    return float(np.percentile(values, share, method="inverted_cdf"))
