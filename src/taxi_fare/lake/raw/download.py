"""Fetch one raw file over HTTP: streamed whole, retried and verified."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from filelock import FileLock, Timeout

from taxi_fare.core.errors import (
    DataMissingError,
    DataRefusedError,
    NotPublishedError,
    TaxiFareError,
    TemporaryError,
)
from taxi_fare.core.months import Month
from taxi_fare.core.sections import SourceSettings
from taxi_fare.lake.raw.client import http_client
from taxi_fare.lake.raw.edition import Edition, keeping, kept_edition
from taxi_fare.lake.raw.file import unusable_because
from taxi_fare.lake.raw.retries import (
    InterruptedAttemptError,
    answer_of,
    retrying,
)

# Called with the bytes there are and, when the server tells, their total.
OnBytes = Callable[[int, int | None], None]
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RawRequest:
    """One raw file that is wanted, and whom to tell as its bytes arrive."""

    month: Month
    url: httpx.URL
    final: Path
    settings: SourceSettings
    on_bytes: OnBytes

    @property
    def public_url(self) -> str:
        """The URL without user, password, query and fragment."""
        return str(self.url.copy_with(userinfo=b"", query=None, fragment=None))


def download(request: RawRequest) -> None:
    """
    Make sure that a verified copy of a remote raw file is where it belongs.

    A copy that is there already is kept when the server still has the same
    edition, or cannot be asked. Proxies are taken from the environment.

    Raises
    ------
    EnvironmentLackError
        If a proxy or certificates of the environment cannot be used.
    DataMissingError
        If the month is not published, or the request is refused.
    TemporaryError
        If the source cannot be reached within the attempts.
    DataRefusedError
        If what was fetched in full is not a parquet file with rows.
    """
    settings = request.settings
    with (
        _alone(request.final),
        http_client(
            request.url, timeout_seconds=settings.timeout_seconds
        ) as client,
    ):
        try:
            retrying(settings)(_attempt, client, request)
        except InterruptedAttemptError as error:
            if kept_edition(request.final, request.public_url) is None:
                raise _not_fetched(request, str(error)) from error
            _logger.warning(
                "%s: using the copy %s, as %s cannot be asked (%s)",
                request.month,
                request.final,
                request.public_url,
                error,
            )


@contextmanager
def _alone(final: Path) -> Iterator[None]:
    """Keep other processes from fetching the same file meanwhile."""
    path = final.with_name(f".{final.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        _logger.info("Waiting for another download of %s", final)
        lock.acquire()
    try:
        yield
    finally:
        # While it is held: who waits for it then makes a new one.
        path.unlink(missing_ok=True)
        lock.release()


def _attempt(client: httpx.Client, request: RawRequest) -> None:
    kept = kept_edition(request.final, request.public_url)
    headers = {"Accept-Encoding": "identity"}
    headers |= kept.unless_same() if kept else {}
    try:
        with client.stream("GET", request.url, headers=headers) as response:
            if kept and response.status_code == httpx.codes.NOT_MODIFIED:
                return
            _require_file(response, request)
            offered = Edition.of(response)
            if kept is None or not kept.is_same(offered):
                _receive(response, request=request, offered=offered)
    except httpx.RequestError as error:
        raise InterruptedAttemptError(
            f"{type(error).__name__}: {error}"
        ) from error


def _receive(
    response: httpx.Response, *, request: RawRequest, offered: Edition
) -> None:
    with keeping(offered, final=request.final, url=request.public_url) as part:
        with part.open("wb") as stream:
            request.on_bytes(0, offered.length)
            # A body that ends too early is an error of httpx.
            for chunk in response.iter_bytes():
                stream.write(chunk)
                request.on_bytes(stream.tell(), offered.length)
        reason = unusable_because(part)
        if reason:
            raise DataRefusedError(
                f"{request.month}: what {request.public_url} holds {reason}.",
                expected="a parquet file of one month's trips",
                remedy="open the address in a browser; if it is a parquet"
                " file there, save it to a folder and give that as --source.",
            )


def _require_file(response: httpx.Response, request: RawRequest) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    longest = request.settings.longest_wait_seconds
    answer = answer_of(response, longest_wait=longest)
    # CloudFront answers 403 for a file that does not exist.
    if status in {httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND}:
        raise NotPublishedError(
            f"{request.month} is not published yet: {answer} for"
            f" {request.public_url}.",
            expected="a published month; the TLC publishes about two months"
            " late",
            remedy="ingest an earlier month, or come back later.",
        )
    raise _not_fetched(request, answer, kind=DataMissingError)


def _not_fetched(
    request: RawRequest,
    reason: str,
    *,
    kind: type[TaxiFareError] = TemporaryError,
) -> TaxiFareError:
    return kind(
        f"{request.month} could not be fetched from {request.public_url}:"
        f" {reason}.",
        expected="an answer with a parquet file within"
        f" {request.settings.attempts} attempts",
        remedy="check the network and run the command again; or give a"
        " folder as --source.",
    )
