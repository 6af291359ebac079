"""Find out whether driver and workers share the folder of a model."""

import errno
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from taxi_fare.core.errors import TaxiFareError, WrongUsageError
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.faults import known_fault
from taxi_fare.core.spark.master import is_local
from taxi_fare.core.spark.paths import reader_of_paths
from taxi_fare.core.spark.session import spark_master
from taxi_fare.core.spark.workers import count_workers
from taxi_fare.core.store.client import is_store_url

# More tasks than workers run at once: each of them takes some.
_PARTS_PER_SLOT = 4
# Executors of one run register one after the other.
_SETTLED_SECONDS = 3.0
_LONGEST_WAIT_SECONDS = 30.0
_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}
_ONE_FOLDER = "give every machine the same folder there, such as NFS."
# What Java and Spark call a folder that is not there, or not for them.
_FILE_FAULTS = (
    "PATH_NOT_FOUND",
    "TASK_WRITE_FAILED",
    "FileNotFoundException",
    "NoSuchFileException",
    "AccessDenied",
    "AccessControlException",
    "Permission denied",
    "Mkdirs failed",
)


def require_shared(place: Path | str, settings: Settings) -> None:
    """
    Refuse a folder for a registry that Spark's workers do not see.

    Workers write the parts of a model, and read them: with the folder of
    one machine the model would be broken, or not be found.

    Raises
    ------
    WrongUsageError
        If it is a folder, and the workers are on other machines.
    """
    if not _is_doubtful(place, settings):
        return
    raise _refusal(
        f"Models are kept in the folder {place}, and Spark runs on"
        f" {spark_master(settings)}.",
        "set TAXI_FARE_REGISTRY__SHARED_FOLDER=true if every machine has the"
        " same folder there, such as NFS.",
    )


def require_shared_by_trial(
    model: Path, *, spark: SparkSession, settings: Settings, written: bool
) -> None:
    """
    Try whether workers see the folder of a model that is in no registry.

    First they read what the driver wrote, so that nothing stays on a machine
    that has another folder under the same name; then they write.

    Raises
    ------
    WrongUsageError
        If a worker does not see what the driver wrote, or the driver what a
        worker wrote.
    EnvironmentLackError
        If a disk is full.
    """
    if not _is_doubtful(model, settings):
        return
    _await_executors(spark)
    parts = _PARTS_PER_SLOT * spark.sparkContext.defaultParallelism
    workers = f"The workers of {spark.sparkContext.master}"
    with _trial_folder(model.parent) as folder, _refusing(model, settings):
        seen = _count_read(spark, folder=folder / "read", parts=parts)
        if seen != parts:
            raise _refusal(
                f"{workers} saw {seen} of {parts} files that this machine"
                f" wrote beside {model}."
            )
        if not written:
            return
        seen = _count_written(spark, folder=folder / "write", parts=parts)
        if seen != parts:
            raise _refusal(
                f"{workers} wrote {parts} files, of which this machine sees"
                f" {seen}, beside {model}."
            )


def _is_doubtful(place: Path | str, settings: Settings) -> bool:
    if settings.registry.shared_folder or is_store_url(str(place)):
        return False
    return not is_local(spark_master(settings))


def _await_executors(spark: SparkSession) -> None:
    """Wait until no more of them come; a cluster does not say how many."""
    end = time.monotonic() + _LONGEST_WAIT_SECONDS
    before, since = 0, time.monotonic()
    while (now := time.monotonic()) < end:
        count = count_workers(spark)
        if count != before:
            before, since = count, now
        elif count and now - since > _SETTLED_SECONDS:
            return
        time.sleep(0.1)


@contextmanager
def _trial_folder(parent: Path) -> Iterator[Path]:
    """Give a folder that, like every new one above it, does not stay."""
    new = [each for each in (parent, *parent.parents) if not each.exists()]
    folder = parent / f".shared-{uuid.uuid4().hex}"
    try:
        # Not by tempfile: workers may be another user.
        (folder / "read").mkdir(parents=True)
        yield folder
    except OSError as error:
        if error.errno not in _READ_ONLY:
            raise
        raise _refusal(
            f"Whether workers share {parent} cannot be tried: this machine"
            " may not write there."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # what another run has put there stays
            for each in new:
                each.rmdir()


def _count_read(spark: SparkSession, *, folder: Path, parts: int) -> int:
    """Let workers read files of the driver; count those that they saw."""
    row = pa.table({"part": pa.array([0], pa.int64())})
    for part in range(parts):
        pq.write_table(row, folder / f"part-{part:05}.parquet")
    # A missing file is not an error here: the task would be repeated on
    # another worker, which may see it.
    reader = reader_of_paths(spark).option("ignoreMissingFiles", "true")
    return reader.schema("part bigint").parquet(str(folder)).count()


def _count_written(spark: SparkSession, *, folder: Path, parts: int) -> int:
    """Let workers write files; count those that the driver reads."""
    spark.range(0, parts, 1, parts).write.parquet(str(folder))
    files = folder.glob("part-*.parquet")
    return sum(pq.read_metadata(file).num_rows for file in files)


@contextmanager
def _refusing(model: Path, settings: Settings) -> Iterator[None]:
    try:
        yield
    except (TaxiFareError, OSError):
        raise
    except Exception as error:
        fault = known_fault(error)
        if fault is not None:
            raise fault from error
        if not any(name in str(error) for name in _FILE_FAULTS):
            raise
        raise _refusal(
            f"The workers of {spark_master(settings)} cannot read or write"
            f" beside {model}."
        ) from error


def _refusal(found: str, remedy: str = _ONE_FOLDER) -> WrongUsageError:
    return WrongUsageError(
        found,
        expected="a place that the driver and every worker share: the workers"
        " write and read the models",
        remedy=f"keep them in a store (`taxi-fare train"
        f" --model-registry-path s3a://bucket/prefix`); or {remedy}",
    )
