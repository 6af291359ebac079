"""What a store's answers mean, in the words of Spark's exceptions."""

import re

import pytest

from taxi_fare.core.spark.faults import store_fault

MONTH = "s3a://nyc-interim/yellow/2019/05/trips.parquet"
SERVICE = "(Service: S3, Status Code: {}, Request ID: 18C5, Extended ID: x)"


def _spark(cause: str) -> Exception:
    """Return what Py4J raises: Spark's words, and a trace with the cause."""
    return RuntimeError(
        "An error occurred while calling o61.collect.\n: org.apache.spark."
        "SparkException: [FAILED_READ_FILE.NO_HINT] Encountered error while"
        f" reading file {MONTH}.  SQLSTATE: KD001\n\tat org.apache.spark.sql"
        ".errors.Foo(Foo.scala:1)\n\tat java.base/java.net.URLClassLoader"
        f".findClass(Unknown Source)\nCaused by: {cause}\n\tat x.Y.z(Y.java:1)"
    )


@pytest.mark.parametrize(
    "cause",
    [
        "org.apache.hadoop.fs.s3a.RemoteFileChangedException: open `x'",
        f"org.apache.hadoop.fs.s3a.AWSS3IOException: read on {MONTH}:"
        " software.amazon.awssdk.services.s3.model.S3Exception:"
        f" At least one of the pre-conditions {SERVICE.format(412)}",
        f"org.apache.hadoop.fs.s3a.AWSServiceIOException: {MONTH}:"
        f" PreconditionFailed {SERVICE.format(412)}",
    ],
)
def test_a_month_that_was_replaced_is_worth_a_retry(cause: str) -> None:
    """By Hadoop's own name for it, or by the answer 412 alone."""
    fault = store_fault(_spark(cause))
    assert fault is not None
    assert fault.exit_code == 75
    assert fault.found == f"{MONTH} was replaced while it was read."


@pytest.mark.parametrize(
    "status",
    [400, 401, 403, 404, 405, 408, 409, 416, 429, 451, 499, 500, 503, 599],
)
def test_no_answer_is_a_bare_number(status: int) -> None:
    """Whatever a store or what lies before it answers, words go with it."""
    cause = (
        f"org.apache.hadoop.fs.s3a.AWSStatus500Exception: read on {MONTH}:"
        " software.amazon.awssdk.services.s3.model.S3Exception: null"
        f" {SERVICE.format(status)}"
    )
    fault = store_fault(_spark(cause))
    assert fault is not None
    assert fault.exit_code in {7, 75}
    assert fault.remedy
    found = fault.found.removesuffix(".")
    assert not re.search(rf": {status}$", found), found
    assert re.search(r"[a-z]{4,} \(status \d+\)$", found) or "refuses" in found


@pytest.mark.parametrize(
    "cause",
    [
        "java.net.ConnectException: Connection refused",
        "java.net.SocketTimeoutException: Read timed out",
        "javax.net.ssl.SSLException: Connection reset",
        "java.io.InterruptedIOException: reopen on x",
        "org.apache.http.ConnectionClosedException: Premature end of body",
        "org.apache.hadoop.fs.s3a.HttpChannelEOFException: x",
    ],
)
def test_a_connection_that_breaks_is_no_damage(cause: str) -> None:
    """A page that did not arrive says nothing of the file."""
    fault = store_fault(_spark(cause))
    assert fault is not None
    assert fault.exit_code == 7


@pytest.mark.parametrize(
    "cause",
    [
        f"java.lang.RuntimeException: {MONTH} is not a Parquet file",
        "org.apache.parquet.io.ParquetDecodingException: Can not read value",
        "java.lang.ArrayIndexOutOfBoundsException: 7",
    ],
)
def test_damage_is_no_fault_of_the_store(cause: str) -> None:
    """Though the trace passes through its client's classes."""
    assert store_fault(_spark(cause)) is None
