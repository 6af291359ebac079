"""The series of months that were watched: each month once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.errors import DataMissingError
from taxi_fare.reports.documents.listing import WATCH_SERIES
from taxi_fare.reports.documents.watch import SeriesEntry

# As long as a document takes to be read and written, many times over.
_PATIENCE_SECONDS = 30.0


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


@contextmanager
def _alone(reports: Path) -> Iterator[None]:
    file = reports / WATCH_SERIES.file
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock"), timeout=_PATIENCE_SECONDS):
        yield
