"""The valid trips of a batch, as features, and their prices: no Spark."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.columns import (
    LABEL,
    PICKUP_AT,
    PICKUP_DAY,
    PREDICTION,
)
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.metrics import Numbers, unusable_predictions
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.validation.arrow_checks import Broken
from taxi_fare.validation.rules import trip_rules


@dataclass(frozen=True)
class ValidBatch:
    """
    What is left of a batch.

    Parameters
    ----------
    broken : Broken
        What the rules found in all trips.
    trips : pyarrow.RecordBatch
        The valid ones.
    features : pyarrow.Table
        Their features, and beside them the day of the month.
    paid : ndarray of float64, shape (trips,)
        What they cost, dollars.
    """

    broken: Broken
    trips: pa.RecordBatch
    features: pa.Table
    paid: Numbers


def valid_batch(
    trips: pa.RecordBatch, *, month: Month, settings: Settings
) -> ValidBatch:
    """Leave invalid trips out, and derive the features of the others."""
    broken = Broken(trips, rules=trip_rules(settings.validation), month=month)
    valid = trips.filter(broken.valid)
    features = derive_features(pa.Table.from_batches([valid]))
    return ValidBatch(
        broken,
        valid,
        features.append_column(PICKUP_DAY, pc.day(valid[PICKUP_AT])),
        valid[LABEL].to_numpy(zero_copy_only=False),
    )


def predicted_prices(
    model: PortableModel, features: pa.Table, *, name: str = PREDICTION
) -> Numbers:
    """
    Predict trips whose features are known.

    Parameters
    ----------
    name : str
        Whose predictions they are, for the message.

    Returns
    -------
    ndarray of float64, shape (trips,)
        Dollars.

    Raises
    ------
    ModelRefusedError
        If a prediction is NaN or infinite.
    """
    found = model.predict(features)
    if unusable := int((~np.isfinite(found)).sum()):
        raise unusable_predictions(unusable, of=len(found), name=name)
    return np.asarray(found, dtype=np.float64)
