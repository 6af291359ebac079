"""Which months a lake holds."""

import json
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.place import lake_place
from taxi_fare.lake.record import METADATA_KEY, IngestRecord
from taxi_fare.run.window import find_months

TRIPS = pa.table({"VendorID": [1, 2], "total_amount": [10.0, 20.0]})


RECORD = IngestRecord(
    month="2023-02",
    source="raw",
    source_sha256="0" * 64,
    rules_version=1,
    raw_rows=3,
    valid_rows=2,
    rejected={"distance_missing_or_negative": 1},
    simulated=True,
)


def _with_record(content: bytes) -> pa.Table:
    return TRIPS.replace_schema_metadata({METADATA_KEY: content})


def _write(lake: Path, month: str, table: pa.Table = TRIPS) -> Path:
    path = lake / month / "trips.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(table, path)
    return path


def test_a_missing_lake_is_an_empty_one(tmp_path: Path) -> None:
    """No folder, no months, no error."""
    catalog = read_catalog(tmp_path / "nowhere")
    assert (catalog.months, catalog.unreadable) == ({}, {})


def test_months_are_found_with_rows_and_columns(tmp_path: Path) -> None:
    """Only YYYY/MM folders of real months count."""
    _write(tmp_path, "2023/02")
    _write(tmp_path, "2023/13")
    _write(tmp_path, "other/01")
    found = read_catalog(tmp_path).months
    assert list(found) == [Month("2023-02")]
    month = found[Month("2023-02")]
    assert (month.rows, month.simulated, month.record) == (2, False, None)
    assert month.columns == ("VendorID", "total_amount")


def test_a_month_remembers_that_it_is_simulated(tmp_path: Path) -> None:
    """The mark is read from the footer of the file."""
    table = TRIPS.replace_schema_metadata(RECORD.to_metadata())
    _write(tmp_path, "2023/02", table)
    month = read_catalog(tmp_path).months[Month("2023-02")]
    assert month.record == RECORD
    assert month.simulated


def test_a_record_of_a_newer_version_is_read(tmp_path: Path) -> None:
    """Keys that this version does not know are kept, at every depth."""
    newer = RECORD.to_document() | {"publisher": {"name": "TLC"}}
    _write(tmp_path, "2023/02", _with_record(json.dumps(newer).encode()))
    found = read_catalog(tmp_path)
    record = found.months[Month("2023-02")].record
    assert record is not None
    assert record.to_document() == newer
    assert found.unreadable == {}


@pytest.mark.parametrize(
    "key",
    [
        x
        for x, field in IngestRecord.model_fields.items()
        if field.is_required()
    ],
)
@pytest.mark.parametrize("value", ["missing", None, [], {"a": 1}])
def test_a_record_that_lacks_something_is_a_reason(
    tmp_path: Path, key: str, value: object
) -> None:
    """One month is unreadable, the others are there: no traceback."""
    record = RECORD.to_document() | {key: value}
    if value == "missing":
        del record[key]
    if key == "rejected" and value == {"a": 1}:
        record[key] = {"a": "many"}
    _write(tmp_path, "2023/02", _with_record(json.dumps(record).encode()))
    _write(tmp_path, "2023/03")
    found = read_catalog(tmp_path)
    assert list(found.months) == [Month("2023-03")]
    reason = found.unreadable[Month("2023-02")]
    assert reason.startswith("trips.parquet: its record (taxi_fare.ingest)")
    assert key in reason


def test_columns_that_are_no_columns_are_a_reason(tmp_path: Path) -> None:
    """A record of an older release has none; a damaged one is told."""
    old = RECORD.to_document()
    _write(tmp_path, "2023/02", _with_record(json.dumps(old).encode()))
    bad = old | {"columns": ["fee"]}
    _write(tmp_path, "2023/03", _with_record(json.dumps(bad).encode()))
    found = read_catalog(tmp_path)
    assert found.months[Month("2023-02")].published is None
    assert "columns" in found.unreadable[Month("2023-03")]


def test_columns_are_those_that_were_published(tmp_path: Path) -> None:
    """Of the record, or of another program's files, whatever their case."""
    columns = {"cbd_congestion_fee": ("number",)}
    record = RECORD.model_copy(update={"columns": columns})
    _write(
        tmp_path,
        "2023/02",
        TRIPS.replace_schema_metadata(record.to_metadata()),
    )
    fee = TRIPS.append_column("Ehail_Fee", pa.nulls(TRIPS.num_rows))
    _write(tmp_path, "2023/03", fee)
    months = read_catalog(tmp_path).months
    assert months[Month("2023-02")].published == columns
    found = months[Month("2023-03")].published
    assert found is not None
    assert found["ehail_fee"] == ("null",)
    assert {*found} == {name.lower() for name in fee.schema.names}


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b"3", b"null", b"\xff\xfe", b'{"month": NaN}']
)
def test_a_record_that_is_no_document_is_a_reason(
    tmp_path: Path, content: bytes
) -> None:
    """Broken JSON, or no object."""
    _write(tmp_path, "2023/02", _with_record(content))
    found = read_catalog(tmp_path)
    assert found.months == {}
    assert "is damaged" in found.unreadable[Month("2023-02")]


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, -1])
def test_a_truncated_month_is_unreadable_with_the_reason(
    tmp_path: Path, kept: float
) -> None:
    """Cut anywhere, the file is named and the others stay readable."""
    _write(tmp_path, "2023/01")
    path = _write(tmp_path, "2023/02")
    content = path.read_bytes()
    end = int(kept * len(content)) if kept == 0.5 else int(kept)
    path.write_bytes(content[:end])
    catalog = read_catalog(tmp_path)
    assert list(catalog.months) == [Month("2023-01")]
    reason = catalog.unreadable[Month("2023-02")]
    assert "trips.parquet is not readable" in reason


def test_empty_folders_and_files_without_trips_are_unreadable(
    tmp_path: Path,
) -> None:
    """Each says what is wrong."""
    (tmp_path / "2023" / "01").mkdir(parents=True)
    (tmp_path / "2023" / "01" / "_SUCCESS").touch()
    _write(tmp_path, "2023/02", TRIPS.slice(0, 0))
    assert read_catalog(tmp_path).unreadable == {
        Month("2023-01"): "no parquet file in its folder",
        Month("2023-02"): "no trip in its parquet files",
    }


def test_hidden_files_do_not_count(tmp_path: Path) -> None:
    """What Spark passes over is passed over here too."""
    path = _write(tmp_path, "2023/01")
    path.with_name(".trips.parquet.tmp.parquet").write_bytes(b"half")
    path.with_name("_old.parquet").write_bytes(b"half")
    found = read_catalog(tmp_path).months[Month("2023-01")].files
    assert tuple(file.location for file in found) == (path,)


def test_fingerprint_follows_the_content(tmp_path: Path) -> None:
    """Touching or copying changes nothing, another trip does."""
    path = _write(tmp_path / "a", "2023/01")
    other = _write(tmp_path / "b", "2023/01", TRIPS.slice(0, 1))

    def fingerprint(lake: str) -> str:
        catalog = read_catalog(tmp_path / lake)
        return catalog.months[Month("2023-01")].fingerprint()

    before = fingerprint("a")
    path.touch()
    assert fingerprint("a") == before
    assert fingerprint("b") != before
    other.write_bytes(path.read_bytes())
    assert fingerprint("b") == before


def test_a_fingerprint_is_the_hash_of_the_hashes_of_the_files(
    tmp_path: Path,
) -> None:
    """Run keys of older releases hold it: it must never change."""
    first = _write(tmp_path, "2023/01")
    second = first.with_name("zones.parquet")
    pq.write_table(TRIPS.slice(1), second)
    month = read_catalog(tmp_path).months[Month("2023-01")]
    told = "".join(
        sha256(each.read_bytes()).hexdigest() for each in (first, second)
    )
    assert month.fingerprint() == sha256(told.encode()).hexdigest()


def test_spark_is_given_full_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its JVM may have been started in another folder."""
    path = _write(tmp_path / "lake", "2023/01")
    monkeypatch.chdir(tmp_path)
    month = read_catalog(Path("lake")).months[Month("2023-01")]
    assert month.paths == (str(path),)
    assert [str(file) for file in month.files] == [
        "lake/2023/01/trips.parquet"
    ]


def test_a_path_and_an_address_name_the_same_lake(tmp_path: Path) -> None:
    """Who has a plain path need not ask for a lake first."""
    _write(tmp_path, "2023/01")
    settings = Settings()
    for address in (str(tmp_path), f"file://{tmp_path}"):
        lake = lake_place(address, settings)
        assert read_catalog(lake) == read_catalog(tmp_path)


def test_a_folder_with_the_name_of_a_file_is_unreadable(
    tmp_path: Path,
) -> None:
    """What Spark would read of it is not guessed."""
    path = _write(tmp_path, "2023/01")
    path.with_name("more.parquet").mkdir()
    reason = read_catalog(tmp_path).unreadable[Month("2023-01")]
    assert "more.parquet is not readable" in reason


def test_the_latest_month_that_cannot_be_read_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where no month was asked for, another one is not taken in silence."""
    _write(tmp_path, "2023/02")
    _write(tmp_path, "2023/03").write_bytes(b"no parquet")
    found = find_months(tmp_path, months=[], needed=())
    assert [str(each.month) for each in found] == ["2023-02"]
    assert "Month 2023-03 is left out: trips.parquet" in caplog.text
    caplog.clear()
    find_months(tmp_path, months=[Month("2023-02")], needed=())
    assert not caplog.text
