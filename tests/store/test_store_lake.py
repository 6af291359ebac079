"""A lake in an S3 store, on two kinds of real servers."""

import io
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import obstore
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taxi_fare.core.errors import DataRefusedError, TemporaryError
from taxi_fare.core.months import Month, parse_months
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import read_catalog, require_unchanged
from taxi_fare.lake.in_store import StoreLake
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.place import lake_place
from taxi_fare.lake.simulated.month import simulate_month
from taxi_fare.workflows.ingest import IngestOptions, IngestResult, ingest

MONTHS = parse_months("2023-01..2023-03")
JANUARY = MONTHS[0]


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw simulated months."""
    folder = tmp_path_factory.mktemp("raw")
    for month in MONTHS:
        file = folder / f"yellow_tripdata_{month}.parquet"
        simulate_month(file, month=month, trips=500, seed=3)
    return folder


@pytest.fixture
def lake(bucket: str, store_settings: Settings) -> StoreLake:
    """An empty lake below a prefix."""
    lake = lake_place(f"s3a://{bucket}/yellow", store_settings)
    assert isinstance(lake, StoreLake)
    return lake


@pytest.fixture
def filled(lake: StoreLake, raw: Path, tmp_path: Path) -> StoreLake:
    """A lake with three months."""
    _ingest(lake, raw, tmp_path)
    return lake


def _ingest(
    lake: StoreLake,
    raw: Path,
    home: Path,
    *,
    months: Sequence[Month] = MONTHS,
    keep_rejected: bool = False,
) -> IngestResult:
    options = IngestOptions(
        keep_rejected=keep_rejected,
        reports_dir=home / "reports",
        raw_dir=home / "downloads",
    )
    return ingest(
        months,
        lake=lake,
        source=str(raw),
        options=options,
        settings=lake.settings,
    )


def _parquet(rows: int, **options: Any) -> bytes:
    stream = io.BytesIO()
    table = pa.table({"VendorID": list(range(rows))})
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def _month(lake: StoreLake, month: Month = JANUARY) -> LakeMonth:
    return read_catalog(lake).months[month]


def test_months_are_written_and_found(
    filled: StoreLake, raw: Path, tmp_path: Path
) -> None:
    """The months of a store are those of a folder, column by column."""
    local = tmp_path / "local"
    _ingest_locally(local, raw, tmp_path, filled.settings)
    theirs, ours = read_catalog(filled).months, read_catalog(local).months
    assert list(theirs) == list(ours) == MONTHS
    for month in MONTHS:
        assert theirs[month].rows == ours[month].rows
        assert theirs[month].columns == ours[month].columns
        assert theirs[month].record == ours[month].record
        assert theirs[month].simulated
        assert theirs[month].paths == (f"{filled}/{month.path}/trips.parquet",)


def _ingest_locally(
    lake: Path, raw: Path, home: Path, settings: Settings
) -> None:
    options = IngestOptions(reports_dir=home / "r", raw_dir=home / "d")
    ingest(
        MONTHS, lake=lake, source=str(raw), options=options, settings=settings
    )


def test_a_second_ingest_changes_nothing(
    filled: StoreLake, raw: Path, tmp_path: Path
) -> None:
    """Same bytes, same rules: no object is written."""
    before = list(obstore.list(filled.store).collect())
    result = _ingest(filled, raw, tmp_path)
    assert {each.status for each in result.months} == {"unchanged"}
    assert list(obstore.list(filled.store).collect()) == before


def test_months_are_found_with_one_listing(
    filled: StoreLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One listing whatever the number of months, one range for each file."""
    calls = {"list": 0, "get": 0}
    for name in calls:
        real = getattr(obstore, name)

        def counted(
            *args: Any, name: str = name, real: Any = real, **options: Any
        ) -> Any:
            calls[name] += 1
            return real(*args, **options)

        monkeypatch.setattr(obstore, name, counted)
    months = read_catalog(filled).months
    assert calls == {"list": 1, "get": len(MONTHS)}
    assert len({each.fingerprint() for each in months.values()}) == 3
    assert calls == {"list": 1, "get": len(MONTHS)}


def test_a_fingerprint_is_that_of_the_bytes(
    filled: StoreLake, raw: Path, tmp_path: Path
) -> None:
    """Reading again keeps it; another content changes it."""
    before = _month(filled).fingerprint()
    assert _month(filled).fingerprint() == before
    changed = tmp_path / "changed"
    changed.mkdir()
    file = changed / f"yellow_tripdata_{JANUARY}.parquet"
    simulate_month(file, month=JANUARY, trips=500, seed=4)
    _ingest(filled, changed, tmp_path, months=[JANUARY])
    assert _month(filled).fingerprint() != before


def test_months_of_other_programs_are_read_and_not_overwritten(
    lake: StoreLake, raw: Path, tmp_path: Path
) -> None:
    """Several files, hidden names, markers, other keys."""
    for key, content in {
        "2023/01/part-00000.parquet": _parquet(3),
        "2023/01/part-00001.parquet": _parquet(4),
        "2023/01/_SUCCESS": b"",
        "2023/01/.hidden.parquet": b"",
        "2023/02/_SUCCESS": b"",
        "2023/03/trips.parquet/part-00000.parquet": _parquet(1),
        "2023/13/trips.parquet": _parquet(1),
        "readme.txt": b"",
    }.items():
        obstore.put(lake.store, key, content)
    catalog = read_catalog(lake)
    assert list(catalog.months) == [JANUARY, MONTHS[2]]
    assert catalog.months[JANUARY].rows == 7
    assert catalog.months[MONTHS[2]].rows == 1
    assert [file.name for file in catalog.months[JANUARY].files] == [
        "part-00000.parquet",
        "part-00001.parquet",
    ]
    reason = "no parquet file in its folder"
    assert catalog.unreadable == {MONTHS[1]: reason}
    for month, name in ((MONTHS[0], "part-00000"), (MONTHS[2], "trips")):
        with pytest.raises(DataRefusedError, match=f"program: {name}"):
            _ingest(lake, raw, tmp_path, months=[month])


def test_footers_of_any_length_are_read(lake: StoreLake) -> None:
    """One longer than the first request, an empty file, and rubbish."""
    long = _parquet(3_000, row_group_size=1)
    assert int.from_bytes(long[-8:-4], "little") > 1 << 16
    obstore.put(lake.store, "2023/01/long.parquet", long)
    obstore.put(lake.store, "2023/02/empty.parquet", b"")
    obstore.put(lake.store, "2023/03/rubbish.parquet", b"\xff" * 100)
    catalog = read_catalog(lake)
    assert catalog.months[JANUARY].rows == 3_000
    assert list(catalog.unreadable) == MONTHS[1:]
    for reason in catalog.unreadable.values():
        assert "is not readable" in reason


def test_rejected_trips_lie_beside_the_lake(
    lake: StoreLake, raw: Path, tmp_path: Path, bucket: str
) -> None:
    """Readers of the lake do not see them."""
    result = _ingest(lake, raw, tmp_path, keep_rejected=True)
    path = str(result.months[0].rejected_path)
    assert path == (f"s3a://{bucket}/yellow_rejected/2023/01/rejected.parquet")
    assert list(read_catalog(lake).months) == MONTHS
    beside = read_catalog(lake.beside("_rejected"))
    rejected = sum(result.months[0].record.rejected.values())
    assert beside.months[JANUARY].rows == rejected


def test_a_refused_month_leaves_no_object(
    lake: StoreLake, tmp_path: Path, raw: Path
) -> None:
    """Too few valid trips: nothing is uploaded, not even a folder."""
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    shutil.copy(
        raw / f"yellow_tripdata_{MONTHS[1]}.parquet",
        wrong / f"yellow_tripdata_{JANUARY}.parquet",
    )
    with pytest.raises(DataRefusedError, match="are valid"):
        _ingest(lake, wrong, tmp_path, months=[JANUARY])
    assert lake.files() == []


def test_a_run_notices_that_its_month_was_removed_or_replaced(
    filled: StoreLake,
) -> None:
    """By one listing at its end, whatever it has read."""
    months = [_month(filled, each) for each in MONTHS]
    require_unchanged(months)
    obstore.put(filled.store, "2023/02/trips.parquet", _parquet(1))
    obstore.delete(filled.store, "2023/03/trips.parquet")
    with pytest.raises(TemporaryError, match="2023-02, 2023-03"):
        require_unchanged(months)
    require_unchanged(months[:1])


@pytest.fixture
def versions(tmp_path: Path) -> Iterator[dict[int, Path]]:
    """Two versions of a month, too large for a single request, by rows."""
    random = np.random.default_rng(1)
    files = {}
    for rows in (900_000, 1_100_000):
        file = tmp_path / f"{rows}.parquet"
        table = pa.table({"total_amount": random.random(rows)})
        pq.write_table(table, file, row_group_size=100_000)
        assert file.stat().st_size > 5 * 1024 * 1024
        files[rows] = file
    yield files


def test_readers_see_the_old_month_or_the_new_one(
    lake: StoreLake, versions: dict[int, Path]
) -> None:
    """While a writer replaces it again and again, none is ever half."""
    path = lake.path(f"{JANUARY.path}/trips.parquet")

    def replace(rows: int) -> None:
        with path.replacing() as temporary:
            shutil.copy(versions[rows], temporary)

    replace(900_000)
    ended = threading.Event()

    def write() -> None:
        try:
            for _ in range(6):
                for rows in versions:
                    replace(rows)
        finally:
            ended.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    while not ended.is_set():
        seen.append(_month(lake).rows)
        whole = bytes(obstore.get(lake.store, path.key).bytes())
        assert whole in {file.read_bytes() for file in versions.values()}
    writer.join()
    assert set(seen) <= set(versions)
    assert len(set(seen)) == 2


# Replaces a month until it is killed.
WRITER = """
import shutil, sys
from taxi_fare.core.settings import load_settings
from taxi_fare.lake.place import lake_place
path = lake_place(sys.argv[1], load_settings()).path(sys.argv[2])
while True:
    for file in sys.argv[3:]:
        with path.replacing() as temporary:
            shutil.copy(file, temporary)
        print(file, flush=True)
"""


def test_a_killed_writer_leaves_a_whole_month(
    lake: StoreLake, versions: dict[int, Path]
) -> None:
    """Killed at six moments of its uploads, each a bit later."""
    key = f"{JANUARY.path}/trips.parquet"
    whole = {file.read_bytes() for file in versions.values()}
    files = map(str, versions.values())
    command = [sys.executable, "-c", WRITER, str(lake), key, *files]
    for moment in range(6):
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(moment / 50)
            writer.kill()
        assert bytes(obstore.get(lake.store, key).bytes()) in whole
        assert [file.key for file in lake.files()] == [key]
