"""The HTTP service: prices of the model in production, without Spark."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from taxi_fare import __version__
from taxi_fare.core.settings import Settings
from taxi_fare.serving.description import describe
from taxi_fare.serving.figures import Figures
from taxi_fare.serving.gate import Gate
from taxi_fare.serving.keys import keys_of
from taxi_fare.serving.problems import (
    ProblemError,
    answer,
    problem_of,
    unexpected,
)
from taxi_fare.serving.production import Production, Serving
from taxi_fare.serving.routes import QUOTES, Service

_logger = logging.getLogger(__name__)


def create_app(place: str, settings: Settings) -> Gate:
    """
    Return the service of a registry, as an ASGI application.

    Parameters
    ----------
    place : str
        The registry: a folder, or an address in a store.
    """
    figures = Figures()
    production = Production(place, settings, partial(_told, figures))
    service = Service(settings, production, figures)
    app = FastAPIOffline(
        redoc_url=None,
        # Under /docs, which needs no key.
        static_url="/docs/files",
        title="taxi_fare",
        version=__version__,
        description="What a New York yellow-taxi rider pays in total.",
        lifespan=partial(_running, service),
    )
    service.add_to(app)
    keys = keys_of(settings)
    describe(app, keyed=bool(keys))
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, _unexpected)
    direct = {QUOTES: service.answered}
    return Gate(app, settings, figures, keys, direct)


@asynccontextmanager
async def _running(service: Service, app: FastAPI) -> AsyncIterator[None]:
    """Follow the registry and price, while the service runs."""
    del app
    await service.production.look()
    tasks = [
        asyncio.create_task(each)
        for each in (service.production.follow(), service.batches.run())
    ]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _told(figures: Figures, serving: Serving) -> None:
    """Count by another model from now on."""
    figures.serve(serving.predictor)


def _request_id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))


async def _problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise TypeError(f"{error!r} is no problem of a client")
    return answer(error.problem, request_id=_request_id(request))


async def _no_route(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: no such path, or method."""
    status = getattr(error, "status_code", 404)
    headers: Any = getattr(error, "headers", None)
    problem = problem_of(
        status,
        f"{request.method} {request.url.path} is nothing that is served.",
        expected="what /docs lists",
    ).problem
    return answer(problem, request_id=_request_id(request), headers=headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    """Say nothing of what happened to the client; the log knows."""
    _logger.error("A request failed", exc_info=error)
    problem = unexpected().problem
    return answer(problem, request_id=_request_id(request))
