"""Which months a lake holds, told from file footers, without Spark."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.months import Month
from taxi_fare.lake.in_store.catalog import read_store_months
from taxi_fare.lake.month import LakeMonth, read_month
from taxi_fare.lake.place import Lake


@dataclass(frozen=True)
class Catalog:
    """
    The months of a lake.

    Parameters
    ----------
    lake : Path or StoreLake
        The lake.
    months : dict of Month to LakeMonth
        Months that can be read.
    unreadable : dict of Month to str
        Months that have a folder but cannot be read, with the reason.

    Examples
    --------
    >>> catalog = read_catalog(Path("data/nyc-interim/yellow"))
    >>> [month.path for month in catalog.months]
    ['2023/01', '2023/02', '2023/03', '2023/04', '2023/05']
    >>> catalog.select([Month("2023-01")])[0].simulated
    True
    """

    lake: Lake
    months: dict[Month, LakeMonth]
    unreadable: dict[Month, str]

    def select(self, months: Iterable[Month]) -> list[LakeMonth]:
        """
        Return some months, in the order asked for.

        Parameters
        ----------
        months : iterable of Month
            Months that the catalog has.

        Returns
        -------
        list of LakeMonth
            One for each.
        """
        return [self.months[month] for month in months]


def read_catalog(lake: Lake) -> Catalog:
    """
    Look at every month of a lake.

    Parameters
    ----------
    lake : Path or StoreLake
        Place with ``YYYY/MM/*.parquet``; may be missing.

    Returns
    -------
    Catalog
        What is there; empty when the folder is missing.

    Raises
    ------
    EnvironmentLackError
        If the store of the lake cannot be reached.

    Examples
    --------
    >>> read_catalog(Path("no-lake")).months
    {}
    """
    found = (
        _read_folders(lake)
        if isinstance(lake, Path)
        else read_store_months(lake)
    )
    months: dict[Month, LakeMonth] = {}
    unreadable: dict[Month, str] = {}
    for month, each in sorted(found.items()):
        if isinstance(each, str):
            unreadable[month] = each
        else:
            months[month] = each
    return Catalog(lake, months, unreadable)


def _read_folders(lake: Path) -> dict[Month, LakeMonth | str]:
    found: dict[Month, LakeMonth | str] = {}
    for folder in sorted(lake.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]")):
        try:
            month = Month(f"{folder.parent.name}-{folder.name}")
        except WrongUsageError:
            continue
        found[month] = read_month(month, _trip_files(folder))
    return found


def _trip_files(folder: Path) -> Sequence[Path]:
    # Spark passes over hidden names too.
    return [
        file
        for file in sorted(folder.glob("*.parquet"))
        if not file.name.startswith((".", "_"))
    ]
