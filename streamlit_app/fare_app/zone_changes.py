"""Where more of the trips begin or end than before, and where fewer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fare_app.words import Words
from fare_app.zone_map import Coloured
from taxi_fare.core.zones import zones

# Of the trips: zones that had fewer before and have fewer now are left out.
_LEAST = 0.001


@dataclass(frozen=True)
class ZoneShare:
    """
    What part of the trips a zone has.

    Parameters
    ----------
    trips : int
        How many it has now.
    now : float
        Of all trips now, in [0, 1].
    before : float or None
        The same of the reference; None where there is no reference.
    """

    trips: int
    now: float
    before: float | None

    @property
    def points(self) -> float:
        """How much more it has now, in percentage points."""
        return 100 * (self.now - (self.before or 0.0))


def zone_shares(
    now: Mapping[str, Any], before: Mapping[str, Any] | None
) -> dict[int, ZoneShare]:
    """
    Return what part of the trips each zone has, and had.

    Parameters
    ----------
    now, before : mapping
        Profiles of a column of zones.

    Returns
    -------
    dict
        By zone; what is no zone, and zones with hardly any trips, are left
        out.
    """
    counts = _counts(now)
    earlier = _counts(before) if before is not None else {}
    found = {
        zone: ZoneShare(
            counts.get(zone, 0),
            counts.get(zone, 0) / max(now["count"], 1),
            None
            if before is None
            else earlier.get(zone, 0) / max(before["count"], 1),
        )
        for zone in {**earlier, **counts}
    }
    return {
        zone: each
        for zone, each in found.items()
        if max(each.now, each.before or 0.0) >= _LEAST
    }


def _counts(profile: Mapping[str, Any]) -> dict[int, int]:
    return {
        int(level): count
        for level, count in profile["levels"].items()
        if level.isdecimal() and int(level) in zones()
    }


def zone_changes(
    shares: Mapping[int, ZoneShare], words: Words, *, what: str = "change"
) -> Coloured:
    """
    Colour zones by their share of the trips.

    Parameters
    ----------
    shares : mapping of int to ZoneShare
        By zone.
    words : Words
        The language.
    what : {'change', 'share'}, optional
        How it changed, in percentage points, or what it is now, in per cent.

    Returns
    -------
    Coloured
        For a map.
    """
    changed = what == "change"
    return Coloured(
        words("map.points" if changed else "map.share_now"),
        {
            zone: each.points if changed else 100 * each.now
            for zone, each in shares.items()
        },
        {zone: _told(each, words) for zone, each in shares.items()},
        to_both_sides=changed,
    )


def _told(share: ZoneShare, words: Words) -> str:
    now = words.percent(share.now, 2)
    if share.before is None:
        return words("map.of_trips", share=now)
    before = words.percent(share.before, 2)
    return words("map.change", before=before, now=now)


def zone_rows(
    shares: Mapping[int, ZoneShare],
    *,
    names: Sequence[str],
    words: Words,
    chosen: int | None = None,
) -> list[dict[str, str]]:
    """
    Tell the shares of zones, those first that changed most.

    Parameters
    ----------
    shares : mapping of int to ZoneShare
        By zone.
    names : sequence of str
        Of the month, and of its reference where there is one.
    words : Words
        The language.
    chosen : int, optional
        The only zone that is told.

    Returns
    -------
    list of dict
        Rows of a table, with the place that each has among all of them.
    """
    order = sorted(
        shares, key=lambda x: (-abs(shares[x].points), -shares[x].now)
    )
    rows = []
    for place, zone in enumerate(order, start=1):
        if chosen not in (None, zone):
            continue
        each = shares[zone]
        row = {
            "#": words.number(place),
            words("watch.zone"): str(zones()[zone]),
            words("chart.trips"): words.number(each.trips),
            names[0]: words.percent(each.now, 2),
        }
        if each.before is not None:
            row[names[1]] = words.percent(each.before, 2)
            # A plus before a comma is taken for a formula.
            row[words("map.points")] = words.number(each.points, digits=2)
        rows.append(row)
    return rows
