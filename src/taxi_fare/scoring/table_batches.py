"""Predict the trips of a large table, one record batch after another."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from taxi_fare.core.columns import PREDICTION
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.portable_model import PortableModel


def predict_batches(
    batches: Iterable[pa.RecordBatch], *, model: PortableModel
) -> Iterator[pa.RecordBatch]:
    """
    Add the prediction to batches of raw trips.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
        Trips with the raw columns that the features are made of. Times are
        wall-clock times without a zone.

    Yields
    ------
    pyarrow.RecordBatch
        The same columns and rows, and ``prediction``, dollars.

    Raises
    ------
    DataRefusedError
        If a column is missing, or a value cannot be priced.
    """
    for batch in batches:
        features = derive_features(pa.Table.from_batches([batch]))
        prices = model.predict(features)
        yield batch.append_column(PREDICTION, pa.array(prices))
