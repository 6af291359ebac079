"""The figures of a group of errors: one record for each, for two engines."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyspark.sql import Column
from pyspark.sql import functions as F

from taxi_fare.core.columns import LABEL
from taxi_fare.core.metrics import PERCENTILES
from taxi_fare.evaluation.metrics import Numbers

# Of ``total_amount - prediction``, dollars.
ERROR = "error"
# Spark's ranks are off by at most rows / accuracy: 0.01 % of the trips.
_ACCURACY = 10_000


@dataclass(frozen=True)
class Figure:
    """
    One figure of some trips.

    Parameters
    ----------
    spark : callable
        Makes the aggregate from the column of the errors.
    numpy : callable
        Computes it from errors and totals, of at least one trip, dollars.
    """

    spark: Callable[[Column], Column]
    numpy: Callable[[Numbers, Numbers], Any]


def _percent(share: Column) -> Column:
    return 100 * F.avg(share.cast("double"))


def _percentiles(values: Column) -> Column:
    shares = list(PERCENTILES.values())
    return F.percentile_approx(values, shares, _ACCURACY)


def _ranked(values: Numbers) -> list[float]:
    """Return values that occur, by their rank, as Spark does."""
    shares = list(PERCENTILES.values())
    found: list[float] = np.quantile(
        values, shares, method="inverted_cdf"
    ).tolist()
    return found


FIGURES = {
    "count": Figure(lambda _: F.count(F.lit(1)), lambda error, _: len(error)),
    "mean_error": Figure(F.avg, lambda error, _: error.mean()),
    # Of one trip there is none.
    "std_error": Figure(
        F.stddev,
        lambda error, _: error.std(ddof=1) if len(error) > 1 else None,
    ),
    "min_error": Figure(F.min, lambda error, _: error.min()),
    "max_error": Figure(F.max, lambda error, _: error.max()),
    "rmse": Figure(
        lambda error: F.sqrt(F.avg(error * error)),
        lambda error, _: np.sqrt(np.square(error).mean()),
    ),
    "mae": Figure(
        lambda error: F.avg(F.abs(error)),
        lambda error, _: np.abs(error).mean(),
    ),
    "pct_underestimate": Figure(
        lambda error: _percent(error > 0),
        lambda error, _: 100 * (error > 0).mean(),
    ),
    "pct_overestimate": Figure(
        lambda error: _percent(error < 0),
        lambda error, _: 100 * (error < 0).mean(),
    ),
    "mean_total_amount": Figure(
        lambda _: F.avg(LABEL), lambda _, paid: paid.mean()
    ),
    "error_at": Figure(_percentiles, lambda error, _: _ranked(error)),
    "abs_error_at": Figure(
        lambda error: _percentiles(F.abs(error)),
        lambda error, _: _ranked(np.abs(error)),
    ),
}


def error_aggregates() -> list[Column]:
    """Return the figures for Spark, each under its name."""
    error = F.col(ERROR)
    return [each.spark(error).alias(name) for name, each in FIGURES.items()]


def collected_figures(error: Numbers, paid: Numbers) -> dict[str, Any]:
    """Compute the figures of errors that are here."""
    return {
        name: _plain(each.numpy(error, paid)) for name, each in FIGURES.items()
    }


def named_figures(figures: dict[str, Any]) -> dict[str, Any]:
    """Give each percentile a name of its own."""
    named = dict(figures)
    for kind in ("error", "abs_error"):
        values = named.pop(f"{kind}_at")
        named |= {
            f"{name}_{kind}": value
            for name, value in zip(PERCENTILES, values, strict=True)
        }
    return named


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
