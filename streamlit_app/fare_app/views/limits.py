"""Limits and use: what the model is for, what not, how to cite figures."""

import streamlit as st

from fare_app.artefacts import Document
from fare_app.files_there import files_there
from fare_app.page import App, needs

_SECTIONS = ("for", "not_for", "known")


def show(app: App) -> None:
    """
    Show the page.

    Parameters
    ----------
    app : App
        The page.
    """
    app.title("limits")
    for name in _SECTIONS:
        st.subheader(app.words(f"limits.{name}_title"))
        app.say(f"limits.{name}")
    st.subheader(app.words("limits.cite_title"))
    app.say("limits.cite")
    _citation(app)
    st.subheader(app.words("files.title"))
    files_there(app)


@needs("train_metrics")
def _citation(app: App, metrics: Document) -> None:
    words, data, figures = app.words, metrics["data"], metrics["metrics"]
    simulated = f" {words('limits.simulated')}" if metrics["simulated"] else ""
    text = words(
        "limits.citation",
        model=metrics["model_id"],
        train=words.months(data["train_months"]),
        rows=words.number(data["train_rows"]),
        test=data.get("test_month") or words("quality.same_months"),
        test_rows=words.number(data["test_rows"]),
        rejected=words.number(data["rejected_rows"]),
        metrics=words.metrics(figures),
        moment=words.moment(metrics["timestamp"]),
    )
    st.code(text + simulated, language=None, wrap_lines=True)
