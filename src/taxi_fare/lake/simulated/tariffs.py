"""What the meter counts, by the day: the published rates."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Dollars. Source: the TLC's rates of fare, and the tolls of the tunnels
# between Manhattan and Queens. `step`: for a fifth of a mile, or for a minute
# in which the taxi stands or is slow.
_RATES = ("flag_fall", "step", "jfk", "newark", "night", "rush", "jfk_rush")
_ADDED = ("improvement", "congestion", "cbd", "la_guardia", "airport", "toll")
_CHANGES: tuple[tuple[str, dict[str, float]], ...] = (
    (
        "2009-01-01",
        {
            **{"flag_fall": 2.5, "step": 0.5, "jfk": 52.0, "newark": 17.5},
            **{"night": 0.5, "rush": 1.0, "jfk_rush": 4.5, "toll": 5.54},
        },
    ),
    ("2015-01-01", {"improvement": 0.3}),
    ("2017-03-19", {"toll": 5.76}),
    ("2019-02-02", {"congestion": 2.5}),
    ("2019-03-31", {"toll": 6.12}),
    ("2021-04-11", {"toll": 6.55}),
    ("2022-04-01", {"airport": 1.25}),
    (
        "2022-12-19",
        {
            **{"flag_fall": 3.0, "step": 0.7, "jfk": 70.0, "newark": 20.0},
            **{"night": 1.0, "rush": 2.5, "jfk_rush": 5.0, "la_guardia": 5.0},
            "improvement": 1.0,
        },
    ),
    ("2023-08-06", {"toll": 6.94}),
    ("2025-01-05", {"cbd": 0.75}),
)


def _table() -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the days of changes, and all rates from each of them on."""
    names = (*_RATES, *_ADDED)
    rates = np.zeros(len(_CHANGES), [(name, np.float64) for name in names])
    for row, (_, changed) in enumerate(_CHANGES):
        rates[row] = rates[max(row - 1, 0)]
        for name, dollars in changed.items():
            rates[row][name] = dollars
    days = np.array([day for day, _ in _CHANGES], "datetime64[us]")
    return days, rates


_DAYS, _TABLE = _table()


def rates_at(times: NDArray[np.datetime64]) -> NDArray[Any]:
    """
    Return the rates that hold at each time.

    Returns
    -------
    ndarray with a field for each rate, one row for each time
        Dollars; before the first day, the first that are known.
    """
    row = np.searchsorted(_DAYS, times, side="right") - 1
    return np.asarray(_TABLE[np.maximum(row, 0)])
