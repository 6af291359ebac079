"""Put the accuracy of a model on a month together, with what is sure."""

from collections.abc import Mapping

import numpy as np

from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.day_sums import (
    OVERALL,
    DaySums,
    figures_of,
    plain,
    rows_of,
)
from taxi_fare.evaluation.evidence import intervals
from taxi_fare.evaluation.metrics import Numbers
from taxi_fare.evaluation.slices import slices
from taxi_fare.run.look import MODEL, Look
from taxi_fare.run.models import CheckedModel
from taxi_fare.watching.accuracy import Accuracy, Interval, Measured


def accuracy_in(
    look: Look, *, model: CheckedModel, month: str, settings: Settings
) -> Accuracy:
    """Return the accuracy of a model on all trips of a month."""
    seed = settings.training.seed
    ours = look.sums[MODEL].groups
    (overall,) = _measured(ours[OVERALL], seed=seed)
    return Accuracy(
        overall=overall,
        slices={
            each.name: {
                level: measured
                for level, measured in zip(
                    each.levels,
                    _measured(ours[each.name], seed=seed),
                    strict=True,
                )
                if measured.rows
            }
            for each in slices(settings.error_analysis)
        },
        baselines=_baselines(look.sums, seed=seed),
        coverage=look.covered.to_document(model.intervals)
        if look.covered and model.intervals
        else None,
        expected=dict(model.manifest.get("metrics", {})),
        trained_on_month=month in model.train_months,
    )


def _baselines(
    sums: Mapping[str, DaySums], *, seed: int
) -> dict[str, Measured]:
    return {
        name: _measured(each.groups[OVERALL], seed=seed)[0]
        for name, each in sums.items()
        if name != MODEL
    }


def _measured(sums: Numbers, *, seed: int) -> list[Measured]:
    """Return the accuracy of each group of trips, shape (days, groups, …)."""
    total = sums.sum(axis=0)
    figures, sure = figures_of(total), intervals(sums, seed=seed)
    return [
        Measured(
            rows=int(rows),
            figures={name: plain(each[at]) for name, each in figures.items()},
            intervals=None
            if sure is None
            else {
                name: _interval(lower[at], upper[at])
                for name, (lower, upper) in sure.items()
            },
        )
        for at, rows in enumerate(rows_of(total))
    ]


def _interval(lower: np.float64, upper: np.float64) -> Interval | None:
    ends = plain(lower), plain(upper)
    return None if None in ends else (float(lower), float(upper))
