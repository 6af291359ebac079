"""What drives the prediction of a trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from taxi_fare.core.columns import FEATURES
from taxi_fare.scoring.encode import rare_by_trip
from taxi_fare.scoring.portable_model import PortableModel


@dataclass(frozen=True)
class Explanation:
    """
    What drives the prediction of one trip.

    Parameters
    ----------
    prediction : float
        Dollars.
    base : float
        Dollars that the model predicts before it asks anything: about the
        mean of the train trips.
    contributions : dict of str to float
        Dollars that each of the 12 features added; base and contributions
        sum up to the prediction.
    rare_levels : dict of str to str
        Levels that were rare or unseen in training, by feature: the trip is
        priced like any other with such a level.

    Examples
    --------
    >>> ride = Ride(
    ...     find_zone("JFK"), find_zone("Times Sq"), distance=17, minutes=45,
    ...     at=datetime(2023, 6, 15, 17, 30),
    ... )
    >>> why = FarePredictor.load("models/registry").explain(ride.to_trip())
    >>> isclose(why.prediction, why.base + sum(why.contributions.values()))
    True
    """

    prediction: float
    base: float
    contributions: dict[str, float]
    rare_levels: dict[str, str]


def explained(
    features: pa.Table,
    *,
    model: PortableModel,
    usual_levels: Mapping[str, Sequence[str]],
) -> Explanation:
    """Tell what drives the prediction of one trip, by its features."""
    base, added = model.explain(features)
    rare = rare_by_trip(features, usual=usual_levels)
    return Explanation(
        prediction=base + sum(added),
        base=base,
        contributions=dict(zip(FEATURES, added, strict=True)),
        rare_levels=rare.get(0, {}),
    )
