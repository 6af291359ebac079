"""What Spark's words about a store mean, while a run reads or writes."""

import re

from taxi_fare.core.errors import (
    EnvironmentLackError,
    TaxiFareError,
    TemporaryError,
)
from taxi_fare.core.store.words import explain

_ADDRESS = re.compile(r"s3a://[^\s'`:,;]+[^\s'`:,;.]")
_GONE = (
    "FAILED_READ_FILE.FILE_NOT_EXIST",
    "PATH_NOT_FOUND",
    "FileNotFoundException: No such file or directory: s3a://",
)
# S3A asks for the version that it listed (If-Match), which is 412 otherwise.
_REPLACED = re.compile(
    r"RemoteFileChangedException|Status Code: 412|PreconditionFailed"
)
# Hadoop's and the SDK's names for a store that is away or refuses.
_STORE = (
    "UnknownStoreException",
    "SdkClientException",
    "awssdk.services.s3.model",
    "AWSClientIOException",
    "AWSBadRequestException",
    "AWSServiceIOException",
    "fs.s3a.AWS",
)
# What becomes of a connection while a page is read: exceptions, not the
# frames of their traces.
_CONNECTION = re.compile(
    r"(?:java\.net|javax\.net\.ssl|org\.apache\.http[\w.]*)\.\w+Exception"
    r"|InterruptedIOException|HttpChannelEOFException"
)
_NO_SPACE = "No space left on device"
# Where a task failed, as Spark says it; of a local one: executor driver.
_EXECUTOR = re.compile(r"\((\S+) executor (\d+)\): .*?" + _NO_SPACE, re.DOTALL)


def store_fault(error: Exception) -> TaxiFareError | None:
    """
    Find out whether a store is what an action of Spark failed on.

    Returns
    -------
    TaxiFareError or None
        What to tell; None when it is something else.
    """
    words = str(error)
    if _NO_SPACE in words:
        return _disk_full(_EXECUTOR.search(words))
    address = _ADDRESS.search(words)
    if address is None:
        return None
    url = address[0]
    if _REPLACED.search(words):
        return _changed(url, "was replaced")
    if any(name in words for name in _GONE):
        return _changed(url, "was removed")
    if any(name in words for name in _STORE) or _CONNECTION.search(words):
        return explain(words, url=url)
    return None


def _changed(url: str, how: str) -> TemporaryError:
    return TemporaryError(
        f"{url} {how} while it was read.",
        expected="months that stay as they are during a run",
        remedy="run it again when the ingest has ended; nothing was kept of"
        " this run.",
    )


def _disk_full(worker: re.Match[str] | None) -> EnvironmentLackError:
    where = "this machine or on a worker"
    if worker is not None:
        where = f"the worker {worker[1]} (executor {worker[2]})"
    return EnvironmentLackError(
        f"A disk is full on {where}.",
        expected="space for Spark's temporary files",
        remedy="make room, or let SPARK_LOCAL_DIRS (spark.local.dir) name a"
        " larger disk.",
    )
