"""Where more of the trips begin or end than before, and where fewer."""

from collections.abc import Mapping, Sequence
from typing import Any

from fare_app.words import Words
from fare_app.zone_map import Coloured
from taxi_fare.core.columns import DROPOFF_ZONE, PICKUP_ZONE
from taxi_fare.core.zones import zones

ZONE_COLUMNS = {PICKUP_ZONE, DROPOFF_ZONE}
# Of the trips: zones that had fewer before and have fewer now are left out.
_LEAST = 0.001


def zone_changes(
    profiles: Sequence[Mapping[str, Any]], words: Words
) -> Coloured:
    """
    Return how the share of each zone changed.

    Parameters
    ----------
    profiles : sequence of mapping
        Of a column of zones: before, and now.
    words : Words
        The language.

    Returns
    -------
    Coloured
        Percentage points.
    """
    before, now = (
        {
            int(level): count / max(each["count"], 1)
            for level, count in each["levels"].items()
            if level.isdecimal() and int(level) in zones()
        }
        for each in profiles[:2]
    )
    busy = [
        zone
        for zone in {**before, **now}
        if max(before.get(zone, 0.0), now.get(zone, 0.0)) >= _LEAST
    ]
    return Coloured(
        words("map.points"),
        {
            zone: 100 * (now.get(zone, 0.0) - before.get(zone, 0.0))
            for zone in busy
        },
        {
            zone: words(
                "map.change",
                before=words.percent(before.get(zone, 0.0), 2),
                now=words.percent(now.get(zone, 0.0), 2),
            )
            for zone in busy
        },
        to_both_sides=True,
    )
