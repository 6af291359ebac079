"""Choose the months of a run, and find them in the lake."""

from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.months import (
    Month,
    Window,
    explicit_window,
    sliding_window,
)
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import Catalog, LakeMonth, read_catalog
from taxi_fare.validation.availability import available_window
from taxi_fare.validation.rules import check_columns


@dataclass(frozen=True)
class WindowRequest:
    """
    The months that were asked for.

    Parameters
    ----------
    lake : Path
        Folder of the lake.
    test_month : Month or None
        None for the current calendar month.
    train_months : tuple of Month or None
        None for the months before the test month.
    skip_missing : bool
        Whether to go on without train months that are missing.
    """

    lake: Path
    test_month: Month | None = None
    train_months: tuple[Month, ...] | None = None
    skip_missing: bool = False


@dataclass(frozen=True)
class WindowData:
    """
    The months of a run, found in the lake.

    Parameters
    ----------
    window : Window
        Train months and test month.
    months : tuple of LakeMonth
        All of them, in ascending order.
    """

    window: Window
    months: tuple[LakeMonth, ...]

    @property
    def simulated(self) -> bool:
        """Whether any month holds simulated trips."""
        return any(month.simulated for month in self.months)

    def fingerprints(self) -> dict[str, str]:
        """
        Identify the bytes of every month.

        Returns
        -------
        dict of str to str
            By month.
        """
        return {str(each.month): each.fingerprint() for each in self.months}


def find_window(request: WindowRequest, settings: Settings) -> WindowData:
    """
    Find the months of a run in the lake.

    Parameters
    ----------
    request : WindowRequest
        What was asked for.
    settings : Settings
        Length of the window, and how many train months it needs.

    Returns
    -------
    WindowData
        Months that can be read and have every required column.

    Raises
    ------
    DataMissingError
        If a month that is needed is missing.
    DataRefusedError
        If a month lacks a required column.
    """
    catalog = read_catalog(request.lake)
    try:
        window = available_window(
            _requested(request, settings),
            present=catalog.months,
            unreadable=catalog.unreadable,
            skip_missing=request.skip_missing,
            min_train=settings.training.min_train_months,
        )
    except DataMissingError as error:
        # Below the description's own text: which lake was looked at.
        missing = "" if request.lake.is_dir() else " (there is no such folder)"
        raise DataMissingError(
            f"{error}\n\nLake: {request.lake.absolute()}{missing}"
        ) from error
    return _with_columns(catalog, window)


def _requested(request: WindowRequest, settings: Settings) -> Window:
    test = request.test_month or Month.current()
    if request.train_months is None:
        return sliding_window(test, length=settings.training.window_months)
    return explicit_window(
        request.train_months,
        test,
        min_train=settings.training.min_train_months,
    )


def _with_columns(catalog: Catalog, window: Window) -> WindowData:
    months = tuple(catalog.select(window.months))
    for each in months:
        check_columns(str(each.month), each.columns)
    return WindowData(window, months)
