"""What intervals held of the prices, as a table."""

from collections.abc import Mapping
from typing import Any

from fare_app.page import App
from taxi_fare.core.choices import USUAL_COVERAGE
from taxi_fare.core.intervals import Coverage


def show_held(app: App, coverage: Mapping[str, Any] | None) -> None:
    """
    Show shares and width, of all trips and by what was paid.

    Parameters
    ----------
    app : App
        The page.
    coverage : mapping or None
        As documents hold it; None: nothing is known, and nothing shown.
    """
    if not coverage:
        return
    words, found = app.words, Coverage.model_validate(coverage)
    app.note("held.note")
    rows = []
    for each in found.held():
        shares = zip(found.stated, each.shares, strict=True)
        rows.append(
            {
                words("held.bucket"): words.name(
                    "slice_price_bucket", each.name
                ),
                words("held.trips"): words.number(each.rows),
                **{
                    words("held.of", stated=stated): words.percent(share)
                    for stated, share in shares
                },
                words("held.width", stated=USUAL_COVERAGE): words.dollars(
                    each.width
                ),
            }
        )
    app.table(rows, hide_index=True)
