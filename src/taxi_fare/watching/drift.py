"""How a month differs from other months: every figure of it."""

from collections.abc import Iterable, Mapping

from pydantic import Field

from taxi_fare.core.documents import MonthName, Number, Part, Share, Trips
from taxi_fare.watching.distances import (
    jensen_shannon,
    kolmogorov_smirnov,
    missing_share,
    new_levels,
    psi,
    shares_of,
)
from taxi_fare.watching.profile import (
    AnyProfile,
    CategoryProfile,
    NumberProfile,
    Profile,
)

# So many new levels are named; more are counted.
_NAMED = 10


class Drift(Part):
    """How a number or a category differs; None where one has no value."""

    psi: float | None = Field(
        description="Population stability index, on the deciles or usual"
        " levels of the reference: 0 is the same."
    )
    jensen_shannon: Share | None = Field(
        description="Jensen-Shannon distance on the same bins."
    )
    kolmogorov_smirnov: Share | None = Field(
        description="Kolmogorov-Smirnov distance; None for a category."
    )
    mean: Number | None = Field(description="None for a category.")
    mean_before: Number | None
    missing_share: Share | None
    missing_share_before: Share | None
    new_levels: dict[str, Trips] = Field(
        description="Levels that the reference never had, the most frequent"
        " ones."
    )
    new_levels_share: Share | None = Field(
        description="Share of the known levels that are new; None for a"
        " number."
    )


class ColumnChanges(Part):
    """Columns of the published files, by their name in lower case."""

    appeared: tuple[str, ...]
    vanished: tuple[str, ...]
    changed: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = Field(
        description="Kinds before and now."
    )


class Compared(Part):
    """A month against other months."""

    months: tuple[MonthName, ...]
    rows: Trips
    trips_change: Number = Field(
        0.0,
        description="Trips of the month, more than in an average month of"
        " these: relative; missing: not told then.",
    )
    figures: dict[str, Drift] = Field(
        description="By feature, label and part of the price."
    )
    columns: ColumnChanges | None = Field(
        description="None: those of one of both were not recorded."
    )

    def furthest(self, most: int) -> list[tuple[str, float, Drift]]:
        """Return the columns that moved most: name, PSI and all of it."""
        known = [
            (name, each.psi, each)
            for name, each in self.figures.items()
            if each.psi is not None
        ]
        return sorted(known, key=lambda x: (-x[1], x[0]))[:most]


def compared(
    reference: Profile, month: Profile, *, names: Iterable[str]
) -> Compared:
    """Compare a month with others; what neither has is left out."""
    figures = {}
    for name in names:
        ours, theirs = reference.of(name), month.of(name)
        if ours is not None and theirs is not None:
            figures[name] = drift(ours, theirs)
    return Compared(
        months=reference.months,
        rows=reference.rows,
        trips_change=month.rows * len(reference.months) / reference.rows - 1,
        figures=figures,
        columns=column_changes(reference.columns, month.columns),
    )


def drift(reference: AnyProfile, month: AnyProfile) -> Drift:
    """Compare what is of one kind."""
    shares = shares_of(reference, month)
    new: dict[str, int] = {}
    statistic = new_share = None
    if isinstance(reference, NumberProfile):
        if isinstance(month, NumberProfile):
            statistic = kolmogorov_smirnov(reference, month)
    elif isinstance(month, CategoryProfile):
        new = new_levels(reference, month)
        new_share = sum(new.values()) / month.count if month.count else None
    ranked = sorted(new.items(), key=lambda each: (-each[1], each[0]))
    return Drift(
        psi=None if shares is None else psi(*shares),
        jensen_shannon=None if shares is None else jensen_shannon(*shares),
        kolmogorov_smirnov=statistic,
        mean=getattr(month, "mean", None),
        mean_before=getattr(reference, "mean", None),
        missing_share=missing_share(month),
        missing_share_before=missing_share(reference),
        new_levels=dict(ranked[:_NAMED]),
        new_levels_share=new_share,
    )


def column_changes(
    before: Mapping[str, tuple[str, ...]] | None,
    now: Mapping[str, tuple[str, ...]] | None,
) -> ColumnChanges | None:
    """Tell which columns came, went, or are of other kinds."""
    if before is None or now is None:
        return None
    return ColumnChanges(
        appeared=tuple(sorted(now.keys() - before.keys())),
        vanished=tuple(sorted(before.keys() - now.keys())),
        changed={
            name: (before[name], now[name])
            for name in sorted(before.keys() & now.keys())
            if _really(before[name]).isdisjoint(_really(now[name]))
            and _really(before[name])
            and _really(now[name])
        },
    )


def _really(kinds: Iterable[str]) -> set[str]:
    """
    Leave out what is no change.

    A column without a value is of no kind, and whole numbers become others
    where pandas finds one missing.
    """
    return {"number" if kind == "integer" else kind for kind in kinds} - {
        "null"
    }
