"""How the page of a run writes months, moments and names."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from babel.dates import format_datetime
from babel.lists import format_list

from taxi_fare.core.columns import COLUMN_TITLES
from taxi_fare.core.language import say, spoken_language
from taxi_fare.core.months import Month
from taxi_fare.core.name_in_words import name_in_words
from taxi_fare.core.zones import zones

# How Babel knows the languages: an English list has no comma before its "and".
_LOCALES = {"en": "en_GB", "fr": "fr"}


def month(text: str) -> str:
    """
    Write a month for people.

    Examples
    --------
    >>> month("2023-06")
    'June 2023'
    """
    return _date(Month(text).start, "MMMM y")


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
    is_one_year = len({name[:4] for name in names}) == 1
    pattern = "MMMM" if is_one_year else "MMMM y"
    told = [_date(Month(name).start, pattern) for name in names[:-1]]
    locale = _LOCALES[spoken_language()]
    return format_list([*told, month(names[-1])], locale=locale)


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
    is_first = found.day == 1 and spoken_language() == "fr"
    day = "1'er'" if is_first else "d"
    return _date(found, f"{day} MMMM y, HH:mm 'UTC'")


def _date(day: date, pattern: str) -> str:
    return format_datetime(day, pattern, locale=_LOCALES[spoken_language()])


def feature(name: str) -> str:
    """Write what a feature or a part of the price is."""
    known = COLUMN_TITLES.get(name)
    return say(known) if known else spoken(name)


def spoken(name: str) -> str:
    """
    Write a key as words.

    Examples
    --------
    >>> spoken("total_above_limit")
    'Total above limit'
    """
    text = name_in_words(name)
    return say(text[:1].upper() + text[1:])


def place(zone: str) -> str:
    """
    Write where a trip began or ended.

    Examples
    --------
    >>> place("132"), place("unknown")
    ('JFK Airport (132)', 'unknown')
    """
    found = zones().get(int(zone)) if zone.isdecimal() else None
    return str(found) if found else say(zone)
