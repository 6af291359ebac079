"""The OpenAPI document: with what routes read and refuse by themselves."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from taxi_fare.serving.asked import QuotesAsked
from taxi_fare.serving.keys import is_open
from taxi_fare.serving.problems import Problem

_BEARER = "bearerAuth"
_PLACE = "#/components/schemas/{model}"


def describe(app: FastAPI, *, keyed: bool) -> None:
    """
    Let the application describe itself, with nothing left out.

    Parameters
    ----------
    keyed : bool
        Whether a key is asked for: then it is said where, so that clients
        and the page /docs send one.
    """

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
            if keyed:
                _declare_keys(found)
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _declare_keys(document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"] = {
        _BEARER: {"type": "http", "scheme": "bearer"}
    }
    for path, operations in document["paths"].items():
        if not is_open(path):
            for operation in operations.values():
                operation["security"] = [{_BEARER: []}]
