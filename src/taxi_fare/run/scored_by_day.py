"""Let portable models predict a month, and sum their errors up by day."""

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from taxi_fare.core.columns import INPUTS, LABEL
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.day_sums import DaySums, sum_of
from taxi_fare.evaluation.slices import Slice, parted_sums
from taxi_fare.lake.catalog import one_snapshot, require_unchanged
from taxi_fare.lake.month import LakeMonth
from taxi_fare.run.month_batches import map_month
from taxi_fare.run.valid_batch import predicted_prices, valid_batch
from taxi_fare.scoring.portable_model import PortableModel


def scored_by_day(
    month: LakeMonth,
    models: Mapping[str, PortableModel],
    *,
    settings: Settings,
    ways: Sequence[Slice] = (),
    on_trips: Callable[[int, int], None] | None = None,
) -> dict[str, DaySums]:
    """
    Let every model predict every valid trip of a month, in one pass.

    Parameters
    ----------
    on_trips : callable, optional
        Called with the trips that are done, and all there are.

    Raises
    ------
    DataRefusedError
        If the month is damaged.
    ModelRefusedError
        If a model predicts what is no number.
    TemporaryError
        If the month changed meanwhile.
    """

    def work(trips: pa.RecordBatch) -> tuple[int, Mapping[str, DaySums]]:
        """Let all predict a batch."""
        valid = valid_batch(trips, month=month.month, settings=settings)
        predicted = {
            name: predicted_prices(model, valid.features, name=name)
            for name, model in models.items()
        }
        return trips.num_rows, parted_sums(
            valid.features, valid.paid, predicted, ways=ways
        )

    parts: list[Mapping[str, DaySums]] = []
    seen = 0
    with one_snapshot([month]):
        for rows, sums in map_month(
            work, month, *INPUTS, LABEL, settings=settings
        ):
            parts.append(sums)
            seen += rows
            if on_trips is not None:
                on_trips(seen, month.rows)
        require_unchanged([month])
    return {name: sum_of(each[name] for each in parts) for name in models}
