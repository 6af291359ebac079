"""Which months a lake holds, told from file footers, without Spark."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from obstore.exceptions import PreconditionError

from taxi_fare.core.errors import (
    DataRefusedError,
    EnvironmentLackError,
    TemporaryError,
)
from taxi_fare.core.months import Month
from taxi_fare.core.usage import note_read
from taxi_fare.lake.layout import Found, months_in
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
        Months that have a folder but cannot be read, or lie elsewhere, with
        the reason.
    refused : dict of Month to DataRefusedError
        Those of them whose files are whole, but cannot be read right.

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
    refused: dict[Month, DataRefusedError] = field(default_factory=dict)

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
        selected = [self.months[month] for month in months]
        for each in selected:
            note_read(each.place)
        return selected

    def refuse(self, months: Iterable[Month]) -> None:
        """
        Refuse months whose files are whole, but cannot be read right.

        Parameters
        ----------
        months : iterable of Month
            Months that are needed; the catalog may lack some.

        Raises
        ------
        DataRefusedError
            If there is one among them.
        """
        for month in months:
            if month in self.refused:
                raise self.refused[month]


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
    refused: dict[Month, DataRefusedError] = {}
    for month, each in sorted(_read_months(lake).items()):
        if isinstance(each, LakeMonth):
            months[month] = each
        elif isinstance(each, str):
            unreadable[month] = each
        else:
            refused[month] = each
            unreadable[month] = each.summary
    return Catalog(lake, months, unreadable, refused)


def require_unchanged(months: Sequence[LakeMonth]) -> None:
    """
    Check, before a run keeps anything, that its months are as it found them.

    A run reads its months several times. A month that was ingested again in
    between would be half the old and half the new one.

    Raises
    ------
    TemporaryError
        If one was removed or replaced since.
    """
    files = [file for each in months for file in each.files]
    there: set[LakeFile] = set()
    for lake in {file.lake for file in files}:
        there |= lake.versions_now(x.key for x in files if x.lake == lake)
    changed = [
        str(each.month)
        for each in months
        if any(file not in there for file in each.files)
    ]
    if changed:
        raise TemporaryError(
            f"Months changed while they were read: {', '.join(changed)}.",
            expected="months that stay as they are during a run",
            remedy="run it again when the ingest has ended; nothing was"
            " kept of this run.",
        )


@contextmanager
def one_snapshot(months: Sequence[LakeMonth]) -> Iterator[None]:
    """
    Blame a change, where a month changed, for what fails while it is read.

    Raises
    ------
    TemporaryError
        If a month was removed or replaced: what was found in it says nothing
        of the old one, nor of the new one.
    """
    try:
        yield
    except (EnvironmentLackError, TemporaryError):
        raise
    except Exception as error:
        try:
            require_unchanged(months)
        except TemporaryError as change:
            raise change from error
        raise


def _read_months(
    lake: Lake,
) -> dict[Month, LakeMonth | DataRefusedError | str]:
    for _ in range(_ATTEMPTS):
        found = _usual_places(lake)
        with ThreadPoolExecutor(_REQUESTS_AT_ONCE) as pool:
            try:
                months = pool.map(read_month, found, found.values())
                return dict(zip(found, months, strict=True))
            except (PreconditionError, FileNotFoundError):
                continue
    raise TemporaryError(
        f"The months of {lake} are replaced while they are looked at.",
        expected="an ingest at a time",
        remedy="run it again when the ingest has ended.",
    )


def _usual_places(lake: Lake) -> dict[Month, tuple[LakeFile, ...] | str]:
    """Return the files of each month, or why there is none to read."""
    listed: list[LakeFile] = [*lake.files()]
    return {
        month: _in_its_folder(month, places=places, lake=lake)
        for month, places in months_in(listed).items()
    }


def _in_its_folder(
    month: Month, *, places: Sequence[Found[LakeFile]], lake: Lake
) -> tuple[LakeFile, ...] | str:
    usual = [each for each in places if each.place == month.path]
    if usual and usual[0].parts:
        return usual[0].parts
    others = [each for each in places if each.parts]
    if not others:
        return (usual or places)[0].problem
    above = others[0].place.removesuffix(f"/{month.path}")
    remedy = f"name that lake: --data-base-path {lake}/{above}"
    if above == others[0].place:
        remedy = f"`taxi-fare ingest --months {month} --source {lake.source}`"
    names = ", ".join(each.place for each in others)
    return f"its trips lie in {names}; bring them in: {remedy}"
