"""Make the archive of the classes that Spark loads, and try it."""

import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from taxi_fare.core.errors import EnvironmentLackError, TaxiFareError
from taxi_fare.core.files import temporary_folder
from taxi_fare.core.processes import own_python_path, run_to_end
from taxi_fare.core.spark.class_archive import ClassArchive, class_archive
from taxi_fare.core.spark.environment import jvm_variables
from taxi_fare.core.spark.java import Java, find_java
from taxi_fare.core.spark.submit import spark_submit

_MAKER = "taxi_fare.core.spark.archive_maker"
_WORKLOAD = "taxi_fare.core.spark.archive_workload"
_LONGEST_SECONDS = 600
# So that a run of minutes does not notice one of seconds.
_LOWEST_PRIORITY = 19
_logger = logging.getLogger(__name__)


class _NotMadeError(Exception):
    """Why an archive could not be made, for the record."""


def make_archive(archive: ClassArchive, java: Java) -> str:
    """
    Make an archive that is not there, or not whole.

    Returns
    -------
    str
        Why there is none now; empty if there is one.
    """
    if archive.is_whole():
        return ""
    if why := archive.lack():
        return why
    try:
        folder = archive.file.parent
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Whatever the umask: who writes there, writes programs.
        folder.mkdir(mode=0o755, exist_ok=True)
        with FileLock(archive.file.with_suffix(".lock"), blocking=False):
            return _made(archive, java)
    except Timeout:
        return "another process is making it"
    except OSError as error:
        return f"{error.strerror or error} ({error.filename})"


def start_making() -> None:
    """Make it behind this process's back, which may end meanwhile."""
    command = [sys.executable, "-m", _MAKER]
    with suppress(OSError, TaxiFareError):
        process = subprocess.Popen(  # noqa: S603 - no shell, our own words
            command,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        # Nobody waits for it, and Popen need not complain of that.
        process.returncode = 0
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, process.pid, _LOWEST_PRIORITY)


def _made(archive: ClassArchive, java: Java) -> str:
    if archive.is_whole():
        return ""
    _logger.info("Making an archive of Spark's classes (half a minute)")
    try:
        with temporary_folder(archive.file) as folder:
            made = folder / "made.jsa"
            _watch(archive.writing(made), folder, java)
            if not made.is_file():
                raise _NotMadeError("this Java wrote none")
            _try(archive.reading(made), java)
            made.chmod(0o644)
            made.replace(archive.file)
        archive.tell()
    except _NotMadeError as error:
        archive.tell(failed=str(error))
        return str(error)
    _remove_old(archive)
    return ""


def _watch(options: list[str], folder: Path, java: Java) -> None:
    """Run the small run; its JVM writes the archive when it ends."""
    # PySpark takes options from here as spark-submit does.
    quoted = " ".join(options).replace("'", "'\\''")
    given = f"--driver-java-options '{quoted}' pyspark-shell"
    _run(
        [sys.executable, "-m", _WORKLOAD, str(folder)],
        java,
        PYSPARK_SUBMIT_ARGS=given,
    )


def _try(options: list[str], java: Java) -> None:
    """Start a JVM that ends in an error unless it can use the archive."""
    strict = "-XX:AOTMode=on" if "AOTCache" in options[0] else "-Xshare:on"
    options = [each for each in options if each != "-Xshare:auto"]
    _run(start_command([*options, strict]), java)


def start_command(options: list[str]) -> list[str]:
    """Return what starts a JVM with Spark's class path, and ends it."""
    given = f"--driver-java-options={' '.join(options)}"
    return [spark_submit(), given, "--version"]


def _run(command: Sequence[str], java: Java, **variables: str) -> None:
    """Run a command that has to end well."""
    try:
        answer = run_to_end(
            command,
            variables=_environment()
            | {"JAVA_HOME": str(java.home)}
            | variables,
            seconds=_LONGEST_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise _NotMadeError(f"no end within {_LONGEST_SECONDS} s") from None
    if answer.returncode:
        lines = (answer.stderr + answer.stdout).strip().splitlines()
        raise _NotMadeError((lines or ["no word from Java"])[-1][:300])


def _environment() -> dict[str, str]:
    """Return this process's, without what is meant for real runs."""
    variables = jvm_variables({"spark.master": "local[2]"})
    kept = {
        name: value
        for name, value in (os.environ | variables.values).items()
        if not name.startswith("TAXI_FARE_")
        and name not in {"SPARK_MASTER", "PYSPARK_SUBMIT_ARGS"}
        and (name in variables.values or name not in variables.dropped)
    }
    return kept | {
        "PYTHONPATH": own_python_path(),
        "TAXI_FARE_SPARK__CLASS_ARCHIVE": "off",
    }


def _remove_old(archive: ClassArchive) -> None:
    """Remove what was made for jars or a Java that are not there now."""
    for record in archive.file.parent.glob("*.json"):
        if record != archive.record and archive.replaces(record):
            for file in record.parent.glob(f"{record.stem}.*"):
                with suppress(OSError):
                    file.unlink()


def ensure_archive() -> str:
    """
    Make the archive for the Java that Spark will use, if it is not there.

    Returns
    -------
    str
        Why there is none now; empty if there is one.
    """
    try:
        java = find_java()
    except EnvironmentLackError as error:
        return error.summary
    return make_archive(class_archive(java), java)


def main() -> None:
    """Make the archive; everything works without one."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if why := ensure_archive():
        _logger.warning("Spark starts without an archive of classes: %s", why)


if __name__ == "__main__":
    main()
