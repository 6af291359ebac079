"""Months, ranges of months and windows."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core import months as of_months
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.months import (
    FIRST_MONTH,
    Month,
    explicit_window,
    parse_month,
    parse_months,
    sliding_window,
)

months = st.builds(
    lambda year, number: Month(f"{year}-{number:02d}"),
    st.integers(1900, 2899),
    st.integers(1, 12),
)


def test_both_ways_of_writing_a_month_are_the_same_month() -> None:
    """2023/06 and 2023-06 are equal, and know their folder."""
    assert Month("2023/06") == Month("2023-06")
    assert Month("2023-06").path == "2023/06"


@pytest.mark.parametrize(
    "text", ["2023-13", "2023-00", "23-06", "2023-6", "june", "", "0023-06"]
)
def test_what_is_no_month_is_refused_with_the_value(text: str) -> None:
    """The message names what was given and how a month is written."""
    with pytest.raises(WrongUsageError, match="YYYY-MM") as caught:
        Month(text)
    assert repr(text) in str(caught.value)
    assert caught.value.exit_code == 2


def test_window_crosses_the_year() -> None:
    """The three months before January are of the year before."""
    window = sliding_window(Month("2023-01"), length=3)
    assert [str(each) for each in window.train] == [
        "2022-10",
        "2022-11",
        "2022-12",
    ]


@given(months, st.integers(1, 24))
def test_window_never_contains_its_test_month(
    month: Month, length: int
) -> None:
    """Train months are earlier, as many as asked for, each once."""
    window = sliding_window(month, length=length)
    assert len(set(window.train)) == length
    assert all(each < month for each in window.train)
    assert window.months == (*window.train, month)


@given(months, st.integers(-120, 120))
def test_going_back_undoes_going_forward(month: Month, count: int) -> None:
    """plus(-n) is the inverse of plus(n)."""
    assert month.plus(count).plus(-count) == month


def test_month_ends_where_the_next_one_starts() -> None:
    """December ends with the year."""
    assert Month("2023-12").end == Month("2024-01").start
    assert Month("2024-01").start == datetime(2024, 1, 1)


def test_the_current_month_is_that_of_today(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On its last day, too."""

    class Today(date):
        @classmethod
        def today(cls) -> date:
            """Return a day that does not pass."""
            return cls(2023, 6, 30)

    monkeypatch.setattr(of_months, "date", Today)
    assert Month.current() == Month("2023-06")


@given(months.filter(lambda month: month >= FIRST_MONTH), st.integers(0, 40))
def test_a_range_has_every_month_from_first_to_last(
    first: Month, length: int
) -> None:
    """Both ends are in it, also where they are one month."""
    found = parse_months(f"{first}..{first.plus(length)}")
    assert found == [first.plus(count) for count in range(length + 1)]


def test_ranges_and_lists_can_be_mixed() -> None:
    """Each month comes once, in ascending order."""
    assert parse_months("2023-11..2024-01,2023-12,2023/02") == [
        Month("2023-02"),
        Month("2023-11"),
        Month("2023-12"),
        Month("2024-01"),
    ]


def test_backward_range_is_refused_with_the_right_one() -> None:
    """The remedy is the range the other way round."""
    with pytest.raises(WrongUsageError, match=r"2023-01\.\.2023-04"):
        parse_months("2023-04..2023-01")


def test_testing_on_a_train_month_is_refused() -> None:
    """A model must not have seen its test month."""
    train = [Month("2023-03"), Month("2023-04")]
    with pytest.raises(WrongUsageError, match="also a train month"):
        explicit_window(train, test=Month("2023-04"), min_train=2)


def test_the_same_train_month_twice_counts_once() -> None:
    """One month given twice is one month, which is too few."""
    train = [Month("2023-03"), Month("2023/03")]
    with pytest.raises(WrongUsageError, match="at least 2"):
        explicit_window(train, test=Month("2023-04"), min_train=2)


def test_as_many_train_months_as_needed_are_enough() -> None:
    """In order, whatever the order they are given in."""
    train = (Month("2023-02"), Month("2023-03"))
    window = explicit_window(train[::-1], test=Month("2023-06"), min_train=2)
    assert (window.train, window.test) == (train, Month("2023-06"))
    assert window.months == (*train, Month("2023-06"))


@pytest.mark.parametrize(
    "text", ["2010-12", "2009-01..2011-03", "2023-01,2010/01", "1900-01"]
)
def test_months_without_zones_are_refused(text: str) -> None:
    """The message says why, and which month is the first that can be used."""
    with pytest.raises(WrongUsageError, match="have taxi zones") as refusal:
        parse_months(text)
    assert "months from 2011-01 on" in str(refusal.value)
    if "," not in text and ".." not in text:
        with pytest.raises(WrongUsageError, match="have taxi zones"):
            parse_month(text)


def test_the_first_month_with_zones_can_be_used() -> None:
    """It is the first of the TLC's files that has them."""
    assert parse_months("2011-01") == [FIRST_MONTH]
    assert parse_month("2011/01") == FIRST_MONTH
