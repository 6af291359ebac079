"""Backtest: what training each month would have been worth."""

import streamlit as st

from fare_app.artefacts import Document
from fare_app.backtest_chart import errors_by_month
from fare_app.decisions import changes
from fare_app.page import App, choose_one, needs
from taxi_fare.core.metrics import ERRORS, Metric


def show(app: App) -> None:
    """
    Show the page.

    Parameters
    ----------
    app : App
        The page.
    """
    app.title("backtest")
    _lived(app)


@needs("backtest")
def _lived(app: App, document: Document) -> None:
    words = app.words
    app.note(
        "backtest.about",
        recipe=document["recipe"],
        first=document["first_model"],
        reference=document["reference"],
    )
    title = choose_one(
        words("backtest.metric"),
        {each.title: each.title for each in ERRORS},
        key="backtest_metric",
    )
    metric = next(x for x in ERRORS if x.title == title)
    app.chart(
        errors_by_month(document["policies"], metric=metric, words=words),
        key="backtest_errors",
        alt=words("backtest.errors_alt", metric=metric.title),
    )
    st.subheader(words("backtest.all"))
    app.note("backtest.all_help")
    app.table(
        [_row(app, each, document) for each in document["policies"]],
        hide_index=True,
    )
    st.subheader(words("backtest.by_month"))
    app.table(_by_month(app, document, metric), hide_index=True)


def _row(app: App, policy: Document, document: Document) -> dict[str, str]:
    words, name = app.words, policy["name"]
    every, gains = name.removeprefix("every-"), policy["gains"] or {}
    beside = words("backtest.beside", reference=document["reference"])
    return {
        words("backtest.policy"): name,
        words("backtest.trainings"): str(policy["trainings"]),
        **{
            each.title: words.number(policy["figures"][each.name], digits=3)
            for each in ERRORS
        },
        **{
            f"{each.title}, {beside}": changes(
                {each.name: gains[each.name]} if gains else None, words
            )
            for each in ERRORS
        },
        words("backtest.meaning"): words.name("policy", name)
        if every == name
        else words("policy.every", months=every),
    }


def _by_month(
    app: App, document: Document, metric: Metric
) -> list[dict[str, str]]:
    words, policies = app.words, document["policies"]
    return [
        {words("backtest.month"): each["month"]}
        | {
            policy["name"]: words.number(
                policy["months"][place]["figures"].get(metric.name), digits=3
            )
            for policy in policies
        }
        for place, each in enumerate(policies[0]["months"])
    ]
