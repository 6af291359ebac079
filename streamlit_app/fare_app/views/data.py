"""Data: explore the sample, and see what validation rejected."""

from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from fare_app import charts, point_charts
from fare_app.artefacts import Document
from fare_app.page import App, choose_one, needs
from fare_app.trip_filters import filtered
from fare_app.zone_choice import ENDS, choose_end, trips_of_zone
from fare_app.zone_map import Coloured, by_zone
from taxi_fare.core.columns import (
    DISTANCE,
    DURATION,
    FEATURES,
    LABEL,
    PAYMENT,
    PICKUP_HOUR,
)
from taxi_fare.core.spreadsheets import csv_bytes

_POINTS = 1_500
_LEAST = 10
_SEVERAL = 2
_PER_MILE = "per_mile"
_COLOURS = {
    "trips": "chart.trips",
    "total": "data.median_total",
    "miles": "data.median_miles",
}
_QUANTITIES = (LABEL, DISTANCE, DURATION, _PER_MILE)
# Closer than this, a price by distance is a price by nothing.
_SHORTEST_MILES = 0.2


def show(app: App) -> None:
    """
    Show the page.

    Parameters
    ----------
    app : App
        The page.
    """
    app.title("data")
    _exploration(app)
    st.subheader(app.words("data.validation"))
    _validation(app)


@needs("eda_sample")
def _exploration(app: App, sample: pd.DataFrame) -> None:
    words = app.words
    summary = app.peek("eda_summary") or {}
    app.say(
        "data.sample",
        count=words.number(len(sample)),
        rows=words.number(summary.get("rows")),
        months=words.months(sorted(sample["month"].unique())),
    )
    trips = filtered(app, sample)
    if len(trips) < _LEAST:
        app.say("data.too_few", count=len(trips))
        return
    # Filled below the map: a click there decides of which trips they are.
    above = st.container()
    trips = _of_zone(app, trips)
    with above:
        _figures(app, trips)
    _distribution(app, trips)
    _scatter(app, trips)
    _hours(app, trips)
    _months(app, trips)
    with st.expander(words("data.rows")):
        app.table(trips.head(500), hide_index=True)
        st.download_button(
            words("data.download"),
            csv_bytes(pa.Table.from_pandas(trips, preserve_index=False)),
            "trips.csv",
            "text/csv",
            icon=":material/download:",
        )


def _figures(app: App, trips: pd.DataFrame) -> None:
    words, cells = app.words, st.columns(3)
    cells[0].metric(
        words("chart.trips"), words.number(len(trips)), border=True
    )
    cells[1].metric(
        words("data.median_total"),
        words.dollars(trips[LABEL].median()).replace("$", r"\$"),
        border=True,
    )
    cells[2].metric(
        words("data.median_miles"),
        words.number(trips[DISTANCE].median(), digits=1),
        border=True,
    )


def _of_zone(app: App, trips: pd.DataFrame) -> pd.DataFrame:
    """Show where trips begin or end; return those of the chosen zone."""
    words = app.words
    end = choose_end(app, key="data")
    what = choose_one(
        words("map.colour"),
        {name: words(text) for name, text in _COLOURS.items()},
        key="data_colour",
    )
    grouped = trips.groupby(ENDS[end], observed=True)
    found = grouped.agg(
        trips=(LABEL, "size"),
        total=(LABEL, "median"),
        miles=(DISTANCE, "median"),
    )
    figures = by_zone(found[found["trips"] >= _LEAST])
    texts = {
        zone: words(
            "map.data",
            trips=words.number(each["trips"]),
            total=words.dollars(each["total"]),
            miles=words.number(each["miles"], digits=1),
        )
        for zone, each in figures.items()
    }
    values = {zone: each[what] for zone, each in figures.items()}
    title = words(_COLOURS[what])
    shown = Coloured(title, values, texts)
    kept, _ = trips_of_zone(app, trips, shown=shown, end=end, key="data")
    return kept


def _distribution(app: App, trips: pd.DataFrame) -> None:
    words = app.words
    quantity = choose_one(
        words("data.quantity"),
        {name: words(f"quantity.{name}") for name in _QUANTITIES},
        key="quantity",
    )
    values = _values(trips, quantity)
    last = float(values.quantile(0.99))
    figure = charts.histogram(
        values,
        words=words,
        x=words(f"quantity.{quantity}"),
        limits=(0.0, last),
    )
    middle = float(values.median())
    charts.mark(
        figure,
        value=middle,
        text=words("data.median", value=words.number(middle, digits=2)),
        colour=charts.ORANGE,
    )
    app.chart(
        figure,
        key="spread",
        alt=words("data.median", value=words.number(middle, digits=2)),
    )
    app.note("data.tail", limit=words.number(last, digits=2))


def _values(trips: pd.DataFrame, quantity: str) -> pd.Series:
    if quantity != _PER_MILE:
        return trips[quantity].dropna()
    driven = trips[trips[DISTANCE] >= _SHORTEST_MILES]
    return driven[LABEL] / driven[DISTANCE]


def _scatter(app: App, trips: pd.DataFrame) -> None:
    words = app.words
    drawn = trips.sample(min(_POINTS, len(trips)), random_state=0)
    far, dear = drawn[[DISTANCE, LABEL]].quantile(0.995)
    drawn = drawn[(drawn[DISTANCE] <= far) & (drawn[LABEL] <= dear)].assign(
        payment=[
            words.name("payment", code)
            for code in drawn.loc[
                (drawn[DISTANCE] <= far) & (drawn[LABEL] <= dear), PAYMENT
            ]
        ]
    )
    st.markdown(f"**{words('data.by_distance')}**")
    app.chart(
        point_charts.scatter(
            drawn,
            words=words,
            x=words(f"quantity.{DISTANCE}"),
            y=words("chart.paid_dollars"),
        ),
        key="scatter",
        alt=words("data.by_distance"),
    )
    app.note("data.points", count=words.number(len(drawn)))


def _hours(app: App, trips: pd.DataFrame) -> None:
    words = app.words
    means = trips.groupby(PICKUP_HOUR)[LABEL].median()
    st.markdown(f"**{words('data.by_hour')}**")
    app.chart(
        charts.columns(
            [f"{int(hour):02d}" for hour in means.index],
            values=list(means),
            words=words,
            y=words("data.median_total"),
        ),
        key="by_hour",
        alt=words("data.by_hour"),
    )


def _months(app: App, trips: pd.DataFrame) -> None:
    """Show the price and what lacks, month by month, where there are some."""
    words, months = app.words, trips.groupby("month")
    medians, counts = months[LABEL].median(), months.size()
    if len(medians) < _SEVERAL:
        return
    st.markdown(f"**{words('data.by_month')}**")
    app.chart(
        charts.columns(
            [str(month) for month in medians.index],
            values=list(medians),
            words=words,
            y=words("data.median_total"),
        ),
        key="by_month",
        alt=words("data.by_month"),
    )
    lacking = {
        str(month): {
            words("chart.trips"): words.number(counts[month]),
            **{
                words.feature(str(name)): words.percent(share, 2)
                for name, share in part[list(FEATURES)].isna().mean().items()
                if share > 0
            },
        }
        for month, part in months
    }
    app.note("data.lacking")
    app.table(pd.DataFrame(lacking).fillna(words.percent(0.0, 2)))


@needs("validation_report")
def _validation(app: App, report: Document) -> None:
    words = app.words
    app.say("data.ingest")
    _counts(
        app,
        {
            month: (each["raw_rows"], each["valid_rows"], each["rejected"])
            for month, each in report["ingest"].items()
        },
    )
    training = report.get("training")
    if training:
        app.say("data.training")
        _counts(
            app,
            {
                month: (each["rows"], each["valid_rows"], each["violations"])
                for month, each in training["months"].items()
            },
        )
        app.note("data.several", most=words.number(1))


def _counts(app: App, months: dict[str, tuple[int, int, Any]]) -> None:
    """Show months beside each other, rules below each other."""
    words = app.words
    table = {}
    for month, (rows, valid, rules) in months.items():
        table[month] = {
            words("data.before"): words.number(rows),
            words("data.valid"): words.number(valid),
            words("data.retention"): words.percent(
                valid / rows if rows else None, 2
            ),
            **{
                words.name("rule", rule): words.number(count)
                for rule, count in rules.items()
            },
        }
    app.table(pd.DataFrame(table), height="content")
