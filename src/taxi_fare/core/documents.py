"""What every document is: typed, kept whole, read with one clear error."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import from_json

from taxi_fare.core.errors import DataRefusedError, TaxiFareError

SCHEMA_VERSION = 1
_SIMULATED_NOTE = (
    "Simulated trips: these figures say nothing about real taxi rides."
)
# Longer values are cut in messages.
_SHOWN = 60


def _in_iso_8601(text: str) -> str:
    datetime.fromisoformat(text)
    return text


# An int stays an int: what is read is written as it was.
Number = int | float
Trips = Annotated[int, Field(ge=0, description="Number of trips.")]
Dollars = Annotated[float, Field(description="US dollars.")]
Share = Annotated[float, Field(description="Fraction in [0, 1].")]
Percent = Annotated[float, Field(description="Percent in [0, 100].")]
Seconds = Annotated[float, Field(description="Seconds.")]
MonthName = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Moment = Annotated[
    str,
    AfterValidator(_in_iso_8601),
    Field(
        description="UTC, ISO 8601.",
        json_schema_extra={"format": "date-time"},
    ),
]
ByRule = Annotated[dict[str, Trips], Field(description="Trips by rule.")]
ByStage = Annotated[dict[str, Seconds], Field(description="By stage.")]


def _without_examples(schema: dict[str, Any]) -> None:
    """Describe a model in its words, not in those of Python."""
    told = schema.get("description", "")
    if "\n\nExamples\n" in told:
        schema["description"] = told.partition("\n\nExamples\n")[0]


class Part(BaseModel):
    """A part of a document: frozen; keys that it does not know are kept."""

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        allow_inf_nan=False,
        json_schema_extra=_without_examples,
    )

    def to_document(self) -> dict[str, Any]:
        """Return what ``json`` can write: the keys that were given."""
        return self.model_dump(mode="json", exclude_unset=True)


class Document(Part):
    """What every document begins with."""

    schema_version: int = Field(description="Of the layout.")
    run_id: str = Field(description="Of the run that wrote it.")
    timestamp: Moment
    simulated: bool = Field(
        description="Whether any trip came from the project's simulator."
    )
    note: str = Field("", description="For people; missing: nothing to note.")


Kind = TypeVar("Kind", bound=Part)


def new_run_id() -> str:
    """
    Return a name for one run, which no other run has.

    Returns
    -------
    str
        UTC time and a random suffix, such as ``20230601T081500Z-3f9a1c``;
        they sort by the second in which they began.
    """
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def report_header(
    run_id: str, *, simulated: bool, timestamp: str | None = None
) -> dict[str, Any]:
    """Return the keys that a document begins with; the time is now."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id,
        "timestamp": timestamp or now,
        "simulated": simulated,
        **({"note": _SIMULATED_NOTE} if simulated else {}),
    }


def having(names: Sequence[str]) -> Any:
    """Require some keys of a mapping: put it into ``Annotated``."""

    def check(values: dict[str, Any]) -> dict[str, Any]:
        """Refuse a mapping that lacks one."""
        missing = [name for name in names if name not in values]
        if missing:
            raise ValueError(f"without {', '.join(missing)}")
        return values

    return AfterValidator(check)


@dataclass(frozen=True)
class Refusal:
    """What is said of a document that cannot be read."""

    expected: str
    remedy: str
    error: type[TaxiFareError] = DataRefusedError

    def of(self, found: str) -> TaxiFareError:
        """Return the error."""
        return self.error(found, expected=self.expected, remedy=self.remedy)


def parse_document(
    content: bytes | str, model: type[Kind], *, place: object, refusal: Refusal
) -> Kind:
    """
    Read a document; whatever is wrong with it is one clear error.

    Parameters
    ----------
    place : object
        Where it was found, for people.

    Raises
    ------
    TaxiFareError
        The refusal's, if it is no JSON, or a key is missing or holds
        something else.
    """
    try:
        # Python's own parser takes NaN, which no document may hold.
        found = from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise refusal.of(f"{place} is damaged: JSON: {error}.") from error
    try:
        return model.model_validate(found)
    except ValidationError as error:  # of several, the first is enough
        if is_newer(found):
            raise refusal.error(
                f"{place} is of schema_version {found['schema_version']}: a"
                " newer taxi_fare wrote it.",
                expected=f"schema_version {SCHEMA_VERSION}, or an older one",
                remedy="update taxi_fare, or name another place. Nothing was"
                " changed.",
            ) from error
        raise refusal.of(
            f"{place} is damaged: {first_fault(error)}."
        ) from error


def is_newer(document: Any) -> bool:
    """Tell whether a document is of a layout that this code is not for."""
    layout = isinstance(document, dict) and document.get("schema_version")
    return isinstance(layout, int) and layout > SCHEMA_VERSION


def first_fault(failure: ValidationError) -> str:
    """Say which key is wrong, and what it holds."""
    first = failure.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "the document"
    if first["type"] == "missing":
        return f"{where} is missing"
    held = repr(first["input"])
    short = held if len(held) <= _SHOWN else f"{held[:_SHOWN]}…"
    return f"{where}: {first['msg']} (it holds {short})"
