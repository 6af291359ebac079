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

from taxi_fare.core.errors import DataRefusedError, TaxiFareError
from taxi_fare.core.json_text import parse_json
from taxi_fare.core.wrong_values import first_fault

SCHEMA_VERSION = 1
# What this release reads; what an older layout lacks has a stated meaning.
READABLE_LAYOUTS = range(1, SCHEMA_VERSION + 1)
_LAYOUT = "schema_version"
_SIMULATED_NOTE = (
    "Simulated trips: these figures say nothing about real taxi rides."
)


def _in_iso_8601(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r:.60} is no time in ISO 8601") from None
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
        The refusal's, if it is no JSON, of an unknown layout, or a key is
        missing or holds something else.
    """
    try:
        found = parse_json(content)
    except ValueError as error:
        raise refusal.of(f"{place} is damaged: JSON: {error}.") from error
    # The footers of parquet files have had none so far.
    needed = _LAYOUT in model.model_fields
    require_layout(found, place=place, refusal=refusal, needed=needed)
    try:
        return model.model_validate(found)
    except ValidationError as error:  # of several, the first is enough
        raise refusal.of(
            f"{place} is damaged: {first_fault(error)}."
        ) from error


def require_layout(
    document: Any, *, place: object, refusal: Refusal, needed: bool = True
) -> None:
    """
    Refuse a document of a layout that this release does not read.

    Parameters
    ----------
    document : Any
        As it was parsed; what is no object has no layout, and is left to
        the model.
    needed : bool, optional
        Whether every document of this kind names its layout.

    Raises
    ------
    TaxiFareError
        The refusal's.
    """
    if not isinstance(document, dict):
        return
    found = document.get(_LAYOUT)
    # True is equal to 1, and so is 1.0.
    if type(found) is int and found in READABLE_LAYOUTS:
        return
    if _LAYOUT in document:
        told = f"is of {_LAYOUT} {found!r:.60}"
    elif needed:
        told = f"names no {_LAYOUT}"
    else:
        return
    raise refusal.error(
        f"{place} {told}.",
        expected=f"{_LAYOUT} {', '.join(map(str, READABLE_LAYOUTS))}, which"
        " this release of taxi_fare reads",
        remedy="update taxi_fare if a newer release wrote it; else"
        f" {refusal.remedy}",
    )
