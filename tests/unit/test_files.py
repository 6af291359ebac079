"""Files appear whole or not at all."""

import json
from pathlib import Path

import pytest

from taxi_fare.core.files import replacing, sha256_of, write_json


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
    assert "R²" in path.read_text(encoding="utf-8")


def test_hash_is_sha256(tmp_path: Path) -> None:
    """A published value of SHA-256 (FIPS 180-4, 'abc')."""
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert sha256_of(path) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
