"""The archive of Spark's classes with a real JVM."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from taxi_fare.core.spark.archive_maker import make_archive
from taxi_fare.core.spark.class_archive import ClassArchive, class_archive
from taxi_fare.core.spark.java import find_java

pytestmark = pytest.mark.spark

SESSION = """
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import spark_session

spark = spark_session(Settings(spark={"driver_memory": "1g"}))
print(spark.range(3).count())
"""


@pytest.fixture(autouse=True)
def _usual_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """No JVM is given the archive by others than us."""
    monkeypatch.delenv("JAVA_TOOL_OPTIONS", raising=False)


@pytest.fixture(scope="module")
def archive() -> ClassArchive:
    """As `make env` has made it, or made now."""
    java = find_java()
    archive = class_archive(java)
    assert make_archive(archive, java) == ""
    return archive


def _words(options: list[str]) -> tuple[int, str]:
    """What a JVM says that has another class path."""
    answer = subprocess.run(
        [
            find_java().home / "bin" / "java",
            *(each.strip('"') for each in options),
            "-version",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    # Nor does it map Java's own archive then, which is all it has to say.
    return answer.returncode, answer.stdout.replace(", sharing", "")


def test_a_session_maps_the_archive(archive: ClassArchive) -> None:
    """And says nothing of it, on stdout least of all."""
    program = f"{SESSION}\nprint(open(f'/proc/{{PID}}/maps').read())"
    pid = "{spark._jvm.java.lang.ProcessHandle.current().pid()}"
    answer = subprocess.run(
        [sys.executable, "-c", program.replace("{PID}", pid)],
        env=os.environ | {"TAXI_FARE_SPARK__CLASS_ARCHIVE": "use"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("3\n")
    assert str(archive.file) in answer.stdout
    assert archive.file.name not in answer.stderr


@pytest.mark.parametrize(
    "damage",
    [
        lambda file, whole: file.write_bytes(whole),
        lambda file, whole: file.write_bytes(whole[:100]),
        lambda file, _: file.write_bytes(os.urandom(100_000)),
        lambda file, _: file.touch(),
        lambda file, _: file.mkdir(),
        lambda file, _: None,
    ],
    ids=["whole", "its head", "garbage", "empty", "a folder", "none"],
)
def test_what_does_not_fit_is_passed_over_in_silence(
    damage: Callable[[Path, bytes], object],
    archive: ClassArchive,
    tmp_path: Path,
) -> None:
    """Should one reach a JVM after all, it starts as without."""
    file = tmp_path / "damaged.jsa"
    damage(file, archive.file.read_bytes())
    without = _words([])
    assert without[0] == 0
    assert _words(archive.reading(file)) == without
