"""What is served: prices, the model, zones, health, figures."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field, ValidationError

from taxi_fare.core.errors import (
    DataMissingError,
    DataRefusedError,
    WrongUsageError,
)
from taxi_fare.core.settings import Settings
from taxi_fare.core.wrong_values import expected_of, place_of
from taxi_fare.core.zones import zones
from taxi_fare.serving.asked import (
    QuotesAsked,
    possible_rides,
    possible_trips,
    refused,
)
from taxi_fare.serving.batches import Batches
from taxi_fare.serving.examples import EXAMPLES
from taxi_fare.serving.figures import CONTENT_TYPE, Figures
from taxi_fare.serving.model import ModelTold, model_told
from taxi_fare.serving.priced import Quotes, Told
from taxi_fare.serving.pricing import Asked, Question, price_questions
from taxi_fare.serving.problems import (
    REFUSALS,
    Fault,
    declared,
    problem_of,
    problem_of_error,
)
from taxi_fare.serving.production import Production, Serving
from taxi_fare.serving.written import Written

QUOTES = "/v1/quotes"
_JSON = "application/json"
_QUOTES_ASKED = "#/components/schemas/QuotesAsked"
# Requests that are priced together at most.
_TOGETHER = 64
# Rides of a request that are priced at once: more are no faster, and what is
# needed to price them is as large as they are many.
_AT_ONCE = 1_000
# Of requests with longer bodies one is worked on after the other: read, each
# is ten times as large.
_LARGE = 128 << 10
# So many rides take a few milliseconds.
_FEW = 128


class ZoneTold(BaseModel):
    """A taxi zone of the TLC."""

    number: int
    name: str
    borough: str


class Health(BaseModel):
    """Whether prices can be asked for."""

    status: str
    model_id: str | None = None
    trouble: str | None = Field(
        None, description="Why the registry cannot be followed just now."
    )
    refused: str | None = Field(
        None, description="The version that is not served because of it."
    )


@dataclass
class Service:
    """The routes, and what they share."""

    settings: Settings
    production: Production
    figures: Figures
    batches: Batches[Question, list[Told]] = field(
        default_factory=lambda: Batches(
            price_questions, most=_TOGETHER, is_quick=_are_few
        )
    )
    _large: asyncio.Lock = field(default_factory=asyncio.Lock)

    def add_to(self, app: FastAPI) -> None:
        """Serve all of it."""
        add = app.add_api_route
        body = {"schema": {"$ref": _QUOTES_ASKED}, "examples": EXAMPLES}
        add(
            QUOTES,
            self.quotes,
            methods=["POST"],
            response_model=Quotes,
            responses=declared(*REFUSALS),
            openapi_extra={
                "requestBody": {"required": True, "content": {_JSON: body}}
            },
        )
        waits: dict[int | str, dict[str, Any]] = {
            503: {"description": REFUSALS[503], "model": Health}
        }
        for path, answer, model, refusals in (
            ("/v1/model", self.model, ModelTold, declared(401, 503)),
            ("/v1/zones", self.zones, list[ZoneTold], declared(401)),
            ("/health/live", self.live, Health, None),
            ("/health/ready", self.ready, Health, waits),
        ):
            add(path, answer, response_model=model, responses=refusals)
        add(
            "/metrics",
            self.metrics,
            response_class=PlainTextResponse,
            responses=declared(401),
        )

    async def quotes(self, request: Request) -> Response:
        """Price rides, or trips."""
        return await self.answered(
            await request.body(), request.scope["state"]
        )

    async def answered(self, body: bytes, state: dict[str, Any]) -> Response:
        """Answer what a body asks for; the access log is told how much."""
        if len(body) < _LARGE:
            return await self._answered(body, state)
        async with self._large:
            return await self._answered(body, state)

    async def _answered(self, body: bytes, state: dict[str, Any]) -> Response:
        asked = _understood(body)
        serving = self._serving()
        rides = self._possible(asked)
        coverage = asked.coverage or self.settings.prediction.interval
        explain = asked.explain
        kind: Literal["rides", "trips"] = "rides" if asked.rides else "trips"
        state["rides"] = len(rides)
        del asked  # It is as large as the rides that were made of it.
        written = Written()
        try:
            for begin in range(0, len(rides), _AT_ONCE):
                end = begin + _AT_ONCE
                some = rides[begin:end]
                question = Question(serving.predictor, some, coverage, explain)
                written.add(await self.batches.answer(question))
        except (DataMissingError, DataRefusedError, WrongUsageError) as error:
            raise problem_of_error(error, status=422) from error
        written.count(self.figures, kind=kind)
        document = written.document(
            model_id=serving.predictor.model_id,
            simulated=serving.predictor.simulated,
            coverage=coverage,
        )
        return Response(document, media_type=_JSON)

    async def model(self) -> ModelTold:
        """Tell which model answers, and how good it is."""
        return model_told(self._serving(), self.settings.serving)

    async def zones(self) -> list[ZoneTold]:
        """List the zones that rides begin and end in."""
        return [
            ZoneTold(number=x.number, name=x.name, borough=x.borough)
            for x in zones().values()
        ]

    async def live(self) -> Health:
        """Say that the process runs."""
        return Health(status="live")

    async def ready(self, response: Response) -> Health:
        """Say whether prices can be asked for."""
        known = self.production
        if known.now is None:
            response.status_code = 503
        return Health(
            status="ready" if known.now else "no model",
            model_id=known.now.predictor.model_id if known.now else None,
            trouble=known.trouble,
            refused=known.refused,
        )

    async def metrics(self) -> Response:
        """Return the figures, as Prometheus reads them."""
        known = self.production
        self.figures.follow(trouble=known.trouble, refused=known.refused)
        return Response(self.figures.text(), media_type=CONTENT_TYPE)

    def _serving(self) -> Serving:
        if self.production.now is None:
            raise problem_of(
                503,
                self.production.trouble or "No model is loaded yet.",
                expected="a registry with a current model",
                remedy="ask again later; /health/ready tells when.",
            )
        return self.production.now

    def _possible(self, asked: QuotesAsked) -> Sequence[Asked]:
        """Return what is asked for, if there can be such rides."""
        limits, rides = self.settings.serving, asked.rides or asked.trips
        most = limits.rides_max
        if asked.explain:
            most = limits.explained_rides_max
        if bool(asked.rides) == bool(asked.trips):
            raise _not_so_many("both or none", "rides, or trips")
        if len(rides) > most:
            raise _not_so_many(f"{len(rides):,} of them", f"{most:,} at most")
        longest = self.settings.validation.duration_max_minutes
        if asked.rides:
            return possible_rides(asked.rides, longest=longest)
        return possible_trips(asked.trips, longest=longest)


def _are_few(questions: Sequence[Question]) -> bool:
    return sum(len(each.rides) for each in questions) <= _FEW


def _not_so_many(found: str, expected: str) -> Exception:
    return refused([Fault(at="rides", found=found, expected=expected)])


def _understood(body: bytes) -> QuotesAsked:
    """Read what is asked for."""
    try:
        return QuotesAsked.model_validate_json(body)
    except ValidationError as error:
        faults = [
            Fault(
                at=place_of(each) or "the body",
                found=f"{each['input']!r:.80}",
                expected=expected_of(each),
            )
            for each in error.errors(include_url=False)
        ]
        raise refused(faults) from None
