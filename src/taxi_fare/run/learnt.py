"""What is learnt of train trips beside the model, from their sums."""

from dataclasses import dataclass

from taxi_fare.core.columns import PAYMENT, UNKNOWN_LEVEL
from taxi_fare.evaluation.local_baselines import TrivialModels
from taxi_fare.features.levels import LevelSums
from taxi_fare.features.routes import FittedRoutes

# Of all trips: a rarer type of payment moves no average.
_RARE_PAYMENT = 0.001


@dataclass(frozen=True)
class Learnt:
    """
    Sums of the train trips, and what is fitted to them alone.

    Parameters
    ----------
    levels : mapping of str to mapping
        What the trips of each level cost.
    trivial : TrivialModels
        The baselines.
    routes : FittedRoutes
        How far and how long ways are.
    """

    levels: LevelSums
    trivial: TrivialModels
    routes: FittedRoutes

    def payments(self) -> dict[str, float]:
        """Return how often each type of payment was; they sum up to 1."""
        trips = {
            level: float(sums[0])
            for level, sums in self.levels[PAYMENT].items()
            if level != UNKNOWN_LEVEL
        } or {"1": 1.0}
        total = sum(trips.values())
        usual = {
            level: count
            for level, count in trips.items()
            if count >= _RARE_PAYMENT * total
        }
        return {
            level: count / sum(usual.values())
            for level, count in sorted(usual.items())
        }
