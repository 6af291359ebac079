"""How the page of a run writes months, moments and names."""

from collections.abc import Sequence
from datetime import UTC, datetime

from taxi_fare.core.columns import TITLES
from taxi_fare.core.months import Month
from taxi_fare.core.zones import zones


def month(text: str) -> str:
    """
    Write a month for people.

    Examples
    --------
    >>> month("2023-06")
    'June 2023'
    """
    return f"{Month(text).start:%B %Y}"


def months(names: Sequence[str]) -> str:
    """
    Write months for people.

    Examples
    --------
    >>> months(["2023-04", "2023-05", "2023-06"])
    'April, May and June 2023'
    >>> months(["2022-12", "2023-01"])
    'December 2022 and January 2023'
    """
    if len({name[:4] for name in names}) == 1:
        short = [month(name).split()[0] for name in names[:-1]]
    else:
        short = [month(name) for name in names[:-1]]
    last = month(names[-1])
    return f"{', '.join(short)} and {last}" if short else last


def moment(text: str) -> str:
    """
    Write a moment for people.

    Returns
    -------
    str
        Day and minute, UTC.

    Examples
    --------
    >>> moment("2023-07-02T08:05:00+00:00")
    '2 July 2023, 08:05 UTC'
    """
    found = datetime.fromisoformat(text).astimezone(UTC)
    return f"{found.day} {found:%B %Y, %H:%M} UTC"


def feature(name: str) -> str:
    """Write what a feature is."""
    return TITLES.get(name, spoken(name))


def spoken(name: str) -> str:
    """
    Write a key as words.

    Examples
    --------
    >>> spoken("total_above_limit")
    'Total above limit'
    """
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]


def place(zone: str) -> str:
    """
    Write where a trip began or ended.

    Examples
    --------
    >>> place("132"), place("unknown")
    ('JFK Airport (132)', 'unknown')
    """
    found = zones().get(int(zone)) if zone.isdecimal() else None
    return str(found) if found else zone
