"""Two models on the same trips, and what needs no model: by day."""

from collections.abc import Mapping
from dataclasses import dataclass

from taxi_fare.core.columns import CURRENT_PREDICTION, PREDICTION
from taxi_fare.core.evidence import Evidence
from taxi_fare.core.metrics import GUARDED, METRICS
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.day_sums import DaySums, plain
from taxi_fare.evaluation.evidence import paired
from taxi_fare.evaluation.local_baselines import MEAN, PAIR_MEDIAN
from taxi_fare.evaluation.slices import guarding


@dataclass(frozen=True)
class ComparedByDay:
    """
    What the sums of a test month tell about a new model.

    Parameters
    ----------
    evidence : Evidence or None
        None without a current model.
    baselines : mapping of str to mapping
        The metrics of each.
    not_beaten : tuple of str
        Baselines that are closer than the new model.
    """

    evidence: Evidence | None
    baselines: Mapping[str, Mapping[str, float]]
    not_beaten: tuple[str, ...]


def compared_by_day(
    sums: Mapping[str, DaySums], *, settings: Settings
) -> ComparedByDay:
    """
    Compare the new model with all others that scored the same trips.

    Parameters
    ----------
    sums : mapping of str to DaySums
        By the column of their predictions.
    """
    ours, theirs = sums[PREDICTION], sums.get(CURRENT_PREDICTION)
    figures = {name: _figures(sums[name]) for name in (MEAN, PAIR_MEDIAN)}
    mine = _figures(ours)[GUARDED.name]
    ways = guarding(settings.error_analysis)
    seed = settings.training.seed
    return ComparedByDay(
        paired(ours, theirs, ways=ways, seed=seed) if theirs else None,
        figures,
        tuple(
            name
            for name, each in figures.items()
            if not GUARDED.improves(mine, on=each[GUARDED.name])
        ),
    )


def _figures(sums: DaySums) -> dict[str, float]:
    """Return what is defined of all trips."""
    found = {name: plain(each[0]) for name, each in sums.figures().items()}
    return {
        name: value
        for name, value in found.items()
        if value is not None and name in METRICS
    }
