"""One raw month into the lake: fetch, cast, clean, write."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.files import sha256_of
from taxi_fare.core.months import Month
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.core.usage import note_read, note_written
from taxi_fare.lake.clean import Cleaned, Rules, clean
from taxi_fare.lake.in_store import StorePath
from taxi_fare.lake.kinds import kinds_together
from taxi_fare.lake.month_file import known_record, month_file, rejected_file
from taxi_fare.lake.place import Lake, LakePath
from taxi_fare.lake.raw.file import RawMonth, open_parts, read_raw
from taxi_fare.lake.record import IngestRecord
from taxi_fare.lake.write import Origin, write_month, write_rejected

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class IngestedMonth:
    """One month that is in the lake."""

    month: Month
    status: Literal["written", "unchanged"]
    path: Path | StorePath
    rejected_path: Path | StorePath | None
    record: IngestRecord


def ingest_month(
    month: Month,
    *,
    lake: Lake,
    fetch: Callable[[Month], tuple[Sequence[Path], str]],
    rules: Rules,
    keep_rejected: bool,
) -> IngestedMonth:
    """
    Bring one raw month into the lake, unless it is there already.

    Returns
    -------
    IngestedMonth
        Written, or unchanged when the raw bytes and the rules are those of
        the last ingest.

    Raises
    ------
    DataMissingError
        If the source does not have the month.
    DataRefusedError
        If it cannot be read as that month, or too few trips are valid; the
        lake then is as it was.
    """
    path = month_file(lake, month)
    for each in (path, rejected_file(lake, month)):
        each.remove_leftovers()
    known = known_record(path)
    files, origin = fetch(month)
    sha256 = _sha256_of(files)
    note_read(origin, sha256)
    raw = open_parts(files, month)
    simulated = any(part.simulated for part in raw)
    columns = kinds_together(part.columns for part in raw)
    made_from = sha256, rules.version
    if known and (known.source_sha256, known.rules_version) == made_from:
        status: Literal["written", "unchanged"] = "unchanged"
        record = known
    else:
        status = "written"
        note_written(f"{lake}/{month.path}")
        record = write_month(
            path,
            parts=_cleaned(raw, rules),
            origin=Origin(
                month, origin, sha256, simulated, rules.version, columns
            ),
            accept=partial(_require_retention, limits=rules.limits),
        )
    rejected = (
        _rejected(lake, raw=raw, rules=rules, record=record).location
        if keep_rejected
        else None
    )
    _logger.info(
        "%s %s: %s of %s trips are valid%s",
        month,
        status,
        f"{record.valid_rows:,}",
        f"{record.raw_rows:,}",
        " (simulated)" if record.simulated else "",
    )
    return IngestedMonth(month, status, path.location, rejected, record)


def _sha256_of(files: Sequence[Path]) -> str:
    """Return the hash of one file's bytes, or of the hashes of several."""
    hashes = [sha256_of(file) for file in files]
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def _cleaned(raw: Sequence[RawMonth], rules: Rules) -> Iterator[Cleaned]:
    return (
        clean(batch, month=part.month, rules=rules.on_trips)
        for part in raw
        for batch in read_raw(part)
    )


def _rejected(
    lake: Lake, *, raw: Sequence[RawMonth], rules: Rules, record: IngestRecord
) -> LakePath:
    """Write the rejected trips unless they are there; return their file."""
    path = rejected_file(lake, raw[0].month)
    # A second pass over the raw file: it also serves a month that was
    # ingested before anyone asked for its rejected trips.
    if known_record(path) != record:
        write_rejected(path, parts=_cleaned(raw, rules), record=record)
    return path


def _require_retention(
    record: IngestRecord, limits: ValidationSettings
) -> None:
    share = record.valid_rows / record.raw_rows
    counts = ", ".join(
        f"{name} {count:,}" for name, count in record.rejected.items() if count
    )
    text = (
        f"{record.month}: {record.valid_rows:,} of {record.raw_rows:,} trips"
        f" ({share:.1%}) are valid; rejected: {counts or 'none'}"
    )
    if not record.valid_rows or share < limits.retention_min:
        raise DataRefusedError(
            f"{text}.",
            expected=f"at least {limits.retention_min:.0%} valid trips",
            remedy="check that the file holds the trips of that month;"
            " validation.retention_min is the limit.",
        )
    if share < limits.retention_warn:
        _logger.warning("%s", text)
