"""Watch: what a month calls for, drift, and accuracy month by month."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from fare_app.artefacts import DamagedError, Document, read_report
from fare_app.charts import group_bars
from fare_app.decisions import promoted_months
from fare_app.held import show_held
from fare_app.month_profiles import month_profile, references
from fare_app.page import IN_ADDRESS, App, choose_one, needs
from fare_app.verdicts import verdict_box
from fare_app.watch_charts import accuracy_by_month, distributions, heat_map
from fare_app.watched_zones import show_zones
from fare_app.words import literal, plain
from taxi_fare.core.metrics import METRICS
from taxi_fare.core.months import Month
from taxi_fare.reports.documents.listing import watch_of
from taxi_fare.watching.profiled import COMPARED


def show(app: App) -> None:
    """
    Show the page.

    Parameters
    ----------
    app : App
        The page.
    """
    app.title("watch")
    _watched(app)


@needs("watch_series")
def _watched(app: App, series: Document) -> None:
    months = series["months"]
    names = [each["month"] for each in months if each["verdict"] is not None]
    if not names:
        _by_month(app, months, learnt=())
        app.missing("watch_series")
        return
    chosen = st.selectbox(
        app.words("watch.month"),
        names[::-1],
        key="watched_month",
        bind=IN_ADDRESS,
    )
    try:
        watch = read_report(watch_of(Month(str(chosen))), app.places.reports)
    except DamagedError as error:
        app.damaged("watch_series", str(error))
        return
    if watch is None:
        app.missing("watch_series")
        return
    _verdict(app, watch)
    learnt = (watch["model"] or {}).get("train_months", ())
    _by_month(app, months, learnt=learnt)
    _drift(app, months, watch)
    show_zones(app, watch)
    _slices(app, watch)
    _missing(app, watch)


def _verdict(app: App, watch: Document) -> None:
    words = app.words
    verdict_box(watch["verdict"], month=watch["month"], words=words)
    for reason in watch["reasons"]:
        st.markdown(f"- {plain(literal(words.retold(reason)))}")
    for note in watch["notes"]:
        st.caption(plain(literal(words.retold(note))))
    model = watch["model"]
    if model is not None:
        app.note(
            "watch.model",
            model=model["model_id"],
            months=words.months(model["train_months"]),
            age=model["age_months"],
        )


def _by_month(app: App, months: Any, *, learnt: Any) -> None:
    words = app.words
    known = [each for each in months if each["accuracy"] is not None]
    if not known:
        return
    st.subheader(words("watch.accuracy"))
    app.note("watch.accuracy_help")
    title = choose_one(
        words("watch.metric"),
        {each.title: each.title for each in METRICS.values()},
        key="watched_metric",
    )
    metric = next(x for x in METRICS.values() if x.title == title)
    figure = accuracy_by_month(
        known,
        metric=metric,
        learnt=learnt,
        promoted=promoted_months(app),
        words=words,
    )
    app.chart(
        figure,
        key="accuracy_by_month",
        alt=words("watch.accuracy_alt", metric=metric.title),
    )


def _drift(app: App, months: Any, watch: Document) -> None:
    words = app.words
    drifting = [each for each in months if each["drift"]]
    if not drifting or not watch["data"]:
        return
    st.subheader(words("watch.drift"))
    app.note("watch.drift_help")
    there = [
        name
        for name in COMPARED
        if any(each["drift"].get(name) is not None for each in drifting)
    ]
    figure = heat_map(drifting, columns=there, words=words)
    app.chart(figure, key="heat_map", alt=words("watch.drift_alt"))
    first = next(iter(watch["data"].values()))["figures"]
    furthest = sorted(
        there, key=lambda x: -((first.get(x) or {}).get("psi") or 0.0)
    )
    name = st.selectbox(
        words("watch.column"),
        furthest,
        format_func=words.feature,
        key="watched_column",
        bind=IN_ADDRESS,
    )
    profiles = _profiles(app, watch, str(name))
    if profiles:
        figure = distributions(str(name), profiles=profiles, words=words)
        alt = words("watch.distributions_alt", column=words.feature(str(name)))
        app.chart(figure, key="distributions", alt=alt)


def _profiles(
    app: App, watch: Document, name: str
) -> dict[str, Mapping[str, Any]]:
    """Return the profiles of a column: of the reference, and of the month."""
    found = {
        app.words(f"watch.{reference}"): profile
        for reference, profile in [*references(app, watch).items()][:1]
    }
    now = month_profile(app, watch["month"])
    if now is not None:
        found[watch["month"]] = now
    return {
        of: profile[kind][name]
        for of, profile in found.items()
        for kind in ("numbers", "categories")
        if name in profile.get(kind, {})
    }


def _slices(app: App, watch: Document) -> None:
    words, accuracy = app.words, watch["accuracy"]
    if accuracy is None:
        return
    show_held(app, accuracy.get("coverage"))
    st.subheader(words("watch.slices"))
    name = st.selectbox(
        words("watch.slice"),
        list(accuracy["slices"]),
        format_func=lambda x: words.name("slice", x),
        key="watched_slice",
        bind=IN_ADDRESS,
    )
    levels = accuracy["slices"][name]
    groups = pd.DataFrame(
        [
            {
                "name": words.name(f"slice_{name}", level),
                "count": each["rows"],
                "mae": each["figures"].get("mae"),
                "bias": each["figures"].get("bias"),
            }
            for level, each in levels.items()
        ]
    )
    app.chart(
        group_bars(groups, words=words, lying=True),
        key="watched_slices",
        alt=words("watch.slices_alt"),
    )


def _missing(app: App, watch: Document) -> None:
    words = app.words
    if not watch["data"]:
        return
    st.subheader(words("watch.missing"))
    first = next(iter(watch["data"].values()))["figures"]
    rows = [
        {
            words("watch.column"): words.feature(name),
            "PSI": words.number(each["psi"], digits=3),
            words("watch.missing_now"): words.percent(each["missing_share"]),
            words("watch.missing_then"): words.percent(
                each["missing_share_before"]
            ),
            words("watch.new_levels"): ", ".join(each["new_levels"]),
            words("watch.new_share"): words.percent(
                each["new_levels_share"], digits=2
            ),
        }
        for name, each in first.items()
    ]
    app.table(rows, hide_index=True)
