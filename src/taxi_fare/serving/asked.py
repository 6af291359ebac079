"""What is asked for: rides as people tell them, or trips by raw column."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NaiveDatetime,
    WithJsonSchema,
)

from taxi_fare.core.choices import COVERAGES
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.zones import Zone, find_zone
from taxi_fare.scoring.price import check_asked
from taxi_fare.scoring.ride import Ride
from taxi_fare.scoring.ride_before import RideBefore
from taxi_fare.serving.problems import Fault, problem_of

# Longer texts are no names.
_Name = Annotated[str, Field(min_length=1, max_length=80)]
_Number = Annotated[
    float, Field(strict=True, ge=0, le=1e6, allow_inf_nan=False)
]
# Of codes, counts and zones: what the columns of the lake can hold.
_Code = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1)]
_Count = Annotated[int, Field(strict=True, ge=0, le=100)]
# `date-time` would be a time with a zone.
_LOCAL = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$"
_When = Annotated[
    NaiveDatetime,
    Field(strict=True, description="New York wall-clock, without a zone."),
    WithJsonSchema({"type": "string", "pattern": _LOCAL}),
]
_STRICT = ConfigDict(extra="forbid")


class RideAsked(BaseModel):
    """A ride, as people tell it."""

    model_config = _STRICT

    pickup: _Name | _Code = Field(
        description="Zone: its number, its name, or a part of it that no other"
        " zone has.",
        examples=["JFK"],
    )
    dropoff: _Name | _Code = Field(examples=["Times Sq"])
    at: _When = Field(examples=["2023-06-15T17:30:00"])
    miles: _Number | None = Field(
        None, description="With minutes, or neither: before the ride."
    )
    minutes: _Number | None = None
    passengers: _Count = 1
    payment: _Code | None = Field(
        None,
        description="As in the TLC's data dictionary: 1 card, 2 cash; null:"
        " the mean over all before a ride, a card after it.",
    )
    rate_code: _Code | None = Field(
        None, description="Null: what a meter would be set to for the way."
    )

    def to_ride(self) -> Ride | RideBefore:
        """
        Return the ride, where there can be one.

        Raises
        ------
        TaxiFareError
            If a zone is none, or there can be no such ride.
        ValueError
            If miles are told without minutes, or minutes without miles.
        """
        asked = RideBefore(
            _zone(str(self.pickup)),
            _zone(str(self.dropoff)),
            at=self.at,
            passengers=self.passengers,
            payment=self.payment,
            rate_code=self.rate_code,
        )
        if self.miles is None and self.minutes is None:
            return asked
        if self.miles is None or self.minutes is None:
            raise ValueError("miles without minutes, or minutes without miles")
        return asked.taking(self.miles, self.minutes)


class TripAsked(BaseModel):
    """A trip by the TLC's raw columns."""

    model_config = _STRICT

    VendorID: _Code | None = Field(examples=[2])
    tpep_pickup_datetime: _When = Field(examples=["2023-06-15T17:30:00"])
    tpep_dropoff_datetime: _When = Field(examples=["2023-06-15T18:15:00"])
    passenger_count: _Count | None = Field(None, examples=[1])
    trip_distance: _Number = Field(examples=[17.0])
    RatecodeID: _Code | None = Field(None, examples=[2])
    store_and_fwd_flag: Annotated[str, Field(max_length=10)] | None = None
    PULocationID: _Code | None = Field(examples=[132])
    DOLocationID: _Code | None = Field(examples=[230])
    payment_type: _Code | None = Field(None, examples=[1])


class QuotesAsked(BaseModel):
    """Rides, or trips, that prices are asked for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "rides": [
                        {
                            "pickup": "JFK",
                            "dropoff": "Times Sq",
                            "at": "2023-06-15T17:30:00",
                        }
                    ]
                }
            ]
        },
    )

    rides: list[RideAsked] = Field([], description="These, or trips.")
    trips: list[TripAsked] = Field([], description="These, or rides.")
    coverage: Literal[COVERAGES] | None = Field(  # type: ignore[valid-type]
        None,
        description="Percent of the prices inside intervals; null: the"
        " service's setting prediction.interval.",
    )
    explain: bool = Field(
        False,
        strict=True,
        description="Whether what drives each price is told.",
    )


@lru_cache(maxsize=4096)
def _zone(text: str) -> Zone:
    return find_zone(text)


def possible_rides(
    asked: list[RideAsked], *, longest: float
) -> list[Ride | RideBefore]:
    """
    Return rides that there can be.

    Parameters
    ----------
    longest : float
        Minutes that a ride must be shorter than.

    Raises
    ------
    ProblemError
        If there can be no such ride; it names the first few.
    """
    faults: list[Fault] = []
    found: list[Ride | RideBefore] = []
    for place, each in enumerate(asked):
        try:
            ride = each.to_ride()
            check_asked(ride, longest=longest)
        except TaxiFareError as error:
            told = f"{error.expected}; {error.remedy}"
            fault = Fault(
                at=f"rides.{place}", found=error.found, expected=told
            )
            faults.append(fault)
        except ValueError as error:
            faults.append(
                Fault(
                    at=f"rides.{place}",
                    found=str(error),
                    expected="both after the ride, or neither before it",
                )
            )
        else:
            found.append(ride)
    if faults:
        raise refused(faults)
    return found


def refused(faults: list[Fault]) -> Exception:
    """Say which values cannot be what they are, the first few of them."""
    first = faults[0]
    return problem_of(
        422,
        f"{first.at}: {first.found}",
        expected=first.expected,
        remedy="correct the values; nothing was priced.",
        faults=faults[:10],
    )


def possible_trips(
    asked: list[TripAsked], *, longest: float
) -> list[dict[str, Any]]:
    """
    Return trips by raw column, which there can have been.

    Parameters
    ----------
    longest : float
        Minutes that a trip must be shorter than.

    Raises
    ------
    ProblemError
        If one took no time, or too much.
    """
    faults = []
    for place, each in enumerate(asked):
        took = each.tpep_dropoff_datetime - each.tpep_pickup_datetime
        minutes = took.total_seconds() / 60
        if not 0 < minutes < longest:
            fault = Fault(
                at=f"trips.{place}",
                found=f"a trip of {minutes:g} minutes",
                expected=f"between 0 and {longest:g} minutes",
            )
            faults.append(fault)
    if faults:
        raise refused(faults)
    return [each.model_dump() for each in asked]
