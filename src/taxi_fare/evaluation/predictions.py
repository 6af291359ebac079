"""What predictions look like: figures that need no total to compare with."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from taxi_fare.core.columns import DISTANCE, PREDICTION, RATE_CODE

# The TLC's data dictionary: 2 is the flat fare between Manhattan and JFK.
_JFK = 2
_SHARES = (0.05, 0.5, 0.95)
# Ranks are off by at most rows / accuracy: 0.01 % of the trips.
_ACCURACY = 10_000


@dataclass(frozen=True)
class PredictionFigures:
    """
    Figures of some predictions.

    Parameters
    ----------
    rows : int
        Predictions, and of these:
    non_finite, negative, above_limit, below_minimum_fare : int
        Missing, NaN or infinite; less than 0; above the greatest plausible
        total; below the smallest legal fare (the negative ones too).
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
        """
        Return every figure.

        Returns
        -------
        dict
            By name.
        """
        return asdict(self)


def prediction_figures(
    *, limit_dollars: float, minimum_fare_dollars: float
) -> list[Column]:
    """
    Return the aggregates that ``read_figures`` takes.

    Parameters
    ----------
    limit_dollars : float
        Greatest plausible total.
    minimum_fare_dollars : float
        Smallest legal fare.

    Returns
    -------
    list of Column
        For rows with ``prediction``, ``RatecodeID`` and ``trip_distance``:
        all are found in one Spark action.
    """
    value = F.col(PREDICTION)
    usable = (
        value.isNotNull() & ~F.isnan(value) & (F.abs(value) != float("inf"))
    )
    finite = F.when(usable, value)
    is_jfk = F.col(RATE_CODE) == _JFK
    per_mile = F.when(F.col(DISTANCE) >= 1, finite / F.col(DISTANCE))
    figures = {
        "rows": F.count(F.lit(1)),
        "non_finite": F.count_if(~usable),
        "negative": F.count_if(finite < 0),
        "above_limit": F.count_if(finite > limit_dollars),
        "below_minimum_fare": F.count_if(finite < minimum_fare_dollars),
        "mean": F.avg(finite),
        "std": F.stddev(finite),
        "min": F.min(finite),
        "max": F.max(finite),
        "percentiles": F.percentile_approx(finite, list(_SHARES), _ACCURACY),
        "jfk_median": F.percentile_approx(
            F.when(is_jfk, finite), 0.5, _ACCURACY
        ),
        "dollars_per_mile_median": F.percentile_approx(
            per_mile, 0.5, _ACCURACY
        ),
    }
    return [figure.alias(name) for name, figure in figures.items()]


def read_figures(found: Mapping[str, Any]) -> PredictionFigures:
    """
    Put a name to what Spark found.

    Parameters
    ----------
    found : mapping
        Values of ``prediction_figures`` by name.

    Returns
    -------
    PredictionFigures
        The figures.
    """
    values = dict(found)
    percentiles = values.pop("percentiles") or [None] * len(_SHARES)
    p05, median, p95 = percentiles
    return PredictionFigures(**values, p05=p05, median=median, p95=p95)
