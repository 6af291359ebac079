"""The jars for s3a://: whole with the right sums, or fetched, or refused."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.sections import SparkSettings
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark import jars
from taxi_fare.workflows import doctor

NAMES = ("a.jar", "b.jar", "c.jar")
BYTES = {name: f"classes of {name}".encode() for name in NAMES}
SUMS = {
    name: hashlib.sha256(content).hexdigest()
    for name, content in BYTES.items()
}


def _fill(folder: Path, content: dict[str, bytes] = BYTES) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, bytes_ in content.items():
        (folder / name).write_bytes(bytes_)


def _missing(jar: Path) -> None:
    jar.unlink()


def _empty(jar: Path) -> None:
    jar.write_bytes(b"")


def _cut(jar: Path) -> None:
    jar.write_bytes(jar.read_bytes()[:-1])


def _flipped(jar: Path) -> None:
    content = bytearray(jar.read_bytes())
    content[3] ^= 1
    jar.write_bytes(content)


def _another(jar: Path) -> None:
    jar.write_bytes(BYTES["c.jar"])


def _dangling(jar: Path) -> None:
    jar.unlink()
    jar.symlink_to("nowhere.jar")


DAMAGES = (_missing, _empty, _cut, _flipped, _another, _dangling)
each_damage = pytest.mark.parametrize("damage", DAMAGES)
Damage = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where three jars have to be, in a place without a network."""
    monkeypatch.setattr(jars, "jar_sums", lambda: SUMS)
    monkeypatch.setattr(doctor, "jar_sums", lambda: SUMS)
    _no_network(monkeypatch)
    return tmp_path / "cache" / "jars"


def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(_: Path) -> None:
        raise EnvironmentLackError("The jars cannot be fetched: no network")

    monkeypatch.setattr(jars, "_resolve", resolve)


def _network(
    monkeypatch: pytest.MonkeyPatch, content: dict[str, bytes] = BYTES
) -> None:
    monkeypatch.setattr(
        jars, "_resolve", lambda into: _fill(into / "jars", content)
    )


def _fetch(folder: Path) -> list[Path]:
    return jars.fetch_jars(SparkSettings(jars_folder=str(folder)))


def _look(folder: Path) -> tuple[str, str, str]:
    settings = Settings(spark=SparkSettings(jars_folder=str(folder)))
    return doctor._jars(settings)


def test_each_jar_is_listed_with_its_sum() -> None:
    """Those of today, in a form that ``sha256sum --check`` reads."""
    sums = jars.jar_sums()
    assert len(sums) == 54
    for name, sha256 in sums.items():
        assert re.fullmatch(r"[\w.-]+\.jar", name)
        assert re.fullmatch(r"[0-9a-f]{64}", sha256)
    assert len(set(sums.values())) == len(sums)


def test_what_spark_is_asked_for_is_in_the_list() -> None:
    """A version that is raised without its sum is found here."""
    for package in jars.PACKAGES:
        assert "{}_{}-{}.jar".format(*package.split(":")) in jars.jar_sums()


def test_a_whole_set_is_used_without_a_network(folder: Path) -> None:
    """And nothing else that lies beside it, nor what somebody added."""
    _fill(folder, BYTES | {"more.jar": b"of somebody"})
    assert _fetch(folder) == [folder / name for name in NAMES]
    assert _look(folder)[0] == "ok"


@each_damage
def test_a_wrong_jar_is_fetched_again(
    folder: Path, damage: Damage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is enough; the others are left as they are."""
    _fill(folder)
    damage(folder / "b.jar")
    before = (folder / "a.jar").stat().st_ino
    _network(monkeypatch)
    assert {jar.name: jar.read_bytes() for jar in _fetch(folder)} == BYTES
    assert (folder / "a.jar").stat().st_ino == before
    assert {each.name for each in folder.iterdir()} == set(NAMES)


@each_damage
def test_a_wrong_jar_is_never_used(folder: Path, damage: Damage) -> None:
    """Without a network it is named, by the run and by the doctor."""
    _fill(folder)
    damage(folder / "b.jar")
    with pytest.raises(EnvironmentLackError) as caught:
        _fetch(folder)
    assert f"1 of 3 jars in {folder} are missing or damaged: b.jar" in str(
        caught.value
    )
    status, found, remedy = _look(folder)
    assert status == "lacking"
    assert "b.jar" in found
    assert "--fetch-jars" in remedy


def test_a_folder_that_was_filled_in_part_is_not_whole(folder: Path) -> None:
    """Each jar but one is not enough, and one even less."""
    for count in range(1, len(NAMES)):
        _fill(folder, {name: BYTES[name] for name in NAMES[:count]})
        with pytest.raises(EnvironmentLackError):
            _fetch(folder)
        assert _look(folder)[0] == "lacking"


def test_a_new_machine_has_none(folder: Path) -> None:
    """Which is no fault, until a path is s3a://."""
    assert _look(folder)[0] == "empty"
    with pytest.raises(EnvironmentLackError, match=r"c\.jar"):
        _fetch(folder)


@pytest.mark.parametrize("wrong", [{"b.jar": b""}, {"b.jar": BYTES["a.jar"]}])
def test_what_a_mirror_has_changed_is_refused(
    folder: Path, wrong: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name and with both sums; nothing of what it sent is kept."""
    _network(monkeypatch, BYTES | wrong)
    with pytest.raises(EnvironmentLackError) as caught:
        _fetch(folder)
    assert "b.jar" in caught.value.found
    assert hashlib.sha256(wrong["b.jar"]).hexdigest() in caught.value.found
    assert SUMS["b.jar"] in caught.value.expected
    assert not list(folder.iterdir())


def test_what_a_mirror_lacks_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it sent another file instead."""
    _network(monkeypatch, {"a.jar": BYTES["a.jar"], "c.jar": BYTES["c.jar"]})
    with pytest.raises(EnvironmentLackError, match=r"b\.jar.*it is missing"):
        _fetch(folder)


def test_a_jar_that_cannot_be_replaced_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here, a folder bears its name."""
    _fill(folder)
    (folder / "b.jar").unlink()
    (folder / "b.jar" / "inside").mkdir(parents=True)
    _network(monkeypatch)
    with pytest.raises(EnvironmentLackError, match=r"b\.jar"):
        _fetch(folder)


def test_a_fetch_that_was_broken_off_is_taken_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there stays out of use until the rest is there too."""
    _network(monkeypatch)
    replace, moved = Path.replace, []

    def full(self: Path, target: Path) -> Path:
        if moved:
            raise OSError(28, "No space left on device")
        moved.append(target)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(EnvironmentLackError, match="No space left"):
        _fetch(folder)
    assert [each.name for each in folder.glob("*.jar")] == ["a.jar"]
    monkeypatch.undo()
    monkeypatch.setattr(jars, "jar_sums", lambda: SUMS)
    _network(monkeypatch)
    assert len(_fetch(folder)) == len(NAMES)
