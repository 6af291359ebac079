"""What lies in a lake: read, or said what it is and how to bring it in."""

import os
import shlex
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taxi_fare.core.errors import (
    DataMissingError,
    DataRefusedError,
    EnvironmentLackError,
    TemporaryError,
)
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import (
    one_snapshot,
    read_catalog,
    require_unchanged,
)
from taxi_fare.lake.in_folder import FolderLake
from taxi_fare.lake.layout import months_in
from taxi_fare.run.window import WindowRequest, find_months, find_window

FEBRUARY = Month("2023-02")
TRIPS = pa.table({"VendorID": [1, 2], "total_amount": [10.0, 20.0]})


def _write(file: Path, table: pa.Table = TRIPS) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file)
    return file


def _lake(root: Path, *names: str) -> Path:
    """Make files; what is named .parquet holds two trips."""
    for name in names:
        if name.endswith("/"):
            (root / name).mkdir(parents=True)
        elif name.lower().endswith(".parquet"):
            _write(root / name)
        else:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(b"something")
    return root


@pytest.mark.parametrize(
    "names",
    [
        ["2023/02/trips.parquet"],
        ["2023/02/TRIPS.PARQUET"],
        ["2023/02/a.snappy.parquet", "2023/02/b.parquet", "2023/02/c.csv"],
        [
            "2023/02/trips.parquet/part-0.parquet",
            "2023/02/trips.parquet/_SUCCESS",
        ],
        [
            "2023/02/trips.parquet/part-0.parquet",
            "2023/02/trips.parquet/part-1.parquet",
            "2023/02/trips.parquet/.part-0.parquet.crc",
            "2023/02/_SUCCESS",
        ],
        ["2023/02/trips.parquet", "year=2023/month=2/part-0.parquet"],
        [
            "2023/02/trips.parquet",
            "2023/02/_old.parquet",
            "2023/02/.x/y.parquet",
        ],
    ],
)
def test_a_month_of_files_or_of_one_folder_of_parts_is_read(
    names: list[str], tmp_path: Path
) -> None:
    """Every part of the one table, and nothing hidden."""
    catalog = read_catalog(_lake(tmp_path, *names))
    parts = [
        name
        for name in names
        if name.lower().endswith(".parquet")
        and name.startswith("2023/")
        and "/." not in name
        and "/_" not in name
    ]
    month = catalog.months[FEBRUARY]
    assert [file.key for file in month.files] == sorted(parts)
    assert month.rows == 2 * len(parts)
    assert catalog.unreadable == {}


ELSEWHERE = [
    "year=2023/month=2/part-0.parquet",
    "year=2023/month=02/part-0.snappy.parquet",
    "puYear=2023/puMonth=2/part-00000-tid-1.c000.snappy.parquet",
    "2023-02/trips.parquet",
    "2023_02/trips.parquet",
    "202302/trips.parquet",
    "2023/2/trips.parquet",
    "2023/02.parquet",
    "2023/02.parquet/part-0.parquet",
    "month=2023-02/part-0.parquet",
    "yellow_tripdata_2023-02.parquet",
    "Yellow_Tripdata_2023-02.PARQUET",
    "yellow_tripdata_2023-02.parquet/part-0.parquet",
    "2023/yellow_tripdata_2023-02.parquet",
]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_month_that_lies_elsewhere_is_said_with_the_command(
    name: str, tmp_path: Path
) -> None:
    """Where it is, and what brings it in; the same words at every command."""
    lake = _lake(tmp_path / "my lake", name)
    reason = read_catalog(lake).unreadable[FEBRUARY]
    place = reason.removeprefix("its trips lie in ").split(";")[0]
    assert name == place or name.startswith(f"{place}/")
    command = (
        f"taxi-fare ingest --months 2023-02 --source {shlex.quote(str(lake))}"
    )
    assert f"`{command}`" in reason
    settings = Settings()
    with pytest.raises(DataMissingError) as caught:
        find_months(lake, months=[FEBRUARY])
    assert reason in str(caught.value)
    window = WindowRequest(lake, test_month=FEBRUARY)
    with pytest.raises(DataMissingError) as caught:
        find_window(window, settings)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["2023/02/"], "no parquet file in its folder"),
        (["2023/02/_SUCCESS"], "no parquet file in its folder"),
        (["2023/02/trips.csv"], "but trips.csv"),
        (["2023/02/trips.parquet.gz"], "but trips.parquet.gz"),
        (["2023/02/part-00000"], "but part-00000"),
        (
            ["2023/02/_a.parquet", "2023/02/.b.parquet"],
            "but .b.parquet, _a.parq",
        ),
        ([f"2023/02/{n}.csv" for n in range(9)], "2.csv, 6 more"),
        (["2023/02"], "2023/02 is a file"),
        (
            ["yellow_tripdata_2023-02.csv"],
            "yellow_tripdata_2023-02.csv is a file",
        ),
        (["2023/02/day=1/a.parquet"], "lie deeper, in day=1"),
        (["2023/02/a/b.parquet/c.parquet"], "lie deeper, in a/b.parquet"),
        (
            ["2023/02/15/a.parquet", "2023/02/16/a.parquet"],
            "more than one place",
        ),
        (
            ["2023/02/a.parquet", "2023/02/b.parquet/c.parquet"],
            "more than one",
        ),
        (
            ["2023/02/a.parquet/b.parquet", "2023/02/c.parquet/d.parquet"],
            "one pl",
        ),
        (
            [
                "2023/02/a.parquet/p.parquet",
                "2023/02/a.parquet/_temporary/0/x",
            ],
            "_tem",
        ),
        (["2023/02/p.parquet", "2023/02/_temporary/0/x"], "not finished"),
        (["yellow/2023/02/a.parquet"], "--data-base-path"),
    ],
)
def test_what_is_no_month_is_said(
    names: list[str], words: str, tmp_path: Path
) -> None:
    """By name, so that the reader finds it."""
    catalog = read_catalog(_lake(tmp_path, *names))
    assert catalog.months == {}
    assert words in catalog.unreadable[FEBRUARY]


def _dangling(folder: Path) -> None:
    (folder / "trips.parquet").symlink_to(folder / "nowhere.parquet")


def _loop(folder: Path) -> None:
    (folder / "trips.parquet").symlink_to(folder / "trips.parquet")


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "trips.parquet")


def _empty_folder(folder: Path) -> None:
    _write(folder / "a.parquet")
    (folder / "b.parquet").mkdir()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_dangling, "a link: No such file or directory"),
        (_loop, "a link: "),
        (_pipe, "no regular file"),
        (_empty_folder, "b.parquet"),
    ],
)
def test_what_cannot_be_opened_is_said_and_not_waited_for(
    make: Callable[[Path], None], words: str, tmp_path: Path
) -> None:
    """A pipe would never end."""
    folder = tmp_path / "2023" / "02"
    folder.mkdir(parents=True)
    make(folder)
    catalog = read_catalog(tmp_path)
    assert catalog.months == {}
    assert words in catalog.unreadable[FEBRUARY]


def test_links_to_files_and_folders_are_followed(tmp_path: Path) -> None:
    """As Spark follows them."""
    file = _write(tmp_path / "disk" / "a.parquet")
    lake = tmp_path / "lake"
    (lake / "2023").mkdir(parents=True)
    (lake / "2023" / "02").symlink_to(file.parent)
    (lake / "2023" / "03").mkdir()
    (lake / "2023" / "03" / "b.parquet").symlink_to(file)
    (lake / "2023" / "up").symlink_to(lake)
    assert list(read_catalog(lake).months) == [FEBRUARY, FEBRUARY.plus(1)]


@pytest.mark.parametrize("place", ["", "2023", "2023/02"])
def test_a_folder_that_may_not_be_listed_is_said(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not called missing: the trips are there."""
    lake = _lake(tmp_path, "2023/02/trips.parquet")
    scan = os.scandir

    def refuse(folder: Path) -> object:
        """Refuse one folder, as the system does for another user's."""
        if Path(folder) == lake / place:
            raise PermissionError(13, "Permission denied", str(folder))
        return scan(folder)

    monkeypatch.setattr("taxi_fare.lake.in_folder.os.scandir", refuse)
    if place == "2023/02":
        reason = read_catalog(lake).unreadable[FEBRUARY]
        assert reason == "2023/02 cannot be listed: Permission denied"
    else:
        with pytest.raises(EnvironmentLackError, match="Permission denied"):
            read_catalog(lake)


def test_a_listing_does_not_search_a_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What names no year is not looked into below its second folder."""
    _lake(tmp_path, "a/b/c/d.txt", ".git/x/y", "2023/02/trips.parquet")
    seen = []
    scan = os.scandir
    monkeypatch.setattr(
        "taxi_fare.lake.in_folder.os.scandir",
        lambda folder: seen.append(Path(folder)) or scan(folder),
    )
    assert list(read_catalog(tmp_path).months) == [FEBRUARY]
    names = {each.relative_to(tmp_path).as_posix() for each in seen}
    assert names == {".", "a", "a/b", "2023", "2023/02"}


def test_files_of_other_cabs_are_no_yellow_month(tmp_path: Path) -> None:
    """They lie beside, with the same month in their names."""
    lake = _lake(
        tmp_path,
        "green_tripdata_2023-02.parquet",
        "fhvhv_tripdata_2023-02.parquet",
    )
    assert months_in(FolderLake(lake).files()) == {}


def _replaced(file: Path) -> None:
    other = _write(file.with_name(".other"), TRIPS)
    times = file.stat()
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(file)


def _written_again(file: Path) -> None:
    before = file.stat().st_mtime_ns
    file.write_bytes(file.read_bytes())
    os.utime(file, ns=(before, before + 1))


def _longer(file: Path) -> None:
    before = file.stat()
    pq.write_table(TRIPS.slice(1), file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES = [Path.unlink, _replaced, _written_again, _longer]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("part", [0, 1])
def test_a_run_notices_that_a_part_of_its_month_changed(
    change: Callable[[Path], None], part: int, tmp_path: Path
) -> None:
    """The same size, or the same time, or an equal content included."""
    files = [
        _write(tmp_path / "2023/02" / name)
        for name in ("a.parquet", "b.parquet")
    ]
    _write(tmp_path / "2023/03/trips.parquet")
    months = [*read_catalog(tmp_path).months.values()]
    require_unchanged(months)
    change(files[part])
    with pytest.raises(TemporaryError, match="2023-02\\.") as caught:
        require_unchanged(months)
    assert caught.value.exit_code == 75
    assert "nothing was kept" in str(caught.value)
    require_unchanged(months[1:])


@pytest.mark.parametrize(
    "error",
    [DataRefusedError("damaged"), FileNotFoundError(), KeyError("py4j")],
)
def test_a_change_is_blamed_for_what_it_makes_fail(
    error: Exception, tmp_path: Path
) -> None:
    """And nothing else is: what failed is told as it is."""
    file = _write(tmp_path / "2023/02/trips.parquet")
    months = [*read_catalog(tmp_path).months.values()]

    def fail() -> None:
        with one_snapshot(months):
            raise error

    with pytest.raises(type(error)):
        fail()
    _replaced(file)
    with pytest.raises(TemporaryError, match="2023-02") as caught:
        fail()
    assert caught.value.__cause__ is error


def test_what_is_added_meanwhile_is_not_read(tmp_path: Path) -> None:
    """A run reads what it listed."""
    _write(tmp_path / "2023/02/a.parquet")
    months = [*read_catalog(tmp_path).months.values()]
    _write(tmp_path / "2023/02/b.parquet")
    require_unchanged(months)
    assert len(months[0].paths) == 1


def test_a_month_that_vanishes_while_it_is_looked_at_is_listed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither damaged nor there."""
    file = _write(tmp_path / "2023/02/trips.parquet")
    _write(tmp_path / "2023/03/trips.parquet")
    files = FolderLake.files

    def listed(lake: FolderLake) -> object:
        """List, then remove."""
        found = files(lake)
        file.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(FolderLake, "files", listed)
    catalog = read_catalog(tmp_path)
    assert list(catalog.months) == [Month("2023-03")]
    assert catalog.unreadable == {FEBRUARY: "no parquet file in its folder"}
