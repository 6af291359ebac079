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

# The 12 features of the description. None holds money: a part of the total
# would leak the label.
NUMERIC_FEATURES = (
    DISTANCE,
    PASSENGERS,
    DURATION,
    PICKUP_HOUR,
    PICKUP_WEEKDAY,
    PICKUP_MONTH,
)
CATEGORICAL_FEATURES = (
    VENDOR,
    RATE_CODE,
    PAYMENT,
    STORED,
    PICKUP_ZONE,
    DROPOFF_ZONE,
)
# The two with hundreds of levels.
ZONE_FEATURES = (PICKUP_ZONE, DROPOFF_ZONE)
FEATURES = NUMERIC_FEATURES + CATEGORICAL_FEATURES

# Raised whenever the same trip would give other feature values: a run made
# with another version is another run, and such a model is not mixed with it.
FEATURES_VERSION = 2

UNKNOWN_LEVEL = "unknown"
PREDICTION = "prediction"
CURRENT_PREDICTION = "current_prediction"
MONTH = "month"
