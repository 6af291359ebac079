"""Problems as RFC 9457 writes them, with what was found and what to do."""

from typing import Any

from fastapi import Response
from pydantic import BaseModel, Field

from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.files import to_json

MEDIA_TYPE = "application/problem+json"
# What a route may refuse with.
REFUSALS = {
    401: "No key that is known.",
    408: "The body did not come in time.",
    413: "The body is too long.",
    422: "It cannot be priced.",
    503: "There is no model.",
}


class Fault(BaseModel):
    """One value that cannot be what it is."""

    at: str = Field(description="Where in the body: `rides.3.pickup`.")
    found: str
    expected: str


class Problem(BaseModel):
    """A problem details object, RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="What was found.")
    expected: str | None = None
    remedy: str | None = Field(None, description="What to do.")
    request_id: str | None = None
    faults: list[Fault] = Field([], description="The first few of them.")


class ProblemError(Exception):
    """What a client is told; never a traceback."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


_TITLES = {
    400: "Bad request",
    401: "Key needed",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    413: "Too large",
    422: "Cannot be priced",
    500: "Unexpected error",
    503: "No model",
}


def problem_of(
    status: int,
    detail: str,
    *,
    expected: str | None = None,
    remedy: str | None = None,
    faults: list[Fault] | None = None,
) -> ProblemError:
    """Return what is raised, and becomes an answer."""
    return ProblemError(
        Problem(
            title=_TITLES.get(status, "Refused"),
            status=status,
            detail=detail,
            expected=expected,
            remedy=remedy,
            faults=faults or [],
        )
    )


def problem_of_error(error: TaxiFareError, *, status: int) -> ProblemError:
    """Say an error of the project in the same form."""
    return problem_of(
        status, error.found, expected=error.expected, remedy=error.remedy
    )


def answer(
    problem: Problem, *, request_id: str, headers: Any = None
) -> Response:
    """Return a problem as the answer to a request."""
    told = problem.model_copy(update={"request_id": request_id})
    return Response(
        to_json(told.model_dump(exclude_none=True)),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def unexpected() -> ProblemError:
    """Say nothing of what happened; the log knows."""
    return problem_of(
        500,
        "Something went wrong that is nobody's fault but ours.",
        remedy="tell whoever runs the service the request id.",
    )


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare what a route may refuse with."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        each: {
            "description": REFUSALS[each],
            "content": {MEDIA_TYPE: schema},
        }
        for each in statuses
    }
