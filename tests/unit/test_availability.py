"""Which windows may be trained on when months are missing."""

import logging

import pytest

from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.months import Month, Window, sliding_window
from taxi_fare.validation.availability import available_window

JUNE = sliding_window(Month("2023-06"), length=3)


def _available(present: str, *, skip_missing: bool = False) -> Window:
    return available_window(
        JUNE,
        present=[Month(each) for each in present.split()],
        unreadable={Month("2023-03"): "trips.parquet is not readable"},
        skip_missing=skip_missing,
        min_train=2,
    )


def test_whole_window_is_taken_as_it_is() -> None:
    """Nothing is missing, nothing changes."""
    assert _available("2023-03 2023-04 2023-05 2023-06") == JUNE


def test_strict_mode_gives_the_error_of_the_description() -> None:
    """The text is the description's, word for word."""
    window = sliding_window(Month("2023-05"), length=4)
    with pytest.raises(DataMissingError) as caught:
        available_window(
            window,
            present=[Month("2023-05"), Month("2023-01"), Month("2023-02")],
            unreadable={},
            skip_missing=False,
            min_train=2,
        )
    assert caught.value.exit_code == 3
    assert str(caught.value) == (
        "❌ DATA NOT FOUND\n"
        "==================================================\n"
        "Missing months: ['2023/03', '2023/04']\n"
        "Available months: ['2023/01', '2023/02', '2023/05']\n"
        "\n"
        "Options:\n"
        "  1. Ingest the missing data first\n"
        "  2. Use --skip-missing to continue with available data\n"
        "     (requires at least 2 training months + test month)\n"
        "  3. Use --test-month to specify a different month"
    )


def test_a_damaged_month_is_missing_and_says_why() -> None:
    """The reason stands below the months that are there."""
    with pytest.raises(DataMissingError) as caught:
        _available("2023-04 2023-05 2023-06")
    assert "Not readable: 2023/03: trips.parquet" in str(caught.value)


def test_skip_missing_goes_on_with_two_train_months(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The shorter window is used, and the log says what is missing."""
    with caplog.at_level(logging.WARNING):
        window = _available("2023-04 2023-05 2023-06", skip_missing=True)
    assert window.train == (Month("2023-04"), Month("2023-05"))
    assert window.test == Month("2023-06")
    assert "Missing data for ['2023/03']" in caplog.text


@pytest.mark.parametrize(
    "present",
    [
        pytest.param("2023-05 2023-06", id="one-train-month"),
        pytest.param("2023-03 2023-04 2023-05", id="no-test-month"),
        pytest.param("", id="nothing"),
    ],
)
def test_skip_missing_has_limits(present: str) -> None:
    """Two train months and the test month are always needed."""
    with pytest.raises(DataMissingError):
        _available(present, skip_missing=True)
