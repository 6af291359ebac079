"""Turn a template and what fills it into a page that is safe to open."""

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from taxi_fare.core.language import catalog, spoken_language
from taxi_fare.core.retold import retold
from taxi_fare.core.visible import visible
from taxi_fare.reports.monthly.cells import is_wide, labelled
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
    found = _environment().get_template(template)
    return found.render(language=spoken_language(), **values)


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
    for write in (*numeric, month, months, moment, retold):
        environment.filters[write.__name__] = write
    environment.filters["labelled"] = labelled
    environment.tests["is_wide"] = is_wide
    environment.globals["say"] = _said
    return environment


def _said(text: str, **gaps: Any) -> Markup:
    """Say a text of a template: what fills its gaps stays text."""
    told = escape(catalog(spoken_language()).get(text, text))
    filled = {name: _shown(value) for name, value in gaps.items()}
    return told.format(**filled) if gaps else told


def _shown(value: Any) -> Any:
    return visible(value) if type(value) is str else value


def _template(name: str) -> str:
    # Not opened by its path: the package may lie in a wheel.
    folder = files(__package__).joinpath(_TEMPLATES)
    return folder.joinpath(name).read_text("utf-8")
