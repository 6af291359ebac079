"""The series of months that were watched: each month once."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.errors import (
    DataMissingError,
    TaxiFareError,
    TemporaryError,
)
from taxi_fare.core.locks import locked
from taxi_fare.core.manifest import TrainMetrics
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.reports.documents.listing import WATCH_SERIES
from taxi_fare.reports.documents.watch import SeriesEntry
from taxi_fare.watching.accuracy import Measured

# As long as a document takes to be read and written, many times over.
_PATIENCE_SECONDS = 30.0
_logger = logging.getLogger(__name__)


def read_series(reports: Path) -> tuple[SeriesEntry, ...]:
    """
    Return what is remembered of each month, in their order.

    Raises
    ------
    DataRefusedError
        If the file is damaged.
    """
    try:
        return WATCH_SERIES.read(reports).months
    except DataMissingError:
        return ()


def remember(reports: Path, entry: SeriesEntry, *, simulated: bool) -> None:
    """
    Put a month into the series, in place of what was there of it.

    What `train` knows does not replace what was watched of the same model.

    Raises
    ------
    DataRefusedError
        If the series is damaged: it would be lost.
    """
    with _alone(reports):
        months = {each.month: each for each in read_series(reports)}
        known = months.get(entry.month)
        if (
            known is not None
            and (known.recorded_by, entry.recorded_by) == ("watch", "train")
            and known.model_id == entry.model_id
        ):
            return
        months[entry.month] = entry
        document = WATCH_SERIES.model(
            **report_header(new_run_id(), simulated=simulated),
            months=tuple(months[name] for name in sorted(months)),
        )
        WATCH_SERIES.write(reports, document)


def remember_training(
    document: TrainMetrics, *, registry: ModelRegistry, reports: Path
) -> None:
    """
    Remember how the model that was in production did on a test month.

    It was measured to be compared with the new one. Training is done by now:
    a series that cannot be written is told, and nothing else.
    """
    promotion, month = document.promotion, document.data.test_month
    found = promotion.current_metrics
    if found is None or promotion.compared_with is None or month is None:
        return
    if promotion.current_trained_on_test_month:
        return
    try:
        # Its version may have been removed by the decision.
        manifest = registry.versions.manifest(promotion.compared_with)
        entry = SeriesEntry(
            month=month,
            recorded_by="train",
            model_id=promotion.compared_with,
            train_months=tuple(manifest["data"]["train_months"]),
            verdict=None,
            reasons=(),
            accuracy=Measured(
                rows=int(found.get("rows", 0)),
                figures={x: found[x] for x in found if x != "rows"},
                intervals=None,
            ),
            drift={},
        )
        remember(reports, entry, simulated=document.simulated)
    except (TaxiFareError, OSError) as error:
        _logger.warning("The series of months was left as it is: %s", error)


@contextmanager
def _alone(reports: Path) -> Iterator[None]:
    file = reports / WATCH_SERIES.file
    file.parent.mkdir(parents=True, exist_ok=True)
    refusal = TemporaryError(
        f"Another process has been writing to {file} for more than"
        f" {_PATIENCE_SECONDS:g} seconds.",
        expected="one that takes less than a second",
        remedy="run the command again.",
    )
    lock = file.with_suffix(".lock")
    with locked(lock, wait_seconds=_PATIENCE_SECONDS, refusal=refusal):
        yield
