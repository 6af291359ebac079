"""Which month a run is about, and which months it trains on."""

from datetime import datetime

# The TLC publishes a month about two months after its end has begun to be
# history: June at the end of August.
PUBLICATION_LAG = 2
# M-3 to M-1, as `training.window_months` of conf/taxi_fare.toml.
WINDOW_MONTHS = 3
# The longest delay that is believed: a month that is missing after so many
# months is not late, the source is wrong.
LATEST_PUBLICATION = 3


def month_at(moment: datetime, months_before: int = 0) -> str:
    """
    Return the month of a moment, or an earlier one.

    Parameters
    ----------
    moment : datetime
        Any instant of a month.
    months_before : int, optional
        How many months to go back.

    Returns
    -------
    str
        Such as ``2023-06``.

    Examples
    --------
    >>> month_at(datetime(2023, 2, 28), 2)
    '2022-12'
    """
    index = moment.year * 12 + moment.month - 1 - months_before
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def first_train_month(month: str) -> str:
    """
    Return the first month of the window that is tested on a month.

    Parameters
    ----------
    month : str
        Test month.

    Returns
    -------
    str
        Such as ``2023-03`` for ``2023-06``.
    """
    return month_at(datetime.fromisoformat(f"{month}-01"), WINDOW_MONTHS)


def is_overdue(month: str, now: datetime) -> bool:
    """
    Tell whether a month should have been published long ago.

    Parameters
    ----------
    month : str
        A month that the source does not have.
    now : datetime
        Today.

    Returns
    -------
    bool
        Whether more than ``LATEST_PUBLICATION`` months have passed since.
    """
    return month < month_at(now, LATEST_PUBLICATION)
