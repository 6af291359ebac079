"""``taxi-fare quote``: the price of one ride, at once."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from taxi_fare.cli import options
from taxi_fare.cli.show import (
    headed_console,
    money,
    new_table,
    print_result,
    styled,
)
from taxi_fare.core.choices import COVERAGES
from taxi_fare.core.columns import (
    PAYMENT_NAMES,
    RATE_CODE_NAMES,
    TITLES,
    VENDOR_NAMES,
)
from taxi_fare.core.errors import EnvironmentLackError, WrongUsageError
from taxi_fare.core.zones import find_zone

if TYPE_CHECKING:
    from taxi_fare.core.routes import Quartiles
    from taxi_fare.scoring.ride import Ride
    from taxi_fare.scoring.ride_before import RideBefore
    from taxi_fare.workflows.quote import Quote

_HALF_A_CENT = 0.005
_NEW_YORK = "America/New_York"


def _named(codes: Mapping[int, str]) -> str:
    return ", ".join(f"{code} {name}" for code, name in codes.items())


Pickup = Annotated[
    str, typer.Option(help="Zone of the pickup: number, name or part of it.")
]
Dropoff = Annotated[str, typer.Option(help="Zone of the dropoff.")]
Distance = Annotated[
    float | None,
    typer.Option(
        help="Miles. Default, like that of the minutes: not known before the"
        " ride, so what such rides usually take."
    ),
]
Minutes = Annotated[float | None, typer.Option(help="Duration in minutes.")]
At = Annotated[
    str | None,
    typer.Option(
        help="Pickup in New York time, such as 2023-06-15 17:30. Default: now."
    ),
]
Passengers = Annotated[int, typer.Option(help="How many.")]
Payment = Annotated[
    int | None,
    typer.Option(
        help=f"{_named(PAYMENT_NAMES)}. Default: 1;"
        " before the ride, the mean over all."
    ),
]
RateCode = Annotated[
    int | None,
    typer.Option(
        help=f"{_named(RATE_CODE_NAMES)}. Default: what a meter would be set"
        " to for this way."
    ),
]
Vendor = Annotated[
    int,
    typer.Option(help=f"Maker of the meter: {_named(VENDOR_NAMES)}."),
]
Coverage = Annotated[
    Literal[COVERAGES] | None,  # type: ignore[valid-type]
    typer.Option(
        help="Percent of such prices that the interval is made to hold."
        " Default: the setting prediction.interval, which is 90."
    ),
]
Flag = Annotated[
    str, typer.Option(help="Y if the trip is stored before it is sent.")
]


def quote(
    *,
    pickup: Pickup,
    dropoff: Dropoff,
    distance: Distance = None,
    minutes: Minutes = None,
    at: At = None,
    passengers: Passengers = 1,
    payment: Payment = None,
    rate_code: RateCode = None,
    vendor: Vendor = 2,
    flag: Flag = "N",
    coverage: Coverage = None,
    model_path: options.ModelPath = None,
    model_registry_path: options.ModelRegistryPath = None,
    json: options.Json = False,
) -> None:
    """Price one ride and tell what drives the price, without Spark."""
    # None of these may import PySpark, which takes longer than the price.
    from taxi_fare.core.settings import load_settings
    from taxi_fare.scoring.ride_before import RideBefore
    from taxi_fare.workflows.quote import quote as run_quote

    choice = options.model_choice(model_registry_path, path=model_path)
    asked = RideBefore(
        find_zone(pickup),
        find_zone(dropoff),
        at=_now() if at is None else _moment(at),
        passengers=passengers,
        payment=payment,
        rate_code=rate_code,
        vendor=vendor,
        flag=flag,
    )
    ride = _taking(asked, distance, minutes)
    priced = run_quote(
        ride, choice=choice, settings=load_settings(), coverage=coverage
    )
    print_result(priced, json=json, show=_show)


def _taking(
    asked: "RideBefore", distance: float | None, minutes: float | None
) -> "Ride | RideBefore":
    """Return the ride with what it took, or as it was before."""
    if distance is not None and minutes is not None:
        return asked.taking(distance, minutes)
    if distance is None and minutes is None:
        return asked
    given, lacking = "--distance", "--minutes"
    if distance is None:
        given, lacking = lacking, given
    raise WrongUsageError(
        f"{given} is given, and {lacking} is not.",
        expected="both after the ride, or neither before it",
        remedy=f"add {lacking}, or leave {given} out.",
    )


def _moment(text: str) -> datetime:
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return moment
    raise WrongUsageError(
        f"{text!r} is no New York wall-clock time.",
        expected="a date with a time and no zone, such as 2023-06-15 17:30",
        remedy="correct --at.",
    )


def _now() -> datetime:
    try:
        return datetime.now(ZoneInfo(_NEW_YORK)).replace(
            tzinfo=None, microsecond=0
        )
    except ZoneInfoNotFoundError as error:
        raise EnvironmentLackError(
            f"This machine does not know the time zone {_NEW_YORK}.",
            expected="the time zone database",
            remedy="give --at, or run `pip install tzdata`.",
        ) from error


def _show(priced: "Quote") -> None:
    ride, why = priced.ride, priced.explanation
    way = f"{ride.pickup} → {ride.dropoff}"
    if priced.kind == "after":
        way += f", {ride.distance:g} miles, {ride.minutes:g} minutes"
    console = headed_console(
        styled(
            (money(why.prediction), "bold"),
            f"  {way}, {ride.at:%a %Y-%m-%d %H:%M}",
        ),
        simulated=priced.simulated,
        soft_wrap=True,
    )
    if priced.interval is not None:
        low, high = priced.interval
        held = f"{priced.coverage} % of such rides"
        console.print(f"{held}: {money(low)} to {money(high)}")
    elif priced.intervals:
        console.print(f"The model has no intervals of {priced.coverage} %.")
    if priced.usual is not None:
        console.print(
            f"Before the ride: usually {_range(priced.usual.miles)} miles and"
            f" {_range(priced.usual.minutes)} minutes (middle half)"
        )
    if priced.typical_error is not None:
        console.print(
            f"Prices {priced.kind} the ride were off by"
            f" {money(priced.typical_error)} on average, on the test month"
        )
    table = new_table("What drives it", "Dollars")
    table.add_row("any ride", f"{why.base:+.2f}")
    added = sorted(why.contributions.items(), key=lambda each: -abs(each[1]))
    for feature, dollars in added:
        if abs(dollars) >= _HALF_A_CENT:
            table.add_row(TITLES[feature], f"{dollars:+.2f}")
    console.print(table)
    for warning in priced.warnings():
        console.print(styled(("Note:", "yellow"), f" {warning}"))
    console.print(f"Model {priced.model_id}")


def _range(found: "Quartiles") -> str:
    return f"{found.low:.1f} to {found.high:.1f}"
