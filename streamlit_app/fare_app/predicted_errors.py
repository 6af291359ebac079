"""Errors of a predicted month: how they are spread, and by groups."""

from typing import Any

import pandas as pd
import streamlit as st

from fare_app import charts
from fare_app.error_map import trips_by_errors
from fare_app.page import IN_ADDRESS, App
from fare_app.ride_form import ride_address
from fare_app.words import Words
from fare_app.zone_choice import Chosen
from fare_app.zone_names import zone_name
from taxi_fare.core.columns import (
    DISTANCE,
    DROPOFF_ZONE,
    DURATION,
    LABEL,
    PAYMENT,
    PICKUP_HOUR,
    PICKUP_WEEKDAY,
    PICKUP_ZONE,
    PREDICTION,
    RATE_CODE,
)

# Groups with fewer trips say more about chance than about the model.
_LEAST = 30
_ZONES = 20
_FURTHEST = 50
_GROUPS = {
    "hour": PICKUP_HOUR,
    "weekday": PICKUP_WEEKDAY,
    "pickup_borough": "pickup_borough",
    "dropoff_borough": "dropoff_borough",
    "pickup_zone": PICKUP_ZONE,
    "dropoff_zone": DROPOFF_ZONE,
    "payment": PAYMENT,
    "distance": "miles",
}
# Miles at which a kind of ride ends and the next one begins.
_MILES = (0.0, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, float("inf"))


def show_predicted_errors(app: App, trips: pd.DataFrame) -> Chosen | None:
    """
    Show the errors of a predicted month.

    Parameters
    ----------
    app : App
        The page.
    trips : DataFrame
        Of ``load_predictions``.

    Returns
    -------
    Chosen or None
        The zone whose trips are shown alone.
    """
    trips, chosen = trips_by_errors(app, trips, least=_LEAST)
    _distribution(app, trips)
    bands = pd.cut(trips[DISTANCE], [-1.0, *_MILES[1:]], labels=_MILES[:-1])
    _groups(app, trips.assign(miles=bands))
    _by_hour_and_weekday(app, trips)
    _furthest(app, trips)
    return chosen


def _distribution(app: App, trips: pd.DataFrame) -> None:
    words, errors = app.words, trips["error"]
    low, high = errors.quantile([0.005, 0.995])
    reach = max(abs(low), abs(high))
    figure = charts.histogram(
        errors,
        words=words,
        x=words("errors.axis"),
        limits=(-reach, reach),
        bins=60,
    )
    charts.mark(
        figure,
        value=float(errors.mean()),
        text=f"{words('chart.bias')}"
        f" {words.dollars(errors.mean(), sign=True)}",
        colour=charts.ORANGE,
    )
    app.chart(
        figure,
        key="distribution",
        alt=words("errors.distribution_alt", reach=words.dollars(reach)),
    )
    beyond = float((errors.abs() > reach).mean())
    app.note(
        "errors.distribution_note",
        reach=words.dollars(reach),
        beyond=words.percent(beyond, 2),
    )


def _groups(app: App, trips: pd.DataFrame) -> None:
    words = app.words
    by = st.selectbox(
        words("errors.group_by"),
        list(_GROUPS),
        format_func=lambda name: words(f"errors.by_{name}"),
        key="group_by",
        bind=IN_ADDRESS,
    )
    groups = _grouped(trips, by=by, words=words)
    app.chart(
        charts.group_bars(
            groups, words=words, lying=by.endswith(("zone", "borough"))
        ),
        key="groups",
        alt=groups_alt(groups, words),
    )
    app.note("errors.groups_note", least=_LEAST)
    if by.endswith("zone"):
        app.note("errors.zones_note", count=len(groups))


def _by_hour_and_weekday(app: App, trips: pd.DataFrame) -> None:
    words = app.words
    sizes = trips["error"].abs()
    grouped = sizes.groupby([trips[PICKUP_WEEKDAY], trips[PICKUP_HOUR]])
    found = grouped.agg(["mean", "size"])
    means = found["mean"].where(found["size"] >= _LEAST).unstack()
    means = means.reindex(index=range(7), columns=range(24))
    st.markdown(f"**{words('errors.by_hour_and_weekday')}**")
    app.chart(
        charts.week(
            means.to_numpy(),
            days=[words(f"weekday.{day}") for day in range(7)],
            words=words,
            title=words("chart.mae"),
        ),
        key="week",
        alt=words("errors.by_hour_and_weekday"),
    )


def _furthest(app: App, trips: pd.DataFrame) -> None:
    """Show the trips that are furthest off, each to be opened in the quote."""
    words = app.words
    order = trips["error"].abs().nlargest(_FURTHEST).index
    rows = [
        {
            words("chart.paid"): words.dollars(trip[LABEL]),
            words("chart.predicted"): words.dollars(trip[PREDICTION]),
            words("quote.way"): " → ".join(
                zone_name(trip[side]) for side in (PICKUP_ZONE, DROPOFF_ZONE)
            ),
            words("quote.distance"): words.number(trip[DISTANCE], digits=1),
            words("quote.minutes"): words.number(trip[DURATION]),
            words.feature(RATE_CODE): words.name("rate_code", trip[RATE_CODE]),
            words("errors.price_it"): ride_address(trip, words),
        }
        for trip in trips.loc[order].to_dict("records")
    ]
    with st.expander(words("errors.furthest", count=len(rows))):
        link = st.column_config.LinkColumn(display_text=words("quote.menu"))
        app.table(
            rows,
            hide_index=True,
            column_config={words("errors.price_it"): link},
        )


def _grouped(trips: pd.DataFrame, *, by: str, words: Words) -> pd.DataFrame:
    errors = trips["error"]
    found = (
        pd.DataFrame({"bias": errors, "mae": errors.abs()})
        .groupby(trips[_GROUPS[by]], observed=True)
        .agg(
            count=("bias", "size"), mae=("mae", "mean"), bias=("bias", "mean")
        )
    )
    found = found[found["count"] >= _LEAST]
    if by.endswith("zone"):
        found = found.nlargest(_ZONES, "count")
    if by.endswith(("zone", "borough")):
        found = found.sort_values("mae", ascending=False)
    found["name"] = [
        _group_name(by, value=value, words=words) for value in found.index
    ]
    return found


def _group_name(by: str, *, value: Any, words: Words) -> str:
    if by == "hour":
        return f"{int(value):02d}"
    if by == "weekday":
        return words(f"weekday.{int(value)}")[:3]
    if by.endswith("zone"):
        return zone_name(value)
    if by == "payment":
        return words.name("payment", value)
    if by == "distance":
        return words("errors.from_miles", miles=f"{value:g}")
    return str(value)


def groups_alt(groups: pd.DataFrame, words: Words) -> str:
    """
    Say what a chart of groups shows.

    Parameters
    ----------
    groups : DataFrame
        ``name`` and ``mae``.
    words : Words
        The language.

    Returns
    -------
    str
        For those who do not see it.
    """
    return "; ".join(
        f"{name}: {words('chart.mae')} {words.dollars(mae)}"
        for name, mae in zip(groups["name"], groups["mae"], strict=True)
    )
