"""Try again with growing, random waits, as a server asks for."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from taxi_fare.core.sections import SourceSettings

_logger = logging.getLogger(__name__)


class InterruptedAttemptError(Exception):
    """An attempt failed in a way that another one may not."""

    def __init__(self, reason: str, *, wait_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


def answer_of(response: httpx.Response, *, longest_wait: float) -> str:
    """
    Say what a server answered that gave no file.

    Raises
    ------
    InterruptedAttemptError
        If it may answer otherwise soon.
    """
    status = response.status_code
    answer = f"the server answered {status} {response.reason_phrase}".strip()
    if status == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        wait = retry_after_seconds(response.headers.get("Retry-After", ""))
        if wait > longest_wait:
            answer += f" and asks to wait {wait:.0f} s"
        raise InterruptedAttemptError(answer, wait_seconds=wait)
    return answer


def retrying(settings: SourceSettings) -> Retrying:
    """Return what repeats a function while its attempts are interrupted."""
    return Retrying(
        stop=stop_after_attempt(settings.attempts),
        wait=_wait(settings),
        # Nobody is kept waiting for longer than the settings allow.
        retry=retry_if_exception(
            lambda error: (
                isinstance(error, InterruptedAttemptError)
                and error.wait_seconds <= settings.longest_wait_seconds
            )
        ),
        before_sleep=lambda state: _logger.warning(
            "Attempt %d failed (%s); next one in %.1f s",
            state.attempt_number,
            _failure(state),
            state.upcoming_sleep,
        ),
        reraise=True,
    )


def retry_after_seconds(value: str) -> float:
    """
    Read a ``Retry-After`` header: seconds, or a date (RFC 9110, 10.2.3).

    Returns
    -------
    float
        Seconds from now, never negative; 0 when it says nothing.
    """
    if value.strip().isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _wait(settings: SourceSettings) -> Callable[[RetryCallState], float]:
    first = settings.first_wait_seconds
    growing = wait_exponential(first, max=settings.longest_wait_seconds)
    # Clients that failed together should not come back together.
    backoff = growing + wait_random(0, first)
    return lambda state: max(
        getattr(_failure(state), "wait_seconds", 0.0), backoff(state)
    )


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
