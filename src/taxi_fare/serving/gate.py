"""The gate before every route: keys, limits, request ids, the access log."""

import asyncio
import hmac
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.settings import API_KEYS, Settings
from taxi_fare.serving.figures import Figures
from taxi_fare.serving.problems import (
    ProblemError,
    answer,
    problem_of,
    unexpected,
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
# What answers a body, and tells the access log of it in a scope's state.
Direct = Callable[[bytes, dict[str, Any]], Awaitable[App]]

REQUEST_ID = b"x-request-id"
_LONGEST_ID = 64
# What a balancer asks tells nothing that is worth a key.
_OPEN = ("/health/", "/docs", "/openapi.json")
_logger = logging.getLogger("taxi_fare.serving.access")
_failures = logging.getLogger(__name__)


def keys_of(settings: Settings) -> tuple[bytes, ...]:
    """
    Return the keys of those who may ask; none: everybody may.

    Raises
    ------
    WrongUsageError
        If there is a text, and no key in it: somebody meant to close it.
    """
    text = settings.api_keys.get_secret_value() if settings.api_keys else ""
    keys = [each.strip() for each in text.split(",")]
    found = tuple(each.encode() for each in keys if each)
    if text and not found:
        raise WrongUsageError(
            f"{API_KEYS} is set, and holds no key.",
            expected="keys with commas between them",
            remedy="set one, or unset it: then everybody may ask.",
        )
    return found


@dataclass
class Gate:
    """
    Let requests through that are whole, in time, and allowed.

    The body is read here, so that no route waits for a slow client, and none
    gets more than it may.

    Parameters
    ----------
    direct : mapping of (str, str) to callable
        By method and path, what answers without the framework: its way to
        a route takes longer than a price.
    """

    app: App
    settings: Settings
    figures: Figures
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    direct: Mapping[tuple[str, str], Direct] = field(default_factory=dict)

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, headers = time.perf_counter(), dict(scope["headers"])
        request_id = _request_id(headers)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500

        async def tell(message: Message) -> None:
            """Name the request in its answer, and remember the status."""
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (REQUEST_ID, request_id.encode()),
                ]
            await send(message)

        try:
            self._check_key(scope["path"], headers)
            body = await self._body(headers, receive)
            direct = self.direct.get((scope["method"], scope["path"]))
            if direct is None:
                await self.app(scope, _once(body, receive), tell)
            else:
                scope["state"]["route"] = scope["path"]
                await _answered(direct, body, scope, tell)
        except ProblemError as error:
            refusal = answer(
                error.problem,
                request_id=request_id,
                headers=_challenge(error.problem.status),
            )
            await refusal(scope, receive, tell)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _check_key(self, path: str, headers: dict[bytes, bytes]) -> None:
        if not self.keys or path.startswith(_OPEN):
            return
        kind, _, given = headers.get(b"authorization", b"").partition(b" ")
        # All of them, each in constant time.
        known = [hmac.compare_digest(given.strip(), x) for x in self.keys]
        if kind.lower() != b"bearer" or not any(known):
            raise problem_of(
                401,
                "There is no key, or none that is known.",
                expected="Authorization: Bearer KEY",
                remedy="ask whoever runs the service for a key.",
            )

    async def _body(
        self, headers: dict[bytes, bytes], receive: Receive
    ) -> bytes:
        """Read the body of a request, if it is short and comes in time."""
        serving = self.settings.serving
        most = serving.body_max_bytes
        told = headers.get(b"content-length", b"0")
        if told.isdigit() and int(told) > most:
            raise _too_large(most)
        try:
            async with asyncio.timeout(serving.body_seconds):
                return await _read(receive, most)
        except TimeoutError:
            raise problem_of(
                408,
                "The body did not come to its end in time.",
                expected=f"all of it within {serving.body_seconds:g} seconds",
            ) from None

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        """Write the access log, and count."""
        route = scope["state"].get("route")
        if route is None:
            route = getattr(scope.get("route"), "path", "none")
        self.figures.requests.labels(route, status).inc()
        self.figures.seconds.labels(route).observe(seconds)
        told = {
            "request_id": scope["state"]["request_id"],
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "seconds": round(seconds, 6),
            "rides": scope["state"].get("rides"),
        }
        _logger.info(
            "%(method)s %(path)s %(status)s %(seconds).4f s %(request_id)s",
            told,
            extra=told,
        )


def _request_id(headers: dict[bytes, bytes]) -> str:
    """Return the client's own id, where it is one, or a new one."""
    given = headers.get(REQUEST_ID, b"").decode("latin-1")
    plain = given.isascii() and given.isprintable() and " " not in given
    if given and plain and len(given) <= _LONGEST_ID:
        return given
    return secrets.token_hex(8)


async def _answered(
    direct: Direct, body: bytes, scope: Scope, send: Send
) -> None:
    """Answer without the framework, and as it does where that fails."""
    try:
        response = await direct(body, scope["state"])
    except ProblemError:
        raise
    except Exception as error:
        _failures.error("A request failed", exc_info=error)
        raise unexpected() from error
    await response(scope, _nothing, send)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


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


def _once(body: bytes, receive: Receive) -> Receive:
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


def _too_large(most: int) -> ProblemError:
    return problem_of(
        413,
        "The body is too long.",
        expected=f"at most {most:,} bytes",
        remedy="ask for fewer rides at once.",
    )


def _challenge(status: int) -> dict[str, str]:
    return {"WWW-Authenticate": "Bearer"} if status == 401 else {}
