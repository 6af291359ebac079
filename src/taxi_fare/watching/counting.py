"""Count the trips of a batch on the grids: profiles of NumPy and Arrow."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.columns import UNKNOWN_LEVEL
from taxi_fare.watching.grid import Grid
from taxi_fare.watching.profile import (
    CategoryProfile,
    NumberProfile,
    category_profile,
    each_added,
)
from taxi_fare.watching.profiled import WATCHED

# Beyond, a square would not fit into a double: such a value counts as this.
_LARGEST = 1e150


@dataclass(frozen=True)
class Counted:
    """The profiles of some trips; batches are added up."""

    numbers: dict[str, NumberProfile]
    categories: dict[str, CategoryProfile]

    @classmethod
    def of_batch(cls, columns: Mapping[str, pa.Array]) -> Self:
        """Count the columns of a batch, each of which is watched."""
        numbers: dict[str, NumberProfile] = {}
        categories: dict[str, CategoryProfile] = {}
        for name, values in columns.items():
            grid = WATCHED[name].grid
            if grid is None:
                categories[name] = level_profile(values)
            else:
                numbers[name] = number_profile(values, grid=grid)
        return cls(numbers, categories)

    def __add__(self, other: "Counted") -> "Counted":
        """Add the trips of another batch."""
        return replace(
            self,
            numbers=each_added(self.numbers, other.numbers),
            categories=each_added(self.categories, other.categories),
        )


def number_profile(values: pa.Array, *, grid: Grid) -> NumberProfile:
    """Return the profile of values; null and infinite ones are missing."""
    every = pc.cast(values, pa.float64(), safe=False).to_numpy(
        zero_copy_only=False
    )
    known = every[np.isfinite(every)]
    count, missing = len(known), len(every) - len(known)
    if not count:
        return NumberProfile(
            count=0, missing=missing, mean=None, std=None, cells={}
        )
    known = np.clip(known, -_LARGEST, _LARGEST)
    cells = grid.cells_of(known)
    first = int(cells.min())
    counts = np.bincount(cells - first)
    mean = float(known.mean())
    return NumberProfile(
        count=count,
        missing=missing,
        mean=mean,
        std=float(np.sqrt(np.square(known - mean).mean())),
        cells={
            first + int(at): int(counts[at]) for at in np.flatnonzero(counts)
        },
    )


def level_profile(values: pa.Array) -> CategoryProfile:
    """Return the profile of some levels; the unknown one is missing."""
    levels = {
        each["values"]: each["counts"]
        for each in pc.value_counts(values).to_pylist()
    }
    missing = sum(levels.pop(name, 0) for name in (None, UNKNOWN_LEVEL))
    return category_profile(levels, missing=missing)
