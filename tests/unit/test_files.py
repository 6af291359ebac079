"""Files appear whole or not at all."""

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from taxi_fare.core import files
from taxi_fare.core.files import (
    read_bounded,
    remove_leftovers,
    replacing,
    sha256_of,
    temporary_folder,
    write_json,
)

# Writes something, says so, and waits to be killed.
WRITER = """
import sys, time
from pathlib import Path
from taxi_fare.core import files
with getattr(files, sys.argv[1])(Path(sys.argv[2])) as temporary:
    print(temporary.name, flush=True)
    time.sleep(60)
"""
# What a process of a container does: it has the number of every other.
CONTAINER = """
import os, sys
from pathlib import Path
os.getpid = lambda: 1
from taxi_fare.core.files import write_json
for number in range(40):
    write_json(Path(sys.argv[1]), {"number": number, "rest": "x" * 5000})
"""
Making = Callable[[Path], AbstractContextManager[Path]]
each_kind = pytest.mark.parametrize("making", [replacing, temporary_folder])


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """The old content stays, and nothing temporary is left."""
    path = tmp_path / "report.json"
    path.write_text("old")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half of the n")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_document_that_is_no_json_is_not_written(tmp_path: Path) -> None:
    """NaN is not JSON: no reader could read the file."""
    path = tmp_path / "report.json"
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"rmse": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_folders_are_made_and_text_is_readable(tmp_path: Path) -> None:
    """R² is written as R², not as an escape."""
    path = tmp_path / "a" / "b" / "report.json"
    write_json(path, {"R²": 0.9})
    assert json.loads(path.read_text(encoding="utf-8")) == {"R²": 0.9}
    assert path.read_text(encoding="utf-8") == '{\n  "R²": 0.9\n}\n'


def test_hash_is_sha256(tmp_path: Path) -> None:
    """A published value of SHA-256 (FIPS 180-4, 'abc')."""
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert sha256_of(path) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def _age(path: Path, days: float = 2) -> None:
    long_ago = time.time() - days * 86_400
    os.utime(path, (long_ago, long_ago))


@contextmanager
def _writing(making: Making, path: Path) -> Iterator[Path]:
    """Let another process write, and kill it."""
    name = making.__name__
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, name, path],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdout is not None
        yield path.with_name(process.stdout.readline().strip())
        process.kill()


@each_kind
def test_what_a_killed_process_left_goes_after_a_day(
    making: Making, tmp_path: Path
) -> None:
    """Not before: its clock, or its file system, may not be ours."""
    path = tmp_path / "report[1].json"
    with _writing(making, path) as left:
        pass
    write_json(path, {})
    assert left.exists()
    _age(left)
    write_json(path, {})
    assert list(tmp_path.iterdir()) == [path]


@each_kind
def test_a_leftover_of_each_kind_goes_when_it_is_a_day_old(
    making: Making, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a second before, under the very name that it was made with."""
    path = tmp_path / "report.json"
    with making(path) as left:
        is_folder = left.is_dir()
    if is_folder:
        left.mkdir()
        (left / "part").touch()
    else:
        left.touch()
    os.utime(left, (1000, 1000))
    for seconds, stays in ((86_399, True), (86_400, False)):
        monkeypatch.setattr(files.time, "time", lambda at=seconds: 1000 + at)
        remove_leftovers(path)
        assert left.exists() is stays


@each_kind
def test_what_this_process_holds_stays(making: Making, tmp_path: Path) -> None:
    """Another thread of it is no killed process."""
    path = tmp_path / "report.json"
    with making(path) as held:
        remove_leftovers(path, age_seconds=0)
        assert held.exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """We make none: somebody laid it there."""
    path = tmp_path / "report.json"
    (tmp_path / "precious").touch()
    link = tmp_path / ".report.json.1-0123abcd.taxi-fare.tmp"
    link.symlink_to("precious")
    remove_leftovers(path, age_seconds=0)
    assert link.is_symlink()


def test_what_is_read_has_a_bound(tmp_path: Path) -> None:
    """A file of just that size is read; more, or no file, is refused."""
    path = tmp_path / "report.json"
    path.write_bytes(b"12345")
    assert read_bounded(path, at_most=5) == b"12345"
    with pytest.raises(ValueError, match="5 bytes, and may have 4"):
        read_bounded(path, at_most=4)
    os.mkfifo(tmp_path / "pipe")  # it would be waited for
    for name in ("pipe", "."):
        with pytest.raises(ValueError, match="is no file"):
            read_bounded(tmp_path / name, at_most=5)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    """A process that writes for years would run out of them."""
    path = tmp_path / "report.json"
    before = len(list(Path("/dev/fd").iterdir()))
    write_json(path, {})
    read_bounded(path, at_most=9)
    with temporary_folder(path) as left:
        pass
    left.mkdir()
    remove_leftovers(path, age_seconds=0)
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_what_was_taken_for_a_leftover_is_not_kept_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process was faster than our lock: the next name is tried."""
    taken = tmp_path / "taken"
    taken.touch()
    before = len(list(Path("/dev/fd").iterdir()))
    with monkeypatch.context() as gone:
        gone.setattr(Path, "exists", lambda _: False)
        assert files._hold(taken) is None
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_the_parts_of_a_file_go_with_the_block(tmp_path: Path) -> None:
    """With all that is in them, and also if they went before."""
    path = tmp_path / "report.json"
    with temporary_folder(path) as folder:
        (folder / "part").touch()
    with temporary_folder(path) as folder:
        folder.rmdir()
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_name_is_nobody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What bears it already is not written to, and stays."""
    monkeypatch.setattr(files.secrets, "token_hex", lambda size: "0" * 8)
    name = f".report.json.{os.getpid()}-{'0' * 8}.taxi-fare.tmp"
    taken = tmp_path / name
    taken.write_text("another's")
    with pytest.raises(FileExistsError), replacing(tmp_path / "report.json"):
        pass
    assert taken.read_text() == "another's"


def test_bytes_are_on_disk_before_the_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the file, then its name, then the folder that holds the name."""
    path, done = tmp_path / "report.json", []
    monkeypatch.setattr(
        files.os,
        "fsync",
        lambda descriptor: done.append(
            (os.fstat(descriptor).st_ino, path.exists())
        ),
    )
    with replacing(path) as temporary:
        temporary.write_text("new")
    assert done == [
        (path.stat().st_ino, False),
        (tmp_path.stat().st_ino, True),
    ]


@each_kind
def test_what_a_living_process_holds_stays(
    making: Making, tmp_path: Path
) -> None:
    """However long it has been writing."""
    path = tmp_path / "report.json"
    with _writing(making, path) as held:
        _age(held)
        write_json(path, {})
        remove_leftovers(path, age_seconds=0)
        assert held.exists()
    remove_leftovers(path, age_seconds=0)
    assert not held.exists()


@each_kind
def test_a_number_that_comes_again_is_no_obstacle(
    making: Making, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process was killed, and the next one has its number."""
    path = tmp_path / "report.json"
    with _writing(making, path) as left:
        number = int(left.name.removeprefix(".report.json.").split("-")[0])
    monkeypatch.setattr("os.getpid", lambda: number)
    with making(path) as first, making(path) as second:
        assert len({left, first, second}) == 3
        for each in (first, second):
            (each / "part" if each.is_dir() else each).write_text("new")
    assert left.exists()


@pytest.mark.parametrize(
    "name",
    [
        ".report.json.backup",
        ".report.json.d",
        ".report.json.4711.tmp",
        ".report.json.4711.parts",
        ".report.json.1-0123abcd.tmp",
        ".report.json.1-0123abcd.taxi-fare.tmp.old",
        ".report.json.1-0123ABCD.taxi-fare.tmp",
        ".report.json.x-0123abcd.taxi-fare.parts",
        ".report.json.gz.1-0123abcd.taxi-fare.tmp",
        ".reportXjson.1-0123abcd.taxi-fare.tmp",
        "report.json.1-0123abcd.taxi-fare.tmp",
    ],
)
@pytest.mark.parametrize("is_folder", [True, False])
def test_what_others_made_stays(
    name: str, is_folder: bool, tmp_path: Path
) -> None:
    """However old it is, and though it begins with the same dot and name."""
    theirs = tmp_path / name
    if is_folder:
        theirs.mkdir()
        (theirs / "precious").touch()
    else:
        theirs.touch()
    _age(theirs)
    path = tmp_path / "report.json"
    write_json(path, {})
    with temporary_folder(path):
        pass
    remove_leftovers(path, age_seconds=0)
    assert theirs.exists()
    assert not is_folder or (theirs / "precious").exists()


def test_what_vanishes_meanwhile_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the listing and the next look at it, its process is done."""
    path = tmp_path / "report.json"
    left = tmp_path / ".report.json.1-0123abcd.taxi-fare.tmp"
    left.touch()
    _age(left)
    scan = os.scandir

    @contextmanager
    def scandir(folder: Path) -> Iterator[list[os.DirEntry[str]]]:
        """List what is there, then let it vanish."""
        with scan(folder) as entries:
            found = list(entries)
        left.unlink(missing_ok=True)
        yield found

    monkeypatch.setattr(files.os, "scandir", scandir)
    write_json(path, {})
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_removed_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be another user's: the file is written all the same."""
    left = tmp_path / ".report.json.1-0123abcd.taxi-fare.tmp"
    left.touch()
    _age(left)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(files, "_remove_unless_held", refuse)
    write_json(tmp_path / "report.json", {})
    assert (tmp_path / "report.json").exists()


@each_kind
def test_files_are_written_where_there_are_no_locks(
    making: Making, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on some network file systems: what was just made is ours."""

    def no_locks(_: int) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(files, "_lock", no_locks)
    tries = iter(range(3))
    monkeypatch.setattr(files.secrets, "token_hex", lambda _: next(tries))
    with making(tmp_path / "report.json") as temporary:
        assert temporary.exists()


def test_a_folder_that_stays_does_not_hide_what_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else holds it: the next writer tries to remove it again."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "rmdir", refuse)
    with temporary_folder(tmp_path / "month") as temporary:
        pass
    assert temporary.exists()


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o007, 0o660)])
def test_a_file_has_the_permissions_of_any_other(
    mask: int, mode: int, tmp_path: Path
) -> None:
    """Readers of other users do not lose access when it is replaced."""
    path = tmp_path / "report.json"
    before = os.umask(mask)
    try:
        write_json(path, {})
        with temporary_folder(path) as folder:
            of_folder = folder.stat().st_mode & 0o777
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == mode
    assert of_folder == 0o777 & ~mask


def test_processes_of_one_number_replace_one_file(tmp_path: Path) -> None:
    """Each document is whole whenever it is read, and nothing is left."""
    path = tmp_path / "report.json"
    write_json(path, {"number": 0, "rest": "x" * 5000})
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CONTAINER, path],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for _ in range(4)
    ]
    while any(each.poll() is None for each in processes):
        assert len(json.loads(path.read_bytes())["rest"]) == 5000
    assert [each.returncode for each in processes] == [0] * 4
    assert list(tmp_path.iterdir()) == [path]


def test_threads_replace_one_file(tmp_path: Path) -> None:
    """A process has one number for all of them."""
    path = tmp_path / "report.json"
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(write_json, path, {}) for _ in range(64)]:
            done.result()
    assert list(tmp_path.iterdir()) == [path]
