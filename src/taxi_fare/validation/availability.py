"""Whether the months of a window are there, and what to say if not."""

import logging
from collections.abc import Iterable, Mapping

from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.months import Month, Window

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

    Parameters
    ----------
    window : Window
        What was asked for.
    present : iterable of Month
        Months that can be read.
    unreadable : mapping of Month to str
        Months that are there but cannot be read, with the reason.
    skip_missing : bool
        Whether to go on without train months that are missing.
    min_train : int
        How many train months there must be all the same.

    Returns
    -------
    Window
        The same window, or a shorter one with ``skip_missing``.

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
        raise DataMissingError(
            _not_found(missing, there, unreadable, min_train)
        )
    if missing:
        _logger.warning("Missing data for %s", [each.path for each in missing])
    return Window(train=train, test=window.test)


def _not_found(
    missing: list[Month],
    there: set[Month],
    unreadable: Mapping[Month, str],
    min_train: int,
) -> str:
    damaged = [
        f"Not readable: {month.path}: {unreadable[month]}"
        for month in missing
        if month in unreadable
    ]
    lines = [
        "❌ DATA NOT FOUND",
        "=" * 50,
        f"Missing months: {[month.path for month in missing]}",
        f"Available months: {[month.path for month in sorted(there)]}",
        *damaged,
        "",
        "Options:",
        "  1. Ingest the missing data first",
        "  2. Use --skip-missing to continue with available data",
        f"     (requires at least {min_train} training months + test month)",
        "  3. Use --test-month to specify a different month",
    ]
    return "\n".join(lines)
