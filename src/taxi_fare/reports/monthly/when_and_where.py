"""Errors by hour and by zone, as the page of a run shows them."""

from dataclasses import dataclass

from taxi_fare.core.language import say
from taxi_fare.core.metrics import METRICS
from taxi_fare.reports.documents.errors import ErrorSummary, LevelErrors
from taxi_fare.reports.monthly.bars import Bar, BarRow, to_scale
from taxi_fare.reports.monthly.metrics import written
from taxi_fare.reports.monthly.numbers import count, percent
from taxi_fare.reports.monthly.words import place

# Zones that are told: those that most of the error comes from.
_MOST = 10
_SIZE = METRICS["mae"]
# What is told of a zone, in dollars.
TOLD = tuple(each for each in METRICS.values() if each.unit)


@dataclass(frozen=True)
class ZoneRow:
    """The errors of the trips from a zone."""

    name: str
    trips: str
    part: str
    errors: tuple[str, ...]


def hour_bars(errors: ErrorSummary) -> list[BarRow]:
    """Draw the mean size of the error in each hour that has trips."""
    hours = errors.by.get("hour", {})
    return to_scale(
        [
            BarRow(
                f"{int(hour):02}:00",
                say("trips: {trips}", trips=count(found.rows)),
                (Bar(written(_SIZE, size), size),),
            )
            for hour, found in hours.items()
            if (size := found.figures.get(_SIZE.name)) is not None
        ]
    )


def zone_rows(errors: ErrorSummary) -> list[ZoneRow]:
    """List the zones that most of the error comes from."""
    zones = errors.by.get("pickup_zone", {})
    size = {zone: _size(found) for zone, found in zones.items()}
    whole = sum(size.values())
    worst = sorted(zones, key=lambda zone: -size[zone])[:_MOST]
    return [
        ZoneRow(
            place(zone),
            count(zones[zone].rows),
            percent(100 * size[zone] / whole) if whole else percent(0),
            tuple(
                written(each, zones[zone].figures.get(each.name))
                for each in TOLD
            ),
        )
        for zone in worst
    ]


def _size(found: LevelErrors) -> float:
    """Return how much of the error comes from some trips, dollars."""
    return found.rows * (found.figures.get(_SIZE.name) or 0.0)
