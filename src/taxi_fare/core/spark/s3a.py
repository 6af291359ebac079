"""Let Spark read and write s3a:// paths."""

from collections.abc import Iterable

from pyspark.sql import SparkSession

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.jars import fetch_jars
from taxi_fare.core.store.client import is_store_url
from taxi_fare.core.store.settings import StoreAccess

_PACKAGE = "org.apache.hadoop.fs.s3a"
_COMMITTER = "org.apache.spark.internal.io.cloud"
# Files of a job appear together, at its end, without renames, which a store
# does not have.
_MAGIC_COMMITTER = {
    "spark.sql.sources.commitProtocolClass": (
        f"{_COMMITTER}.PathOutputCommitProtocol"
    ),
    "spark.sql.parquet.output.committer.class": (
        f"{_COMMITTER}.BindingParquetOutputCommitter"
    ),
}
_NO_STREAM = "spark.sql.streaming.fileStreamSink.ignoreMetadata"
# S3A's own patience is a quarter of an hour. With these a store that is away
# is given up within a minute, and one that restarts is waited for.
_PATIENCE = {
    "fs.s3a.attempts.maximum": "0",
    "fs.s3a.retry.limit": "1",
    "fs.s3a.retry.interval": "3s",
    "fs.s3a.retry.throttle.limit": "4",
    "fs.s3a.connection.establish.timeout": "15s",
    "fs.s3a.connection.timeout": "15s",
}


def needs_s3a(paths: Iterable[object]) -> bool:
    """Tell whether one of some paths is in an S3 store."""
    return any(is_store_url(str(path)) for path in paths)


def s3a_options(settings: Settings) -> dict[str, str]:
    """
    Return what a Spark session is started with; no key is among it.

    Raises
    ------
    EnvironmentLackError
        If the jars are not there and cannot be fetched.
    """
    jars = ",".join(jar.as_uri() for jar in fetch_jars(settings.spark))
    return {"spark.jars": jars} | _MAGIC_COMMITTER


def configure_s3a(session: SparkSession, settings: Settings) -> None:
    """
    Tell a running session where the store is, and the keys.

    They go to Hadoop's configuration of the running JVM: Spark's own one is
    on the command line, in the web pages and in the event log. Spark sends
    Hadoop's to the executors with each job that reads or writes.

    Raises
    ------
    EnvironmentLackError
        If the session has no S3A, or a key is not set.
    """
    hadoop = session.sparkContext._jsc.hadoopConfiguration()
    if hadoop.getClassByNameOrNull(f"{_PACKAGE}.S3AFileSystem") is None:
        raise EnvironmentLackError(
            "This Spark session cannot read s3a:// paths.",
            expected="the jars of S3A on its class path",
            remedy="run `taxi-fare doctor --fetch-jars`, then spark-submit"
            " --jars \"$(echo FOLDER/*.jar | tr ' ' ,)\" with the folder that"
            " it names.",
        )
    # Spark would look for the log of a stream beside each file.
    session.conf.set(_NO_STREAM, "true")
    for name, value in _hadoop_options(settings.store_access()).items():
        hadoop.set(name, value)


def _hadoop_options(access: StoreAccess) -> dict[str, str]:
    provider = "Simple" if access.session_token is None else "Temporary"
    own = access.endpoint is not None
    options = _PATIENCE | {
        "fs.s3a.endpoint.region": access.region,
        # MinIO and most others have no host name for each bucket.
        "fs.s3a.path.style.access": str(own).lower(),
        "fs.s3a.connection.ssl.enabled": str(not access.is_plain_http).lower(),
        "fs.s3a.committer.name": "magic",
        "fs.s3a.aws.credentials.provider": (
            f"{_PACKAGE}.{provider}AWSCredentialsProvider"
        ),
        "fs.s3a.access.key": access.access_key.get_secret_value(),
        "fs.s3a.secret.key": access.secret_key.get_secret_value(),
    }
    if access.endpoint is not None:
        options["fs.s3a.endpoint"] = access.endpoint
    if access.session_token is not None:
        options["fs.s3a.session.token"] = (
            access.session_token.get_secret_value()
        )
    return options
