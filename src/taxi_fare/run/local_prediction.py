"""Predict a month of a folder by a portable model: no JVM is started."""

import logging
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from taxi_fare.core.columns import LABEL, PICKUP_AT
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import would_be_local
from taxi_fare.lake.arrow_casts import read_part
from taxi_fare.lake.in_folder import FoundFile
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.parquet import UnreadableFileError
from taxi_fare.lake.part import Part, PartSchema
from taxi_fare.lake.tables.file import write_table
from taxi_fare.run.models import CheckedModel
from taxi_fare.run.prediction import (
    IS_PAID,
    PredictedRows,
    Predictions,
    origin_of,
    require_whole,
)
from taxi_fare.run.trips import MONTHS_TOLD, words_of_months
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.table_batches import predict_batches
from taxi_fare.validation.arrow_checks import (
    Broken,
    RuleCounts,
    count_pickups,
)
from taxi_fare.validation.rules import OTHER_MONTH, input_rules, label_rules

# A batch of all columns is 20 MB; some wait for each worker.
_ROWS_AT_ONCE, _AHEAD = 131_072, 2

_logger = logging.getLogger(__name__)
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class LocalEngine:
    """
    A month that is in a folder, and a model that needs no Spark.

    Parameters
    ----------
    portable : PortableModel
        Of the model.
    """

    month: LakeMonth
    model: CheckedModel
    portable: PortableModel
    settings: Settings

    def count_sample(self, share: float) -> MonthCounts:
        """Count the violations in some of the trips, drawn at random."""
        rules = input_rules(self.settings.validation)
        counts = RuleCounts(rules)
        draw = np.random.default_rng(self.settings.training.seed)
        for batch in self._batches():
            drawn = draw.random(batch.num_rows) < share
            some = batch.filter(pa.array(drawn))
            counts.add(Broken(some, rules=rules, month=self.month.month))
        return counts.to_document()

    def told_months(self, found: MonthCounts) -> str:
        """Tell which months the trips are of; nothing if of no other."""
        if not found.violations[OTHER_MONTH]:
            return ""
        counted = Counter[str]()
        for batch in self._batches(PICKUP_AT):
            counted += count_pickups(batch)
        return words_of_months(dict(counted.most_common(MONTHS_TOLD)))

    def predict(self, output: Path) -> Predictions:
        """
        Predict every trip that can be, and write the file.

        Raises
        ------
        DataRefusedError
            If the month is damaged.
        """
        columns = list(self.month.columns)
        counts = RuleCounts(input_rules(self.settings.validation))
        predicted = PredictedRows(columns, self.model.model_id, self.settings)

        def counted(
            results: Iterable[tuple[Broken, pa.RecordBatch]],
        ) -> Iterator[pa.RecordBatch]:
            for broken, rows in results:
                counts.add(broken)
                yield rows

        work = partial(self._predicted, columns=columns)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            write_table(
                counted(_in_order(pool, work, self._batches())),
                file=output,
                document=origin_of(self.month, self.model),
                finish=predicted.finish,
                accept=lambda: require_whole(self.month, rows=counts.rows),
            )
        return Predictions(counts.to_document(), *predicted.figures())

    def _predicted(
        self, trips: pa.RecordBatch, *, columns: list[str]
    ) -> tuple[Broken, pa.RecordBatch]:
        limits, month = self.settings.validation, self.month.month
        broken = Broken(trips, rules=input_rules(limits), month=month)
        valid = trips.filter(broken.valid)
        rows = valid.select(columns)
        if LABEL in columns:
            paid = Broken(valid, rules=label_rules(limits), month=month)
            rows = rows.append_column(IS_PAID, paid.valid)
        (priced,) = predict_batches([rows], model=self.portable)
        return broken, priced

    def _batches(self, *names: str) -> Iterator[pa.RecordBatch]:
        for part in self.month.parts:
            schema = _only(part.schema, names) if names else part.schema
            file = _location(part)
            with _refusing(file):
                yield from read_part(
                    file, schema=schema, batch_rows=_ROWS_AT_ONCE
                )


def local_engine(
    month: LakeMonth, *, model: CheckedModel, settings: Settings
) -> LocalEngine | None:
    """Return what predicts a month without Spark; None where it is needed."""
    if (
        settings.prediction.engine == "spark"
        or model.portable is None
        or not would_be_local(settings)
        or not all(isinstance(each.file, FoundFile) for each in month.parts)
    ):
        return None
    _logger.info("Predicting without Spark: nothing here needs it")
    return LocalEngine(month, model, model.portable, settings)


def _location(part: Part) -> Path:
    if not isinstance(part.file, FoundFile):
        raise TypeError(f"{part.file} is in no folder")
    return part.file.location


def _only(schema: PartSchema, names: Iterable[str]) -> PartSchema:
    return PartSchema(
        tuple(each for each in schema.stored if each.column.name in names)
    )


@contextmanager
def _refusing(file: Path) -> Iterator[None]:
    try:
        yield
    except UnreadableFileError as error:
        raise DataRefusedError(
            f"{file} cannot be read to its end ({error}).",
            expected="a whole parquet file",
            remedy="remove it, then make it again (ingest, predict).",
        ) from error


def _in_order(
    pool: ThreadPoolExecutor,
    work: Callable[[Item], Result],
    items: Iterable[Item],
) -> Iterator[Result]:
    """Work on some items at once, a few ahead of what is asked for."""
    ahead = _AHEAD * (os.cpu_count() or 1)
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
