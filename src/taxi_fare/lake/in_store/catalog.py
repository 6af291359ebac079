"""The months of a lake in an S3 store: one listing, then their footers."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from obstore.exceptions import PreconditionError

from taxi_fare.core.errors import TemporaryError, WrongUsageError
from taxi_fare.core.months import Month
from taxi_fare.lake.in_store.place import StoreFile, StoreLake
from taxi_fare.lake.month import LakeMonth, read_month

_REQUESTS_AT_ONCE = 16
# A month that is ingested again in between is listed again.
_ATTEMPTS = 5


def read_store_months(lake: StoreLake) -> dict[Month, LakeMonth | str]:
    """
    Look at every month of a lake in a store.

    Raises
    ------
    EnvironmentLackError
        If the store cannot be reached or refuses.
    TemporaryError
        If months are replaced faster than they can be read.
    """
    for _ in range(_ATTEMPTS):
        found = month_files(lake.files())
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


def month_files(files: Sequence[StoreFile]) -> dict[Month, list[StoreFile]]:
    """
    Arrange the files of a lake by month.

    Returns
    -------
    dict of Month to list of StoreFile
        ``YYYY/MM/*.parquet``, without hidden names; none where there is
        something else.
    """
    months: dict[Month, list[StoreFile]] = {}
    for file in files:
        parts = file.key.split("/")
        month = _month_of(parts)
        if month is None:
            continue
        trips = months.setdefault(month, [])
        # Spark passes over hidden names too.
        hidden = file.name.startswith((".", "_"))
        if parts[2:] == [file.name] and not hidden and _is_parquet(file):
            trips.append(file)
    return months


def require_unchanged(months: Sequence[LakeMonth]) -> None:
    """
    Check, at the end of a run, that its months are those that it found.

    A run reads its months several times. A month that was ingested again in
    between would be half the old and half the new one. Only a store's listing
    tells versions apart: files of a local lake are not looked at.

    Raises
    ------
    TemporaryError
        If one in a store was removed or replaced since.
    """
    found = {
        each.month: [f for f in each.files if isinstance(f, StoreFile)]
        for each in months
    }
    lakes = {f.lake.url: f.lake for files in found.values() for f in files}
    there = {file for lake in lakes.values() for file in lake.files()}
    changed = [
        str(month)
        for month, files in found.items()
        if not there.issuperset(files)
    ]
    if changed:
        raise TemporaryError(
            f"Months changed while they were read: {', '.join(changed)}.",
            expected="months that stay as they are during a run",
            remedy="run it again when the ingest has ended; nothing was"
            " kept of this run.",
        )


def _is_parquet(file: StoreFile) -> bool:
    return file.name.endswith(".parquet")


def _month_of(parts: Sequence[str]) -> Month | None:
    year, month, *below = [*parts, "", ""]
    if not below[0]:
        return None
    try:
        return Month(f"{year}-{month}")
    except WrongUsageError:
        return None
