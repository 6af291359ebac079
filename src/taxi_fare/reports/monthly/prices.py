"""Errors by price and the worst trips, as the page of a run shows them."""

from collections.abc import Mapping
from typing import Any

from taxi_fare.core.columns import (
    DISTANCE,
    DROPOFF_ZONE,
    DURATION,
    PICKUP_HOUR,
    PICKUP_ZONE,
)
from taxi_fare.core.language import say
from taxi_fare.core.metrics import METRICS
from taxi_fare.reports.documents.errors import (
    EmptyBucket,
    ErrorSummary,
    PriceBucket,
    PriceRange,
)
from taxi_fare.reports.monthly.bars import Bar, BarRow, dumbbells, to_scale
from taxi_fare.reports.monthly.metrics import written
from taxi_fare.reports.monthly.numbers import (
    NOTHING,
    count,
    money,
    number,
    percent,
)
from taxi_fare.reports.monthly.words import place, spoken

Buckets = Mapping[str, EmptyBucket | PriceBucket]


def bucket_rows(buckets: Buckets) -> list[dict[str, str]]:
    """List the errors by price."""
    rows = []
    for name, each in buckets.items():
        row = {
            "name": spoken(name),
            "range": _range(each),
            "trips": count(each.count),
            "share": percent(each.pct_of_trips),
            "part": percent(each.pct_of_absolute_error),
        }
        found = each.to_document()
        errors = found | {"bias": found.get("mean_error")}
        row |= {
            metric.name: written(metric, errors.get(metric.name))
            for metric in METRICS.values()
        }
        under = found.get("pct_underestimate")
        row["under"] = NOTHING if under is None else percent(under, 0)
        rows.append(row)
    return rows


def bucket_bars(buckets: Buckets) -> list[BarRow]:
    """Draw each bucket's part of the trips and of the error."""
    return to_scale([_bars(name, each) for name, each in buckets.items()])


def _bars(name: str, bucket: EmptyBucket | PriceBucket) -> BarRow:
    error, trips = bucket.pct_of_absolute_error, bucket.pct_of_trips
    return BarRow(
        spoken(name),
        _range(bucket),
        (
            Bar(say("{share} of the error", share=percent(error)), error),
            Bar(
                say("{share} of the trips", share=percent(trips)),
                trips,
                "theirs",
            ),
        ),
    )


def _range(bucket: PriceRange) -> str:
    above, up_to = bucket.above_dollars, bucket.up_to_dollars
    if up_to is None:
        return say("above {price}", price=money(f"{above:g}"))
    high = money(f"{up_to:g}")
    if not above:
        return say("up to {price}", price=high)
    return say("{low} to {high}", low=money(f"{above:g}"), high=high)


def worst_trips(
    errors: ErrorSummary, causes: Mapping[str, str]
) -> list[dict[str, Any]]:
    """
    Describe the trips with the greatest errors.

    Returns
    -------
    list of dict
        The ``trip``, its ``ride`` and ``causes`` in words, ``marks`` on an
        axis that all share.
    """
    trips = errors.worst_errors
    ends = [(trip.total_amount, trip.prediction) for trip in trips]
    return [
        {
            "trip": trip,
            "ride": _ride(trip.features),
            "causes": say("; ").join(
                say(causes[name]) if name in causes else spoken(name)
                for name in trip.probable_causes
            ),
            "marks": marks,
        }
        for trip, marks in zip(trips, dumbbells(ends), strict=True)
    ]


def _ride(known: Mapping[str, Any]) -> str:
    start, end = (
        place(str(known[name])) for name in (PICKUP_ZONE, DROPOFF_ZONE)
    )
    hour = int(known[PICKUP_HOUR])
    return say(
        "{start} to {end}, {miles} miles in {minutes} minutes, picked up"
        " between {hour}:00 and {next_hour}:00",
        start=start,
        end=end,
        miles=number(known[DISTANCE], digits=1),
        minutes=number(known[DURATION], digits=1),
        hour=hour,
        next_hour=hour + 1,
    )
