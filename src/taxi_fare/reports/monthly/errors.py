"""How far off the predictions are, as the page of a run shows it."""

from collections.abc import Mapping

from taxi_fare.core.manifest import TrainMetrics
from taxi_fare.reports.documents.errors import ErrorFigures
from taxi_fare.reports.monthly.bars import BarRow, bar_rows
from taxi_fare.reports.monthly.numbers import count, dollars, number, percent
from taxi_fare.reports.monthly.words import feature

_PERCENTILES = {
    "p25": "25 of 100 trips",
    "median": "50 of 100 trips",
    "p75": "75 of 100 trips",
    "p95": "95 of 100 trips",
    "p99": "99 of 100 trips",
}


def key_figures(
    run: TrainMetrics, errors: ErrorFigures
) -> list[dict[str, str]]:
    """Choose the figures that a reader in a hurry needs."""
    typical, most = errors.median_abs_error, errors.p95_abs_error
    mean, r2 = errors.mean_total_amount, run.metrics["r2"]
    return [
        {
            "label": "Typical error",
            "value": dollars(typical),
            "note": "half of the predictions are nearer to what was paid",
        },
        {
            "label": "95 of 100 within",
            "value": dollars(most),
            "note": f"a ride costs {dollars(mean)} on average",
        },
        {
            "label": "Explained (R²)",
            "value": number(r2),
            "note": "of the differences in price; 1 would be all of them",
        },
        {
            "label": "Test trips",
            "value": count(run.data.test_rows),
            "note": f"after {count(run.data.train_rows)} to learn from",
        },
    ]


def percentile_bars(errors: ErrorFigures) -> list[BarRow]:
    """
    Draw within how many dollars the predictions are.

    Returns
    -------
    list of BarRow
        For growing shares of the trips.
    """
    values = [errors.size_at(name) for name in _PERCENTILES]
    texts = [f"within {dollars(value)}" for value in values]
    return bar_rows(list(_PERCENTILES.values()), values=values, texts=texts)


def percentile_rows(errors: ErrorFigures) -> list[dict[str, str]]:
    """List the percentiles of the errors."""
    return [
        {
            "name": "Median" if name == "median" else f"{name[1:]} %",
            "error": dollars(errors.error_at(name), signed=True),
            "size": dollars(errors.size_at(name)),
        }
        for name in _PERCENTILES
    ]


def importance_bars(importance: Mapping[str, float]) -> list[BarRow]:
    """
    Draw what the model looks at.

    Parameters
    ----------
    importance : mapping of str to float
        Fraction for each feature.
    """
    names = sorted(importance, key=lambda name: (-importance[name], name))
    values = [importance[name] for name in names]
    texts = [percent(100 * value) for value in values]
    return bar_rows(
        [feature(name) for name in names], values=values, texts=texts
    )
