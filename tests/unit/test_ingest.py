"""Raw months go into the lake whole, once, or not at all."""

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from taxi_fare.core.errors import (
    DataMissingError,
    DataRefusedError,
    NotPublishedError,
    WrongUsageError,
)
from taxi_fare.core.months import Month, parse_months
from taxi_fare.core.sections import SourceSettings, ValidationSettings
from taxi_fare.core.settings import Settings
from taxi_fare.lake.clean import REJECTED_BY
from taxi_fare.lake.in_folder import FolderLake
from taxi_fare.lake.kinds import column_kinds
from taxi_fare.lake.raw.schema import LAKE_SCHEMA, SIMULATED_KEY
from taxi_fare.lake.record import IngestRecord, record_in
from taxi_fare.lake.write import REJECTED_SCHEMA
from taxi_fare.workflows.ingest import IngestOptions, IngestResult, ingest

JUNE = Month("2023-06")


@dataclass(frozen=True)
class Place:
    """Folders of one test."""

    folder: Path

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    @property
    def report(self) -> Path:
        return self.folder / "reports" / "validation_report.json"

    @property
    def options(self) -> IngestOptions:
        return IngestOptions(
            reports_dir=self.report.parent, raw_dir=self.folder / "downloads"
        )

    def raw_file(self, month: Month) -> Path:
        return self.raw / f"yellow_tripdata_{month}.parquet"

    def month_file(self, month: Month) -> Path:
        return self.lake / month.path / "trips.parquet"

    def rejected_file(self, month: Month) -> Path:
        folder = self.folder / "lake_rejected" / month.path
        return folder / "rejected.parquet"

    def put_raw(
        self, month: Month, *, valid: int = 95, rejected: int = 5
    ) -> None:
        """Write a raw month with so many valid trips and refunds."""
        totals = [10.0] * valid + [-10.0] * rejected
        start = month.start + timedelta(days=3)
        trip: dict[str, Any] = {
            "tpep_pickup_datetime": start,
            "tpep_dropoff_datetime": start + timedelta(minutes=10),
            "trip_distance": 2.0,
            "PULocationID": 1,
            "DOLocationID": 2,
        }
        rows = [trip | {"total_amount": total} for total in totals]
        self.raw.mkdir(exist_ok=True)
        table = pa.Table.from_pylist(rows, schema=LAKE_SCHEMA)
        pq.write_table(table, self.raw_file(month))

    def ingest(
        self, *months: Month, source: str | None = None, **options: Any
    ) -> IngestResult:
        """Ingest with default settings, from the raw folder by default."""
        return ingest(
            months,
            lake=self.lake,
            source=source or str(self.raw),
            options=replace(self.options, **options),
            settings=Settings(),
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Folders with one raw month."""
    place = Place(tmp_path)
    place.put_raw(JUNE)
    return place


def snapshot(folder: Path) -> dict[Path, tuple[int, int, bytes]]:
    """Identity, time and bytes of each file below a folder."""
    return {
        file: (
            file.stat().st_ino,
            file.stat().st_mtime_ns,
            file.read_bytes(),
        )
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_a_month_is_one_file_with_its_record(place: Place) -> None:
    """Valid trips and their origin lie in one file, and nothing else."""
    result = place.ingest(JUNE)
    file = place.month_file(JUNE)
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    assert pq.read_schema(file).equals(LAKE_SCHEMA)
    assert pq.read_metadata(file).num_rows == 95
    digest = hashlib.sha256(place.raw_file(JUNE).read_bytes()).hexdigest()
    record = record_in(pq.read_metadata(file))
    assert record == IngestRecord(
        month="2023-06",
        source=str(place.raw_file(JUNE)),
        source_sha256=digest,
        rules_version=1,
        raw_rows=100,
        valid_rows=95,
        rejected={
            "pickup_missing_or_outside_month": 0,
            "dropoff_missing": 0,
            "location_missing": 0,
            "distance_missing_or_negative": 0,
            "total_missing_or_negative": 5,
            "passenger_count_negative": 0,
        },
        simulated=False,
        columns=column_kinds(pq.read_metadata(place.raw_file(JUNE))),
    )
    (month,) = result.months
    assert (month.status, month.path, month.record) == (
        "written",
        file,
        record,
    )


def test_row_groups_have_statistics(place: Place) -> None:
    """Readers can skip row groups by pickup time."""
    place.ingest(JUNE)
    group = pq.read_metadata(place.month_file(JUNE)).row_group(0)
    assert group.column(1).statistics.has_min_max


def test_result_is_one_json_document(place: Place) -> None:
    """``--json`` holds the header and every month with its counts."""
    document = json.loads(json.dumps(place.ingest(JUNE).to_document()))
    assert {"schema_version", "run_id", "timestamp"} < document.keys()
    assert document["simulated"] is False
    (month,) = document["months"]
    assert month["status"] == "written"
    assert month["path"] == str(place.month_file(JUNE))
    assert (month["raw_rows"], month["valid_rows"]) == (100, 95)


def test_the_same_bytes_change_nothing(place: Place) -> None:
    """A second ingest leaves every file as it was."""
    place.ingest(JUNE, keep_rejected=True)
    before = snapshot(place.folder)
    result = place.ingest(JUNE, keep_rejected=True)
    assert [month.status for month in result.months] == ["unchanged"]
    assert snapshot(place.folder) == before


def test_other_bytes_replace_the_month(place: Place) -> None:
    """A month that was published again is written again."""
    place.ingest(JUNE)
    place.put_raw(JUNE, valid=50)
    (month,) = place.ingest(JUNE).months
    assert month.status == "written"
    assert pq.read_metadata(month.path).num_rows == 50


def test_other_rules_replace_the_month(place: Place) -> None:
    """A month that other rules cleaned is cleaned again."""
    (first,) = place.ingest(JUNE).months
    older = first.record.model_copy(update={"rules_version": 0})
    table = pq.read_table(first.path)
    table = table.replace_schema_metadata(older.to_metadata())
    pq.write_table(table, first.path)
    (second,) = place.ingest(JUNE).months
    assert second.status == "written"
    assert second.record.rules_version == 1


def test_damaged_month_is_written_again(place: Place) -> None:
    """An unreadable month of the lake is healed by an ingest."""
    place.ingest(JUNE)
    whole = place.month_file(JUNE).read_bytes()
    place.month_file(JUNE).write_bytes(whole[:-10])
    (month,) = place.ingest(JUNE).months
    assert month.status == "written"
    assert month.path.read_bytes() == whole


def test_rejected_trips_are_kept_when_asked_for(place: Place) -> None:
    """They lie beside the lake, each with the rule it broke."""
    (month,) = place.ingest(JUNE, keep_rejected=True).months
    assert month.rejected_path == place.rejected_file(JUNE)
    table = pq.read_table(place.rejected_file(JUNE))
    assert table.schema.equals(REJECTED_SCHEMA)
    assert table[REJECTED_BY].to_pylist() == ["total_missing_or_negative"] * 5
    assert set(table["total_amount"].to_pylist()) == {-10.0}


def test_rejected_trips_can_be_asked_for_later(place: Place) -> None:
    """The month itself is left alone."""
    (first,) = place.ingest(JUNE).months
    assert not place.rejected_file(JUNE).exists()
    before = snapshot(place.lake)
    (second,) = place.ingest(JUNE, keep_rejected=True).months
    assert (first.status, second.status) == ("written", "unchanged")
    assert place.rejected_file(JUNE).exists()
    assert snapshot(place.lake) == before


def test_stale_rejected_trips_are_replaced(place: Place) -> None:
    """Rejected trips always belong to the month that is in the lake."""
    place.ingest(JUNE, keep_rejected=True)
    place.put_raw(JUNE, rejected=7)
    place.ingest(JUNE)
    place.ingest(JUNE, keep_rejected=True)
    assert pq.read_metadata(place.rejected_file(JUNE)).num_rows == 7


def test_a_wrong_month_does_not_enter(place: Place) -> None:
    """July's trips under June's name are refused, with the counts."""
    place.put_raw(Month("2023-07"))
    place.ingest(JUNE)
    before = snapshot(place.lake)
    place.raw_file(Month("2023-07")).rename(place.raw_file(JUNE))
    with pytest.raises(DataRefusedError) as caught:
        place.ingest(JUNE)
    assert "0 of 100 trips (0.0%)" in str(caught.value)
    assert "pickup_missing_or_outside_month 100" in str(caught.value)
    assert snapshot(place.lake) == before


def test_a_refused_month_leaves_no_folder(place: Place) -> None:
    """An empty month folder would look like a month that lost its file."""
    place.put_raw(JUNE, valid=1, rejected=99)
    with pytest.raises(DataRefusedError):
        place.ingest(JUNE)
    assert not place.month_file(JUNE).parent.exists()


@pytest.mark.parametrize(
    ("valid", "outcome"),
    [(79, "refused"), (80, "warned"), (89, "warned"), (90, "silent")],
)
def test_retention_limits(
    place: Place,
    caplog: pytest.LogCaptureFixture,
    valid: int,
    outcome: str,
) -> None:
    """Under 0.80 refuses, under 0.90 warns; the limits are allowed."""
    place.put_raw(JUNE, valid=valid, rejected=100 - valid)
    with caplog.at_level(logging.WARNING):
        if outcome == "refused":
            with pytest.raises(DataRefusedError, match="at least 80%"):
                place.ingest(JUNE)
        else:
            place.ingest(JUNE)
    assert (outcome == "warned") == ("are valid; rejected" in caplog.text)


def test_a_month_without_valid_trips_is_refused(place: Place) -> None:
    """Whatever the limits are: nothing can be trained on it."""
    place.put_raw(JUNE, valid=0)
    settings = Settings(
        validation=ValidationSettings(retention_min=0, retention_warn=0)
    )
    with pytest.raises(DataRefusedError, match="0 of 5 trips"):
        ingest(
            [JUNE],
            lake=place.lake,
            source=str(place.raw),
            options=place.options,
            settings=settings,
        )


@pytest.mark.parametrize("name", ["part-0.parquet", "trips.parquet"])
def test_files_of_others_are_not_touched(place: Place, name: str) -> None:
    """A month that another program wrote is refused before any work."""
    folder = place.month_file(JUNE).parent
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"a": [1]}), folder / name)
    before = snapshot(place.lake)
    with pytest.raises(DataRefusedError, match=f"{name}[^$]*move them away"):
        place.ingest(JUNE)
    assert snapshot(place.lake) == before


def test_a_missing_raw_month_tells_what_is_there(place: Place) -> None:
    """Exit 3 with the months of the folder; it may come yet."""
    place.put_raw(Month("2023-05"))
    with pytest.raises(NotPublishedError, match="there: 2023-05, 2023-06"):
        place.ingest(Month("2023-07"))


def test_a_hole_in_a_folder_is_no_late_month(place: Place) -> None:
    """Months come in order: with a later one there, it will not come."""
    with pytest.raises(DataMissingError, match="2023-05 is not in") as caught:
        place.ingest(Month("2023-05"))
    assert not isinstance(caught.value, NotPublishedError)


@pytest.mark.parametrize(
    "source", ["nowhere", "ftp://example.org/x", "http://", "http://x:port"]
)
def test_an_impossible_source_is_wrong_usage(
    place: Place, source: str
) -> None:
    """Neither a folder nor an address: exit 2."""
    with pytest.raises(WrongUsageError, match="cannot come from"):
        place.ingest(JUNE, source=source)


def test_earlier_months_stay_when_one_fails(place: Place) -> None:
    """The error tells where it stopped, and the report has the rest."""
    april, may = Month("2023-04"), Month("2023-05")
    place.put_raw(april)
    place.put_raw(may)
    place.raw_file(may).write_bytes(b"PAR1 and no more")
    with pytest.raises(DataRefusedError) as caught:
        place.ingest(april, may, JUNE)
    first = str(caught.value).splitlines()[0]
    assert first == (
        "The ingest stopped at 2023-05. Months done before it: 2023-04."
    )
    assert "What to do:" in str(caught.value)
    assert place.month_file(april).exists()
    assert not place.month_file(JUNE).exists()
    assert list(json.loads(place.report.read_text())["ingest"]) == ["2023-04"]


def test_simulated_trips_are_marked(place: Place) -> None:
    """The mark goes from the raw file to the lake and the reports."""
    table = pq.read_table(place.raw_file(JUNE))
    table = table.replace_schema_metadata({SIMULATED_KEY: b"true"})
    pq.write_table(table, place.raw_file(JUNE))
    result = place.ingest(JUNE)
    record = record_in(pq.read_metadata(place.month_file(JUNE)))
    assert record is not None
    assert record.simulated
    assert result.to_document()["simulated"]
    report = json.loads(place.report.read_text())
    assert report["simulated"]
    assert report["ingest"]["2023-06"]["simulated"]
    assert "note" in report


def test_lake_may_be_the_working_directory(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lake named ``.`` has rejected trips beside it, too."""
    place.lake.mkdir()
    monkeypatch.chdir(place.lake)
    here = replace(place.options, keep_rejected=True)
    ingest(
        [JUNE],
        lake=Path(),
        source=str(place.raw),
        options=here,
        settings=Settings(),
    )
    assert place.month_file(JUNE).exists()
    assert place.rejected_file(JUNE).exists()


KILLED = """\
import sys, time
from pathlib import Path
import pyarrow.parquet as pq
from taxi_fare.core.months import Month
from taxi_fare.lake.clean import clean
from taxi_fare.lake.in_folder import FolderLake
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.lake.write import Origin, write_month
from taxi_fare.validation.rules import ingest_rules

def parts(month, raw):
    batch = pq.read_table(raw).to_batches()[0]
    yield clean(batch, month=month, rules=ingest_rules(ValidationSettings()))
    print("half", flush=True)
    time.sleep(60)

month, file, raw = Month(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
origin = Origin(month, "test", "0" * 64, False, 1, {})
file = FolderLake(file.parent).path(file.name)
write_month(
    file, parts=parts(month, raw), origin=origin, accept=lambda _: None
)
"""


def test_a_killed_writer_leaves_the_old_month(place: Place) -> None:
    """SIGKILL in the middle: the old file is whole, and can be replaced."""
    place.ingest(JUNE)
    file = place.month_file(JUNE)
    old = file.read_bytes()
    arguments = [str(JUNE), str(file), str(place.raw_file(JUNE))]
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, *arguments],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"half\n"
        writer.kill()
    assert file.read_bytes() == old
    assert [each.name for each in file.parent.glob("*.parquet")] == [file.name]
    assert len(list(file.parent.glob(".*.tmp"))) == 1
    # Though there is nothing to write: its own leftovers go all the same.
    assert place.ingest(JUNE).months[0].status == "unchanged"
    assert list(file.parent.iterdir()) == [file]


def test_an_ingest_leaves_another_living_one_alone(place: Place) -> None:
    """Only what nobody holds is a leftover."""
    file = place.month_file(JUNE)
    with FolderLake(place.lake).path(f"{JUNE.path}/{file.name}").replacing():
        (held,) = file.parent.glob(".*.tmp")
        place.ingest(JUNE)
        assert held.exists()
        held.write_bytes(file.read_bytes())
    assert list(file.parent.iterdir()) == [file]


@pytest.fixture
def server(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The raw folder behind an HTTP address."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    handler = partial(Handler, directory=place.raw)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_months_come_from_an_address(place: Place, server: str) -> None:
    """A trailing slash does not matter; the copy is kept and used again."""
    (first,) = place.ingest(JUNE, source=f"{server}/").months
    copy = place.folder / "downloads" / place.raw_file(JUNE).name
    assert copy.read_bytes() == place.raw_file(JUNE).read_bytes()
    assert first.record.source == f"{server}/{copy.name}"
    before = snapshot(place.folder)
    (second,) = place.ingest(JUNE, source=server).months
    assert (first.status, second.status) == ("written", "unchanged")
    assert snapshot(place.folder) == before


def test_the_default_address_is_a_setting(place: Place, server: str) -> None:
    """Without a source the settings' address is asked."""
    settings = Settings(source=SourceSettings(url=server))
    result = ingest(
        [JUNE],
        lake=place.lake,
        source=None,
        options=place.options,
        settings=settings,
    )
    assert result.months[0].record.source.startswith(server)


def test_an_unpublished_month_is_missing(place: Place, server: str) -> None:
    """A 404 of the server names the month."""
    with pytest.raises(NotPublishedError, match="2023-07 is not published"):
        place.ingest(Month("2023-07"), source=server)


def test_real_months_enter_the_lake(real_months: Path, tmp_path: Path) -> None:
    """The twelve months of 2019: each trip is valid or has its reason."""
    place = Place(tmp_path)
    months = parse_months("2019-01..2019-12")
    result = place.ingest(*months, source=str(real_months), keep_rejected=True)
    for ingested in result.months:
        month, record = ingested.month, ingested.record
        raw = pq.read_table(real_months / f"yellow_tripdata_{month}.parquet")
        trips = pq.read_table(ingested.path)
        rejected = pq.read_table(place.rejected_file(month))
        assert record.raw_rows == raw.num_rows == 10_000
        assert record.valid_rows == trips.num_rows
        assert sum(record.rejected.values()) == rejected.num_rows > 0
        assert trips.num_rows + rejected.num_rows == raw.num_rows
        assert trips.schema.equals(LAKE_SCHEMA)
        refunds = pc.sum(pc.less(raw["total_amount"], 0)).as_py()
        assert record.rejected["total_missing_or_negative"] <= refunds
        pickups = pc.min_max(trips["tpep_pickup_datetime"]).as_py()
        assert month.start <= pickups["min"] <= pickups["max"] < month.end


def test_a_copied_month_is_refused(place: Place) -> None:
    """A copy in the month's folder would count each trip twice."""
    place.ingest(JUNE)
    file = place.month_file(JUNE)
    shutil.copy(file, file.with_name("trips (1).parquet"))
    with pytest.raises(DataRefusedError, match=r"trips \(1\)\.parquet"):
        place.ingest(JUNE)


def test_wall_clock_reaches_the_lake(place: Place) -> None:
    """Times are stored without a zone, as the TLC publishes them."""
    place.ingest(JUNE)
    pickups = pq.read_table(place.month_file(JUNE))["tpep_pickup_datetime"]
    assert pickups[0].as_py() == datetime(2023, 6, 4)
