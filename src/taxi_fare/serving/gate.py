"""The gate before every route: keys, limits, request ids, the access log."""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.middleware.cors import CORSMiddleware

from taxi_fare.core.settings import Settings
from taxi_fare.serving.body import Message, Receive, once, read_body
from taxi_fare.serving.figures import Figures
from taxi_fare.serving.keys import check_key, is_open
from taxi_fare.serving.problems import ProblemError, answer, unexpected

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
# What answers a body, and tells the access log of it in a scope's state.
Direct = Callable[[bytes, dict[str, Any]], Awaitable[App]]

REQUEST_ID = b"x-request-id"
_LONGEST_ID = 64
_logger = logging.getLogger("taxi_fare.serving.access")
_failures = logging.getLogger(__name__)


@dataclass
class Gate:
    """
    Let requests through that are whole, in time, and allowed.

    The body is read here, so that no route waits for a slow client, and none
    gets more than it may. Pages of other origins are let in before keys are
    asked for: a browser sends none when it asks whether it may ask, and what
    is refused a page could not read otherwise.

    Parameters
    ----------
    direct : mapping of str to callable
        By path, what answers a POST without the framework: its way to a
        route takes longer than a price.
    """

    app: App
    settings: Settings
    figures: Figures
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    direct: Mapping[str, Direct] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._inside: App = self._checked
        if origins := self.settings.serving.allowed_origins:
            self._inside = CORSMiddleware(
                self._checked,
                allow_origins=origins,
                allow_methods=["GET", "POST"],
                allow_headers=[
                    "authorization",
                    "content-type",
                    "x-request-id",
                ],
                expose_headers=["x-request-id"],
            )

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(dict(scope["headers"]))
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
            await self._inside(scope, receive, tell)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    async def _checked(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer what may be asked, and say why something may not."""
        headers = dict(scope["headers"])
        try:
            if self.keys and not is_open(scope["path"]):
                given = headers.get(b"authorization", b"")
                check_key(given, keys=self.keys)
            if scope["method"] != "POST":
                # What a body says there nobody reads, or waits for.
                await self.app(scope, receive, send)
                return
            limits = self.settings.serving
            body = await read_body(headers, receive, limits=limits)
            direct = self.direct.get(scope["path"])
            if direct is None:
                await self.app(scope, once(body, receive), send)
            else:
                scope["state"]["route"] = scope["path"]
                await _answered(direct, body, scope, send)
        except ProblemError as error:
            refusal = answer(
                error.problem,
                request_id=scope["state"]["request_id"],
                headers=_challenge(error.problem.status),
            )
            await refusal(scope, receive, send)

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


def _challenge(status: int) -> dict[str, str]:
    return {"WWW-Authenticate": "Bearer"} if status == 401 else {}
