"""Overview: what the model is, what is in production, what is there."""

import streamlit as st

from fare_app.artefacts import (
    ARTEFACTS,
    DamagedError,
    Document,
    path_of,
    stamp,
)
from fare_app.decisions import banner, metric_cards
from fare_app.models import read_version
from fare_app.page import App, needs
from fare_app.words import MISSING
from taxi_fare.registry.records import RegistryState

_NANOSECONDS = 1_000_000_000


def show(app: App) -> None:
    """
    Show the page.

    Parameters
    ----------
    app : App
        The page.
    """
    app.title("overview")
    st.subheader(app.words("overview.production"))
    _production(app)
    st.subheader(app.words("overview.last_run"))
    _last_run(app)
    st.subheader(app.words("overview.last_prediction"))
    _prediction(app)
    st.subheader(app.words("overview.artefacts"))
    _artefacts(app)


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
    metric_cards(app, metrics=manifest["metrics"], current=None)
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
    _page(app, metrics)


def _page(app: App, metrics: Document) -> None:
    """Offer the page of the run, where there is one."""
    folder = app.places.reports.resolve()
    path = (folder / metrics.get("report", "")).resolve()
    # Whatever the report says, no other file of this machine is handed out.
    if not (path.is_relative_to(folder) and path.is_file()):
        return
    st.download_button(
        app.words("overview.page"),
        path.read_bytes(),
        file_name=f"taxi_fare-{path.parent.name}.html",
        mime="text/html",
        on_click="ignore",
        icon=":material/download:",
        help=app.words("overview.page_help"),
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


def _artefacts(app: App) -> None:
    words = app.words
    rows = []
    for name, artefact in ARTEFACTS.items():
        status, since = _status(app, name)
        rows.append(
            {
                words("overview.status"): words(f"overview.{status}"),
                words("overview.file"): artefact.file,
                words("overview.since"): since,
                words("overview.holds"): words(f"artefact.{name}"),
            }
        )
    app.table(rows, hide_index=True, height="content")
    gone = [name for name in ARTEFACTS if _status(app, name)[0] != "there"]
    if gone:
        app.say("overview.to_make")
        commands = dict.fromkeys(app.command(name) for name in gone)
        st.code("\n".join(commands), language="bash", wrap_lines=True)


def _status(app: App, name: str) -> tuple[str, str]:
    try:
        artefact = app.artefact(name)
    except DamagedError:
        return "damaged", MISSING
    if artefact is None:
        return "missing", MISSING
    if name == "registry":
        return "there", app.words.moment(artefact.history[-1].timestamp)
    found = stamp(path_of(name, app.places))
    seconds = found[1] / _NANOSECONDS if found else None
    return "there", app.words.moment(seconds)
