"""Measure a model's prices before the ride: a route table takes the place."""

import numpy as np
import pyarrow as pa

from taxi_fare.core.columns import (
    DROPOFF_ZONE,
    LABEL,
    PICKUP_ZONE,
    RATE_CODE,
)
from taxi_fare.core.metrics import is_spread
from taxi_fare.core.routes import BeforeTheRide, Routes, RouteTable
from taxi_fare.core.zones import zones
from taxi_fare.evaluation.conformal import count_errors
from taxi_fare.evaluation.metrics import collected_metrics
from taxi_fare.run.calibrated import intervals_of
from taxi_fare.run.trained import Trained
from taxi_fare.scoring.before import prices_before
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.ride import usual_rate_code


def routes_of(
    trained: Trained, portable: PortableModel, tested: pa.Table
) -> Routes:
    """
    Return the route table of a model, and how good prices with it are.

    Parameters
    ----------
    tested : pyarrow.Table
        Raw test trips with what was paid.
    """
    run, learnt = trained.run, trained.fitted.learnt
    fitted = learnt.routes
    routes = Routes(
        **run.header(),
        train_months=run.data.parts.train_months,
        usual_log_miles=fitted.usual_log_miles,
        ways=tuple(fitted.ways.tolist()),
        trips=tuple(fitted.trips.tolist()),
        miles=fitted.miles,
        minutes=fitted.minutes,
        payments=learnt.payments(),
    )
    found = _measured(trained, routes, portable, tested)
    return routes.model_copy(update={"before": found})


def _measured(
    trained: Trained,
    routes: Routes,
    portable: PortableModel,
    tested: pa.Table,
) -> BeforeTheRide | None:
    """Price test trips of which only zones and time are told."""
    paid = np.asarray(tested[LABEL], dtype=np.float64)
    if not len(paid) or not is_spread(float(paid.var())):
        return None
    asked = with_usual_rate_codes(tested)
    features = derive_features(asked)
    # Few tell how they will pay: the metrics are of the others.
    priced = {
        is_given: prices_before(
            features,
            table=RouteTable(routes),
            model=portable,
            payment_given=is_given,
        )
        for is_given in (False, True)
    }
    intervals = {
        is_given: intervals_of(
            trained.run,
            count_errors(features, paid, prices),
            by_payment=is_given,
        )
        for is_given, prices in priced.items()
    }
    metrics = collected_metrics(paid, priced[False], name="before the ride")
    return BeforeTheRide(
        metrics=metrics.to_document(),
        intervals=intervals[False],
        with_payment=intervals[True],
    )


def with_usual_rate_codes(trips: pa.Table) -> pa.Table:
    """Set meters as they would be: nobody negotiates before the ride."""
    known, ends = zones(), (PICKUP_ZONE, DROPOFF_ZONE)
    pairs = zip(*(trips[name].to_pylist() for name in ends), strict=True)
    codes = [
        usual_rate_code(known[pickup], known[dropoff])
        if pickup in known and dropoff in known
        else 1
        for pickup, dropoff in pairs
    ]
    place = trips.column_names.index(RATE_CODE)
    return trips.set_column(place, RATE_CODE, pa.array(codes, pa.int64()))
