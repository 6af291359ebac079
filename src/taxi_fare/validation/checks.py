"""Count the trips that break each rule, and keep those that break none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import MONTH
from taxi_fare.validation.rules import Rule


@dataclass(frozen=True)
class MonthValidation:
    """
    What the rules found in one month.

    Parameters
    ----------
    rows, valid_rows : int
        Trips in the lake, and trips that break no rule.
    violations : dict of str to int
        Trips that break each rule; a trip may break several.
    """

    rows: int
    valid_rows: int
    violations: dict[str, int]

    @property
    def rejected_rows(self) -> int:
        """Trips that break at least one rule."""
        return self.rows - self.valid_rows


def validate(
    trips: DataFrame, *, rules: Sequence[Rule]
) -> dict[str, MonthValidation]:
    """
    Count violations by month, in one Spark action.

    Parameters
    ----------
    trips : DataFrame
        Trips of the lake, with ``month``.
    rules : sequence of Rule
        What to check.

    Returns
    -------
    dict of str to MonthValidation
        By month, such as ``2023-06``, in ascending order.
    """
    rows = trips.groupBy(MONTH).agg(*rule_counts(rules)).collect()
    return {
        row[MONTH]: read_counts(row.asDict(), rules=rules)
        for row in sorted(rows, key=lambda row: str(row[MONTH]))
    }


def rule_counts(rules: Sequence[Rule]) -> list[Column]:
    """
    Return the aggregates that ``read_counts`` takes.

    Parameters
    ----------
    rules : sequence of Rule
        What to check.

    Returns
    -------
    list of Column
        All are found in one Spark action.
    """
    return [
        F.count(F.lit(1)).alias("rows"),
        F.count_if(is_valid(rules)).alias("valid_rows"),
        *(
            F.count_if(_is_true(rule.is_broken())).alias(rule.name)
            for rule in rules
        ),
    ]


def read_counts(
    found: Mapping[str, int], *, rules: Sequence[Rule]
) -> MonthValidation:
    """
    Put a name to what Spark counted.

    Parameters
    ----------
    found : mapping of str to int
        Values of ``rule_counts`` by name.
    rules : sequence of Rule
        What was checked.

    Returns
    -------
    MonthValidation
        The counts.
    """
    return MonthValidation(
        rows=found["rows"],
        valid_rows=found["valid_rows"],
        violations={rule.name: found[rule.name] for rule in rules},
    )


def valid_trips(trips: DataFrame, *, rules: Sequence[Rule]) -> DataFrame:
    """
    Keep the trips that break no rule.

    Parameters
    ----------
    trips : DataFrame
        Trips of the lake.
    rules : sequence of Rule
        The rules they must keep.

    Returns
    -------
    DataFrame
        The same columns, fewer rows.
    """
    return trips.where(is_valid(rules))


def is_valid(rules: Sequence[Rule]) -> Column:
    """
    Return a column that is true where a trip breaks no rule.

    Parameters
    ----------
    rules : sequence of Rule
        At least one.

    Returns
    -------
    Column
        True or false, never null.
    """
    return ~reduce(or_, (_is_true(rule.is_broken()) for rule in rules))


def _is_true(condition: Column) -> Column:
    return F.coalesce(condition, F.lit(False))
