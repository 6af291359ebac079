"""
The tariff: what rides cost by miles, minutes, rate code and payment alone.

A meter adds up miles and minutes by a published rate card, and a card's tip
is a share of that: a sum of a few terms. Each is declared once here, for
Spark and for NumPy.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.columns import (
    BEYOND_TARIFF,
    BY_TARIFF,
    DISTANCE,
    DURATION,
    PAYMENT,
    PREDICTION,
    RATE_CODE,
)

Numbers: TypeAlias = npt.NDArray[np.float64]
# Farther than any ride goes, longer than any takes: the meter broke, or was
# left on. One such trip would bend a line more than all others together, and
# be priced at a million. What the other of the two usually comes with is taken
# instead (2019: 4 minutes and 3.2 a mile).
_MOST_MILES, _MOST_MINUTES = 200.0, 180.0
_MILES_PER_MINUTE = 0.25
_USUAL_MINUTES, _MINUTES_PER_MILE = 4.0, 3.2
_MILES_SQL = (
    f"GREATEST(0D, IF({DISTANCE} > {_MOST_MILES}D, {_MILES_PER_MINUTE}D *"
    f" LEAST({DURATION}, {_MOST_MINUTES}D), {DISTANCE}))"
)
_MINUTES_SQL = (
    f"GREATEST(0D, IF({DURATION} > {_MOST_MINUTES}D, {_USUAL_MINUTES}D +"
    f" {_MINUTES_PER_MILE}D * {_MILES_SQL}, {DURATION}))"
)


def _possible_miles(features: pa.Table) -> Numbers:
    miles = features[DISTANCE].to_numpy().astype(np.float64)
    minutes = np.minimum(features[DURATION].to_numpy(), _MOST_MINUTES)
    usual = _MILES_PER_MINUTE * minutes
    found: Numbers = np.where(miles > _MOST_MILES, usual, miles)
    return np.maximum(found, 0.0)


def _possible_minutes(features: pa.Table) -> Numbers:
    minutes = features[DURATION].to_numpy().astype(np.float64)
    usual = _USUAL_MINUTES + _MINUTES_PER_MILE * _possible_miles(features)
    found: Numbers = np.where(minutes > _MOST_MINUTES, usual, minutes)
    return np.maximum(found, 0.0)


# What a meter counts, as Spark and as NumPy computes it.
_AMOUNTS = {
    DISTANCE: (_MILES_SQL, _possible_miles),
    DURATION: (_MINUTES_SQL, _possible_minutes),
}


@dataclass(frozen=True)
class Term:
    """
    One number that the tariff multiplies by dollars.

    Parameters
    ----------
    levels : tuple of tuple of str
        Categories and the level that each must have; of other trips the term
        is 0.
    amount : str, optional
        The feature that it is then; 1 without any.
    """

    name: str
    levels: tuple[tuple[str, str], ...] = ()
    amount: str | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """The features that it is made of."""
        amount = (self.amount,) if self.amount else ()
        return (*(name for name, _ in self.levels), *amount)

    @property
    def sql(self) -> str:
        """The term as Spark computes it."""
        amount = _AMOUNTS[self.amount][0] if self.amount else "1D"
        asked = [f"{name} = '{level}'" for name, level in self.levels]
        return f"IF({' AND '.join(asked)}, {amount}, 0D)" if asked else amount

    def values(self, features: pa.Table) -> Numbers:
        """Compute the term as Spark does: an array of shape (trips,)."""
        found = np.ones(features.num_rows)
        if self.amount:
            found = _AMOUNTS[self.amount][1](features)
        for name, level in self.levels:
            found = np.where(pc.equal(features[name], level), found, 0.0)
        return found


_CARD = (PAYMENT, "1")


def _terms() -> Iterator[Term]:
    yield Term("miles", amount=DISTANCE)
    yield Term("minutes", amount=DURATION)
    yield Term("card", (_CARD,))
    yield Term("card_miles", (_CARD,), DISTANCE)
    yield Term("card_minutes", (_CARD,), DURATION)
    # JFK, Newark, beyond the city, negotiated: each has a price, and one for
    # a mile, of its own. Source: the TLC's data dictionary.
    for code in "2345":
        yield Term(f"code_{code}", ((RATE_CODE, code),))
        yield Term(f"code_{code}_miles", ((RATE_CODE, code),), DISTANCE)
    # From and to JFK one price holds, whatever the traffic.
    yield Term("code_2_minutes", ((RATE_CODE, "2"),), DURATION)
    yield Term("code_2_card", ((RATE_CODE, "2"), _CARD))


TERMS = {term.name: term for term in _terms()}
# What Spark is told last: to add tariff and trees up.
ADD_UP = (
    f"SELECT *, {BY_TARIFF} + {BEYOND_TARIFF} AS {PREDICTION}"  # noqa: S608
    " FROM __THIS__"
)
# What Spark is told to add a tariff to trips, but for the dollars.
_STATEMENT = (
    "SELECT *, {}D"  # noqa: S608 - of this module alone
    + "".join(f" + {{}}D * {term.sql}" for term in TERMS.values())
    + f" AS {BY_TARIFF} FROM __THIS__"
)
# Another statement computes another price of the same dollars.
TERMS_ID = sha256(_STATEMENT.encode()).hexdigest()[:12]
_STATED = re.compile(re.escape(_STATEMENT).replace(r"\{\}", r"(\S+)"))


@dataclass(frozen=True)
class Tariff:
    """
    Dollars for each term.

    Parameters
    ----------
    base : float
        Dollars of every ride.
    dollars : mapping of str to float
        By the name of a term.
    """

    base: float
    dollars: Mapping[str, float]

    @property
    def statement(self) -> str:
        """What Spark is told to add the tariff to trips; exact."""
        dollars = [self.base, *(self.dollars[name] for name in TERMS)]
        return _STATEMENT.format(*map(repr, dollars))

    def prices(self, features: pa.Table) -> Numbers:
        """Return what each trip costs by the tariff, in dollars."""
        found = np.full(features.num_rows, self.base)
        for name, dollars in self.dollars.items():
            found += dollars * TERMS[name].values(features)
        return found

    @classmethod
    def of_statement(cls, statement: str) -> "Tariff":
        """
        Read what Spark was told.

        Raises
        ------
        ValueError
            If it was told something else.
        """
        found = _STATED.fullmatch(statement)
        if found is None:
            raise ValueError("the statement is none of a tariff")
        base, *dollars = map(float, found.groups())
        if not np.isfinite([base, *dollars]).all():
            raise ValueError("the statement has no finite dollars")
        return cls(base, dict(zip(TERMS, dollars, strict=True)))

    def added(self, features: pa.Table) -> dict[str, float]:
        """
        Return the dollars that each feature adds to one trip's base.

        What several features make together is split evenly between them.
        """
        added: dict[str, float] = {}
        for name, dollars in self.dollars.items():
            term = TERMS[name]
            (value,) = term.values(features)
            for feature in term.features:
                share = dollars * float(value) / len(term.features)
                added[feature] = added.get(feature, 0.0) + share
        return added
