"""What a backtest writes: each policy, month by month."""

from typing import Literal

from pydantic import Field

from taxi_fare.core.documents import (
    Document,
    MonthName,
    Number,
    Part,
    Trips,
)
from taxi_fare.core.evidence import Gain


class PolicyMonth(Part):
    """A month under a policy: who was in production, and what was done."""

    month: MonthName
    rows: Trips
    model_id: str = Field(description="In production when the month came.")
    train_months: tuple[MonthName, ...] = Field(description="Of that model.")
    figures: dict[str, Number] = Field(
        description="Of that model on the month, which it has not seen."
    )
    decision: Literal["promoted", "kept", "refused"] | None = Field(
        description="About the model that was trained then; None: none was,"
        " or the backtest ends with the month."
    )


class PolicyResult(Part):
    """A policy over all months."""

    name: str
    meaning: str
    trainings: int = Field(ge=1, description="With the first model's.")
    figures: dict[str, Number] = Field(
        description="On the trips of all months."
    )
    gains: dict[str, Gain] | None = Field(
        description="By how much its errors are lower than those of the"
        " reference, by metric; None: it is the reference."
    )
    months: tuple[PolicyMonth, ...]


class Backtest(Document):
    """``backtest.json``: what training again is worth."""

    first_model: MonthName = Field(
        description="The test month of the first model, which all policies"
        " begin with."
    )
    recipe: str
    reference: str = Field(description="The policy that others stand beside.")
    policies: tuple[PolicyResult, ...]
