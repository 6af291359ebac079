"""``validation_report.json``: what was rejected, at ingest and in training."""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from filelock import lock_descriptor

from taxi_fare.core.files import write_json
from taxi_fare.reports.header import report_header

FILE_NAME = "validation_report.json"
_INGEST = "ingest"
_TRAINING = "training"
_logger = logging.getLogger(__name__)


class MonthRecord(Protocol):
    """What the report needs to know of an ingested month."""

    @property
    def month(self) -> str:
        """Such as ``2023-06``."""

    @property
    def source(self) -> str:
        """Where the raw file came from."""

    @property
    def raw_rows(self) -> int:
        """Trips in the raw file."""

    @property
    def valid_rows(self) -> int:
        """Trips in the lake."""

    @property
    def rejected(self) -> dict[str, int]:
        """Rejected trips by rule."""

    @property
    def simulated(self) -> bool:
        """Whether the simulator made the trips."""


def update_ingest_section(
    reports_dir: Path, *, records: Iterable[MonthRecord], run_id: str
) -> None:
    """Add or replace months in the report, and keep the rest of it."""
    path = reports_dir / FILE_NAME
    with _alone_in(reports_dir):
        ingest, training = _read_sections(path)
        merged = _merged(ingest, records)
        if merged != ingest:
            _write(path, ingest=merged, training=training, run_id=run_id)


def update_training_section(
    reports_dir: Path,
    *,
    training: dict[str, Any],
    records: Iterable[MonthRecord],
    run_id: str,
) -> None:
    """Set what training found, and add or replace its months."""
    path = reports_dir / FILE_NAME
    with _alone_in(reports_dir):
        ingest, _ = _read_sections(path)
        _write(
            path,
            ingest=_merged(ingest, records),
            training=training,
            run_id=run_id,
        )


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep others from changing the report between reading and writing."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        lock_descriptor(descriptor)
        yield
    finally:
        os.close(descriptor)


def ingest_section(records: Iterable[MonthRecord]) -> dict[str, Any]:
    """Return what the report says of months that came in."""
    return {record.month: _month_document(record) for record in records}


def _merged(
    ingest: dict[str, Any], records: Iterable[MonthRecord]
) -> dict[str, Any]:
    return dict(sorted((ingest | ingest_section(records)).items()))


def _month_document(record: MonthRecord) -> dict[str, Any]:
    return {
        "raw_rows": record.raw_rows,
        "valid_rows": record.valid_rows,
        "rejected_rows": sum(record.rejected.values()),
        "rejected": record.rejected,
        "source": record.source,
        "simulated": record.simulated,
    }


def _write(
    path: Path, *, ingest: dict[str, Any], training: Any, run_id: str
) -> None:
    simulated = any(month["simulated"] for month in ingest.values())
    header = report_header(run_id, simulated=simulated)
    write_json(path, header | {_INGEST: ingest, _TRAINING: training})


def _read_sections(path: Path) -> tuple[dict[str, Any], Any]:
    """Return both sections; empty ones when there is no usable report."""
    if not path.exists():
        return {}, None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        ingest = document[_INGEST]
        # Whatever lacks the flag was not written by this module.
        {month["simulated"] for month in ingest.values()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _logger.warning(
            "%s is replaced, as it cannot be read: %r", path, error
        )
        return {}, None
    return ingest, document.get(_TRAINING)
