"""How far predictions are from what riders paid."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taxi_fare.core.columns import PREDICTION
from taxi_fare.core.errors import DataRefusedError, ModelRefusedError
from taxi_fare.core.metrics import COMPARED, require_spread

Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """
    How good a model is on some trips.

    What has a default may be missing in a document: it is from before the
    figure was measured. ``core/metrics.py`` says what each metric is.

    Parameters
    ----------
    rows : int, optional
        Trips that were scored; 0 where nobody counted.
    rmse : float
        Root of the mean squared error, dollars.
    mae : float
        Mean absolute error, dollars.
    r2 : float
        Share of the variance that is explained: 1 is perfect, 0 as good as
        always predicting the mean, negative worse.
    bias : float, optional
        Mean of ``total_amount - prediction``, dollars: positive when the
        model predicts too little; None where it was not measured.

    Examples
    --------
    >>> metrics = Metrics(rows=2, rmse=1.5, mae=1.0, r2=0.9)
    >>> metrics.rmse, metrics.bias
    (1.5, None)
    """

    rows: int = 0
    rmse: float
    mae: float
    r2: float
    bias: float | None = None

    @classmethod
    def from_document(cls, document: Any, *, of: str) -> "Metrics":
        """
        Read the metrics that a report or a manifest holds.

        Parameters
        ----------
        document : mapping of str to float
            Keys that are not known, of a newer version, are left out.
        of : str
            Whose they are, for the message.

        Returns
        -------
        Metrics
            With the defaults of what was not measured then.

        Raises
        ------
        DataRefusedError
            If a metric is missing that was always there, or is no number.
        """
        found = document if isinstance(document, Mapping) else {}
        known: dict[str, Any] = {}
        for field in fields(cls):
            value = found.get(field.name)
            if value is None and field.default is not MISSING:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise DataRefusedError(
                    f"The metrics of {of} have {value!r} as {field.name}.",
                    expected="a number",
                    remedy="train again with --force, or name another model.",
                )
            known[field.name] = value
        return cls(**known)

    def to_document(self) -> dict[str, Any]:
        """
        Return every figure.

        Returns
        -------
        dict
            By name.
        """
        return asdict(self)

    def comparable(self) -> dict[str, float]:
        """
        Return the figures that models are compared by.

        Returns
        -------
        dict of str to float
            ``rmse``, ``mae`` and ``r2``.
        """
        return {each.name: getattr(self, each.name) for each in COMPARED}


def no_trip() -> DataRefusedError:
    """Say that there is nothing to measure by."""
    return DataRefusedError(
        "There is no trip to score.",
        expected="at least one valid trip in the test month",
        remedy="look at validation_report.json for the rules that"
        " rejected them.",
    )


def unusable_predictions(
    count: int, *, of: int, name: str
) -> ModelRefusedError:
    """Say that some predictions are no number of dollars."""
    return ModelRefusedError(
        f"{count:,} of {of:,} values of {name} are missing, NaN or infinite.",
        expected="a finite number of dollars for every trip",
        remedy="roll back to another model, or train again with --force.",
    )


def collected_metrics(
    paid: Numbers, predicted: Numbers, *, name: str = PREDICTION
) -> Metrics:
    """
    Compute the metrics of trips that are here already.

    Parameters
    ----------
    name : str
        What the prediction is called, for the message.

    Raises
    ------
    DataRefusedError
        If there is no trip, or all cost the same.
    ModelRefusedError
        If a prediction is NaN or infinite.
    """
    if not len(paid):
        raise no_trip()
    error = paid - predicted
    found = {
        "rows": len(paid),
        "var": float(paid.var()),
        f"{name}.unusable": int((~np.isfinite(error)).sum()),
        f"{name}.squared": float(np.square(error).mean()),
        f"{name}.absolute": float(np.abs(error).mean()),
        f"{name}.signed": float(error.mean()),
    }
    return read_metrics(found, name)


def read_metrics(row: Mapping[str, Any], name: str) -> Metrics:
    """
    Compute the metrics of one model from what Spark found.

    Raises
    ------
    DataRefusedError
        If all trips cost the same.
    ModelRefusedError
        If a prediction is missing, NaN or infinite.
    """
    if unusable := row[f"{name}.unusable"]:
        raise unusable_predictions(unusable, of=row["rows"], name=name)
    squared, variance = row[f"{name}.squared"], row["var"]
    require_spread(variance, trips="test")
    return Metrics(
        rows=row["rows"],
        rmse=squared**0.5,
        mae=row[f"{name}.absolute"],
        r2=1 - squared / variance,
        bias=row[f"{name}.signed"],
    )
