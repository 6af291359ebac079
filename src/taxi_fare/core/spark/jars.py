"""The jars that Spark needs for s3a:// paths, kept for use without network."""

import hashlib
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.files import sha256_of, temporary_folder
from taxi_fare.core.processes import run_to_end
from taxi_fare.core.sections import SparkSettings
from taxi_fare.core.spark.java import find_java
from taxi_fare.core.spark.submit import spark_submit
from taxi_fare.core.usual_places import cache_folder

# What they bring is listed with its SHA-256 in jars.sha256.
# hadoop-aws of the Hadoop in PySpark 4.3. It names the bundle of every AWS
# service (686 MB); S3A uses these three modules of the same version (20 MB).
_SDK = "2.35.4"
PACKAGES = (
    "org.apache.hadoop:hadoop-aws:3.5.0",
    f"software.amazon.awssdk:s3:{_SDK}",
    f"software.amazon.awssdk:s3-transfer-manager:{_SDK}",
    f"software.amazon.awssdk:sts:{_SDK}",
    # The newest that is published; it works with Spark 4.3.
    "org.apache.spark:spark-hadoop-cloud_2.13:4.1.2",
)
# What Spark has already, and clouds that nobody asked for.
EXCLUDES = (
    "software.amazon.awssdk:bundle",
    "io.netty:*",
    "org.apache.hadoop:hadoop-client-runtime",
    "org.apache.hadoop:hadoop-client-api",
    "org.apache.hadoop:hadoop-azure",
    "org.apache.hadoop:hadoop-azure-datalake",
    "org.apache.hadoop:hadoop-gcp",
    "org.apache.hadoop:hadoop-cloud-storage",
    "com.google.cloud.bigdataoss:gcs-connector",
    "com.google.cloud:*",
)
_LONGEST_SECONDS = 600
_SHOWN = 3
_logger = logging.getLogger(__name__)


def jars_folder(settings: SparkSettings) -> Path:
    """Tell where the jars are kept."""
    if settings.jars_folder:
        return Path(settings.jars_folder).absolute()
    versions = hashlib.sha256(repr((PACKAGES, EXCLUDES)).encode()).hexdigest()
    return cache_folder(f"taxi-fare/s3a-jars-{versions[:12]}")


@cache
def jar_sums() -> Mapping[str, str]:
    """Return the SHA-256 of each jar that Spark needs, by the jar's name."""
    file = files("taxi_fare.core.spark").joinpath("jars.sha256")
    lines = file.read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if not line.startswith("#"))
    return {name: sha256 for sha256, name in pairs}


def unfit_jars(folder: Path) -> list[str]:
    """Name the jars that are not there, or are not what they should be."""
    return [
        name
        for name, sha256 in jar_sums().items()
        if _sum_of(folder / name) != sha256
    ]


def _sum_of(jar: Path) -> str:
    try:
        return sha256_of(jar)
    except FileNotFoundError:
        return "none, it is missing"
    except OSError as error:
        return f"none, it cannot be read: {error.strerror}"


def fetch_jars(settings: SparkSettings) -> list[Path]:
    """
    Return the jars; what is missing or damaged is fetched from Maven Central.

    Raises
    ------
    EnvironmentLackError
        If one cannot be fetched, or is not what it should be.
    """
    folder = jars_folder(settings)
    if unfit := unfit_jars(folder):
        _logger.info("Fetching the jars for s3a:// (20 MB) into %s", folder)
        try:
            with temporary_folder(folder / "jars") as temporary:
                _resolve(temporary)
                _take_over(unfit, temporary / "jars", folder)
        except OSError as error:
            raise _not_fetched(f"{error}") from error
        except EnvironmentLackError as error:
            error.add_context(after=_told(unfit, folder))
            raise
    return [folder / name for name in jar_sums()]


def _take_over(names: list[str], fetched: Path, folder: Path) -> None:
    """Give each jar its name at once: other processes may fetch as well."""
    for name in names:
        expected, found = jar_sums()[name], _sum_of(fetched / name)
        if found != expected:
            raise EnvironmentLackError(
                f"The jar {name} that was fetched is not the one that is"
                f" wanted: its SHA-256 is {found}.",
                expected=f"{expected}, as Maven Central has it",
                remedy="correct the mirror that spark-defaults.conf names, or"
                " the jar in ~/.m2, and run `taxi-fare doctor --fetch-jars`.",
            )
    for name in names:
        (fetched / name).replace(folder / name)


def _told(unfit: list[str], folder: Path) -> str:
    """Name some of the jars that have to be fetched."""
    more = len(unfit) - _SHOWN
    names = ", ".join(unfit[:_SHOWN]) + (f" and {more} more" * (more > 0))
    return (
        f"  {len(unfit)} of {len(jar_sums())} jars in {folder} are missing"
        f" or damaged: {names}"
    )


def _resolve(folder: Path) -> None:
    """Let spark-submit, which knows the user's mirrors, fetch the jars."""
    program = folder / "nothing.py"
    program.touch()
    command = [
        spark_submit(),
        "--master=local[1]",
        f"--packages={','.join(PACKAGES)}",
        f"--exclude-packages={','.join(EXCLUDES)}",
        f"--conf=spark.jars.ivy={folder}",
        str(program),
    ]
    java = str(find_java().home)
    ours = {"JAVA_HOME": java, "PYSPARK_PYTHON": sys.executable}
    try:
        answer = run_to_end(
            command, variables=os.environ | ours, seconds=_LONGEST_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise _not_fetched(f"no end within {_LONGEST_SECONDS} s") from None
    if answer.returncode or not any(folder.glob("jars/*.jar")):
        raise _not_fetched(_reason(answer.stderr))


def _reason(words: str) -> str:
    """Find the line that says why among the hundreds of a resolution."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    telling = [
        line
        for line in lines
        if "unresolved dependency" in line or "Exception" in line
    ]
    return (telling or lines or ["no word from spark-submit"])[-1][:300]


def _not_fetched(reason: str) -> EnvironmentLackError:
    return EnvironmentLackError(
        f"The jars for s3a:// cannot be fetched: {reason}",
        expected="Maven Central, or a mirror that spark.jars.ivySettings of"
        " spark-defaults.conf names",
        remedy="run `taxi-fare doctor --fetch-jars` where there is a network,"
        " and copy the folder that it names; TAXI_FARE_SPARK__JARS_FOLDER"
        " can name another one.",
    )
