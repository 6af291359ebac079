"""Whether the months of a window are there, and what to say if not."""

import logging
from collections.abc import Iterable, Mapping

from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.months import (
    FIRST_MONTH,
    WITHOUT_ZONES,
    Month,
    Window,
)
from taxi_fare.core.visible import visible

_logger = logging.getLogger(__name__)


def available_window(
    window: Window,
    *,
    present: Iterable[Month],
    unreadable: Mapping[Month, str],
    skip_missing: bool,
    min_train: int,
) -> Window:
    """
    Return the part of a window that can be trained and tested on.

    Raises
    ------
    DataMissingError
        If the test month is missing, or too many train months are.
    """
    there = set(present)
    missing = [month for month in window.months if month not in there]
    train = tuple(month for month in window.train if month in there)
    enough = window.test in there and len(train) >= min_train
    if missing and not (skip_missing and enough):
        options = (
            "Use --skip-missing to continue with available data\n"
            f"     (requires at least {min_train} training months + test"
            " month)",
            "Use --test-month to specify a different month",
        )
        raise _not_found(
            missing, there=there, unreadable=unreadable, options=options
        )
    if missing:
        _logger.warning("Missing data for %s", [each.path for each in missing])
    return Window(train=train, test=window.test)


def require_months(
    months: Iterable[Month],
    *,
    present: Iterable[Month],
    unreadable: Mapping[Month, str],
    option: str,
) -> None:
    """
    Check that every one of some months is there.

    Raises
    ------
    DataMissingError
        If one is missing.
    """
    there = set(present)
    missing = [month for month in months if month not in there]
    if missing:
        options = (f"Use {option} to specify different months",)
        raise _not_found(
            missing, there=there, unreadable=unreadable, options=options
        )


def _not_found(
    missing: list[Month],
    *,
    there: set[Month],
    unreadable: Mapping[Month, str],
    options: Iterable[str],
) -> DataMissingError:
    damaged = [
        f"Not readable: {month.path}: {visible(unreadable[month])}"
        for month in missing
        if month in unreadable
    ]
    early = [month.path for month in missing if month < FIRST_MONTH]
    if early:
        damaged.append(
            f"Before {FIRST_MONTH.path}, the first month that can be used:"
            f" {early}; {WITHOUT_ZONES}"
        )
    choices = ("Ingest the missing data first", *options)
    lines = [
        "=" * 50,
        f"Missing months: {[month.path for month in missing]}",
        f"Available months: {[month.path for month in sorted(there)]}",
        *damaged,
        "",
        "Options:",
        *(f"  {number}. {text}" for number, text in enumerate(choices, 1)),
    ]
    error = DataMissingError("❌ DATA NOT FOUND")
    error.add_context(after="\n".join(lines))
    return error
