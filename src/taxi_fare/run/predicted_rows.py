"""What is looked at, and what is written, of predicted trips."""

import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.columns import DISTANCE, LABEL, PREDICTION, RATE_CODE
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.metrics import Metrics, collected_metrics
from taxi_fare.evaluation.predictions import (
    PredictionFigures,
    numbers,
    prediction_figures,
)

MODEL_ID = "model_id"
# Whether what was paid is a total that a model can be measured by.
IS_PAID = "is_paid"


class PredictedRows:
    """Look at predictions on their way to the file."""

    def __init__(
        self, columns: list[str], *, model_id: str, settings: Settings
    ) -> None:
        self._columns = columns
        self._model_id = model_id
        self._settings = settings
        self._looked_at = [PREDICTION, DISTANCE, RATE_CODE]
        if LABEL in columns:
            self._looked_at += [LABEL, IS_PAID]
        self._seen: list[pa.Table] = []

    def finish(self, table: pa.Table) -> pa.Table:
        """Make of some rows what is written."""
        self._seen.append(table.select(self._looked_at))
        prediction = table[PREDICTION]
        if self._settings.prediction.floor_at_minimum_fare:
            lowest = self._settings.prediction.minimum_fare_dollars
            prediction = pc.max_element_wise(prediction, lowest)
        model_id = pa.repeat(self._model_id, table.num_rows)
        return (
            table.select(self._columns)
            .append_column(PREDICTION, prediction)
            .append_column(MODEL_ID, model_id)
        )

    def figures(self) -> tuple[PredictionFigures, Metrics | None]:
        """
        Say what was seen.

        Returns
        -------
        Metrics or None
            Of the trips with a valid total; None without any, or where a
            prediction is not finite.
        """
        seen = pa.concat_tables(self._seen)
        settings = self._settings
        figures = prediction_figures(
            seen,
            limit_dollars=settings.plausibility.total_max_dollars,
            minimum_fare_dollars=settings.prediction.minimum_fare_dollars,
        )
        if LABEL not in self._columns or figures.non_finite:
            return figures, None
        paid = seen.filter(seen[IS_PAID])
        if not paid.num_rows:
            return figures, None
        return figures, collected_metrics(
            numbers(paid, LABEL), numbers(paid, PREDICTION)
        )
