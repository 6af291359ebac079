"""What is asked of a server, and the errors that its answers mean."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from taxi_fare.core.errors import DataMissingError, NotPublishedError
from taxi_fare.core.months import Month
from taxi_fare.core.sections import SourceSettings
from taxi_fare.lake.raw.retries import (
    InterruptedAttemptError,
    retry_after_seconds,
)

# Called with the bytes there are and, when the server tells, their total.
OnBytes = Callable[[int, int | None], None]


@dataclass(frozen=True)
class RawRequest:
    """
    One raw file that is wanted.

    Parameters
    ----------
    on_bytes : callable
        Called as bytes arrive.
    """

    month: Month
    url: httpx.URL
    final: Path
    settings: SourceSettings
    on_bytes: OnBytes

    @property
    def public_url(self) -> str:
        """The URL without user, password, query and fragment."""
        return str(self.url.copy_with(userinfo=b"", query=None, fragment=None))


def require_success(response: httpx.Response, request: RawRequest) -> None:
    """
    Raise unless an answer brings the file or a part of it.

    Raises
    ------
    InterruptedAttemptError
        If the server may well answer another attempt.
    NotPublishedError
        If the server does not have the month.
    DataMissingError
        If the request is bad in another way.
    """
    status = response.status_code
    if status in {httpx.codes.OK, httpx.codes.PARTIAL_CONTENT}:
        return
    answer = f"the server answered {status} {response.reason_phrase}".strip()
    if status == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        wait = retry_after_seconds(response.headers.get("Retry-After", ""))
        if wait <= request.settings.longest_wait_seconds:
            raise InterruptedAttemptError(answer, wait_seconds=wait)
        answer += f" and asks to wait {wait:.0f} s"
    # CloudFront answers 403 for a file that does not exist.
    if status in {httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND}:
        raise NotPublishedError(
            f"{request.month} is not published yet: {answer} for"
            f" {request.public_url}.",
            expected="a published month; the TLC publishes about two months"
            " late",
            remedy="ingest an earlier month, or come back later.",
        )
    raise not_fetched(request, answer)


def not_fetched(request: RawRequest, reason: str) -> DataMissingError:
    """Return the error that says why a file could not be fetched."""
    return DataMissingError(
        f"{request.month} could not be fetched from {request.public_url}:"
        f" {reason}.",
        expected="an answer with a parquet file within"
        f" {request.settings.attempts} attempts",
        remedy="check the network and run the command again, which goes on"
        " where this one stopped; or give a folder as --source.",
    )
