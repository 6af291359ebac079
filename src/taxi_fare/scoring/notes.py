"""What a model does not know about a ride, in sentences."""

from collections.abc import Iterator, Mapping
from itertools import starmap

from taxi_fare.core.columns import DISTANCE, DURATION, PASSENGERS, TITLES
from taxi_fare.core.ways import way_between
from taxi_fare.core.zones import shortest_miles
from taxi_fare.scoring.note import Impossible, Note
from taxi_fare.scoring.notes_on_time import notes_on_time
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.ride import (
    JFK_FARE,
    NEWARK_FARE,
    STANDARD,
    Ride,
    knows_place,
    usual_rate_code,
)

# Fewer rides of a way than this tell little of it.
_FEW = 20
# Of the real trips of 2019, one in 1,400 is faster.
_MOST_MILES_AN_HOUR = 80.0
# What the zones of a ride decide; others are agreed on, or lead out of town.
_BY_ZONES = {
    STANDARD: "standard",
    JFK_FARE: "JFK's flat fare",
    NEWARK_FARE: "Newark",
}


def impossible(ride: Ride) -> Impossible | None:
    """Tell why there can be no such ride, if that is so."""
    if ride.distance < shortest_miles(ride.pickup, ride.dropoff):
        return "too_short"
    if 60 * ride.distance > _MOST_MILES_AN_HOUR * ride.minutes:
        return "too_fast"
    return None


def notes_on_ride(
    ride: Ride, *, rare_levels: Mapping[str, str], predictor: FarePredictor
) -> Iterator[Note]:
    """
    Tell what is not known well of a ride.

    Parameters
    ----------
    ride : Ride
        As it was priced: before the ride, with what such rides usually take.
    rare_levels : mapping of str to str
        Its levels that were rare in training, by feature.
    predictor : FarePredictor
        The model that priced it.
    """
    yield from _notes_on_way(ride, predictor)
    yield from _notes_on_possibility(ride)
    yield from _notes_on_rate_code(ride)
    months = predictor.manifest.get("data", {}).get("train_months", ())
    if months:
        known = predictor.months
        yield from notes_on_time(ride, tuple(months), known=known)
    yield from starmap(_note_on_level, rare_levels.items())
    yield from _notes_on_numbers(ride, predictor.model.limits)


def _notes_on_way(ride: Ride, predictor: FarePredictor) -> Iterator[Note]:
    # A version from before there were route tables has counted nothing.
    if predictor.routes is not None:
        trips = predictor.routes.trips(way_between(ride.pickup, ride.dropoff))
        if trips < _FEW:
            yield Note(
                "few_trips",
                f"{trips} of the train trips went this way: what such rides"
                " take and cost is mostly known from other ways.",
                {"trips": trips},
            )
    # Two unknown places need not be the same one.
    if ride.pickup == ride.dropoff and knows_place(ride.pickup):
        yield Note(
            "same_zone",
            "The ride ends in the zone where it begins: such rides differ"
            " more than others.",
        )


def _notes_on_possibility(ride: Ride) -> Iterator[Note]:
    fault = impossible(ride)
    if fault is None:
        return
    least = shortest_miles(ride.pickup, ride.dropoff)
    told = {"miles": ride.distance, "minutes": ride.minutes, "least": least}
    match fault:
        case "too_short":
            yield Note(
                "too_short",
                f"By air it is {least:.1f} miles from zone to zone: there can"
                f" be no ride of {ride.distance:g}, and its price is a guess.",
                told,
            )
        case "too_fast":
            speed = 60 * ride.distance / ride.minutes
            yield Note(
                "too_fast",
                f"{ride.distance:g} miles in {ride.minutes:g} minutes are"
                f" {speed:.0f} miles an hour: there can be no such ride, and"
                " its price is a guess.",
                told,
            )


def _notes_on_rate_code(ride: Ride) -> Iterator[Note]:
    usual, given = usual_rate_code(ride.pickup, ride.dropoff), ride.rate_code
    values = {"code": given, "usual": usual}
    if ride.rate_code_assumed:
        if usual != STANDARD:
            yield Note(
                "assumed_rate_code",
                f"Rate code {usual} ({_BY_ZONES[usual]}) is assumed: what a"
                " meter is set to for this way.",
                values,
            )
    elif (
        given in _BY_ZONES
        and given != usual
        and knows_place(ride.pickup, ride.dropoff)
    ):
        yield Note(
            "other_rate_code",
            f"Rate code {given} ({_BY_ZONES[given]}) is given, and for this"
            f" way a meter is set to {usual} ({_BY_ZONES[usual]}): hardly any"
            " ride is priced like this one.",
            values,
        )


def _note_on_level(feature: str, level: str) -> Note:
    """Tell of a value that training hardly saw."""
    return Note(
        "rare_level",
        f"{TITLES[feature]} {level} was rare or absent in training: the ride"
        " is priced like others with such a value.",
        {"feature": feature, "level": level},
    )


def _notes_on_numbers(
    ride: Ride, limits: Mapping[str, float]
) -> Iterator[Note]:
    for feature, number in (
        (DISTANCE, ride.distance),
        (DURATION, ride.minutes),
        (PASSENGERS, ride.passengers),
    ):
        limit = limits.get(feature)
        if limit is not None and number > limit:
            yield Note(
                "out_of_range",
                f"{TITLES[feature]} {number:,g} is far beyond what training"
                f" told apart (up to about {limit:,g}): the price says"
                " little.",
                {"feature": feature, "number": number, "limit": limit},
            )
