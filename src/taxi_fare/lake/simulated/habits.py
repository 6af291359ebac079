"""What riders, drivers and meters of a time do: shares of the trips."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from taxi_fare.core.columns import (
    PASSENGERS,
    PAYMENT,
    RATE_CODE,
    STORED,
    VENDOR,
)
from taxi_fare.core.months import Month

CARD, CASH, NO_CHARGE, DISPUTE, UNKNOWN_PAYMENT = 1, 2, 3, 4, 0
_UNKNOWN_2019 = (VENDOR, PASSENGERS, RATE_CODE, STORED, PAYMENT)
_AIRPORT_FEE = ("airport_fee", "Airport_fee")


@dataclass(frozen=True)
class Habits:
    """
    Shares of the trips, from a month on.

    Parameters
    ----------
    vendors, payments : mapping of int to float
        By the TLC's codes; payment 0 stands for what is told incompletely.
    negotiated, unknown_rate, refunded : float
        Of rate codes 5 and 99, and of trips that were paid back.
    hidden, absent : tuple of str
        What an incomplete trip does not tell, and what none does.
    """

    since: Month
    vendors: Mapping[int, float]
    payments: Mapping[int, float]
    negotiated: float
    unknown_rate: float
    refunded: float
    hidden: tuple[str, ...]
    absent: tuple[str, ...] = ()


# From the TLC's months of 2019 and 2023.
_FIRST = Habits(
    since=Month("2009-01"),
    vendors={1: 0.36, 2: 0.6365, 4: 0.0035},
    payments={CARD: 0.7245, CASH: 0.2704, NO_CHARGE: 0.0042, DISPUTE: 0.0009},
    negotiated=0.0058,
    unknown_rate=0.00005,
    refunded=0.0019,
    hidden=_UNKNOWN_2019,
    absent=_AIRPORT_FEE,
)
_LATE_2019 = replace(
    _FIRST,
    since=Month("2019-07"),
    payments={
        **{CARD: 0.7085, CASH: 0.279, NO_CHARGE: 0.0048, DISPUTE: 0.0013},
        UNKNOWN_PAYMENT: 0.0064,
    },
)
_LATER = Habits(
    since=Month("2020-01"),
    vendors={1: 0.27, 2: 0.729, 6: 0.001},
    payments={
        **{CARD: 0.785, CASH: 0.175, NO_CHARGE: 0.006, DISPUTE: 0.004},
        UNKNOWN_PAYMENT: 0.03,
    },
    negotiated=0.005,
    unknown_rate=0.003,
    refunded=0.008,
    hidden=(
        *(PASSENGERS, RATE_CODE, STORED),
        *("congestion_surcharge", *_AIRPORT_FEE),
    ),
    absent=_AIRPORT_FEE,
)
_HABITS = (
    *(_FIRST, _LATE_2019, _LATER),
    replace(_LATER, since=Month("2022-04"), absent=()),
)


def habits_of(month: Month) -> Habits:
    """Return what is usual in a month; the first one before all."""
    past = [each for each in _HABITS if each.since <= month]
    return past[-1] if past else _FIRST
