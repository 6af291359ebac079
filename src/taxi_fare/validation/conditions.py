"""What a rule asks of a trip, for Spark and for Arrow."""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column
from pyspark.sql import functions as F

from taxi_fare.core.arrow import minutes_between as minutes_in_arrow
from taxi_fare.core.columns import DROPOFF_AT, LABEL, MONTH, PICKUP_AT
from taxi_fare.core.months import Month
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.core.spark.durations import minutes_between

Limits = ValidationSettings


@dataclass(frozen=True)
class Condition:
    """
    One condition in two engines; a trip for which it is null meets it not.

    Parameters
    ----------
    spark : callable
        Gives a column of trips that bear their ``month``.
    arrow : callable
        Asks trips of one month.
    """

    spark: Callable[[Limits], Column]
    arrow: Callable[[pa.RecordBatch, Limits, Month], pa.BooleanArray]


def null_in(*names: str) -> Condition:
    """Ask whether any of two columns is null, or whether one is."""
    one, other = names[0], names[-1]
    return Condition(
        lambda limits: F.col(one).isNull() | F.col(other).isNull(),
        lambda trips, limits, month: pc.or_(
            pc.is_null(trips[one]), pc.is_null(trips[other])
        ),
    )


def negative(name: str) -> Condition:
    """Ask whether a number is negative; null is not."""
    return Condition(
        lambda limits: F.col(name) < 0,
        lambda trips, limits, month: pc.less(trips[name], 0),
    )


def missing_or_negative(name: str) -> Condition:
    """Ask whether a number is null, not finite or negative."""

    def spark(limits: Limits) -> Column:
        value = F.col(name)
        # NaN is greater than any number to Spark: it would pass.
        unusable = F.isnan(value) | (value == float("inf"))
        return value.isNull() | unusable | (value < 0)

    def arrow(
        trips: pa.RecordBatch, limits: Limits, month: Month
    ) -> pa.BooleanArray:
        values = trips[name]
        return _unless(
            pc.and_(pc.is_finite(values), pc.greater_equal(values, 0))
        )

    return Condition(spark, arrow)


def outside_month() -> Condition:
    """Ask whether the pickup is null, or lies in another month."""
    return Condition(
        lambda limits: F.col(PICKUP_AT).isNull() | ~_in_month(),
        lambda trips, limits, month: _unless(_in_month_in_arrow(trips, month)),
    )


def in_another_month() -> Condition:
    """Ask whether the pickup is known, and lies in another month."""
    return Condition(
        lambda limits: ~_in_month(),
        lambda trips, limits, month: pc.invert(
            _in_month_in_arrow(trips, month)
        ),
    )


def _in_month() -> Column:
    pickup = F.col(PICKUP_AT)
    # A date is read in a fifth of the time that a pattern takes.
    start = F.concat(F.col(MONTH), F.lit("-01")).cast("date")
    return (pickup >= start) & (pickup < F.add_months(start, 1))


def _in_month_in_arrow(trips: pa.RecordBatch, month: Month) -> pa.BooleanArray:
    pickup = trips[PICKUP_AT]
    start = pa.scalar(month.start, pickup.type)
    end = pa.scalar(month.end, pickup.type)
    return pc.and_(pc.greater_equal(pickup, start), pc.less(pickup, end))


def neither(name: str, *levels: str) -> Condition:
    """Ask whether a text is none of some levels; null and blanks are not."""

    def spark(limits: Limits) -> Column:
        text = F.col(name)
        return (F.trim(text) != "") & ~text.isin(*levels)

    def arrow(
        trips: pa.RecordBatch, limits: Limits, month: Month
    ) -> pa.BooleanArray:
        text = trips[name]
        known = pc.is_in(text, pa.array(["", *levels], text.type))
        blank = pc.equal(pc.utf8_trim(text, " "), "")
        return pc.invert(pc.or_(known, blank))

    return Condition(spark, arrow)


def pickup_after_dropoff() -> Condition:
    """Ask whether a trip ends before it begins."""
    return Condition(
        lambda limits: F.col(PICKUP_AT) > F.col(DROPOFF_AT),
        lambda trips, limits, month: pc.greater(
            trips[PICKUP_AT], trips[DROPOFF_AT]
        ),
    )


def no_time_or_too_long() -> Condition:
    """Ask whether a trip takes no time, or as long as the limit."""

    def spark(limits: Limits) -> Column:
        minutes = minutes_between(PICKUP_AT, DROPOFF_AT)
        is_long = minutes >= limits.duration_max_minutes
        return (F.col(PICKUP_AT) == F.col(DROPOFF_AT)) | is_long

    def arrow(
        trips: pa.RecordBatch, limits: Limits, month: Month
    ) -> pa.BooleanArray:
        start, end = trips[PICKUP_AT], trips[DROPOFF_AT]
        is_long = pc.greater_equal(
            minutes_in_arrow(start, end), limits.duration_max_minutes
        )
        return pc.or_(pc.equal(start, end), is_long)

    return Condition(spark, arrow)


def total_above_limit() -> Condition:
    """Ask whether the total is a number above the limit."""
    return Condition(
        # NaN is greater than any number to Spark.
        lambda limits: (
            (F.col(LABEL) > limits.total_max_dollars) & ~F.isnan(LABEL)
        ),
        lambda trips, limits, month: pc.greater(
            trips[LABEL], limits.total_max_dollars
        ),
    )


def _unless(holds: pa.BooleanArray) -> pa.BooleanArray:
    # What is null cannot be told to hold.
    return pc.invert(pc.fill_null(holds, False))
