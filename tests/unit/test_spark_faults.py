"""What a store's answers mean, in the words of Spark's exceptions."""

import re

import pytest

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.core.spark.faults import known_fault
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.read import refusing_damage, require_all_rows

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
    fault = known_fault(_spark(cause))
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
    fault = known_fault(_spark(cause))
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
    fault = known_fault(_spark(cause))
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
    assert known_fault(_spark(cause)) is None


NAMED = (
    "[FAILED_READ_FILE.NO_HINT] Encountered error while reading file {}. "
    " SQLSTATE: KD001\n\tat org.apache.spark.sql.errors.Foo(Foo.scala:1)"
)
UNNAMED = (
    "Job aborted due to stage failure: Task 0 in stage 76.0 failed 1 times,"
    " most recent failure: Lost task 0.0 in stage 76.0 (TID 76) (localhost"
    " executor driver): java.lang.ArrayIndexOutOfBoundsException: Index 9\n"
)
DICTIONARY = (
    "\tat org.apache.parquet.column.values.dictionary.PlainValuesDictionary"
    "$PlainLongDictionary.decodeToLong(PlainValuesDictionary.java:161)\n"
)
IN_JAVA = "\tat java.base/java.util.Arrays.rangeCheck(Arrays.java:725)\n"
WRITER = "\tat org.apache.parquet.hadoop.ParquetFileWriter.x(P.java:1)\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (NAMED.format("file:///a/b%20c/x.parquet"), "/a/b c/x.parquet"),
        (NAMED.format("file:/a/50%25/x.parquet"), "/a/50%/x.parquet"),
        (NAMED.format("s3a://x/M%C3%A4rz.parquet"), "s3a://x/März.parquet"),
        (UNNAMED + DICTIONARY, "A file of these months"),
        (UNNAMED + IN_JAVA + DICTIONARY, "A file of these months"),
    ],
)
def test_what_cannot_be_decoded_is_the_fault_of_the_file(
    words: str, told: str
) -> None:
    """Named as it is on the disk, where Spark says which it is."""
    with (
        pytest.raises(DataRefusedError, match=f"^{re.escape(told)} cannot be"),
        refusing_damage(),
    ):
        raise RuntimeError(words)


@pytest.mark.parametrize(
    "words",
    [
        UNNAMED + IN_JAVA,
        UNNAMED + WRITER,
        UNNAMED
        + "\tat org.apache.spark.ml.Tree.x(T.scala:1)\n" * 6
        + DICTIONARY,
        "a bug",
    ],
)
def test_a_bug_is_no_fault_of_a_file(words: str) -> None:
    """Nor is what is written."""
    with pytest.raises(RuntimeError, match=r"."), refusing_damage():
        raise RuntimeError(words)


@pytest.mark.parametrize("seen", [{}, {"2023-02": 0}, {"2023-02": 399}])
def test_trips_that_spark_does_not_find_are_missed(
    seen: dict[str, int],
) -> None:
    """A shortfall, from whatever cause, is no smaller month."""
    month = LakeMonth(Month("2023-02"), (), rows=400, parts=(), record=None)
    require_all_rows([month], {"2023-02": 400})
    with pytest.raises(DataRefusedError, match=r"of the 400 trips of 2023-02"):
        require_all_rows([month], seen)
