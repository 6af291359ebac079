"""What Spark's words mean, when it does not start or an action fails."""

import re

from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError

from taxi_fare.core.errors import (
    EnvironmentLackError,
    TaxiFareError,
    TemporaryError,
)
from taxi_fare.core.spark.causes import (
    jvm_gone,
    machine_fault,
    telling_line,
)
from taxi_fare.core.spark.environment import variables_read
from taxi_fare.core.spark.jvm import jvm_end, keep_words, words_of_jvm
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
# All that Py4J says of a call whose answer did not come.
_CALLED = re.compile(r"An error occurred while calling \S+")
_OF_A_DEAD_JVM = (Py4JError, ConnectionRefusedError, ConnectionResetError)
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


def start_fault(error: Exception) -> TaxiFareError:
    """
    Say why Spark does not start, whatever it is.

    Returns
    -------
    TaxiFareError
        With the variables that Spark and Java read, and with the place of
        the whole log when the cause is not known.
    """
    words = f"{words_of_jvm()}\n{error}"
    fault = machine_fault(words, at_start=True)
    if fault is None:
        place = keep_words(words)
        fault = EnvironmentLackError(
            f"Spark does not start: {telling_line(words)}",
            remedy="run `taxi-fare doctor`"
            + (f"; the whole log is in {place}." if place else "."),
        )
    read = variables_read()
    if read:
        fault.add_context(after=f"  Set here, and read by Spark: {read}")
    return fault


def known_fault(error: Exception) -> TaxiFareError | None:
    """
    Find out whether the machine or a store is what Spark failed on.

    Returns
    -------
    TaxiFareError or None
        What to tell; None when it is something else.
    """
    words = str(error)
    if _is_unanswered(error):
        return jvm_gone(jvm_end(), words_of_jvm())
    fault = machine_fault(words)
    address = _ADDRESS.search(words)
    if fault or address is None:
        return fault
    url = address[0]
    if _REPLACED.search(words):
        return _changed(url, "was replaced")
    if any(name in words for name in _GONE):
        return _changed(url, "was removed")
    if any(name in words for name in _STORE) or _CONNECTION.search(words):
        return explain(words, url=url)
    return None


def _is_unanswered(error: Exception) -> bool:
    """Tell whether the JVM, rather than what it does, is the matter."""
    if isinstance(error, Py4JJavaError):
        return False
    if isinstance(error, Py4JNetworkError):
        return True
    if not isinstance(error, _OF_A_DEAD_JVM):
        return False
    # Py4J has no other sign of an answer that did not come; of a JVM that is
    # gone it also says that it lacks a class.
    called = _CALLED.fullmatch(str(error)) is not None
    return called or jvm_end() is not None


def _changed(url: str, how: str) -> TemporaryError:
    return TemporaryError(
        f"{url} {how} while it was read.",
        expected="months that stay as they are during a run",
        remedy="run it again when the ingest has ended; nothing was kept of"
        " this run.",
    )
