"""The jars that Spark needs for s3a:// paths, kept for use without network."""

import hashlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pyspark.find_spark_home import _find_spark_home

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.sections import SparkSettings
from taxi_fare.core.spark.java import find_java

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
_logger = logging.getLogger(__name__)


def jars_folder(settings: SparkSettings) -> Path:
    """Tell where the jars are kept."""
    if settings.jars_folder:
        return Path(settings.jars_folder).absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    versions = hashlib.sha256(repr((PACKAGES, EXCLUDES)).encode()).hexdigest()
    return Path(cache).absolute() / "taxi-fare" / f"s3a-jars-{versions[:12]}"


def kept_jars(settings: SparkSettings) -> list[Path]:
    """
    Return the jars that are there.

    Returns
    -------
    list of Path
        By name; empty when none were fetched.
    """
    return sorted(jars_folder(settings).glob("*.jar"))


def fetch_jars(settings: SparkSettings) -> list[Path]:
    """
    Return the jars, fetched from Maven Central when there are none.

    Raises
    ------
    EnvironmentLackError
        If they cannot be fetched.
    """
    folder = jars_folder(settings)
    if not kept_jars(settings):
        _logger.info("Fetching the jars for s3a:// (20 MB) into %s", folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{folder.name}.", dir=folder.parent
        ) as temporary:
            _resolve(Path(temporary))
            _publish(Path(temporary) / "jars", folder)
    return kept_jars(settings)


def _publish(fetched: Path, folder: Path) -> None:
    """Give the folder its name at once; the first of two processes wins."""
    try:
        fetched.rename(folder)
    except OSError:
        if not any(folder.glob("*.jar")):
            # An empty folder on another file system: a mounted volume.
            shutil.copytree(fetched, folder, dirs_exist_ok=True)


def _resolve(folder: Path) -> None:
    """Let spark-submit, which knows the user's mirrors, fetch the jars."""
    program = folder / "nothing.py"
    program.touch()
    submit = Path(_find_spark_home()) / "bin" / "spark-submit"
    command = [
        str(submit if os.name != "nt" else submit.with_suffix(".cmd")),
        "--master=local[1]",
        f"--packages={','.join(PACKAGES)}",
        f"--exclude-packages={','.join(EXCLUDES)}",
        f"--conf=spark.jars.ivy={folder}",
        str(program),
    ]
    java = str(find_java().home)
    ours = {"JAVA_HOME": java, "PYSPARK_PYTHON": sys.executable}
    try:
        answer = subprocess.run(  # noqa: S603 - no shell, our own words
            command,
            env=os.environ | ours,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_LONGEST_SECONDS,
            check=False,
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
