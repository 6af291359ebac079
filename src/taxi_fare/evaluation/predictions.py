"""What predictions look like: figures that need no total to compare with."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import ConfigDict

from taxi_fare.core.columns import DISTANCE, PREDICTION, RATE_CODE
from taxi_fare.core.documents import Dollars, Part, Trips

# The TLC's data dictionary: 2 is the flat fare between Manhattan and JFK.
_JFK = 2

Numbers = NDArray[np.float64]


class PredictionFigures(Part):
    """What predictions look like, in dollars; None what is not defined."""

    # Sums of another program's predictions may be too great for a number.
    model_config = ConfigDict(allow_inf_nan=True)

    rows: Trips
    non_finite: Trips
    negative: Trips
    above_limit: Trips
    below_minimum_fare: Trips
    mean: Dollars | None
    std: Dollars | None
    min: Dollars | None
    p05: Dollars | None
    median: Dollars | None
    p95: Dollars | None
    max: Dollars | None
    jfk_median: Dollars | None
    dollars_per_mile_median: Dollars | None


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
