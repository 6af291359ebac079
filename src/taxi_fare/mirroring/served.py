"""
A version as MLflow loads it: the portable model, without Spark and Java.

This module goes with the model, in its ``code`` folder: it imports no MLflow.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from taxi_fare.core.choices import USUAL_COVERAGE
from taxi_fare.core.columns import PREDICTION
from taxi_fare.scoring.predictor import FarePredictor

LOWER, UPPER = f"lower_{USUAL_COVERAGE}", f"upper_{USUAL_COVERAGE}"


class Served:
    """What MLflow calls a model."""

    def __init__(self, predictor: FarePredictor) -> None:
        self._predictor = predictor

    def predict(
        self, trips: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """
        Return dollars of raw trips, and what such prices lie between.

        The ends are missing where the version has no intervals.
        """
        del params  # There are none; MLflow asks for the name.
        told = {PREDICTION: self._predictor.predict(trips)}
        ends = self._predictor.interval(trips)
        if ends is not None:
            told |= dict(zip((LOWER, UPPER), ends, strict=True))
        return pd.DataFrame(told)


def _load_pyfunc(place: str) -> Served:
    """Load the version that lies in a folder; MLflow knows this name."""
    return Served(FarePredictor.load(Path(place)))
