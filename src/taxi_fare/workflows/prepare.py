"""Write the features of some months for reuse."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame

from taxi_fare.core.columns import FEATURES, FEATURES_VERSION, LABEL, MONTH
from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import spark_session
from taxi_fare.lake.catalog import one_snapshot, require_unchanged
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.place import AnyLake
from taxi_fare.lake.read import paths_of, refusing_damage
from taxi_fare.lake.tables.collect import collected
from taxi_fare.lake.tables.file import refuse_folder, write_table
from taxi_fare.lake.tables.sample import draw_rows
from taxi_fare.reports.documents.trips import (
    FeatureTable,
    PrepareReport,
    SampleOf,
)
from taxi_fare.run.trips import ValidTrips, read_valid_trips
from taxi_fare.run.window import find_months

FEATURES_FOLDER = Path("data/features")


@dataclass(frozen=True)
class PrepareRequest:
    """
    A feature table that was asked for.

    Parameters
    ----------
    sample_rows : int or None
        How many trips to draw; None for all of them.
    output : Path or None
        None for a name made of the months, below ``data/features``.
    """

    lake: AnyLake
    months: tuple[Month, ...]
    sample_rows: int | None = None
    output: Path | None = None

    @property
    def file(self) -> Path:
        """Where the table is written."""
        if self.output is not None:
            return self.output
        first, last = self.months[0], self.months[-1]
        is_range = first.plus(len(self.months) - 1) == last
        names = (first, last) if is_range else self.months
        part = f"_sample{self.sample_rows}" if self.sample_rows else ""
        name = "_".join(map(str, names))
        return FEATURES_FOLDER / f"{name}{part}.parquet"


@refusing_damage()
def prepare(request: PrepareRequest, settings: Settings) -> PrepareReport:
    """
    Derive the features of the valid trips, and write them as one file.

    Two Spark actions: validate, write.

    Returns
    -------
    PrepareReport
        Where the table is, its rows and seconds, and what the file's own
        metadata say.

    Raises
    ------
    WrongUsageError
        If the file to write is a folder.
    DataMissingError
        If a month is missing.
    DataRefusedError
        If a month must not be used.
    """
    refuse_folder(request.file)
    months = find_months(request.lake, months=request.months)
    with one_snapshot(months):
        return _prepare(months, request, settings)


def _prepare(
    months: Sequence[LakeMonth], request: PrepareRequest, settings: Settings
) -> PrepareReport:
    """Write the features of the months that were found."""
    began = time.perf_counter()
    log = PipelineLogger(__name__)
    spark = spark_session(settings, paths=paths_of(months))
    trips = read_valid_trips(spark, months=months, settings=settings, log=log)
    document = _document(
        request, months=months, trips=trips, settings=settings
    )
    log.stage_start("write", file=request.file)
    table = _table(request, trips=trips, settings=settings)
    with collected(table, beside=request.file) as batches:
        write_table(
            batches,
            file=request.file,
            document=document,
            accept=lambda: require_unchanged(months),
        )
    log.stage_end("write", row_count=document.rows)
    found = document.to_document()
    return PrepareReport(
        **report_header(new_run_id(), simulated=found.pop("simulated")),
        output=str(request.file),
        seconds=round(time.perf_counter() - began, 3),
        **found,
    )


def _table(
    request: PrepareRequest, *, trips: ValidTrips, settings: Settings
) -> DataFrame:
    table = trips.features.select(MONTH, *FEATURES, LABEL)
    if request.sample_rows is None:
        return table
    seed = settings.exploration.seed
    return draw_rows(table, rows=request.sample_rows, seed=seed)


def _document(
    request: PrepareRequest,
    *,
    months: Sequence[LakeMonth],
    trips: ValidTrips,
    settings: Settings,
) -> FeatureTable:
    """Return what the file says of itself."""
    valid = sum(found.valid_rows for found in trips.months.values())
    wanted, sample = request.sample_rows, None
    if wanted is not None:
        seed = settings.exploration.seed
        sample = SampleOf(rows=wanted, of=valid, seed=seed)
    return FeatureTable(
        months=tuple(str(each.month) for each in months),
        fingerprints={str(each.month): each.fingerprint() for each in months},
        features_version=FEATURES_VERSION,
        rows=valid if wanted is None else min(wanted, valid),
        sample=sample,
        simulated=any(each.simulated for each in months),
    )
