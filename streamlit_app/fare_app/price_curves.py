"""How the price of a ride changes with its miles, and with its hour."""

from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fare_app.charts import BLUE, BLUE_BAND, ORANGE, styled
from fare_app.words import Words
from taxi_fare.core.choices import USUAL_COVERAGE
from taxi_fare.scoring.many import Prices, price_rides_before, price_trips
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.ride import Ride
from taxi_fare.scoring.ride_before import RideBefore

_POINTS = 33
_LEAST_MILES = 0.3


@dataclass(frozen=True)
class Curve:
    """
    Prices of rides that differ in one thing.

    Parameters
    ----------
    at : ndarray of float64, shape (rides,)
        In what they differ.
    prices : Prices
        Of each.
    here : float
        Where the ride is that was asked for.
    coverage : int
        Percent of such prices that the ends of each are made to hold.
    """

    at: NDArray[np.float64]
    prices: Prices
    here: float
    coverage: int = USUAL_COVERAGE


def by_miles(
    ride: Ride, predictor: FarePredictor, *, coverage: int = USUAL_COVERAGE
) -> Curve:
    """
    Price a ride with fewer miles and with more, at the same speed.

    Parameters
    ----------
    ride : Ride
        What is asked for.
    predictor : FarePredictor
        The model.
    coverage : int, optional
        Percent of such prices that the ends of each are made to hold.

    Returns
    -------
    Curve
        Up to twice as far.
    """
    least = min(_LEAST_MILES, ride.distance)
    others = np.linspace(least, max(2 * ride.distance, 2.0), _POINTS).round(2)
    # The ride itself is among them, with its own minutes: one price for it.
    miles = np.union1d(others, [ride.distance])
    pace = ride.minutes / max(ride.distance, _LEAST_MILES)
    rides = [
        ride
        if each == ride.distance
        else replace(ride, distance=float(each), minutes=max(each * pace, 1.0))
        for each in miles
    ]
    prices = _prices(rides, predictor, coverage)
    return Curve(miles, prices, ride.distance, coverage)


def by_hour(
    asked: Ride | RideBefore,
    predictor: FarePredictor,
    *,
    coverage: int = USUAL_COVERAGE,
) -> Curve:
    """
    Price a ride at each hour of its day.

    Parameters
    ----------
    asked : Ride or RideBefore
        What is asked for; before the ride, miles and minutes are those that
        are usual at each hour.
    predictor : FarePredictor
        The model.
    coverage : int, optional
        Percent of such prices that the ends of each are made to hold.

    Returns
    -------
    Curve
        24 hours.
    """
    hours = np.arange(24, dtype=np.float64)
    times = [asked.at.replace(hour=int(hour)) for hour in hours]
    if isinstance(asked, RideBefore):
        before = [replace(asked, at=time) for time in times]
        prices: Prices = price_rides_before(
            before, predictor, coverage=coverage
        )
    else:
        rides = [replace(asked, at=time) for time in times]
        prices = _prices(rides, predictor, coverage)
    return Curve(hours, prices, float(asked.at.hour), coverage)


def _prices(
    rides: list[Ride], predictor: FarePredictor, coverage: int
) -> Prices:
    trips = [ride.to_trip() for ride in rides]
    return price_trips(trips, predictor, coverage=coverage)


def curve_chart(curve: Curve, *, words: Words, x: str) -> go.Figure:
    """
    Draw a curve, with what most such rides cost around it.

    Parameters
    ----------
    curve : Curve
        What to draw.
    words : Words
        The language.
    x : str
        In what the rides differ.

    Returns
    -------
    Figure
        A line, a band, and a disc at the ride that was asked for.
    """
    figure = go.Figure()
    dollars = curve.prices.dollars
    if curve.prices.ends is not None:
        low, high = curve.prices.ends
        figure.add_scatter(
            x=[*curve.at, *curve.at[::-1]],
            y=[*high, *low[::-1]],
            fill="toself",
            fillcolor=BLUE_BAND,
            line={"width": 0},
            hoverinfo="skip",
            name=words("quote.band_of", stated=curve.coverage),
        )
    figure.add_scatter(
        x=curve.at,
        y=dollars,
        mode="lines",
        line={"color": BLUE, "width": 2.5},
        name=words("quote.total"),
        hovertemplate="%{x:g}: %{y:.2f}<extra></extra>",
    )
    figure.add_scatter(
        x=[curve.here],
        y=[float(np.interp(curve.here, curve.at, dollars))],
        mode="markers",
        marker={"color": ORANGE, "size": 12},
        name=words("quote.here"),
        hovertemplate="%{x:g}: %{y:.2f}<extra></extra>",
    )
    figure.update_yaxes(rangemode="tozero")
    return styled(
        figure, words=words, height=320, x=x, y=words("chart.dollars")
    )
