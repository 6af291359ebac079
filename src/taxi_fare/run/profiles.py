"""Profiles of months and of models: made where they are not there yet."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TypeVar

import numpy as np

from taxi_fare.core.columns import FEATURES_VERSION, PREDICTION
from taxi_fare.core.documents import Part, new_run_id, report_header
from taxi_fare.core.errors import DataMissingError, DataRefusedError
from taxi_fare.core.files import to_json
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.local_baselines import TrivialModels, fit_trivial
from taxi_fare.lake.month import LakeMonth
from taxi_fare.reports.documents.listing import (
    Report,
    model_profile_of,
    profile_of,
)
from taxi_fare.reports.documents.watch import (
    ModelProfile,
    MonthProfile,
    TrivialModel,
)
from taxi_fare.run.look import Look, Looking, OnTrips
from taxi_fare.run.models import CheckedModel
from taxi_fare.validation.rules import RULES_VERSION
from taxi_fare.watching.profile import Profile, added_up
from taxi_fare.watching.profiled import ERROR, PROFILE_VERSION

Kind = TypeVar("Kind", bound=Part)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Profiles:
    """The profiles that are kept among the reports."""

    reports: Path
    settings: Settings
    on_trips: OnTrips | None = None

    def of_month(self, month: LakeMonth) -> Profile:
        """Return the profile of a month's trips."""
        source = self._source(month)
        known = self._known(month, source)
        if known is not None:
            return known
        look = Looking(self.settings, on_trips=self.on_trips).at(month)
        return self._write(month, look, source=source)

    def keep(self, month: LakeMonth, look: Look) -> None:
        """Keep what was found in a month, unless it was kept before."""
        source = self._source(month)
        if self._known(month, source) is None:
            self._write(month, look, source=source)

    def _known(self, month: LakeMonth, source: str) -> Profile | None:
        kept = self._kept(profile_of(month.month))
        return kept.profile if kept and kept.made_from == source else None

    def _write(self, month: LakeMonth, look: Look, *, source: str) -> Profile:
        """Write what was found in a month, without what a model says."""
        profile = profile_in(month, look)
        numbers = {
            name: each
            for name, each in profile.numbers.items()
            if name not in {PREDICTION, ERROR}
        }
        profile = profile.model_copy(update={"numbers": numbers})
        document = MonthProfile(
            **report_header(new_run_id(), simulated=month.simulated),
            made_from=source,
            profile=profile,
        )
        profile_of(month.month).write(self.reports, document)
        return profile

    def of_model(
        self, model: CheckedModel, months: Sequence[LakeMonth]
    ) -> ModelProfile | None:
        """
        Return what a model learnt from, and predicts for it.

        Parameters
        ----------
        months : sequence of LakeMonth
            Its train months, as far as they are in the lake.

        Returns
        -------
        ModelProfile or None
            None where some are not there, and no profile was kept.
        """
        kept = self._kept(model_profile_of(model.model_id))
        there = tuple(str(each.month) for each in months)
        if kept is not None and kept.model_id != model.model_id:
            kept = None
        if there != model.train_months or model.portable is None:
            return kept
        source = _digest(
            [self._source(each) for each in months],
            self.settings.watch.sample_trips,
        )
        if kept is not None and kept.made_from == source:
            return kept
        return self._made(model, months, source=source)

    def _made(
        self, model: CheckedModel, months: Sequence[LakeMonth], *, source: str
    ) -> ModelProfile:
        rows = sum(each.rows for each in months)
        every = ceil(rows / self.settings.watch.sample_trips)
        _logger.info("Looking at the train months of %s: once", model.model_id)
        looking = Looking(
            self.settings,
            model=model.portable,
            every=every,
            pairs=True,
            on_trips=self.on_trips,
        )
        looks = [looking.at(each) for each in months]
        for month, look in zip(months, looks, strict=True):
            self.keep(month, look)
        trivial = fit_trivial(x for look in looks for x in look.pairs)
        document = ModelProfile(
            **report_header(new_run_id(), simulated=model.simulated),
            made_from=source,
            model_id=model.model_id,
            profile=added_up(map(profile_in, months, looks)),
            sampled_share=1 / every,
            baselines=TrivialModel(
                mean=trivial.mean,
                median=trivial.median,
                pairs=tuple(trivial.pairs.tolist()),
                medians=tuple(trivial.medians.tolist()),
            ),
        )
        model_profile_of(model.model_id).write(self.reports, document)
        return document

    def _kept(self, report: Report[Kind]) -> Kind | None:
        """Read what was kept; what cannot be read is made again."""
        try:
            return report.read(self.reports)
        except DataMissingError:
            return None
        except DataRefusedError as error:
            _logger.warning("%s It is made again.", error.found)
            return None

    def _source(self, month: LakeMonth) -> str:
        return _digest(
            month.fingerprint(),
            month.published,
            [RULES_VERSION, FEATURES_VERSION, PROFILE_VERSION],
            self.settings.validation,
        )


def profile_in(month: LakeMonth, look: Look) -> Profile:
    """Return all that a look has found in the trips of a month."""
    return Profile(
        months=(str(month.month),),
        rows=look.counts.rows,
        valid_rows=look.counts.valid_rows,
        columns=month.published,
        numbers=look.counted.numbers,
        categories=look.counted.categories,
    )


def trivial_models(document: TrivialModel) -> TrivialModels:
    """Return baselines as they were written."""
    return TrivialModels(
        document.mean,
        document.median,
        np.array(document.pairs, dtype=np.int64),
        np.array(document.medians),
    )


def _digest(*parts: object) -> str:
    told = [
        each.model_dump() if hasattr(each, "model_dump") else each
        for each in parts
    ]
    return hashlib.sha256(to_json(told).encode()).hexdigest()
