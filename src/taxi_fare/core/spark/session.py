"""The only place that builds a Spark session."""

import logging
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from taxi_fare.core.checkout import project_file
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.interruption import end_on_signals
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.class_archive import archive_options
from taxi_fare.core.spark.environment import ENGLISH, jvm_variables
from taxi_fare.core.spark.faults import start_fault
from taxi_fare.core.spark.folders import (
    require_local_folders,
    temporary_folder,
)
from taxi_fare.core.spark.java import find_java
from taxi_fare.core.spark.jvm import is_submitted, reach_jvm
from taxi_fare.core.spark.master import is_local, is_standalone, require_master
from taxi_fare.core.spark.memory import driver_memory
from taxi_fare.core.spark.network import LOOPBACK, protect
from taxi_fare.core.spark.s3a import configure_s3a, needs_s3a, s3a_options
from taxi_fare.core.spark.workers import tell_when_alone
from taxi_fare.core.usual_places import home_folder, is_named_user

_LOG4J_FILE = "conf/log4j2.properties"
_EXECUTOR_OPTIONS = "spark.executor.defaultJavaOptions"
_SHUFFLE_PARTITIONS = "spark.sql.shuffle.partitions"
# What the figures rest on; nobody else's options change it.
_FIXED = {
    "spark.sql.session.timeZone": "UTC",
    # One action is one job, and the layout of partitions is ours.
    "spark.sql.adaptive.enabled": "false",
    # Else a flipped bit in a page gives other trips, in silence.
    "spark.hadoop.parquet.page.verify-checksum.enabled": "true",
    "spark.hadoop.parquet.page.write-checksum.enabled": "true",
}
_PATIENCE_SECONDS = 5
_logger = logging.getLogger(__name__)


def spark_session(
    settings: Settings, *, paths: Iterable[object] = ()
) -> SparkSession:
    """
    Return the process's Spark session, started when there is none.

    Returns
    -------
    SparkSession
        In the time zone UTC, so that the TLC's wall-clock times stay as they
        are.

    Raises
    ------
    EnvironmentLackError
        If no Java is found that Spark can run on, or no S3A, or a disk is
        full.
    """
    in_store = needs_s3a(paths)
    running = SparkSession.getActiveSession()
    if running is not None:
        if in_store:
            configure_s3a(running, settings)
        return running
    options: dict[str, object] = {}
    if not is_submitted():
        options = _own_process(settings)
        if in_store:
            options |= s3a_options(settings)
    session = _start(options | _FIXED, settings)
    _silence(session.sparkContext)
    _stop_with_this_process(session)
    if not is_local(str(session.sparkContext.master)):
        tell_when_alone(session)
    if in_store:
        configure_s3a(session, settings)
    return session


def spark_master(settings: Settings) -> str:
    """Return where this process's Spark runs, or will run."""
    if is_submitted():
        return str(reach_jvm({}).get("spark.master"))
    running = SparkSession.getActiveSession()
    return str(running.sparkContext.master) if running else settings.master


def would_be_local(settings: Settings) -> bool:
    """Tell whether Spark would be a JVM of this process alone."""
    return not is_submitted() and is_local(settings.master)


def has_own_python(session: SparkSession) -> bool:
    """Tell whether Spark's workers have this process's Python and packages."""
    master = str(session.sparkContext.master)
    return is_local(master) and not is_submitted()


def _start(options: dict[str, object], settings: Settings) -> SparkSession:
    try:
        given = reach_jvm(options)
        if is_submitted():
            options |= _submitted(given, settings)
        master = str(given.get("spark.master", settings.master))
        protect(master, secret=settings.spark_authenticate_secret)
        if is_standalone(master):
            require_master(master)
        builder = SparkSession.builder
        for name, value in options.items():
            builder = builder.config(name, str(value))
        return builder.getOrCreate()
    except TaxiFareError:
        raise
    except Exception as error:
        raise start_fault(error) from error


def _submitted(given: SparkConf, settings: Settings) -> dict[str, object]:
    """Leave to spark-submit what it was given; it started the JVM."""
    _logger.info(
        "spark-submit runs Spark on %s, with %s of driver memory",
        given.get("spark.master"),
        given.get("spark.driver.memory", "1g"),
    )
    if given.contains(_SHUFFLE_PARTITIONS):
        return {}
    return {_SHUFFLE_PARTITIONS: settings.spark.shuffle_partitions}


def _silence(context: SparkContext) -> None:
    """Let Spark log errors only, unless somebody said what it is to log."""
    given = context.getConf().get("spark.driver.extraJavaOptions", "")
    if "log4j" not in str(given):
        context.setLogLevel("ERROR")


def _stop_with_this_process(session: SparkSession) -> None:
    """Stop Spark's jobs and its log lines when a signal ends the process."""

    def abandon() -> None:
        """Tell the JVM, which may be gone already."""
        with suppress(Exception):
            session.sparkContext.setLogLevel("OFF")
            session.sparkContext.cancelAllJobs()

    def abandon_soon() -> None:
        """Do so beside the call that the signal found this process in."""
        # PySpark's own handler calls the JVM in the middle of another call;
        # a thread has a connection of its own.
        thread = threading.Thread(target=abandon, daemon=True)
        thread.start()
        thread.join(_PATIENCE_SECONDS)

    end_on_signals(abandon_soon)


def _own_process(settings: Settings) -> dict[str, object]:
    java = find_java()
    memory = driver_memory(settings.spark.driver_memory)
    _logger.info(
        "Starting Spark on %s (Java %d, %s of memory)",
        settings.master,
        java.version,
        memory,
    )
    options: dict[str, object] = {
        "spark.app.name": "taxi_fare",
        "spark.master": settings.master,
        "spark.driver.memory": memory,
        _SHUFFLE_PARTITIONS: settings.spark.shuffle_partitions,
        "spark.ui.enabled": "false",
        # Half a dozen calls of Python for a million trips, not a hundred.
        "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
        "spark.ui.showConsoleProgress": "false",
        # Jobs that the progress of a fit is counted by: seven a tree.
        "spark.ui.retainedJobs": "20000",
        # Defaults come before the user's extraJavaOptions.
        "spark.driver.defaultJavaOptions": " ".join(
            [
                *_driver_options(),
                *archive_options(java, settings.spark.class_archive),
            ]
        ),
        _EXECUTOR_OPTIONS: " ".join(ENGLISH),
    }
    if is_local(settings.master):
        options["spark.driver.host"] = LOOPBACK
        require_local_folders()
    variables = jvm_variables(options)
    for note in variables.notes:
        _logger.warning(note)
    variables.apply()
    os.environ["JAVA_HOME"] = str(java.home)
    return options


def _driver_options() -> Iterator[str]:
    yield from ENGLISH
    # Libraries are unpacked there.
    yield f'"-Djava.io.tmpdir={temporary_folder()}"'
    if not is_named_user():
        # Else Java's is "?", which is no folder.
        yield f'"-Duser.home={home_folder()}"'
    log4j = project_file(_LOG4J_FILE)
    if log4j is not None:
        # Of the two spellings Log4j prefers log4j2.configurationFile. A URI:
        # a space in the path would end the option.
        yield f"-Dlog4j.configurationFile={log4j.as_uri()}"
