"""What a section of the settings is, and what its values may be."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from taxi_fare.core.choices import COVERAGES

Share = Annotated[float, Field(ge=0, le=1)]
# Seconds, hours and dollars: thirty years, which a clock can still wait for.
Positive = Annotated[float, Field(gt=0, le=1e9)]
# As many as a 32-bit integer of Java or C holds.
LARGEST = 2**31 - 1
Count = Annotated[int, Field(ge=1, le=LARGEST)]
Few = Annotated[int, Field(ge=1, le=100_000)]
Months = Annotated[int, Field(ge=1, le=1_200)]
Seed = Annotated[int, Field(ge=0, le=LARGEST)]


def _of_an_interval(percent: int) -> int:
    if percent not in COVERAGES:
        raise ValueError(
            f"expected one of {', '.join(map(str, COVERAGES))},"
            f" found {percent!r:.60}"
        )
    return percent


StatedCoverage = Annotated[int, AfterValidator(_of_an_interval)]


class Section(BaseModel):
    """A section: frozen, with no other keys than its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_value(cls, value: object, info: ValidationInfo) -> object:
        """Refuse true and false for a number, which Python takes for 1, 0."""
        field = cls.model_fields[str(info.field_name)]
        values = value if isinstance(value, list | tuple) else [value]
        if field.annotation is not bool and any(
            isinstance(each, bool) for each in values
        ):
            raise ValueError("true and false are no numbers")
        return value
