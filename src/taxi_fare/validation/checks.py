"""Count the trips that break each rule, and keep those that none rejects."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import MONTH, PICKUP_AT
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.validation.rules import Rule


def validate(
    trips: DataFrame, *, rules: Sequence[Rule]
) -> dict[str, MonthCounts]:
    """Count violations by month, in one Spark action."""
    rows = trips.groupBy(MONTH).agg(*rule_counts(rules)).collect()
    return {
        row[MONTH]: read_counts(row.asDict(), rules=rules)
        for row in sorted(rows, key=lambda row: str(row[MONTH]))
    }


def rule_counts(rules: Sequence[Rule]) -> list[Column]:
    """Return the aggregates that ``read_counts`` takes."""
    return [
        F.count(F.lit(1)).alias("rows"),
        F.count_if(is_valid(rules)).alias("valid_rows"),
        *(F.count_if(rule.is_broken()).alias(rule.name) for rule in rules),
    ]


def read_counts(
    found: Mapping[str, int], *, rules: Sequence[Rule]
) -> MonthCounts:
    """Put a name to what Spark counted."""
    rows, valid_rows = found["rows"], found["valid_rows"]
    return MonthCounts(
        rows=rows,
        valid_rows=valid_rows,
        violations={rule.name: found[rule.name] for rule in rules},
        rejected_rows=rows - valid_rows,
    )


def months_of_pickups(trips: DataFrame, *, most: int) -> dict[str, int]:
    """Count trips by the month of their pickup, the most frequent first."""
    month = F.date_format(PICKUP_AT, "yyyy-MM").alias("pickup_month")
    counted = trips.groupBy(month).agg(F.count("*").alias("trips"))
    order = F.desc("trips"), F.asc("pickup_month")
    found = counted.dropna().orderBy(*order).limit(most).collect()
    return {row["pickup_month"]: row["trips"] for row in found}


def valid_trips(trips: DataFrame, *, rules: Sequence[Rule]) -> DataFrame:
    """Keep the trips that no rule rejects."""
    return trips.where(is_valid(rules))


def is_valid(rules: Sequence[Rule]) -> Column:
    """Return a column that is true where no rule rejects a trip."""
    rejecting = (rule for rule in rules if rule.rejects)
    return ~reduce(or_, (rule.is_broken() for rule in rejecting))
