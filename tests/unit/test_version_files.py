"""A version is whole when its files are those of its manifest: no more."""

import json
import os
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.exceptions import InvalidPathError
from obstore.store import S3Store

from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.files import sha256_of, write_json
from taxi_fare.core.settings import Settings
from taxi_fare.core.store.listing import list_objects
from taxi_fare.core.version_files import (
    Damage,
    DamagedModelError,
    compare_files,
    compare_folder,
    found_objects,
    pipeline_copy,
    read_named,
)
from taxi_fare.registry.model_folder import damaged_files, require_whole, seal
from taxi_fare.scoring.portable_model import PORTABLE_FILE
from taxi_fare.scoring.predictor import FarePredictor

# A model as Spark saves it: checksums and marks are files like others.
PART = "stages/0_GBT_1/data/part-00000-1.snappy.parquet"
SAVED = (
    "metadata/part-00000",
    "metadata/.part-00000.crc",
    "metadata/_SUCCESS",
    "metadata/._SUCCESS.crc",
    PART,
    "reports/train_metrics.json",
    "stages/0_GBT_1/data/caf\u00e9",
)


@pytest.fixture
def version(portable_version: Path) -> Path:
    """A sealed version, as a run writes it."""
    for name in SAVED:
        path = portable_version / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"bytes of {name}")
    manifest = portable_version / "manifest.json"
    document = json.loads(manifest.read_bytes())
    manifest.unlink()
    seal(portable_version, document)
    return portable_version


def _named(version: Path) -> dict[str, str]:
    found = json.loads((version / "manifest.json").read_bytes())["files"]
    assert isinstance(found, dict)
    return found


def test_a_sealed_version_is_whole(version: Path) -> None:
    """All that Spark leaves beside its parts is named, and nothing else."""
    assert set(_named(version)) == {*SAVED, PORTABLE_FILE}
    assert damaged_files(version) == []
    assert require_whole(version)["model_id"] == "literal"
    assert FarePredictor.load(version).model_id == "literal"


def _beside(name: str) -> Callable[[Path], str]:
    def add(version: Path) -> str:
        """Put a file beside the part of a stage."""
        path = (version / PART).with_name(name)
        path.write_text("other trees")
        return path.relative_to(version).as_posix()

    return add


def _link(name: str, *, to: str) -> Callable[[Path], str]:
    def link(version: Path) -> str:
        """Link to what is there, or to nothing."""
        path = version / name
        path.unlink(missing_ok=True)
        path.symlink_to(version / to)
        return name

    return link


def _of_the_same_bytes(version: Path) -> str:
    elsewhere = (version / PART).rename(version.parent / "elsewhere")
    (version / PART).symlink_to(elsewhere)
    return PART


def _whole_folder_elsewhere(version: Path) -> str:
    (version / "stages").rename(version.parent / "elsewhere")
    (version / "stages").symlink_to(version.parent / "elsewhere")
    return "stages"


def _more_folders(version: Path) -> str:
    (version / "stages/1_Other/data").mkdir(parents=True)
    return "stages/1_Other/data"


def _file_in_a_folder(version: Path) -> str:
    (version / "stages/1_Other").mkdir(parents=True)
    (version / "stages/1_Other/part").write_text("x")
    return "stages/1_Other/part"


def _pipe(version: Path) -> str:
    os.mkfifo(version / "metadata/part-00001")
    return "metadata/part-00001"


def _pipe_of_the_name(version: Path) -> str:
    (version / PART).unlink()
    os.mkfifo(version / PART)
    return PART


def _folder_of_the_name(version: Path) -> str:
    (version / PART).unlink()
    (version / PART).mkdir()
    (version / PART / "part").write_text("x")
    return f"{PART}/part"


def _in_capitals(version: Path) -> str:
    path = version / "metadata/PART-00000"
    (version / "metadata/part-00000").rename(path)
    return "metadata/PART-00000"


def _decomposed(version: Path) -> str:
    path = version / SAVED[-1]
    other = unicodedata.normalize("NFD", path.name)
    path.rename(path.with_name(other))
    return f"stages/0_GBT_1/data/{other}"


def _no_name_in_any_language(version: Path) -> str:
    name = os.fsdecode(b"metadata/\xff\x1b[31m")
    (version / name).write_text("x")
    return name


def _missing(version: Path) -> str:
    (version / PART).unlink()
    return PART


def _emptied(version: Path) -> str:
    (version / PART).write_text("")
    return PART


def _vast(version: Path) -> str:
    with (version / PART).open("r+b") as stream:
        stream.truncate(2**40)  # holds no bytes on disk
    return PART


def _too_deep_to_name(version: Path) -> str:
    name = "d" * 200
    here = os.open(version, os.O_RDONLY)
    for _ in range(30):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    return name


WAYS = (
    *map(_beside, ("part-00001-1.snappy.parquet", ".hidden", "_hidden")),
    *map(_beside, (".part-00000-1.snappy.parquet.crc", "_SUCCESS", "\n")),
    _link("stages/0_GBT_1/data/part-1", to="metadata/part-00000"),
    _link("stages/1_Other", to="metadata"),
    _link("stages/0_GBT_1/data/part-1", to="nowhere"),
    _link(PORTABLE_FILE, to="manifest.json"),
    *(_of_the_same_bytes, _whole_folder_elsewhere, _more_folders),
    *(_file_in_a_folder, _pipe, _pipe_of_the_name, _folder_of_the_name),
    *(_in_capitals, _decomposed, _no_name_in_any_language),
    *(_missing, _emptied, _vast, _too_deep_to_name),
)


@pytest.mark.parametrize("damage", WAYS)
def test_whatever_is_not_as_it_was_written_is_found(
    version: Path, damage: Callable[[Path], str]
) -> None:
    """By whoever loads it, with its name, without opening or following."""
    name = damage(version)
    found = damaged_files(version)
    assert any(each.file.startswith(name) for each in found), found
    for load in (require_whole, FarePredictor.load):
        with pytest.raises(DamagedModelError) as error:
            load(version)
        assert error.value.exit_code == 6
        assert error.value.damage == found
        assert str(found[0]) in error.value.found
        assert error.value.found.isprintable()
        assert error.value.remedy


def test_only_the_first_few_are_told(version: Path) -> None:
    """And how many more there are."""
    for number in range(9):
        (version / f"stages/{number}").write_text("x")
    with pytest.raises(DamagedModelError, match="and 6 more") as error:
        require_whole(version)
    assert error.value.found.count("not in its manifest") == 3


@pytest.mark.parametrize(
    "name", ["/etc/hostname", "../secret", "stages/../../secret", "./part", ""]
)
def test_a_manifest_names_nothing_elsewhere(version: Path, name: str) -> None:
    """Though there be a file with these very bytes."""
    (version.parent / "secret").write_text("x")
    files = {name: sha256(b"x").hexdigest()}
    manifest = version / "manifest.json"
    document = json.loads(manifest.read_bytes())
    write_json(manifest, document | {"files": document["files"] | files})
    assert damaged_files(version) == [Damage(name, "missing")]


@pytest.mark.parametrize(
    "text",
    [
        '{"files": {"a": "1", "a": "2"}, "model_id": "x"}',
        '{"model_id": "x", "model_id": "y"}',
        "[" * 100_000,
        '{"schema_version": 1, "files": 1e999}',
        '{"schema_version": 1, "seed": NaN}',
        "\ufeff{}",
    ],
    ids=["file", "key", "deep", "huge", "nan", "mark"],
)
def test_a_manifest_of_two_meanings_has_none(version: Path, text: str) -> None:
    """A name or a key twice, no numbers, brackets without end."""
    (version / "manifest.json").write_text(text)
    assert damaged_files(version) == [Damage("manifest.json")]
    with pytest.raises(RegistryConflictError, match="cannot be explained"):
        FarePredictor.load(version)


def test_a_manifest_without_files_names_none(version: Path) -> None:
    """What is there all the same is not the model's."""
    manifest = version / "manifest.json"
    document = json.loads(manifest.read_bytes())
    write_json(manifest, document | {"files": {}})
    found = {each.file for each in damaged_files(version)}
    assert found == {*SAVED, PORTABLE_FILE}


def test_spark_loads_what_was_verified(version: Path) -> None:
    """A part that comes later is not in the copy; a change is found."""
    named = _named(version)
    _beside("part-00001-1.snappy.parquet")(version)
    with pipeline_copy(version, named) as copy:
        files = {
            path.relative_to(copy).as_posix(): sha256_of(path)
            for path in copy.rglob("*")
            if path.is_file()
        }
    assert not copy.exists()
    assert files == {
        name: digest
        for name, digest in named.items()
        if name.startswith(("metadata/", "stages/"))
    }
    (version / PART).write_text("other trees")
    with (
        pytest.raises(DamagedModelError, match="changed"),
        pipeline_copy(version, named),
    ):
        pass
    with pytest.raises(DamagedModelError, match="changed"):
        read_named(version, PART, named=named)


NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]),
    min_size=1,
)
FILES = st.dictionaries(NAMES, st.sampled_from("abc"))


@given(FILES, FILES)
def test_equal_sets_of_equal_bytes_and_nothing_else_are_whole(
    named: dict[str, str], there: dict[str, str]
) -> None:
    """Whatever names and bytes there are."""

    def damage(found: dict[str, str]) -> list[Damage]:
        kinds = dict.fromkeys([*found, "manifest.json"], "")
        return compare_files(named, found=kinds, digest=found.__getitem__)

    assert damage(named) == []
    assert (damage(there) == []) == (named == there)


def test_objects_that_stand_for_folders_are_no_files() -> None:
    """Other clients leave them, empty, where the files of a version are."""
    named = {"stages/0/part": "1"}
    marks = {".": 0, "stages": 0, "stages/0": 0}
    whole = {"manifest.json": 9, "stages/0/part": 9}

    def damage(sizes: dict[str, int]) -> list[Damage]:
        found = found_objects(sizes, named=named)
        return compare_files(named, found=found, digest=lambda _: "1")

    assert damage(whole | marks) == []
    for more in ({"stages/1": 0}, {"stages/0": 1}, {"stages/0/x": 0}):
        assert [each.file for each in damage(whole | more)] == [*more]


def test_an_object_of_an_impossible_name_is_told() -> None:
    """Other clients can write what this one cannot even list."""

    class Store(S3Store):
        """Answers as obstore does when a name holds a line's end."""

        def list(self, *_: object, **__: object) -> Any:
            """List them."""
            raise InvalidPathError('Path "a\nb": illegal\n\nDebug source: …')

    store = Store("bucket", skip_signature=True)
    with pytest.raises(RegistryConflictError, match="writes: Path") as error:
        list_objects(store, url="s3a://bucket/reg", settings=Settings())
    assert error.value.found.isprintable()
    assert "Debug" not in str(error.value)


def test_a_folder_that_is_gone_lacks_everything(tmp_path: Path) -> None:
    """It may be removed while it is looked at."""
    found = compare_folder(tmp_path / "gone", {"part": "1"})
    assert found == [Damage("part", "missing")]
