"""Where in the city a month was predicted well, and where not."""

import pandas as pd

from fare_app.page import App, choose_one
from fare_app.zone_choice import ENDS, Chosen, choose_end, trips_of_zone
from fare_app.zone_map import Coloured, by_zone
from taxi_fare.core.columns import LABEL

_COLOURS = {
    "mae": "chart.mae",
    "bias": "chart.bias",
    "trips": "chart.trips",
    "total": "chart.mean_paid",
}


def trips_by_errors(
    app: App, trips: pd.DataFrame, *, least: int
) -> tuple[pd.DataFrame, Chosen | None]:
    """
    Show the errors by zone, and let the reader choose one.

    Parameters
    ----------
    app : App
        The page.
    trips : DataFrame
        Of ``load_predictions``.
    least : int
        Trips of a zone that has a colour.

    Returns
    -------
    DataFrame
        The trips of the zone that was chosen; all where none was.
    Chosen or None
        What was.
    """
    words = app.words
    end = choose_end(app, key="error")
    what = choose_one(
        words("map.colour"),
        {name: words(text) for name, text in _COLOURS.items()},
        key="error_colour",
    )
    found = _by_zone(trips, column=ENDS[end], least=least)
    texts = {
        zone: words(
            "map.errors",
            trips=words.number(each["trips"]),
            total=words.dollars(each["total"]),
            mae=words.dollars(each["mae"]),
            bias=words.dollars(each["bias"], sign=True),
        )
        for zone, each in found.items()
    }
    shown = Coloured(
        words(_COLOURS[what]),
        {zone: each[what] for zone, each in found.items()},
        texts,
        to_both_sides=what == "bias",
    )
    return trips_of_zone(app, trips, shown=shown, end=end, key="errors")


def _by_zone(
    trips: pd.DataFrame, *, column: str, least: int
) -> dict[int, dict[str, float]]:
    errors = trips["error"]
    found = (
        pd.DataFrame(
            {"bias": errors, "mae": errors.abs(), "total": trips[LABEL]}
        )
        .groupby(trips[column], observed=True)
        .agg(
            trips=("bias", "size"),
            mae=("mae", "mean"),
            bias=("bias", "mean"),
            total=("total", "mean"),
        )
    )
    found = found[found["trips"] >= least]
    return by_zone(found)
