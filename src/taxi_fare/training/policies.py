"""Policies: when a model is trained again, on what, and when promoted."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from taxi_fare.core.choices import PromotionRule
from taxi_fare.core.errors import WrongUsageError

_EVERY = re.compile(r"every[ -]?([1-9]\d?)")


@dataclass(frozen=True)
class Moment:
    """
    A month, when it has just become known.

    Parameters
    ----------
    number : int
        Months since the first model; that month is 0.
    alarmed : callable
        Tells whether the watch of the month asks for an act; it takes a pass
        over the month.
    """

    number: int
    alarmed: Callable[[], bool]


@dataclass(frozen=True)
class Policy:
    """
    What is done with each new month.

    Parameters
    ----------
    name : str
        In documents and on the command line.
    meaning : str
        When it trains, and on what: for people.
    trains : callable
        Tells whether a model is trained; the first always is.
    expands : bool, optional
        Whether it learns from all months before, not from the window alone.
    rule : {'two_of_three', 'guarded'}, optional
        When a new model is promoted.

    Examples
    --------
    >>> find_policy("expanding").expands
    True
    """

    name: str
    meaning: str
    trains: Callable[[Moment], bool]
    expands: bool = False
    rule: PromotionRule = "two_of_three"


def _always(moment: Moment) -> bool:
    del moment
    return True


def _never(moment: Moment) -> bool:
    del moment
    return False


_RECORDS = (
    Policy("sliding", "each month, on the window before it", _always),
    Policy("expanding", "each month, on all before it", _always, expands=True),
    Policy("frozen", "once, and never again", _never),
    Policy(
        "guarded",
        "each month; promoted where it is surely better",
        _always,
        rule="guarded",
    ),
    Policy(
        "on_alarm",
        "where the watch asks for an act",
        lambda moment: moment.alarmed(),
    ),
)
POLICIES = {each.name: each for each in _RECORDS}
# What `find_policy` understands, for people.
KNOWN = (*POLICIES, "every-N")


def every(months: int) -> Policy:
    """Return the policy of one training in so many months."""
    return Policy(
        f"every-{months}",
        f"one month in {months}",
        lambda moment: moment.number % months == 0,
    )


def find_policy(name: str) -> Policy:
    """
    Find a policy by its name.

    Parameters
    ----------
    name : str
        Such as ``sliding`` or ``every-3``.

    Returns
    -------
    Policy
        For ``BacktestRequest``.

    Raises
    ------
    WrongUsageError
        If there is none of that name.

    Examples
    --------
    >>> find_policy("every-3").meaning
    'one month in 3'
    """
    if name in POLICIES:
        return POLICIES[name]
    found = _EVERY.fullmatch(name)
    if found is not None:
        return every(int(found[1]))
    raise WrongUsageError(
        f"There is no policy {name!r}.",
        expected=f"one of {', '.join(KNOWN)}",
        remedy="correct the name.",
    )
