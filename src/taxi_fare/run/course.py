"""What becomes of production under one policy, month by month."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydantic import Field

from taxi_fare.core.documents import Part
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.day_sums import (
    OVERALL,
    DaySums,
    figures_of,
    plain,
    rows_of,
)
from taxi_fare.evaluation.evidence import paired
from taxi_fare.evaluation.metrics import Numbers
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.opening import open_registry
from taxi_fare.reports.documents.backtest import PolicyMonth, PolicyResult
from taxi_fare.run.models import CheckedModel
from taxi_fare.training.policies import Policy


class KeptCourse(Part):
    """A course as it is written down."""

    months: tuple[PolicyMonth, ...] = ()
    sums: tuple[tuple[tuple[float, ...], ...], ...] = Field(
        (), description="By month, day of the month, and sum."
    )
    trained: int = Field(0, description="Months that were decided about.")


@dataclass
class Course:
    """
    What becomes of production under a policy.

    Parameters
    ----------
    settings : Settings
        With the policy's rule.
    folder : Path
        Registry and reports of its own.
    kept : KeptCourse
        What happened until now.
    """

    policy: Policy
    settings: Settings
    folder: Path
    kept: KeptCourse = field(default_factory=KeptCourse)

    @property
    def reports(self) -> Path:
        """Where a watch of it is written."""
        return self.folder / "reports"

    @property
    def registry(self) -> ModelRegistry:
        """Its models; those of others are not touched."""
        return open_registry(self.folder / "registry", self.settings)

    def score(self, month: str, *, model: CheckedModel, sums: DaySums) -> None:
        """Remember how the model in production did on a month."""
        overall = sums.groups[OVERALL][:, 0]
        found = PolicyMonth(
            month=month,
            rows=int(rows_of(overall).sum()),
            model_id=model.model_id,
            train_months=model.train_months,
            figures=_figures(overall),
            decision=None,
        )
        days = tuple(map(tuple, overall.tolist()))
        self.kept = self.kept.model_copy(
            update={
                "months": (*self.kept.months, found),
                "sums": (*self.kept.sums, days),
            }
        )

    def decide(self, decision: str | None) -> None:
        """Remember what became of the model that a month was tested with."""
        *before, last = self.kept.months or (None,)
        decided = last and last.model_copy(update={"decision": decision})
        self.kept = self.kept.model_copy(
            update={
                "months": (*before, decided) if decided else (),
                "trained": self.kept.trained + 1,
            }
        )

    def result(
        self, reference: "Course", *, months: int, seed: int
    ) -> PolicyResult:
        """Return all that is told of it, of the first so many months."""
        days = self._days(months)
        *told, last = self.kept.months[:months]
        # What was decided then, if a longer backtest came before, is after it.
        last = last.model_copy(update={"decision": None})
        gains = None
        if reference is not self:
            ours, theirs = (
                DaySums({OVERALL: each})
                for each in (days, reference._days(months))
            )
            gains = paired(ours, theirs, ways=(), seed=seed).gains
        return PolicyResult(
            name=self.policy.name,
            meaning=self.policy.meaning,
            trainings=1 + sum(x.decision is not None for x in told),
            figures=_figures(days[:, 0]),
            gains=gains,
            months=(*told, last),
        )

    def _days(self, months: int) -> Numbers:
        """Return the sums of all days, shape (days, 1, sums)."""
        return np.concatenate(self.kept.sums[:months])[:, None]


def _figures(days: Numbers) -> dict[str, float]:
    """Return what is defined, of sums of shape (days, sums)."""
    found = {
        name: plain(value)
        for name, value in figures_of(days.sum(axis=0)).items()
    }
    return {name: x for name, x in found.items() if x is not None}
