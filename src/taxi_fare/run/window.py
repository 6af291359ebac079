"""Choose the months of a run, and find them in the lake."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark.sql import DataFrame

from taxi_fare.core.columns import REQUIRED_COLUMNS
from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.manifest import Mode, Months
from taxi_fare.core.months import (
    Month,
    Window,
    explicit_window,
    sliding_window,
)
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import Catalog, read_catalog
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.place import AnyLake, as_lake
from taxi_fare.run.local_month import needs_no_spark
from taxi_fare.run.trips import ValidTrips
from taxi_fare.training.split import split_trips
from taxi_fare.validation.availability import (
    available_window,
    require_months,
)
from taxi_fare.validation.rules import check_columns

_logger = logging.getLogger(__name__)


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
class RunData:
    """
    The months of a run, found in the lake, and how they are parted.

    Parameters
    ----------
    months : tuple of LakeMonth
        Every month, in ascending order.
    parts : Months
        What is trained on and what is tested on.
    """

    months: tuple[LakeMonth, ...]
    parts: Months

    @property
    def mode(self) -> Mode:
        """Train months before and a test month after, or the same months."""
        return "legacy" if self.parts.split else "sliding_window"

    @property
    def label(self) -> str:
        """What the run's model is named after."""
        return self.parts.test_month or self.mode

    def read_here(
        self, names: Iterable[str], settings: Settings
    ) -> tuple[LakeMonth, ...]:
        """
        Return some months; none where Spark is needed.

        It is by a setting, by a month, or as it alone knows which trips of
        the same months are trained on.
        """
        months = tuple(x for x in self.months if str(x.month) in names)
        here = all(needs_no_spark(each, settings) for each in months)
        return months if here and not self.parts.split else ()

    def parted(self, trips: ValidTrips) -> tuple[DataFrame, DataFrame]:
        """Return the packed features to train on, and those to test on."""
        split = self.parts.split
        if split is None:
            train = trips.packed_of(*self.parts.train_months)
            return train, trips.packed_of(self.label)
        return split_trips(
            trips.packed,
            columns=trips.features.columns,
            train_share=split.train_share,
            seed=split.seed,
        )


def find_window(
    request: WindowRequest,
    settings: Settings,
    *,
    needed: Sequence[str] = REQUIRED_COLUMNS,
) -> RunData:
    """
    Find the months of a run, fit to be trained and tested on.

    Raises
    ------
    DataMissingError
        If a month that is needed is missing.
    DataRefusedError
        If a month lacks a needed column, or cannot be read right.
    """
    catalog = read_catalog(request.lake)
    requested = _requested(request, settings)
    catalog.refuse(requested.months)
    with _naming(request.lake):
        window = available_window(
            requested,
            present=catalog.months,
            unreadable=catalog.unreadable,
            skip_missing=request.skip_missing,
            min_train=settings.training.min_train_months,
        )
    train = tuple(map(str, window.train))
    return RunData(
        _having(needed, catalog.select(window.months)),
        Months(train_months=train, test_month=str(window.test)),
    )


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
    lake: AnyLake,
    *,
    months: Sequence[Month],
    option: str = "--months",
    needed: Sequence[str] = REQUIRED_COLUMNS,
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
    DataRefusedError
        If one lacks a needed column, or cannot be read right.
    """
    return months_in(
        read_catalog(lake), months=months, option=option, needed=needed
    )


def months_in(
    catalog: Catalog,
    *,
    months: Sequence[Month],
    option: str = "--months",
    needed: Sequence[str] = REQUIRED_COLUMNS,
) -> tuple[LakeMonth, ...]:
    """
    Find some months in a lake that was looked at; see ``find_months``.

    Raises
    ------
    DataMissingError
        If one is missing, or the lake has none.
    DataRefusedError
        If one lacks a needed column, or cannot be read right.
    """
    # Where no month can be read, the first that is refused says why.
    catalog.refuse(months if catalog.months else months or catalog.refused)
    with _naming(catalog.lake):
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
    if not months:
        for month, reason in catalog.unreadable.items():
            _logger.warning("Month %s is left out: %s", month, reason)
    return _having(needed, catalog.select(months or sorted(catalog.months)))


def _having(
    needed: Sequence[str], months: Sequence[LakeMonth]
) -> tuple[LakeMonth, ...]:
    """Return months, each with the columns that are needed."""
    for each in months:
        check_columns(str(each.month), columns=each.columns, required=needed)
    return tuple(months)


@contextmanager
def _naming(lake: AnyLake) -> Iterator[None]:
    """Say, below the specification's own text, which lake was looked at."""
    try:
        yield
    except DataMissingError as error:
        error.add_context(after=f"\nLake: {as_lake(lake).described}")
        raise
