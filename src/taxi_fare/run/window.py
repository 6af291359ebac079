"""Choose the months of a run, and find them in the lake."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark.sql import DataFrame

from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.manifest import Months
from taxi_fare.core.months import (
    Month,
    Window,
    explicit_window,
    sliding_window,
)
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.place import AnyLake, as_lake
from taxi_fare.run.trips import ValidTrips
from taxi_fare.validation.availability import (
    available_window,
    require_months,
)
from taxi_fare.validation.rules import check_columns


@dataclass(frozen=True)
class WindowRequest:
    """
    The months that were asked for.

    Parameters
    ----------
    lake : Path, FolderLake or StoreLake
        The lake.
    test_month : Month or None
        None for the current calendar month.
    train_months : tuple of Month or None
        None for the months before the test month.
    skip_missing : bool
        Whether to go on without train months that are missing.

    Examples
    --------
    >>> lake = lake_place("data/nyc-interim/yellow", load_settings())
    >>> WindowRequest(lake, test_month=Month("2023-04")).skip_missing
    False
    """

    lake: AnyLake
    test_month: Month | None = None
    train_months: tuple[Month, ...] | None = None
    skip_missing: bool = False


@dataclass(frozen=True)
class WindowData:
    """The months of a run, found in the lake."""

    window: Window
    months: tuple[LakeMonth, ...]

    @property
    def mode(self) -> str:
        """Train months before, test month after."""
        return "sliding_window"

    @property
    def label(self) -> str:
        """The test month."""
        return str(self.window.test)

    def parted(self, trips: ValidTrips) -> tuple[DataFrame, DataFrame]:
        """Return the packed features to train on, and those to test on."""
        window = self.window
        return trips.with_raw(*window.train), trips.with_raw(window.test)

    @property
    def parts(self) -> Months:
        """What is trained on and what is tested on."""
        return Months(
            train_months=tuple(map(str, self.window.train)),
            test_month=str(self.window.test),
        )


def find_window(request: WindowRequest, settings: Settings) -> WindowData:
    """
    Find the months of a run, fit to be trained and tested on.

    Raises
    ------
    DataMissingError
        If a month that is needed is missing.
    DataRefusedError
        If a month lacks a required column.
    """
    data = available_months(request, settings)
    for each in data.months:
        check_columns(str(each.month), columns=each.columns)
    return data


def available_months(request: WindowRequest, settings: Settings) -> WindowData:
    """
    Find the months of a run in the lake.

    Raises
    ------
    DataMissingError
        If a month that is needed is missing.
    """
    catalog = read_catalog(request.lake)
    with _naming(request.lake):
        window = available_window(
            _requested(request, settings),
            present=catalog.months,
            unreadable=catalog.unreadable,
            skip_missing=request.skip_missing,
            min_train=settings.training.min_train_months,
        )
    return WindowData(window, tuple(catalog.select(window.months)))


def _requested(request: WindowRequest, settings: Settings) -> Window:
    test = request.test_month or Month.current()
    if request.train_months is None:
        return sliding_window(test, length=settings.training.window_months)
    return explicit_window(
        request.train_months,
        test=test,
        min_train=settings.training.min_train_months,
    )


def find_months(
    lake: AnyLake, *, months: Sequence[Month], option: str
) -> tuple[LakeMonth, ...]:
    """
    Find some months in the lake.

    Parameters
    ----------
    months : sequence of Month
        Which months; none for every month that can be read.

    Raises
    ------
    DataMissingError
        If one is missing, or the lake has none.
    """
    catalog = read_catalog(lake)
    with _naming(lake):
        require_months(
            months,
            present=catalog.months,
            unreadable=catalog.unreadable,
            option=option,
        )
        if not catalog.months:
            raise DataMissingError(
                "The lake holds no month that can be read.",
                expected="YYYY/MM/*.parquet",
                remedy="run `taxi-fare ingest --months ...` first.",
            )
    return tuple(catalog.select(months or sorted(catalog.months)))


@contextmanager
def _naming(lake: AnyLake) -> Iterator[None]:
    """Say, below the description's own text, which lake was looked at."""
    try:
        yield
    except DataMissingError as error:
        error.add_context(after=f"\nLake: {as_lake(lake).described}")
        raise
