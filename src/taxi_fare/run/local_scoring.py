"""Score the test month of a run by portable models: without Spark."""

from collections.abc import Callable

import pyarrow as pa

from taxi_fare.core.columns import CURRENT_PREDICTION, PREDICTION
from taxi_fare.evaluation.local_baselines import TrivialModels
from taxi_fare.evaluation.scored_trips import ScoredTrips
from taxi_fare.evaluation.slices import parted_sums, told
from taxi_fare.features.levels import Floats
from taxi_fare.run.current_model import CurrentModel
from taxi_fare.run.local_trips import local_trips
from taxi_fare.run.run import Run
from taxi_fare.run.saved import SavedModel
from taxi_fare.run.valid_batch import predicted_prices


def local_scoring(
    run: Run,
    *,
    saved: SavedModel | None,
    current: CurrentModel | None,
    trivial: TrivialModels,
) -> Callable[[], ScoredTrips] | None:
    """Return what scores the test month; None where Spark is needed."""
    trips = local_trips(run, [run.data.label])
    models = {PREDICTION: saved.portable if saved else None}
    if current is not None and current.usable is not None:
        models[CURRENT_PREDICTION] = current.usable.portable
    known = {name: model for name, model in models.items() if model}
    if trips is None or known.keys() != models.keys():
        return None
    settings = run.settings.error_analysis
    ways = told(settings)

    def work(features: pa.Table, paid: Floats) -> ScoredTrips:
        """Let every model and baseline predict a batch."""
        predictions = {
            name: predicted_prices(model, features, name=name)
            for name, model in known.items()
        }
        sums = parted_sums(features, paid, predictions, ways=ways)
        return ScoredTrips.of_batch(
            features,
            paid=paid,
            predictions=predictions,
            sums=sums | parted_sums(features, paid, trivial.predict(features)),
            worst=settings.worst_trips,
        )

    return lambda: ScoredTrips.together(trips.map(work))
