"""The declared schema of a trip, and the features made of it."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["timestamp", "integer", "number", "text"]


@dataclass(frozen=True)
class Column:
    """
    One column of a trip in the lake.

    Parameters
    ----------
    kind : {'timestamp', 'integer', 'number', 'text'}
        Wall-clock time in microseconds, 64-bit integer, 64-bit float, string.
    """

    name: str
    kind: Kind
    required: bool


@dataclass(frozen=True)
class Feature:
    """
    One number or category that a model learns from.

    Its definition is an expression of ``taxi_fare.features.derive``, and the
    same one of ``taxi_fare.scoring.derive``, which needs no Spark.

    Parameters
    ----------
    title : str
        What it is, for people.
    kind : {'number', 'category'}
        64-bit float, or the level as text.
    sources : tuple of str
        Columns of a trip that it is derived from.
    if_null : float, str or None
        What it is where a source is null; None where a trip without it
        cannot be priced.
    """

    name: str
    title: str
    unit: str
    kind: Literal["number", "category"]
    sources: tuple[str, ...]
    if_null: float | str | None = None


VENDOR = "VendorID"
PICKUP_AT = "tpep_pickup_datetime"
DROPOFF_AT = "tpep_dropoff_datetime"
PASSENGERS = "passenger_count"
DISTANCE = "trip_distance"
RATE_CODE = "RatecodeID"
STORED = "store_and_fwd_flag"
PICKUP_ZONE = "PULocationID"
DROPOFF_ZONE = "DOLocationID"
PAYMENT = "payment_type"
LABEL = "total_amount"
# The store-and-forward flag's levels; any other value is unknown.
FLAGS = ("Y", "N")
# Codes that a trip may have today, as the TLC's data dictionary of 2025 names
# them. Rate code 99 is there too: a trip whose code nobody knows.
PAYMENT_NAMES = {
    0: "flex fare",
    1: "credit card",
    2: "cash",
    3: "no charge",
    4: "dispute",
    5: "unknown",
    6: "voided",
}
RATE_CODE_NAMES = {
    1: "standard",
    2: "JFK",
    3: "Newark",
    4: "Nassau or Westchester",
    5: "negotiated",
    6: "group",
    99: "unknown",
}
VENDOR_NAMES = {1: "Creative Mobile", 2: "Curb", 6: "Myle", 7: "Helix"}

# Source: the TLC's data dictionary for yellow taxis. Money is in US dollars,
# distance in miles. Months before 2019 lack the optional surcharges.
TRIP_COLUMNS = (
    Column(VENDOR, "integer", True),
    Column(PICKUP_AT, "timestamp", True),
    Column(DROPOFF_AT, "timestamp", True),
    Column(PASSENGERS, "integer", True),
    Column(DISTANCE, "number", True),
    Column(RATE_CODE, "integer", True),
    Column(STORED, "text", True),
    Column(PICKUP_ZONE, "integer", True),
    Column(DROPOFF_ZONE, "integer", True),
    Column(PAYMENT, "integer", True),
    Column("fare_amount", "number", False),
    Column("extra", "number", False),
    Column("mta_tax", "number", False),
    Column("tip_amount", "number", False),
    Column("tolls_amount", "number", False),
    Column("improvement_surcharge", "number", False),
    Column(LABEL, "number", True),
    Column("congestion_surcharge", "number", False),
    Column("airport_fee", "number", False),
)

REQUIRED_COLUMNS = tuple(
    column.name for column in TRIP_COLUMNS if column.required
)

DURATION = "trip_duration_min"
PICKUP_HOUR = "pickup_hour"
PICKUP_WEEKDAY = "pickup_dayofweek"
PICKUP_MONTH = "pickup_month"
# Day of the month, from 1: no feature, figures are summed up by it.
PICKUP_DAY = "pickup_day"

UNKNOWN_LEVEL = "unknown"


def _number(
    name: str,
    title: str,
    unit: str,
    *,
    of: tuple[str, ...],
    if_null: float | None = None,
) -> Feature:
    return Feature(name, title, unit, "number", of, if_null)


def _category(name: str, title: str) -> Feature:
    return Feature(name, title, "", "category", (name,), UNKNOWN_LEVEL)


# The 12 features of the specification. None holds money: a part of the total
# would leak the label.
TRIP_FEATURES = (
    _number(DISTANCE, "Distance", "miles", of=(DISTANCE,)),
    # An unknown passenger count is 0, as the TLC writes it.
    _number(PASSENGERS, "Passengers", "people", of=(PASSENGERS,), if_null=0),
    _number(DURATION, "Duration", "minutes", of=(PICKUP_AT, DROPOFF_AT)),
    _number(PICKUP_HOUR, "Hour of the pickup", "0 to 23", of=(PICKUP_AT,)),
    _number(
        PICKUP_WEEKDAY,
        "Day of the week",
        "0 (Monday) to 6 (Sunday)",
        of=(PICKUP_AT,),
    ),
    _number(PICKUP_MONTH, "Month of the pickup", "1 to 12", of=(PICKUP_AT,)),
    _category(VENDOR, "Vendor of the meter"),
    _category(RATE_CODE, "Rate code"),
    _category(PAYMENT, "Payment type"),
    _category(STORED, "Stored before sent"),
    _category(PICKUP_ZONE, "Pickup zone"),
    _category(DROPOFF_ZONE, "Dropoff zone"),
)
TITLES = {each.name: each.title for each in TRIP_FEATURES}
# What is paid, and the parts of it: for people, as those of the features.
PRICE_TITLES = {
    "fare_amount": "Fare by the meter",
    "extra": "Rush hour and night surcharges",
    "mta_tax": "MTA tax",
    "tip_amount": "Tip",
    "tolls_amount": "Tolls",
    "improvement_surcharge": "Improvement surcharge",
    LABEL: "Total paid",
    "congestion_surcharge": "Congestion surcharge",
    "airport_fee": "Airport fee",
}
# By column or feature: one name for one thing, wherever people read it.
COLUMN_TITLES = TITLES | PRICE_TITLES
# Numbers first: this is the order of a vector.
NUMERIC_FEATURES = tuple(
    each.name for each in TRIP_FEATURES if each.kind == "number"
)
CATEGORICAL_FEATURES = tuple(
    each.name for each in TRIP_FEATURES if each.kind == "category"
)
FEATURES = NUMERIC_FEATURES + CATEGORICAL_FEATURES
# The two with hundreds of levels.
ZONE_FEATURES = (PICKUP_ZONE, DROPOFF_ZONE)
# What the features are derived from, and which of it may be null.
INPUTS = tuple(
    column.name
    for column in TRIP_COLUMNS
    if any(column.name in each.sources for each in TRIP_FEATURES)
)
NULLABLE_INPUTS = frozenset(INPUTS).difference(
    *(each.sources for each in TRIP_FEATURES if each.if_null is None)
)

# Raised whenever the same trip would give other feature values: a run made
# with another version is another run, and such a model is not mixed with it.
FEATURES_VERSION = 3

PREDICTION = "prediction"
CURRENT_PREDICTION = "current_prediction"
# Dollars by the tariff, and what trees predict beyond it: their sum is the
# prediction of a recipe that has one.
BY_TARIFF, BEYOND_TARIFF = "by_tariff", "beyond_tariff"
MONTH = "month"
