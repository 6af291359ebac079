"""Overview: one light, how old things are, what production really did."""

from collections.abc import Sequence

import streamlit as st

from fare_app.artefacts import Document
from fare_app.decisions import banner, metric_cards, promoted_months
from fare_app.held import show_held
from fare_app.models import read_version
from fare_app.page import App, needs
from fare_app.report_pages import offer_page
from fare_app.verdicts import verdict_box
from fare_app.watch_charts import accuracy_by_month
from fare_app.words import literal, plain
from taxi_fare.core.metrics import ERRORS, Metric
from taxi_fare.core.months import Month, months_between
from taxi_fare.registry.records import RegistryState

# The TLC publishes a month at the end of the month after the next.
_PUBLISHED_AFTER = 2
_FIRST_STEPS = """\
taxi-fare ingest --months 2023-03..2023-06
taxi-fare pipeline --test-month 2023-06
taxi-fare dashboard"""
_DEMO = """\
taxi-fare demo
taxi-fare dashboard --demo"""


def show(app: App) -> None:
    """
    Show the page.

    Parameters
    ----------
    app : App
        The page.
    """
    app.title("overview")
    _begin(app)
    _light(app)
    _state(app)
    _by_month(app)
    st.subheader(app.words("overview.production"))
    _production(app)
    st.subheader(app.words("overview.last_run"))
    _last_run(app)
    st.subheader(app.words("overview.last_prediction"))
    _prediction(app)


def _begin(app: App) -> None:
    """Say how to begin, where nothing is there yet."""
    there = ("registry", "train_metrics", "predict_report", "watch_series")
    if any(app.peek(name) for name in there):
        return
    app.say("overview.try")
    st.code(_DEMO, language="bash")
    app.say("overview.begin")
    st.code(_FIRST_STEPS, language="bash")


@needs("watch_series")
def _light(app: App, series: Document) -> None:
    """Show what the last month that was watched calls for, and why."""
    watched = [each for each in series["months"] if each["verdict"]]
    if not watched:
        app.say("overview.unwatched")
        return
    last = watched[-1]
    verdict_box(last["verdict"], month=last["month"], words=app.words)
    for reason in last["reasons"][:2]:
        st.markdown(f"- {plain(literal(app.words.retold(reason)))}")


def _state(app: App) -> None:
    """Show how old the model and the data are, and what was decided."""
    words, state = app.words, app.peek("registry")
    if state is None or not state.history:
        return
    entries = {each.model_id: each for each in state.history}
    current, last = entries.get(state.current or ""), state.history[-1]
    known = _months_here(app) | {last.test_month}
    newest = Month(max(known))
    due = newest.plus(1)
    learnt = max(current.train_months) if current else None
    cards = (
        (
            words("overview.learnt_until"),
            learnt or words("overview.nothing"),
            words("overview.ago", months=_months_since(learnt))
            if learnt
            else "",
        ),
        (
            words("overview.newest"),
            str(newest),
            words("overview.ago", months=_months_since(str(newest))),
        ),
        (words("overview.due"), str(due), _when(app, due)),
        (
            words("overview.last_decision"),
            words(f"decision.{last.event}"),
            literal(last.test_month),
        ),
    )
    for column, (label, value, more) in zip(
        st.columns(len(cards)), cards, strict=True
    ):
        column.metric(label, value, border=True)
        column.caption(plain(more))


def _months_here(app: App) -> set[str]:
    """Return the months that any report is about."""
    series = app.peek("watch_series") or {}
    report = app.peek("predict_report") or {}
    months = {str(each["month"]) for each in series.get("months", ())}
    return months | ({str(report["month"])} if "month" in report else set())


def _months_since(month: str) -> int:
    """Count the months from one to the current one."""
    return months_between(Month(month), Month.current())


def _when(app: App, month: Month) -> str:
    """Say since when, or from when on, the TLC has a month."""
    published = month.plus(_PUBLISHED_AFTER)
    is_there = months_between(published, Month.current()) > 0
    key = "overview.published" if is_there else "overview.to_be_published"
    return app.words(key, month=str(published))


@needs("watch_series")
def _by_month(app: App, series: Document) -> None:
    """Draw what production really did, month by month."""
    words = app.words
    months = [each for each in series["months"] if each["accuracy"]]
    if not months:
        return
    st.subheader(words("overview.by_month"))
    app.note("overview.by_month_help")
    promoted = promoted_months(app)
    shown = [each for each in ERRORS if _is_known(each, months)]
    if not shown:
        return
    columns = st.columns(len(shown))
    for metric, column in zip(shown, columns, strict=True):
        figure = accuracy_by_month(
            months, metric=metric, learnt=(), promoted=promoted, words=words
        )
        with column:
            app.chart(
                figure,
                key=f"overview_{metric.name}",
                alt=words("watch.accuracy_alt", metric=metric.title),
            )


def _is_known(metric: Metric, months: Sequence[Document]) -> bool:
    """Tell whether each month was measured by it; older ones may not be."""
    figures = [each["accuracy"]["figures"] for each in months]
    return all(each.get(metric.name) is not None for each in figures)


@needs("registry")
def _production(app: App, state: RegistryState) -> None:
    words = app.words
    if state.current is None:
        app.say("overview.none_yet")
        return
    manifest = read_version(state.current, app.places)
    if manifest is None:
        app.say("overview.pruned", model=state.current)
        return
    data = manifest["data"]
    app.say(
        "overview.model",
        model=manifest["model_id"],
        train=words.months(data["train_months"]),
        rows=words.number(data["train_rows"]),
        test=data["test_month"],
        test_rows=words.number(data["test_rows"]),
        moment=words.moment(manifest["timestamp"]),
    )
    metric_cards(
        app,
        metrics=manifest["metrics"],
        current=None,
        before=manifest.get("before_the_ride"),
    )
    rejected = data["rejected_rows"]
    seen = data["train_rows"] + data["test_rows"] + rejected
    app.note(
        "overview.rejected",
        rejected=words.number(rejected),
        share=words.percent(rejected / seen, 2),
    )


@needs("train_metrics")
def _last_run(app: App, metrics: Document) -> None:
    data = metrics["data"]
    month = data.get("test_month") or app.words.months(data["train_months"])
    banner(app, metrics=metrics, test_month=month)
    app.note(
        "overview.run",
        run=metrics["run_id"],
        moment=app.words.moment(metrics["timestamp"]),
    )
    _half_of_trips(app)
    offer_page(
        app,
        metrics.get("report", ""),
        label=app.words("overview.page"),
        key="page_of_last_run",
    )


@needs("error_summary")
def _half_of_trips(app: App, summary: Document) -> None:
    dollars = app.words.dollars
    app.say(
        "overview.typical",
        half=dollars(summary["median_abs_error"]),
        most=dollars(summary["p95_abs_error"]),
        mean=dollars(summary["mean_total_amount"]),
    )


@needs("predict_report")
def _prediction(app: App, report: Document) -> None:
    words, figures = app.words, report["predictions"]
    app.say(
        "overview.prediction",
        month=report["month"],
        model=report["model_id"],
        rows=words.number(report["predicted_rows"]),
        rejected=words.number(report["rejected_rows"]),
        mean=words.dollars(figures["mean"]),
        median=words.dollars(figures["median"]),
    )
    metrics = report.get("metrics")
    if metrics:
        app.say(
            "overview.prediction_metrics",
            metrics=words.metrics(metrics),
        )
    show_held(app, report.get("intervals"))
