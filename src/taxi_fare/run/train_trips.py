"""The trips that a model learns from, whoever reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from taxi_fare.core.columns import FEATURES, LABEL
from taxi_fare.core.spark.scoped import cached
from taxi_fare.evaluation.baselines import fit_trivially
from taxi_fare.features.levels import Floats, level_sums
from taxi_fare.features.route_sums import route_sums_by_spark
from taxi_fare.features.routes import fit_routes
from taxi_fare.features.tariff import FittedTariff, beyond_tariff
from taxi_fare.lake.tables.sample import draw_rows
from taxi_fare.run.coded_trips import CodedTrips
from taxi_fare.run.learnt import Learnt
from taxi_fare.run.trips_here import Label, TripsHere, as_paid
from taxi_fare.training.algorithms import EncodedTrips

# A few numbers are fitted to them: more would not move a cent.
TARIFF_TRIPS = 100_000
_SAMPLE_SEED = 42


@dataclass(frozen=True)
class TrainTrips:
    """
    What a model learns from.

    Parameters
    ----------
    features : DataFrame
        The 12 features and the label.
    here : TripsHere, optional
        The same trips, where this process can read them itself.
    label : callable, optional
        What is the label there, of features and prices.
    coded : CodedTrips, optional
        The same trips as numbers, where they were kept.
    """

    features: DataFrame
    here: TripsHere | None = None
    label: Label = as_paid
    coded: CodedTrips | None = None

    def summed_up(self, *, keep: bool) -> tuple[Learnt, "TrainTrips"]:
        """
        Sum the trips up, and fit what needs no more than sums.

        Parameters
        ----------
        keep : bool
            Whether this process keeps them as numbers, if it reads them.
        """
        if self.here is not None:
            if not keep:
                return self.here.summed_up(), self
            learnt, coded = self.here.summed_up_and_coded()
            return learnt, replace(self, coded=coded)
        # Three sums, and files are read once.
        with cached(self.features) as trips:
            learnt = Learnt(
                level_sums(trips),
                fit_trivially(trips),
                fit_routes(route_sums_by_spark(trips)),
            )
        return learnt, self

    def encoded_here(
        self, levels: Mapping[str, Sequence[str]]
    ) -> EncodedTrips | None:
        """Return them as numbers; None where only Spark reads them."""
        if self.coded is not None:
            return self.coded.encoded(levels)
        if self.here is None:
            return None
        return self.here.encoded(levels, label=self.label)

    def sample(self, rows: int, *beside: str) -> pa.Table:
        """
        Return about as many of them, the same on every machine.

        Parameters
        ----------
        *beside : str
            What is returned besides features and label.
        """
        if self.here is not None:
            return self.here.sample(rows, *beside)
        wanted = self.features.select(*FEATURES, *beside, LABEL)
        return draw_rows(wanted, rows=rows, seed=_SAMPLE_SEED).toArrow()

    def beyond(self, tariff: FittedTariff, *, most: float) -> "TrainTrips":
        """Return the same trips; their label is what the tariff leaves."""

        def label(features: pa.Table, paid: Floats) -> Floats:
            """Do as Spark does."""
            rest = paid - tariff.tariff.prices(features)
            return np.clip(rest, -most, most)

        features = beyond_tariff(self.features, tariff, most=most)
        return replace(self, features=features, label=label)
