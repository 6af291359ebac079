"""How far off the predictions are, as the page of a run shows it."""

from collections.abc import Mapping

from taxi_fare.core.language import say
from taxi_fare.core.metrics import PERCENTILES
from taxi_fare.reports.documents.errors import ErrorFigures
from taxi_fare.reports.monthly.bars import BarRow, bar_rows
from taxi_fare.reports.monthly.numbers import dollars, percent
from taxi_fare.reports.monthly.words import feature


def percentile_bars(errors: ErrorFigures) -> list[BarRow]:
    """
    Draw within how many dollars the predictions are.

    Returns
    -------
    list of BarRow
        For growing shares of the trips.
    """
    sizes = {name: errors.size_at(name) for name in PERCENTILES}
    return bar_rows(
        (
            say("{share} of 100 trips", share=f"{100 * PERCENTILES[name]:g}"),
            size,
            say("within {dollars}", dollars=dollars(size)),
        )
        for name, size in sizes.items()
    )


def importance_bars(importance: Mapping[str, float]) -> list[BarRow]:
    """
    Draw what the model looks at.

    Parameters
    ----------
    importance : mapping of str to float
        Fraction for each feature.
    """
    ranked = sorted(importance.items(), key=lambda each: (-each[1], each[0]))
    return bar_rows(
        (feature(name), share, percent(100 * share)) for name, share in ranked
    )
