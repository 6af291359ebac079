"""The OpenAPI document: with what routes read and refuse by themselves."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from taxi_fare.serving.asked import QuotesAsked
from taxi_fare.serving.problems import Problem

_PLACE = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Let the application describe itself, with nothing left out."""

    def document() -> dict[str, Any]:
        """Make it once."""
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            _, besides = models_json_schema(
                [(QuotesAsked, "validation"), (Problem, "validation")],
                ref_template=_PLACE,
            )
            found["components"]["schemas"] |= besides["$defs"]
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
