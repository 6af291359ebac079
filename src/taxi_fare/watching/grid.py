"""A fixed grid: counts on it can be added up, whoever counted."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Cells = NDArray[np.int64]

# Cells of one width, before the width doubles.
_CELLS = 64


@dataclass(frozen=True)
class Grid:
    """
    Cells that get wider as values grow, as those of an HDR histogram.

    64 cells of the smallest width, then 32 for each doubling of the value;
    the last cell has no end. Cells of negative values mirror the others and
    are numbered from -1 down, so that numbers rise with values. Every edge is
    a multiple of a power of two: who counts on it cannot round otherwise.

    Parameters
    ----------
    step : float
        Width of the smallest cells, a power of two.
    doublings : int
        How often the width doubles.
    """

    step: float
    doublings: int

    @cached_property
    def edges(self) -> Numbers:
        """Where cells begin, from 0 on."""
        parts = [np.arange(_CELLS + 1) * self.step]
        for _ in range(self.doublings):
            last = parts[-1][-1]
            parts.append(
                last * (1 + np.arange(1, _CELLS // 2 + 1) * 2 / _CELLS)
            )
        return np.concatenate(parts)

    def cells_of(self, values: Numbers) -> Cells:
        """Number the cell of each value; none is NaN."""
        size = np.abs(values)
        cells = self.edges.searchsorted(size, side="right").astype(np.int64)
        cells -= 1
        return np.where(values < 0, -1 - cells, cells)

    def start_of(self, cell: int) -> float | None:
        """Return the least value of a cell; None where it has no beginning."""
        if cell >= 0:
            return float(self.edges[cell])
        end = -cell
        return float(-self.edges[end]) if end < len(self.edges) else None
