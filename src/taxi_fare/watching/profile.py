"""What the trips of some months look like, in figures that add up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Annotated, TypeVar

from pydantic import Field

from taxi_fare.core.documents import MonthName, Part, Trips

# The TLC has 265 zones. What has more levels is no category: the usual ones
# are kept, the others counted together.
MOST_LEVELS = 400

Cell = Annotated[int, Field(description="Of the grid; see Grid.")]


class NumberProfile(Part):
    """The values of a number."""

    count: Trips = Field(description="Trips that have one.")
    missing: Trips
    mean: float | None = Field(description="None: there is no value.")
    std: float | None = Field(
        description="Standard deviation of these trips (not of a sample)."
    )
    cells: dict[Cell, Trips] = Field(
        description="Trips by cell of the number's grid; others are empty."
    )

    def __add__(self, other: "NumberProfile") -> "NumberProfile":
        """
        Return the profile of the trips of both.

        Source of the moments: T. Chan, G. Golub, R. LeVeque, Algorithms for
        computing the sample variance, The American Statistician 37, 1983.
        """
        count = self.count + other.count
        mean, std = self.mean, self.std
        if mean is None or std is None:
            mean, std = other.mean, other.std
        elif other.mean is not None and other.std is not None:
            ours, theirs = self.count / count, other.count / count
            apart = other.mean - mean
            mean += apart * theirs
            variance = ours * std**2 + theirs * other.std**2
            std = (variance + ours * theirs * apart**2) ** 0.5
        return NumberProfile(
            count=count,
            missing=self.missing + other.missing,
            mean=mean,
            std=std,
            cells=_added(self.cells, other.cells),
        )


class CategoryProfile(Part):
    """The levels of a category."""

    count: Trips = Field(description="Trips that have a known level.")
    missing: Trips
    levels: dict[str, Trips] = Field(description="The most frequent ones.")
    others: Trips = Field(description="Trips of levels that are not named.")

    def __add__(self, other: "CategoryProfile") -> "CategoryProfile":
        """Return the profile of the trips of both."""
        return category_profile(
            _added(self.levels, other.levels),
            missing=self.missing + other.missing,
            others=self.others + other.others,
        )


def category_profile(
    levels: Mapping[str, int], *, missing: int, others: int = 0
) -> CategoryProfile:
    """Keep the most frequent levels: 400 are more than the TLC has zones."""
    ranked = sorted(levels.items(), key=lambda each: (-each[1], each[0]))
    kept = dict(sorted(ranked[:MOST_LEVELS]))
    count = sum(levels.values()) + others
    return CategoryProfile(
        count=count,
        missing=missing,
        levels=kept,
        others=count - sum(kept.values()),
    )


class Profile(Part):
    """The trips of one or more months."""

    months: tuple[MonthName, ...]
    rows: Trips = Field(description="Trips of these months.")
    valid_rows: Trips = Field(
        description="Those that keep the rules: the others are in no figure."
    )
    columns: dict[str, tuple[str, ...]] | None = Field(
        description="Kinds of every column that the published files have, by"
        " its name in lower case; None: they were not recorded."
    )
    numbers: dict[str, NumberProfile]
    categories: dict[str, CategoryProfile]

    def __add__(self, other: "Profile") -> "Profile":
        """Return the profile of the trips of both."""
        return Profile(
            months=tuple(sorted({*self.months, *other.months})),
            rows=self.rows + other.rows,
            valid_rows=self.valid_rows + other.valid_rows,
            columns=_all_columns(self.columns, other.columns),
            numbers=each_added(self.numbers, other.numbers),
            categories=each_added(self.categories, other.categories),
        )

    def of(self, name: str) -> "AnyProfile | None":
        """Return the profile of a number or a category, if there is one."""
        return self.numbers.get(name) or self.categories.get(name)


AnyProfile = NumberProfile | CategoryProfile


def added_up(profiles: Iterable[Profile]) -> Profile:
    """Return the profile of all trips; there is at least one profile."""
    return reduce(Profile.__add__, profiles)


Key = TypeVar("Key", str, int)
Added = TypeVar("Added", NumberProfile, CategoryProfile)


def each_added(
    ours: Mapping[str, Added], theirs: Mapping[str, Added]
) -> dict[str, Added]:
    """Add up what both have, and keep what one of them has."""
    both = {name: ours[name] + theirs[name] for name in ours if name in theirs}
    return {**ours, **theirs, **both}


def _added(
    ours: Mapping[Key, int], theirs: Mapping[Key, int]
) -> dict[Key, int]:
    total = Counter(ours)
    total.update(theirs)
    return {key: total[key] for key in sorted(total)}


def _all_columns(
    ours: Mapping[str, tuple[str, ...]] | None,
    theirs: Mapping[str, tuple[str, ...]] | None,
) -> dict[str, tuple[str, ...]] | None:
    if ours is None or theirs is None:
        known = ours if theirs is None else theirs
        return None if known is None else dict(known)
    return {
        name: tuple(sorted({*ours.get(name, ()), *theirs.get(name, ())}))
        for name in sorted({*ours, *theirs})
    }
