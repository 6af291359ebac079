"""The body of a request, read before a route is asked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from taxi_fare.core.sections import ServingSettings
from taxi_fare.serving.problems import ProblemError, problem_of

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


async def read_body(
    headers: Mapping[bytes, bytes],
    receive: Receive,
    *,
    limits: ServingSettings,
) -> bytes:
    """
    Read the body of a request, if it is short and comes in time.

    Raises
    ------
    ProblemError
        If it is longer or slower than it may be, or the client went away.
    """
    most = limits.body_max_bytes
    told = headers.get(b"content-length", b"0")
    if told.isdigit() and int(told) > most:
        raise _too_large(most)
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _read(receive, most)
    except TimeoutError:
        raise problem_of(
            408,
            "The body did not come to its end in time.",
            expected=f"all of it within {limits.body_seconds:g} seconds",
        ) from None


def once(body: bytes, receive: Receive) -> Receive:
    """Hand a body over that was read; what follows is the client's."""
    given = False

    async def again() -> Message:
        """Return the body, then whatever comes."""
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _read(receive: Receive, most: int) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise problem_of(400, "The client went away.")
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _too_large(most: int) -> ProblemError:
    return problem_of(
        413,
        "The body is too long.",
        expected=f"at most {most:,} bytes",
        remedy="ask for fewer rides at once.",
    )
