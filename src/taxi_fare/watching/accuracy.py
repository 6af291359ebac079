"""How accurate the model in production was on a month: the document."""

from pydantic import Field

from taxi_fare.core.documents import Number, Part, Trips
from taxi_fare.core.intervals import Coverage

Interval = tuple[float, float]


class Measured(Part):
    """The accuracy on some trips."""

    rows: Trips
    figures: dict[str, Number | None] = Field(
        description="By name, errors in dollars; None: not defined."
    )
    intervals: dict[str, Interval | None] | None = Field(
        description="Where each figure lies with 95 % certainty, days drawn"
        " as blocks; None: too few days."
    )

    def interval(self, name: str) -> Interval | None:
        """Return the interval of a figure, if there is one."""
        return (self.intervals or {}).get(name)


class Accuracy(Part):
    """The accuracy on a month that the model did not learn from."""

    overall: Measured
    slices: dict[str, dict[str, Measured]] = Field(
        description="By the way to part the trips, and by its levels."
    )
    baselines: dict[str, Measured] = Field(
        description="The trivial baselines on the same trips; empty where"
        " the train months are not there."
    )
    expected: dict[str, Number] = Field(
        description="What was measured when the model was registered."
    )
    coverage: Coverage | None = Field(
        None,
        description="What the model's intervals held; missing: it has none.",
    )
    trained_on_month: bool = Field(
        description="Whether the model learnt from this month: then it says"
        " nothing of others."
    )
