"""What the price of one ride lies between, for every coverage there is."""

import pyarrow as pa

from taxi_fare.core.intervals import Intervals, Numbers

# Dollars, lower and upper, by percent of such prices.
Ends = dict[int, tuple[float, float]]


def ends_of(
    price: Numbers, features: pa.Table, *, intervals: Intervals | None
) -> Ends:
    """Return them for one ride; none where the version has no intervals."""
    if intervals is None:
        return {}
    found: Ends = {}
    for coverage in intervals.by_coverage:
        low, high = intervals.around(price, features, coverage=coverage)
        found[coverage] = float(low[0]), float(high[0])
    return found
