"""``validation_report.json`` grows month by month and survives damage."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.lake.record import IngestRecord
from taxi_fare.reports.documents.listing import VALIDATION
from taxi_fare.reports.documents.trips import TrainingCounts
from taxi_fare.reports.validation_report import (
    update_ingest_section,
    update_training_section,
)

FILE_NAME = VALIDATION.file
TRAINING = TrainingCounts(
    train_months=("2023-01",), test_month=None, months={}
)
JANUARY = IngestRecord(
    month="2023-01",
    source="raw/yellow_tripdata_2023-01.parquet",
    source_sha256="0" * 64,
    rules_version=1,
    raw_rows=100,
    valid_rows=97,
    rejected={"dropoff_missing": 1, "location_missing": 2},
    simulated=False,
)


def _but(record: IngestRecord, **values: Any) -> IngestRecord:
    return record.model_copy(update=values)


FEBRUARY = _but(JANUARY, month="2023-02")
SIMULATED = _but(JANUARY, month="2023-03", simulated=True)


def report(folder: Path) -> dict[str, Any]:
    """The report as written."""
    document: dict[str, Any] = json.loads((folder / FILE_NAME).read_text())
    return document


def test_a_month_is_told_with_its_reasons(tmp_path: Path) -> None:
    """Raw, valid and rejected trips add up, by rule."""
    update_ingest_section(tmp_path / "new", records=[JANUARY], run_id="run")
    document = report(tmp_path / "new")
    assert document["run_id"] == "run"
    assert document["training"] is None
    assert document["ingest"] == {
        "2023-01": {
            "raw_rows": 100,
            "valid_rows": 97,
            "rejected_rows": 3,
            "rejected": {"dropoff_missing": 1, "location_missing": 2},
            "source": "raw/yellow_tripdata_2023-01.parquet",
            "simulated": False,
        }
    }


def test_months_told_at_once_are_all_kept(tmp_path: Path) -> None:
    """Each reads, adds its own, and writes: none is lost in between."""
    records = [
        _but(JANUARY, month=f"2023-{month:02d}") for month in range(1, 13)
    ]

    def tell(record: IngestRecord) -> None:
        """Add one month, as an ingest does."""
        update_ingest_section(tmp_path, records=[record], run_id="run")

    with ThreadPoolExecutor(len(records)) as pool:
        list(pool.map(tell, records))
    assert list(report(tmp_path)["ingest"]) == [each.month for each in records]
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_months_are_merged_in_order(tmp_path: Path) -> None:
    """New months join the old ones; a month told again replaces itself."""
    update_ingest_section(tmp_path, records=[FEBRUARY], run_id="first")
    again = _but(FEBRUARY, raw_rows=200)
    update_ingest_section(tmp_path, records=[JANUARY, again], run_id="second")
    document = report(tmp_path)
    assert list(document["ingest"]) == ["2023-01", "2023-02"]
    assert document["ingest"]["2023-02"]["raw_rows"] == 200
    assert document["run_id"] == "second"


def test_nothing_new_leaves_the_file(tmp_path: Path) -> None:
    """An ingest that changed nothing does not claim the report."""
    update_ingest_section(tmp_path, records=[JANUARY], run_id="first")
    update_ingest_section(tmp_path, records=[JANUARY], run_id="second")
    assert report(tmp_path)["run_id"] == "first"


def test_both_sections_keep_each_other(tmp_path: Path) -> None:
    """Ingest keeps what training found, and the other way round."""
    update_ingest_section(tmp_path, records=[JANUARY], run_id="first")
    update_training_section(
        tmp_path, training=TRAINING, records=[FEBRUARY], run_id="second"
    )
    update_ingest_section(tmp_path, records=[SIMULATED], run_id="third")
    document = report(tmp_path)
    assert list(document["ingest"]) == ["2023-01", "2023-02", "2023-03"]
    assert document["training"] == TRAINING.to_document()


def test_one_simulated_month_marks_the_report(tmp_path: Path) -> None:
    """Nobody takes figures of simulated trips for real ones."""
    update_ingest_section(tmp_path, records=[JANUARY], run_id="first")
    assert report(tmp_path)["simulated"] is False
    assert "note" not in report(tmp_path)
    update_ingest_section(tmp_path, records=[SIMULATED], run_id="second")
    assert report(tmp_path)["simulated"] is True
    assert "Simulated" in report(tmp_path)["note"]


def test_keys_of_another_version_survive(tmp_path: Path) -> None:
    """What this version does not know is written again as it was."""
    update_ingest_section(tmp_path, records=[JANUARY], run_id="first")
    newer = report(tmp_path) | {"watched": {"2023-01": ["fine"]}}
    newer["ingest"]["2023-01"]["publisher"] = "TLC"
    (tmp_path / FILE_NAME).write_text(json.dumps(newer))
    update_training_section(
        tmp_path, training=TRAINING, records=[FEBRUARY], run_id="second"
    )
    document = report(tmp_path)
    assert document["watched"] == newer["watched"]
    assert document["ingest"]["2023-01"] == newer["ingest"]["2023-01"]
    assert document["run_id"] == "second"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b'{"ingest": []}',
        b'{"ingest": {"2023-01": null}}',
        b'{"ingest": {"2023-01": {}}}',
    ],
)
def test_a_damaged_report_is_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    """A report that cannot be read is replaced with a warning."""
    (tmp_path / FILE_NAME).write_bytes(content)
    with caplog.at_level(logging.WARNING):
        update_ingest_section(tmp_path, records=[FEBRUARY], run_id="run")
    assert "is replaced" in caplog.text
    assert list(report(tmp_path)["ingest"]) == ["2023-02"]


def test_header_tells_version_run_and_utc_time() -> None:
    """Every report can be ordered and traced."""
    header = report_header("run", simulated=False)
    written = datetime.fromisoformat(header["timestamp"])
    assert written.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=1)
    assert header["schema_version"] == 1
    assert header["run_id"] == "run"


def test_run_ids_differ_and_carry_the_time() -> None:
    """Two runs of the same second have different names."""
    names = {new_run_id() for _ in range(100)}
    assert len(names) > 95
    stamp = next(iter(names)).partition("-")[0]
    written = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=1)
