"""What a month is compared with: train months, the month before, the year."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from taxi_fare.core.columns import PREDICTION, REQUIRED_COLUMNS
from taxi_fare.core.errors import (
    DataMissingError,
    DataRefusedError,
    IncompatibleModelError,
)
from taxi_fare.core.months import Month
from taxi_fare.lake.catalog import Catalog
from taxi_fare.lake.month import LakeMonth
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.reports.documents.listing import watch_of
from taxi_fare.reports.documents.watch import ModelProfile
from taxi_fare.run.models import (
    CheckedModel,
    FoundModel,
    check_model,
    current_model,
    model_version,
)
from taxi_fare.run.profiles import Profiles
from taxi_fare.watching.drift import Drift, drift
from taxi_fare.watching.profile import NumberProfile, Profile

TRAIN_MONTHS, MONTH_BEFORE, YEAR_BEFORE = (
    "train_months",
    "month_before",
    "year_before",
)
_BEFORE = {MONTH_BEFORE: -1, YEAR_BEFORE: -12}
_WORDS = {
    TRAIN_MONTHS: "the train months",
    MONTH_BEFORE: "the month before",
    YEAR_BEFORE: "the same month a year earlier",
}

Value = TypeVar("Value")


@dataclass(frozen=True)
class References:
    """
    What a month is compared with, as far as it is there.

    Parameters
    ----------
    notes : list of str
        What could not be compared, and why: for people.
    """

    catalog: Catalog
    profiles: Profiles
    month: Month
    notes: list[str] = field(default_factory=list)

    def model(self, registry: ModelRegistry) -> CheckedModel | None:
        """
        Return the model in production; None where nothing can predict.

        Raises
        ------
        RegistryConflictError
            If it is damaged.
        """
        found = self._in_production_before(registry)
        if found is None:
            return None
        try:
            model = check_model(found)
        except IncompatibleModelError as error:
            self.notes.append(f"{error.found} Its accuracy is not known.")
            return None
        if model.portable is None:
            self.notes.append(
                f"{model.model_id} was made before models could do without"
                " Spark: its accuracy is not known."
            )
            return None
        return model

    def _in_production_before(
        self, registry: ModelRegistry
    ) -> FoundModel | None:
        """
        Find the model that was in production when the month came.

        One that was promoted on the month, or on a later one, is not asked:
        it may have been chosen by it, or have learnt from it. The same month
        watched again is watched by the same model.
        """
        found = current_model(registry)
        while found and Month(_tested_on(found)) >= self.month:
            before = found.manifest["promotion"]["compared_with"]
            if before is not None and before not in registry.versions.names():
                self.notes.append(
                    f"{before}, which was in production before, is no longer"
                    " in the registry."
                )
                before = None
            found = before and model_version(registry, before)
        if found is None:
            self.notes.append(
                f"There was no model in production when {self.month} came: it"
                " is compared with other months alone."
            )
        return found

    def learnt_from(self, model: CheckedModel) -> ModelProfile | None:
        """Return what a model learnt from, if it is known."""
        months = [self._usable(Month(name)) for name in model.train_months]
        there = [each for each in months if each is not None]
        try:
            found = self.profiles.of_model(model, there)
        except DataRefusedError as error:
            self._left_out(error)
            return None
        if found is None:
            gone = {*model.train_months} - {str(x.month) for x in there}
            self.notes.append(
                f"{model.model_id} learnt from {', '.join(sorted(gone))},"
                " which the lake does not have: the month is compared with"
                " other months alone."
            )
        return found

    def others(self) -> dict[str, Profile]:
        """Return the profiles of other months that are in the lake."""
        found = {}
        for name, distance in _BEFORE.items():
            other = self._usable(self.month.plus(distance))
            if other is None:
                if name == MONTH_BEFORE:
                    self.notes.append(
                        f"The lake has no {self.month.plus(distance)} that can"
                        " be compared with."
                    )
                continue
            try:
                found[name] = self.profiles.of_month(other)
            except DataRefusedError as error:
                self._left_out(error)
        return found

    def _left_out(self, error: DataRefusedError) -> None:
        """Go on without a month that is damaged: it is not the one asked."""
        self.notes.append(f"{error.found} It is not compared with.")

    def predictions(
        self,
        now: NumberProfile,
        *,
        model: CheckedModel,
        learnt: ModelProfile | None,
    ) -> dict[str, Drift]:
        """Compare what the model predicts with what it predicted before."""
        before = learnt.profile.numbers.get(PREDICTION) if learnt else None
        known = {TRAIN_MONTHS: before} if before else {}
        for name, distance in _BEFORE.items():
            earlier = self._predicted(self.month.plus(distance), model)
            known |= {name: earlier} if earlier else {}
        return {name: drift(each, now) for name, each in known.items()}

    def _predicted(
        self, month: Month, model: CheckedModel
    ) -> NumberProfile | None:
        """Return what the same model predicted for a month, if watched."""
        try:
            watched = watch_of(month).read(self.profiles.reports)
        except (DataMissingError, DataRefusedError):
            return None
        is_same = watched.model and watched.model.model_id == model.model_id
        return (
            watched.predictions.profile
            if is_same and watched.predictions
            else None
        )

    def _usable(self, month: Month) -> LakeMonth | None:
        found = self.catalog.months.get(month)
        if found is None or set(REQUIRED_COLUMNS).difference(found.columns):
            return None
        return found


def _tested_on(model: FoundModel) -> str:
    data = model.manifest["data"]
    return str(data["test_month"] or max(data["train_months"]))


def in_words(found: Mapping[str, Value]) -> dict[str, Value]:
    """Name what a month is compared with for people."""
    return {_WORDS[name]: each for name, each in found.items()}
