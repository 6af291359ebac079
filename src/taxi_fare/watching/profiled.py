"""What is watched of the trips of a month: the one list of it."""

from dataclasses import dataclass
from typing import Literal

from taxi_fare.core.columns import (
    DISTANCE,
    DURATION,
    INPUTS,
    LABEL,
    PICKUP_MONTH,
    PREDICTION,
    PRICE_TITLES,
    TRIP_COLUMNS,
    TRIP_FEATURES,
)
from taxi_fare.watching.grid import Grid

ERROR = "error"
# 25 cents up to 16 dollars, 50 up to 32, a dollar up to 64, 16 up to 1,024.
_MONEY = Grid(0.25, 6)
_WHOLE = Grid(1.0, 5)
# As fine as is driven: a sixteenth of a mile, 15 seconds.
_GRIDS = {DISTANCE: Grid(1 / 16, 8), DURATION: Grid(0.25, 7)}

Role = Literal["feature", "label", "price", "prediction", "error"]


@dataclass(frozen=True)
class Watched:
    """
    One number or category of which a profile is kept.

    Parameters
    ----------
    grid : Grid or None
        What its values are counted on; None for a category.
    role : {'feature', 'label', 'price', 'prediction', 'error'}
        ``price`` is a part of what was paid: no model sees it, and it says
        why the whole has changed.
    compared : bool
        Whether it may be the same in two months.
    """

    name: str
    title: str
    unit: str
    grid: Grid | None
    role: Role
    compared: bool = True


def _money(name: str, title: str, role: Role) -> Watched:
    return Watched(name, title, "dollars", _MONEY, role)


WATCHED = {
    each.name: each
    for each in (
        *(
            Watched(
                feature.name,
                feature.title,
                feature.unit,
                _GRIDS.get(feature.name, _WHOLE)
                if feature.kind == "number"
                else None,
                "feature",
                # Another month is another month: that is no drift.
                compared=feature.name != PICKUP_MONTH,
            )
            for feature in TRIP_FEATURES
        ),
        _money(LABEL, PRICE_TITLES[LABEL], "label"),
        *(
            _money(column.name, PRICE_TITLES[column.name], "price")
            for column in TRIP_COLUMNS
            if column.kind == "number" and column.name not in {*INPUTS, LABEL}
        ),
        _money(PREDICTION, "What the model predicts", "prediction"),
        _money(ERROR, "What was paid less what was predicted", "error"),
    )
}
PRICE_PARTS = tuple(x.name for x in WATCHED.values() if x.role == "price")
# What a month is compared by, but for what a model says of it.
COMPARED = tuple(
    each.name
    for each in WATCHED.values()
    if each.compared and each.role in {"feature", "label", "price"}
)

# Raised whenever the same trips would give another profile.
PROFILE_VERSION = 1
