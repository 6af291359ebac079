"""``monthly/index.html``: every decision of a registry, and the trend."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import partial

from taxi_fare.core.evidence import worth
from taxi_fare.core.language import say, spoken_language
from taxi_fare.core.metrics import ERRORS, Metric, compared_in
from taxi_fare.core.retold import retold
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.reports.documents.predictions import PredictReport
from taxi_fare.reports.monthly.bars import Bar, BarRow, to_scale
from taxi_fare.reports.monthly.metrics import written
from taxi_fare.reports.monthly.pages import (
    INDEX_FILE,
    PAGE_FILE,
    in_every_language,
    in_language,
    others,
)
from taxi_fare.reports.monthly.predicted import predicted
from taxi_fare.reports.monthly.rendering import rendered
from taxi_fare.reports.monthly.verdict import WORDS
from taxi_fare.reports.monthly.words import month

# What fits a page that people look through.
_MOST_MONTHS = 24


@dataclass(frozen=True)
class DecisionRow:
    """One decision, as people read it."""

    test_month: str
    moment: str
    mark: str
    word: str
    reason: str
    worth: str
    model_id: str
    figures: tuple[str, ...]
    theirs: tuple[str, ...]
    page: str | None


def index_pages(
    history: Sequence[HistoryEntry],
    *,
    pages: Set[str],
    prediction: PredictReport | None = None,
) -> dict[str, str]:
    """Return the page of all months in every language, by its name."""
    write = partial(index_page, history, pages=pages, prediction=prediction)
    return in_every_language(INDEX_FILE, write)


def index_page(
    history: Sequence[HistoryEntry],
    *,
    pages: Set[str],
    prediction: PredictReport | None = None,
) -> str:
    """
    Return the page of all months.

    Parameters
    ----------
    history : sequence of HistoryEntry
        Every decision, the earliest first.
    pages : set of str
        The pages of months that are there, from the folder of this one.
    prediction : PredictReport, optional
        What was predicted last; another registry's is passed over.
    """
    ours = {each.model_id for each in history}
    is_ours = prediction is not None and prediction.model_id in ours
    latest = {
        each.test_month: each for each in history if each.decided_by == "rule"
    }
    rows = [
        _row(each, pages if latest.get(each.test_month) is each else set())
        for each in reversed(history)
    ]
    shown = [latest[name] for name in sorted(latest)][-_MOST_MONTHS:]
    return rendered(
        "index.html.jinja",
        languages=others(INDEX_FILE),
        predicted=predicted(prediction) if prediction and is_ours else None,
        rows=rows,
        titles=[each.title for each in ERRORS],
        trends=[(each.title, _trend(each, shown)) for each in ERRORS],
        simulated=any(each.simulated for each in history),
        latest=history[-1] if history else None,
    )


def _row(entry: HistoryEntry, pages: Set[str]) -> DecisionRow:
    mark, word = WORDS[entry.event]
    theirs = entry.current_metrics or {}
    page = f"{entry.test_month}/{PAGE_FILE}"
    # Runs of before pages had languages have one in English.
    told = in_language(page, spoken_language()), page
    return DecisionRow(
        test_month=month(entry.test_month),
        moment=entry.timestamp,
        mark=mark,
        word=say(word),
        # What a person wrote is theirs.
        reason=entry.reason
        if entry.decided_by == "person"
        else retold(entry.reason),
        worth=retold(worth(entry.gains, reason=entry.reason)),
        model_id=entry.model_id,
        figures=tuple(written(x, entry.metrics.get(x.name)) for x in ERRORS),
        theirs=tuple(written(x, theirs.get(x.name)) for x in ERRORS),
        page=next((each for each in told if each in pages), None),
    )


def _trend(metric: Metric, entries: Sequence[HistoryEntry]) -> list[BarRow]:
    """Return an error by month: of the new model, and of production's."""
    rows, name = [], metric.name
    for entry in entries:
        theirs = entry.current_metrics or {}
        bars = [Bar(written(metric, entry.metrics[name]), entry.metrics[name])]
        if metric in compared_in(entry.metrics, theirs):
            value = theirs[name]
            bars.append(Bar(written(metric, value), value, kind="theirs"))
        word = say(WORDS[entry.event][1]).lower()
        rows.append(BarRow(month(entry.test_month), word, tuple(bars)))
    return to_scale(rows)
