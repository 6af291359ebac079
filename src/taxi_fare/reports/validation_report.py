"""``validation_report.json``: what was rejected, at ingest and in training."""

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import lock_descriptor

from taxi_fare.core.documents import report_header
from taxi_fare.core.errors import DataMissingError, DataRefusedError
from taxi_fare.core.files import write_json
from taxi_fare.lake.record import IngestRecord
from taxi_fare.reports.documents.listing import VALIDATION
from taxi_fare.reports.documents.trips import (
    IngestedCounts,
    TrainingCounts,
    ValidationReport,
)

Ingested = dict[str, IngestedCounts]
_logger = logging.getLogger(__name__)


def update_ingest_section(
    reports_dir: Path, *, records: Iterable[IngestRecord], run_id: str
) -> None:
    """Add or replace months in the report, and keep the rest of it."""
    with _alone_in(reports_dir):
        there = _read(reports_dir)
        ingest = _merged(there, records)
        if ingest != there.ingest:
            _write(
                reports_dir,
                there.model_copy(update={"run_id": run_id, "ingest": ingest}),
            )


def update_training_section(
    reports_dir: Path,
    *,
    training: TrainingCounts | None,
    records: Iterable[IngestRecord],
    run_id: str,
    timestamp: str | None = None,
) -> None:
    """
    Set what training found, and add or replace its months.

    Parameters
    ----------
    timestamp : str, optional
        Of the run's other reports. Default: now.
    """
    with _alone_in(reports_dir):
        there = _read(reports_dir)
        ingest = _merged(there, records)
        changes = {"run_id": run_id, "ingest": ingest, "training": training}
        _write(reports_dir, there.model_copy(update=changes), timestamp)


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


def ingest_section(records: Iterable[IngestRecord]) -> Ingested:
    """Return what the report says of months that came in."""
    return {
        record.month: IngestedCounts(
            raw_rows=record.raw_rows,
            valid_rows=record.valid_rows,
            rejected_rows=sum(record.rejected.values()),
            rejected=record.rejected,
            source=record.source,
            simulated=record.simulated,
        )
        for record in records
    }


def _merged(
    there: ValidationReport, records: Iterable[IngestRecord]
) -> Ingested:
    return dict(sorted((there.ingest | ingest_section(records)).items()))


def _write(
    folder: Path, report: ValidationReport, timestamp: str | None = None
) -> None:
    simulated = any(month.simulated for month in report.ingest.values())
    header = report_header(
        report.run_id, simulated=simulated, timestamp=timestamp
    )
    # Keys of another version are the last, and stay.
    sections = {"ingest": report.ingest, "training": report.training}
    document = ValidationReport(
        **header, **sections, **(report.model_extra or {})
    )
    write_json(folder / VALIDATION.file, document.to_document())


def _read(folder: Path) -> ValidationReport:
    """Return the report; an empty one where there is no usable one."""
    try:
        return VALIDATION.read(folder)
    except DataMissingError:
        pass
    except (OSError, DataRefusedError) as error:
        path = folder / VALIDATION.file
        _logger.warning("%s is replaced: %s", path, error)
    return ValidationReport(
        **report_header("", simulated=False), ingest={}, training=None
    )
