"""What a chart draws, as a table to save."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pyarrow as pa

_ACROSS = ("x", "y")


def drawn_in(figure: go.Figure) -> pa.Table:
    """
    Return the points, bars or cells of a chart.

    Parameters
    ----------
    figure : Figure
        The chart.

    Returns
    -------
    Table
        A row each: the series where there are several, ``x`` and ``y`` under
        the titles of their axes where these have one, the ``value`` that a
        colour stands for, and the ``zone`` of a point of a map.
    """
    parts = [_part(trace) for trace in figure.data]
    known = [part for part in parts if part is not None]
    table = pd.concat(known, ignore_index=True) if known else pd.DataFrame()
    if "series" in table and table["series"].nunique() < 2:
        table = table.drop(columns="series")
    titles = {
        axis: figure.layout[f"{axis}axis"].title.text or axis
        for axis in _ACROSS
    }
    if len({*titles.values()}) == len(titles):
        table = table.rename(columns=titles)
    return pa.Table.from_pandas(
        table.astype(
            {name: "string" for name in table if table[name].dtype == object}
        ),
        preserve_index=False,
    )


def _part(trace: Any) -> pd.DataFrame | None:
    """Return what one trace draws."""
    if trace.x is None or trace.y is None:
        return None
    x, y = list(trace.x), list(trace.y)
    if getattr(trace, "z", None) is not None:
        cells = np.asarray(trace.z, dtype=float)
        rows, columns = np.indices(cells.shape)
        return pd.DataFrame(
            {
                "x": np.asarray(x)[columns.ravel()],
                "y": np.asarray(y)[rows.ravel()],
                "value": cells.ravel(),
            }
        )
    part = pd.DataFrame({"series": trace.name or "", "x": x, "y": y})
    if getattr(trace, "mode", None) == "markers" and isinstance(
        trace.marker.color, tuple
    ):
        part["value"] = trace.marker.color
    if trace.customdata is not None and np.shape(trace.customdata)[1:] == (1,):
        part["zone"] = np.asarray(trace.customdata)[:, 0]
    return part
