"""A month that was looked at: compared, judged, and put into words."""

from collections.abc import Mapping
from dataclasses import dataclass

from taxi_fare.core.columns import PREDICTION
from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.months import Month, months_between
from taxi_fare.core.settings import Settings
from taxi_fare.lake.month import LakeMonth
from taxi_fare.reports.documents.watch import (
    ModelProfile,
    Watch,
    WatchedModel,
    WatchedPredictions,
)
from taxi_fare.run.accuracy import accuracy_in
from taxi_fare.run.look import Look
from taxi_fare.run.models import CheckedModel
from taxi_fare.run.profiles import profile_in
from taxi_fare.run.references import (
    TRAIN_MONTHS,
    YEAR_BEFORE,
    References,
    in_words,
)
from taxi_fare.watching.drift import Compared, compared
from taxi_fare.watching.profile import Profile
from taxi_fare.watching.profiled import COMPARED, ERROR
from taxi_fare.watching.verdict import Found, verdict


@dataclass(frozen=True)
class Watched:
    """A month that was looked at, and the model that predicted it."""

    month: LakeMonth
    look: Look
    model: CheckedModel | None
    learnt: ModelProfile | None

    def document(
        self,
        references: References,
        others: Mapping[str, Profile],
        settings: Settings,
    ) -> Watch:
        """Compare it with everything that there is to compare with."""
        name, model = str(self.month.month), self.model
        profile = profile_in(self.month, self.look)
        data = _compared(profile, self.learnt, others)
        predictions = self._predictions(profile, references)
        accuracy = (
            accuracy_in(self.look, model=model, month=name, settings=settings)
            if model
            else None
        )
        if accuracy and accuracy.trained_on_month:
            references.notes.append(
                f"The model learnt from {name} itself: its accuracy there says"
                " nothing of other months."
            )
        told = self._told()
        word, reasons = verdict(
            Found(
                accuracy,
                in_words(predictions.against) if predictions else {},
                # A year changes more than a model can be blamed for.
                in_words({x: data[x] for x in data if x != YEAR_BEFORE}),
                told.age_months if told else None,
            ),
            settings.watch,
        )
        simulated = self.month.simulated or bool(model and model.simulated)
        return Watch(
            **report_header(new_run_id(), simulated=simulated),
            month=name,
            verdict=word,
            reasons=tuple(map(str, reasons)),
            notes=tuple(references.notes),
            model=told,
            rows=self.look.counts.rows,
            valid_rows=self.look.counts.valid_rows,
            accuracy=accuracy,
            data=data,
            predictions=predictions,
        )

    def _told(self) -> WatchedModel | None:
        model = self.model
        if model is None:
            return None
        last = max(map(Month, model.train_months))
        return WatchedModel(
            model_id=model.model_id,
            recipe=model.manifest["recipe"]["name"],
            train_months=model.train_months,
            age_months=months_between(last, self.month.month),
        )

    def _predictions(
        self, profile: Profile, references: References
    ) -> WatchedPredictions | None:
        if self.model is None:
            return None
        now = profile.numbers[PREDICTION]
        return WatchedPredictions(
            against=references.predictions(
                now, model=self.model, learnt=self.learnt
            ),
            profile=now,
            errors=profile.numbers[ERROR],
        )


def _compared(
    profile: Profile,
    learnt: ModelProfile | None,
    others: Mapping[str, Profile],
) -> dict[str, Compared]:
    known = {TRAIN_MONTHS: learnt.profile} if learnt else {}
    return {
        name: compared(reference, profile, names=COMPARED)
        for name, reference in {**known, **others}.items()
    }
