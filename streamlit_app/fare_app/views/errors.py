"""Errors: how great, in which direction, where, and the worst of them."""

from collections import Counter

import pandas as pd
import streamlit as st

from fare_app import charts
from fare_app.artefacts import Document
from fare_app.month_choice import chosen_predictions
from fare_app.page import App, needs
from fare_app.predicted_errors import (
    groups_alt,
    show_predicted_errors,
)
from fare_app.words import Words, literal, plain
from fare_app.zone_choice import Chosen
from fare_app.zone_names import zone_name
from taxi_fare.core.metrics import PERCENTILES, compared_in

_BIAS_SHARE = 0.1


def show(app: App) -> None:
    """
    Show the page.

    Parameters
    ----------
    app : App
        The page.
    """
    app.title("errors")
    # What is above the map is filled below it: a click there decides.
    above = st.container()
    st.subheader(app.words("errors.predicted"))
    trips = chosen_predictions(app)
    chosen = None if trips is None else show_predicted_errors(app, trips)
    with above:
        _summary(app, chosen)
        st.subheader(app.words("errors.buckets"))
        _buckets(app, chosen)
    st.subheader(app.words("errors.worst"))
    _worst(app, chosen)


@needs("error_summary", "error_by_price_bucket")
def _summary(
    app: App, summary: Document, prices: Document, chosen: Chosen | None
) -> None:
    words = app.words
    month = app.last_run().get("test_month")
    app.note(
        "errors.about",
        count=words.number(summary["count"]),
        month=month or "–",
        moment=words.moment(summary["timestamp"]),
    )
    if chosen is not None:
        _of_zone(app, summary, chosen=chosen)
    cells = st.columns(3)
    cells[0].metric(
        words("chart.bias"),
        plain(words.dollars(summary["mean_error"], sign=True)),
        help=plain(words("errors.bias_help")),
        border=True,
    )
    for cell, name in zip(
        cells[1:], ("pct_underestimate", "pct_overestimate"), strict=True
    ):
        cell.metric(
            words(f"errors.{name}"),
            words.percent(summary[name] / 100),
            border=True,
        )
    buckets = prices["buckets"]
    lines = _insights(summary, buckets=buckets, words=words)
    st.markdown(plain("\n".join(f"- {line}" for line in lines)))
    app.table(
        pd.DataFrame(
            {
                words(f"errors.{name}"): [
                    words.dollars(summary[f"{name}_error"]),
                    words.dollars(summary[f"{name}_abs_error"]),
                ]
                for name in PERCENTILES
            },
            index=[words("errors.signed"), words("errors.absolute")],
        )
    )


def _of_zone(app: App, summary: Document, *, chosen: Chosen) -> None:
    """Tell the errors of a zone, where the run kept them."""
    which = chosen.told(app.words)
    app.note("errors.all_trips", which=which)
    levels = summary["by"].get(f"{chosen.end}_zone", {})
    found = levels.get(str(chosen.zone))
    if found is not None:
        app.say(
            "errors.zone",
            which=which,
            trips=app.words.number(found["rows"]),
            metrics=app.words.metrics(found["figures"]),
            bias=app.words.dollars(found["figures"].get("bias"), sign=True),
        )


def _insights(
    summary: Document, *, buckets: dict[str, Document], words: Words
) -> list[str]:
    """Say what the report says, in the reader's language."""
    bias, dollars = summary["mean_error"], words.dollars
    if abs(bias) < _BIAS_SHARE * summary["mae"]:
        direction = "no_bias"
    else:
        direction = "too_little" if bias > 0 else "too_much"
    filled = {name: each for name, each in buckets.items() if each["count"]}
    dearest = max(filled, key=lambda name: float(filled[name]["mae"]))
    worst = filled[dearest]
    trips = summary["worst_errors"]
    causes = Counter(c for trip in trips for c in trip["probable_causes"])
    return [
        words(f"errors.{direction}", bias=dollars(abs(bias))),
        words(
            "errors.within",
            half=dollars(summary["median_abs_error"]),
            most=dollars(summary["p95_abs_error"]),
            nearly=dollars(summary["p99_abs_error"]),
        ),
        words(
            "errors.dearest",
            bucket=_bucket(worst, words),
            mae=dollars(worst["mae"]),
            trips=words.percent(worst["pct_of_trips"] / 100),
            error=words.percent(worst["pct_of_absolute_error"] / 100),
        ),
        *(
            words(
                "errors.cause",
                count=count,
                of=len(trips),
                cause=words.cause(name),
            )
            for name, count in causes.most_common(3)
        ),
    ]


def _bucket(bucket: Document, words: Words) -> str:
    low, high = bucket["above_dollars"], bucket["up_to_dollars"]
    if high is None:
        return words("errors.above", low=words.limit(low))
    if not low:
        return words("errors.up_to", high=words.limit(high))
    ends = {"low": words.limit(low), "high": words.limit(high)}
    return words("errors.between", **ends)


@needs("error_by_price_bucket")
def _buckets(app: App, document: Document, chosen: Chosen | None) -> None:
    words = app.words
    if chosen is not None:
        app.note("errors.all_trips", which=chosen.told(words))
    filled = [each for each in document["buckets"].values() if each["count"]]
    groups = pd.DataFrame(
        {
            "name": [_bucket(each, words) for each in filled],
            "count": [each["count"] for each in filled],
            "mae": [each["mae"] for each in filled],
            "bias": [each["mean_error"] for each in filled],
        }
    )
    app.chart(
        charts.group_bars(groups, words=words),
        key="buckets",
        alt=groups_alt(groups, words),
    )
    percent = words.percent
    app.table(
        [
            {
                words("errors.total"): _bucket(each, words),
                words("chart.trips"): words.number(each["count"]),
                words("errors.of_trips"): percent(each["pct_of_trips"] / 100),
                words("errors.of_error"): percent(
                    each["pct_of_absolute_error"] / 100
                ),
                **{
                    metric.title: words.metric(metric, each)
                    for metric in compared_in(each)
                },
            }
            for each in filled
        ],
        hide_index=True,
    )


@needs("error_summary")
def _worst(app: App, summary: Document, chosen: Chosen | None) -> None:
    words = app.words
    trips = summary["worst_errors"]
    if chosen is not None:
        of, which = len(trips), chosen.told(words)
        trips = [each for each in trips if chosen.holds(each["features"])]
        app.say("errors.worst_of", count=len(trips), of=of, which=which)
    # A list: on a phone, a table with such long texts is all scrolling.
    lines = [
        words(
            "errors.worst_trip",
            error=words.dollars(trip["error"], sign=True),
            paid=words.dollars(trip["total_amount"]),
            predicted=words.dollars(trip["prediction"]),
            ride=literal(_ride(trip["features"], words)),
            causes="; ".join(
                literal(words.cause(name)) for name in trip["probable_causes"]
            ),
        )
        for trip in trips
    ]
    st.markdown(plain("\n".join(f"1. {line}" for line in lines)))
    app.note("errors.worst_note")


def _ride(features: Document, words: Words) -> str:
    ends = features["PULocationID"], features["DOLocationID"]
    day = words(f"weekday.{int(features['pickup_dayofweek'])}")
    return words(
        "errors.ride_text",
        way=" → ".join(map(zone_name, ends)),
        miles=words.number(features["trip_distance"], digits=1),
        minutes=words.number(features["trip_duration_min"]),
        when=f"{day} {int(features['pickup_hour']):02d}:00",
    )
