"""Predict trips with a version of the registry, without a JVM."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from taxi_fare.core.choices import USUAL_COVERAGE
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.intervals import Intervals
from taxi_fare.core.routes import RouteTable
from taxi_fare.scoring.derive import Trips, derive_features
from taxi_fare.scoring.explanation import Explanation, explained
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.version import read_version


@dataclass(frozen=True)
class FarePredictor:
    """
    A model that predicts total prices.

    Parameters
    ----------
    model : PortableModel
        Levels and trees.
    manifest : mapping
        What explains the version.
    intervals : Intervals or None
        How sure it is; None for a version that was tested on too few trips,
        or made before there were any.
    routes : RouteTable or None
        How far and how long ways are; None for a version from before.

    Examples
    --------
    Load the model in production, and price a table of raw trips:

    >>> predictor = FarePredictor.load("models/registry")
    >>> trips = pq.read_table("raw/yellow_tripdata_2023-04.parquet")
    >>> predictor.predict(trips).shape
    (500,)
    """

    model: PortableModel
    manifest: Mapping[str, Any]
    intervals: Intervals | None = None
    routes: RouteTable | None = None

    @classmethod
    def load(cls, folder: str | Path) -> "FarePredictor":
        """
        Load the portable model of a version, and verify it.

        Parameters
        ----------
        folder : str or Path
            A version, or a registry whose current one is loaded: a folder,
            or an address such as ``s3a://models/registry``. A link is
            followed once: another run may turn it meanwhile.

        Returns
        -------
        FarePredictor
            Ready to predict.

        Raises
        ------
        DataMissingError
            If there is no model, or none that can do without Spark.
        EnvironmentLackError
            If it is in a store that cannot be reached.
        RegistryConflictError
            If its file is not the one that was registered, or needs other
            features.
        """
        read = read_version(folder)
        return cls(read.model, read.manifest, read.intervals, read.routes)

    @property
    def model_id(self) -> str:
        """The version."""
        return str(self.manifest["model_id"])

    @property
    def simulated(self) -> bool:
        """Whether it learnt from simulated trips."""
        return bool(self.manifest["simulated"])

    @cached_property
    def months(self) -> tuple[str, ...]:
        """What it knows: its train months, and the test month."""
        data = self.manifest.get("data", {})
        months = [*data.get("train_months", []), data.get("test_month")]
        return tuple(month for month in months if month)

    @cached_property
    def usual_levels(self) -> Mapping[str, Sequence[str]]:
        """Levels that enough train trips had, by feature."""
        # A manifest that does not tell them: what has an index is usual.
        told: Mapping[str, Any] = self.manifest.get("features", {})
        return dict(told.get("usual_levels", self.model.levels))

    def predict(self, trips: Trips) -> np.ndarray:
        """
        Predict raw trips.

        Parameters
        ----------
        trips : table or sequence of mapping
            Trips with the raw columns that the features are made of: a table
            of PyArrow, pandas or polars, or rows by column name.

        Returns
        -------
        ndarray of float64, shape (trips,)
            Total prices in dollars.

        Raises
        ------
        DataRefusedError
            If a column is missing, or a value cannot be priced.
        """
        features = derive_features(trips)
        return self.model.predict(features)

    def interval(
        self, trips: Trips, *, coverage: int = USUAL_COVERAGE
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """
        Return what prices lie between.

        Split conformal prediction (V. Vovk, A. Gammerman, G. Shafer,
        Algorithmic Learning in a Random World, 2005; J. Lei et al.,
        Distribution-Free Predictive Inference for Regression, 2018),
        calibrated on the test month by predicted price and rate code.

        Parameters
        ----------
        trips : table or sequence of mapping
            As for ``predict``.
        coverage : {80, 90, 95}, optional
            Percent of the prices that are to lie inside.

        Returns
        -------
        tuple of ndarray of float64, shape (trips,), or None
            Lower and upper ends in dollars; None where the version has no
            intervals.

        Raises
        ------
        DataRefusedError
            If a column is missing, or a value cannot be priced.
        WrongUsageError
            If the version has no intervals of this coverage.

        Examples
        --------
        >>> trips = pq.read_table("raw/yellow_tripdata_2023-04.parquet")
        >>> FarePredictor.load("models/registry").interval(trips) is None
        True
        """
        if self.intervals is None:
            return None
        stated = [*self.intervals.by_coverage]
        if coverage not in stated:
            raise WrongUsageError(
                f"There are no intervals of {coverage!r} %.",
                expected=f"one of {', '.join(map(str, stated))}",
                remedy="ask for another coverage.",
            )
        features = derive_features(trips)
        prices = self.model.predict(features)
        return self.intervals.around(prices, features, coverage=coverage)

    def explain(self, trip: Mapping[str, Any]) -> Explanation:
        """
        Predict one raw trip, and tell what drives the prediction.

        Every split on the trip's way through a tree moves the prediction
        from the mean of the train trips above it to that of those below; the
        feature it asks for gets the difference (A. Saabas, Interpreting
        random forests, 2014).

        Parameters
        ----------
        trip : mapping
            One trip by column name.

        Returns
        -------
        Explanation
            In dollars.

        Raises
        ------
        DataRefusedError
            If a column is missing, or a value cannot be priced.
        """
        return explained(
            derive_features([trip]),
            model=self.model,
            usual_levels=self.usual_levels,
        )
