"""Turn a template and what fills it into a page that is safe to open."""

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from taxi_fare.core.visible import visible
from taxi_fare.reports.monthly.numbers import (
    count,
    dollars,
    number,
    percent,
    unbroken,
)
from taxi_fare.reports.monthly.words import moment, month, months

_TEMPLATES = "templates"


def rendered(template: str, **values: Any) -> str:
    """Fill a template: equal values give an equal page."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_template),
        # Whatever comes out of a document is text, never markup.
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    numeric = (count, dollars, number, percent, unbroken)
    for write in (*numeric, month, months, moment):
        environment.filters[write.__name__] = write
    return environment


def _shown(value: Any) -> Any:
    return visible(value) if type(value) is str else value


def _template(name: str) -> str:
    # Not opened by its path: the package may lie in a wheel.
    folder = files(__package__).joinpath(_TEMPLATES)
    return folder.joinpath(name).read_text("utf-8")
