"""Charts on a dark page: what is drawn for a light one, in other colours."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from fare_app.charts import (
    AMBER,
    BLUE,
    BLUE_BAND,
    GREEN,
    GREY,
    OCHRE,
    ORANGE,
    PURPLE,
)
from fare_app.colour_scales import MORE, MORE_IN_DARK, steps
from fare_app.zone_map import TO_BOTH_SIDES

# Streamlit's own background; text on a mark is of this colour.
BACKGROUND = "#171614"
_NOTHING_CHANGED = "#4a4a4a"
LIFTED = {
    BLUE: "#56B4E9",
    ORANGE: "#FF8F4A",
    GREEN: "#2FC79A",
    PURPLE: "#E39AC4",
    OCHRE: "#E69F00",
    GREY: "#A6A6A6",
}
_BOTH_SIDES_IN_DARK = steps(
    [LIFTED[BLUE], _NOTHING_CHANGED, LIFTED[ORANGE]],
    first=0.0,
    last=1.0,
)
_IN_DARK = {
    light.lower(): dark
    for light, dark in (
        *zip(MORE, MORE_IN_DARK, strict=True),
        *zip(TO_BOTH_SIDES, _BOTH_SIDES_IN_DARK, strict=True),
        *LIFTED.items(),
        (AMBER, "#A35A1E"),
        (BLUE_BAND, "rgba(86, 180, 233, 0.25)"),
        ("white", BACKGROUND),
    )
}
# Many and long, and none of them a colour.
_DATA = {"x", "y", "z", "path", "text", "customdata", "template"}


def for_dark(figure: go.Figure) -> go.Figure:
    """
    Return a chart in colours that stand out of a dark page.

    Parameters
    ----------
    figure : Figure
        As it is drawn for a light one.

    Returns
    -------
    Figure
        Another one.
    """
    return go.Figure(_recoloured(figure.to_plotly_json()))


def _recoloured(part: Any) -> Any:
    if isinstance(part, str):
        return _IN_DARK.get(part.lower(), part)
    if isinstance(part, dict):
        return {
            name: each if name in _DATA else _recoloured(each)
            for name, each in part.items()
        }
    if isinstance(part, list | tuple):
        return [_recoloured(each) for each in part]
    if isinstance(part, np.ndarray) and part.dtype == object:
        return [_recoloured(each) for each in part]
    return part
