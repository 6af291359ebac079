"""What intervals held of the prices, as pages for people show it."""

from dataclasses import dataclass

from taxi_fare.core.choices import USUAL_COVERAGE
from taxi_fare.core.intervals import Coverage
from taxi_fare.core.language import say
from taxi_fare.core.name_in_words import name_in_words
from taxi_fare.reports.monthly.numbers import (
    NOTHING,
    count,
    dollars,
    percent,
)


@dataclass(frozen=True)
class HeldRow:
    """What the intervals held of some trips."""

    name: str
    trips: str
    shares: tuple[str, ...]
    width: str


@dataclass(frozen=True)
class HeldTable:
    """The same of all trips, then by what was paid."""

    stated: tuple[int, ...]
    rows: tuple[HeldRow, ...]
    # Percent that the intervals whose width is told are made to hold.
    width_of: int = USUAL_COVERAGE


def held_table(coverage: Coverage | None) -> HeldTable | None:
    """Write the table; None where nothing is known."""
    if coverage is None:
        return None
    rows = tuple(
        HeldRow(
            say(name_in_words(each.name)),
            count(each.rows),
            tuple(
                NOTHING if share is None else percent(100 * share)
                for share in each.shares
            ),
            NOTHING if each.width is None else dollars(each.width),
        )
        for each in coverage.held()
    )
    return HeldTable(coverage.stated, rows)
