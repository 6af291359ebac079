"""Model quality: metrics beside production's, history, importance."""

from typing import Any

import pandas as pd
import streamlit as st

from fare_app import charts, point_charts
from fare_app.artefacts import Document
from fare_app.decisions import banner, metric_cards
from fare_app.history_chart import history
from fare_app.month_choice import chosen_predictions
from fare_app.page import App, needs
from taxi_fare.core.columns import LABEL, PREDICTION
from taxi_fare.core.gates import gate_title
from taxi_fare.registry.records import RegistryState

_POINTS = 2_000


def show(app: App) -> None:
    """
    Show the page.

    Parameters
    ----------
    app : App
        The page.
    """
    app.title("quality")
    _metrics(app)
    st.subheader(app.words("quality.history"))
    _history(app)
    st.subheader(app.words("quality.against"))
    _against(app)
    st.subheader(app.words("quality.importance"))
    _importance(app)
    st.subheader(app.words("quality.how"))
    _recipe(app)


@needs("train_metrics")
def _metrics(app: App, metrics: Document) -> None:
    words, data = app.words, metrics["data"]
    promotion = metrics.get("promotion") or {}
    current = promotion.get("current_metrics")
    month = data.get("test_month") or words.months(data["train_months"])
    gains = (promotion.get("evidence") or {}).get("gains")
    metric_cards(
        app,
        metrics=metrics["metrics"],
        current=current,
        gains=gains,
        before=metrics.get("before_the_ride"),
    )
    if current:
        app.say(
            "quality.beside",
            month=month,
            metrics=words.metrics(current),
        )
    banner(app, metrics=metrics, test_month=month)
    app.table(
        [
            {
                words("quality.gate"): gate_title(gate),
                words("quality.value"): words.number(gate["value"], digits=3),
                words("quality.passed"): words(
                    "quality.yes" if gate["passed"] else "quality.no"
                ),
            }
            for gate in metrics["gates"]
        ],
        hide_index=True,
    )


@needs("registry")
def _history(app: App, state: RegistryState) -> None:
    latest = {
        entry.test_month: entry.to_document()
        for entry in state.history
        # What a person changed was tested before.
        if entry.run_key is not None
    }
    entries = [latest[month] for month in sorted(latest)]
    app.chart(
        history(entries, app.words),
        key="history",
        alt="; ".join(
            f"{each['test_month']}: {app.words.metrics(each['metrics'])}"
            for each in entries
        ),
    )
    app.note("quality.history_note")


def _against(app: App) -> None:
    trips = chosen_predictions(app)
    if trips is None:
        return
    words = app.words
    drawn = trips.sample(min(_POINTS, len(trips)), random_state=0)
    limit = float(drawn[[LABEL, PREDICTION]].quantile(0.995).max()) * 1.1
    shown = drawn[(drawn[LABEL] <= limit) & (drawn[PREDICTION] <= limit)]
    app.chart(
        point_charts.against(
            shown[LABEL], predicted=shown[PREDICTION], words=words, limit=limit
        ),
        key="against",
        alt=words("quality.against_alt"),
    )
    app.note(
        "quality.against_note",
        shown=words.number(len(shown)),
        rows=words.number(trips.attrs["rows"]),
        beyond=words.number(len(drawn) - len(shown)),
        limit=words.dollars(limit),
    )


@needs("feature_importance")
def _importance(app: App, document: Document) -> None:
    words = app.words
    values = document["feature_importance"]
    ordered = sorted(values.items(), key=lambda each: -each[1])
    named = {words.feature(name): value for name, value in ordered}
    labels = [words.percent(value) for value in named.values()]
    app.chart(
        charts.bars(
            named,
            labels=labels,
            words=words,
            x=words("quality.importance_axis"),
        ),
        key="importance",
        alt="; ".join(
            f"{name} {label}"
            for name, label in zip(named, labels, strict=True)
        ),
    )
    app.note("quality.importance_note")


@needs("train_metrics")
def _recipe(app: App, metrics: Document) -> None:
    words, data, recipe = app.words, metrics["data"], metrics["recipe"]
    app.say(
        "quality.data",
        train=words.months(data["train_months"]),
        train_rows=words.number(data["train_rows"]),
        test=data.get("test_month") or words("quality.same_months"),
        test_rows=words.number(data["test_rows"]),
        rejected=words.number(data["rejected_rows"]),
    )
    left, right = st.columns(2)
    parameters: dict[str, Any] = {
        words("quality.recipe"): recipe["name"],
        **recipe["parameters"],
    }
    left.dataframe(
        _table(
            parameters,
            name=words("quality.parameter"),
            value=words("quality.value"),
        )
    )
    seconds = {
        name: words.number(value, digits=1)
        for name, value in metrics["seconds"].items()
    }
    right.dataframe(
        _table(
            seconds,
            name=words("quality.stage"),
            value=words("quality.seconds"),
        )
    )


def _table(values: dict[str, Any], *, name: str, value: str) -> pd.DataFrame:
    index = pd.Index(list(values), name=name)
    return pd.DataFrame({value: list(map(str, values.values()))}, index=index)
