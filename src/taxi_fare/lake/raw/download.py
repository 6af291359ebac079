"""Fetch one raw file over HTTP: resumed, retried and verified."""

import logging

import httpx

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.lake.raw.file import unusable_because
from taxi_fare.lake.raw.file_version import Version, range_start
from taxi_fare.lake.raw.partial_file import PartialFile, kept_version, opened
from taxi_fare.lake.raw.request import (
    RawRequest,
    not_fetched,
    require_success,
)
from taxi_fare.lake.raw.retries import InterruptedAttemptError, retrying

_logger = logging.getLogger(__name__)


def download(request: RawRequest) -> None:
    """
    Make sure that a verified copy of a remote raw file is where it belongs.

    A copy that is there already is kept when the server still has the same
    version. What an earlier call could not finish is resumed. Proxies are
    taken from the environment, as httpx does.

    Raises
    ------
    DataMissingError
        If the month is not published, or could not be fetched.
    DataRefusedError
        If what was fetched in full is not a parquet file with rows.
    """
    settings = request.settings
    with (
        httpx.Client(
            timeout=settings.timeout_seconds, follow_redirects=True
        ) as client,
        opened(request.final, request.public_url) as part,
    ):
        try:
            retrying(settings)(_attempt, client, request=request, part=part)
        except InterruptedAttemptError as error:
            _without_server(request, error)


def _attempt(
    client: httpx.Client, *, request: RawRequest, part: PartialFile
) -> None:
    kept = kept_version(request.final, request.public_url)
    headers = {"Accept-Encoding": "identity"}
    if kept:
        headers |= kept.unless_same()
    if part.size:
        headers |= part.version.range_from(part.size)
    try:
        with client.stream("GET", request.url, headers=headers) as response:
            if _is_kept(response, kept):
                part.restart()
                return
            resumed = _receive(response, request=request, part=part)
    except httpx.RequestError as error:
        raise InterruptedAttemptError(
            f"{type(error).__name__}: {error}"
        ) from error
    _finish(request, part=part, resumed=resumed)


def _is_kept(response: httpx.Response, kept: Version | None) -> bool:
    if response.status_code == httpx.codes.OK and kept:
        return kept.is_same(Version.of(response))
    return response.status_code == httpx.codes.NOT_MODIFIED


def _receive(
    response: httpx.Response, *, request: RawRequest, part: PartialFile
) -> bool:
    """Append the body; tell whether the file now has an older beginning."""
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        # Asked for the rest of this version, the server has no more.
        if part.size and part.size == part.version.length:
            return True
        part.restart()
        raise InterruptedAttemptError("the rest of the file does not exist")
    require_success(response, request)
    version = Version.of(response)
    resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
    if not resumed:
        part.restart(version)
    elif not _continues(response, part):
        part.restart()
        raise InterruptedAttemptError(
            "the server offers the rest of another file"
        )
    request.on_bytes(part.size, version.length)
    # With a chunk size httpx would hold bytes back, and lose them in a drop.
    for chunk in response.iter_raw():
        part.append(chunk)
        request.on_bytes(part.size, version.length)
    if version.length not in {None, part.size}:
        raise InterruptedAttemptError(
            f"{part.size} of {version.length} bytes arrived"
        )
    return resumed


def _continues(response: httpx.Response, part: PartialFile) -> bool:
    return range_start(response) == part.size and part.version.is_same(
        Version.of(response)
    )


def _finish(request: RawRequest, *, part: PartialFile, resumed: bool) -> None:
    reason = unusable_because(part.path)
    if reason is None:
        part.move_to(request.final)
        return
    part.restart()
    if resumed:
        raise InterruptedAttemptError(f"the resumed file {reason}")
    raise DataRefusedError(
        f"{request.month}: what {request.public_url} holds {reason}.",
        expected="a parquet file of one month's trips",
        remedy="open the address in a browser; if it is a parquet file there,"
        " save it to a folder and give that as --source.",
    )


def _without_server(
    request: RawRequest, error: InterruptedAttemptError
) -> None:
    """Fall back on the kept copy; raise when there is none."""
    if kept_version(request.final, request.public_url) is None:
        raise not_fetched(request, str(error)) from error
    _logger.warning(
        "%s: using the copy %s, as %s cannot be asked (%s)",
        request.month,
        request.final,
        request.public_url,
        error,
    )
