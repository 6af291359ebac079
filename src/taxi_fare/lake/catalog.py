"""Which months a lake holds, told from file footers, without Spark."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from obstore.exceptions import PreconditionError

from taxi_fare.core.errors import TemporaryError, WrongUsageError
from taxi_fare.core.months import Month
from taxi_fare.lake.month import LakeMonth, read_month
from taxi_fare.lake.place import AnyLake, Lake, LakeFile, as_lake

_REQUESTS_AT_ONCE = 16
# A month that is ingested again in between is listed again.
_ATTEMPTS = 5


@dataclass(frozen=True)
class Catalog:
    """
    The months of a lake.

    Parameters
    ----------
    lake : FolderLake or StoreLake
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


def read_catalog(lake: AnyLake) -> Catalog:
    """
    Look at every month of a lake.

    Parameters
    ----------
    lake : Path, FolderLake or StoreLake
        Place with ``YYYY/MM/*.parquet``; may be missing.

    Returns
    -------
    Catalog
        What is there; empty when the folder is missing.

    Raises
    ------
    EnvironmentLackError
        If the store of the lake cannot be reached or refuses.
    TemporaryError
        If months of a store are replaced faster than they can be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_catalog(Path("no-lake")).months
    {}
    """
    lake = as_lake(lake)
    months: dict[Month, LakeMonth] = {}
    unreadable: dict[Month, str] = {}
    for month, each in sorted(_read_months(lake).items()):
        if isinstance(each, str):
            unreadable[month] = each
        else:
            months[month] = each
    return Catalog(lake, months, unreadable)


def require_unchanged(months: Sequence[LakeMonth]) -> None:
    """
    Check, at the end of a run, that its months are those that it found.

    A run reads its months several times. A month that was ingested again in
    between would be half the old and half the new one. Only a store's listing
    tells versions apart: files of a folder are not looked at.

    Raises
    ------
    TemporaryError
        If one in a store was removed or replaced since.
    """
    lakes = {file.lake for each in months for file in each.files}
    there = {lake: lake.versions_now() for lake in lakes}
    changed = [
        str(each.month)
        for each in months
        if any(
            (now := there[file.lake]) is not None and file not in now
            for file in each.files
        )
    ]
    if changed:
        raise TemporaryError(
            f"Months changed while they were read: {', '.join(changed)}.",
            expected="months that stay as they are during a run",
            remedy="run it again when the ingest has ended; nothing was"
            " kept of this run.",
        )


def _read_months(lake: Lake) -> dict[Month, LakeMonth | str]:
    for _ in range(_ATTEMPTS):
        found = _month_files(lake.by_folder())
        with ThreadPoolExecutor(_REQUESTS_AT_ONCE) as pool:
            try:
                months = pool.map(read_month, found, found.values())
                return dict(zip(found, months, strict=True))
            except PreconditionError:
                continue
    raise TemporaryError(
        f"The months of {lake} are replaced while they are looked at.",
        expected="an ingest at a time",
        remedy="run it again when the ingest has ended.",
    )


def _month_files(
    folders: Mapping[str, Sequence[LakeFile]],
) -> dict[Month, list[LakeFile]]:
    months: dict[Month, list[LakeFile]] = {}
    for folder, files in folders.items():
        try:
            month = Month(folder.replace("/", "-"))
        except WrongUsageError:
            continue
        # Spark passes over hidden names too.
        months[month] = [
            file
            for file in files
            if file.name.endswith(".parquet")
            and not file.name.startswith((".", "_"))
        ]
    return months
