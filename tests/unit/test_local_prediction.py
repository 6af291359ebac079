"""A month is predicted without a JVM."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from taxi_fare.core.errors import DataRefusedError, TemporaryError
from taxi_fare.core.months import Month
from taxi_fare.core.sections import PredictionSettings, SparkSettings
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.parquet import write_parquet
from taxi_fare.lake.raw.file import open_parts, read_raw
from taxi_fare.lake.raw.schema import LAKE_SCHEMA
from taxi_fare.lake.simulated.month import simulate_month
from taxi_fare.run import local_month, local_prediction
from taxi_fare.run.local_prediction import local_engine
from taxi_fare.run.models import FoundModel, ModelChoice, check_model
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.workflows.predict import PredictRequest, predict

MONTH = Month("2023-06")
ROWS = 1_500
FILE = Path("predictions/2023-06.parquet")


@pytest.fixture(scope="module")
def trips(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    """A simulated month, dirt and all."""
    raw = tmp_path_factory.mktemp("raw") / "month.parquet"
    simulate_month(raw, month=MONTH, trips=ROWS, seed=5)
    (part,) = open_parts([raw], MONTH)
    return pa.Table.from_batches(read_raw(part))


@pytest.fixture
def lay(tmp_path: Path, trips: pa.Table) -> Callable[..., Path]:
    """Lay a month into a lake, as one file or several."""

    def call(*tables: pa.Table) -> Path:
        folder = tmp_path / "lake" / MONTH.path
        folder.mkdir(parents=True)
        for number, table in enumerate(tables or [trips]):
            with write_parquet(
                folder / f"{number}.parquet", table.schema
            ) as w:
                w.write_table(table)
        return tmp_path / "lake"

    return call


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that there are many, on several threads."""
    monkeypatch.setattr(local_month, "_ROWS_AT_ONCE", 100)


def _request(lake: Path, version: Path) -> PredictRequest:
    model = ModelChoice(path=version)
    return PredictRequest(lake, lake.parent / "reports", model, month=MONTH)


def test_every_trip_is_there_once_and_in_order(
    lay: Callable[..., Path], portable_version: Path, trips: pa.Table
) -> None:
    """With the price that the model gives it alone."""
    request = _request(lay(), portable_version)
    report = predict(request, Settings())
    table = pq.read_table(request.reports / FILE)
    assert report.rows == trips.num_rows
    assert report.predicted_rows == table.num_rows
    assert report.rejected_rows == trips.num_rows - table.num_rows > 0
    assert report.sample.rows == trips.num_rows
    found = table.select(LAKE_SCHEMA.names).to_pylist()
    assert [row for row in trips.to_pylist() if row in found] == found
    prices = FarePredictor.load(portable_version).predict(table)
    assert table["prediction"].to_pylist() == list(prices)


def test_who_waits_is_told_how_far_it_is(
    lay: Callable[..., Path], portable_version: Path, trips: pa.Table
) -> None:
    """Batch after batch, up to all trips: the rejected ones as well."""
    told: list[tuple[int, int]] = []
    predict(
        _request(lay(), portable_version),
        Settings(),
        on_trips=lambda done, total: told.append((done, total)),
    )
    rows = trips.num_rows
    assert told[0] == (100, rows)
    assert told[-1] == (rows, rows)
    assert told == sorted(told)


def test_parts_of_any_kind_are_one_month(
    lay: Callable[..., Path], portable_version: Path, trips: pa.Table
) -> None:
    """As one file of the lake's own columns would be."""
    whole = _request(lay(), portable_version)
    predict(whole, Settings())
    once = pq.read_table(whole.reports / FILE)
    first, second = trips.slice(0, 700), trips.slice(700)
    counts = second["passenger_count"].cast(pa.float64())
    place = second.column_names.index("passenger_count")
    second = second.set_column(place, "PASSENGER_COUNT", counts)
    for file in (whole.lake / MONTH.path).iterdir():
        file.unlink()
    (whole.lake / MONTH.path).rmdir()
    predict(_request(lay(first, second), portable_version), Settings())
    assert pq.read_table(whole.reports / FILE).equals(once)


def test_a_month_of_other_trips_is_refused_by_its_sample(
    lay: Callable[..., Path], portable_version: Path, trips: pa.Table
) -> None:
    """It says which month they are of; nothing is written."""
    later = pc.add(
        trips["tpep_pickup_datetime"],
        pa.scalar(40 * 86_400 * 10**6, pa.duration("us")),
    )
    place = trips.column_names.index("tpep_pickup_datetime")
    other = trips.set_column(place, "tpep_pickup_datetime", later)
    request = _request(lay(other), portable_version)
    settings = Settings(prediction=PredictionSettings(sample_rows=500))
    with pytest.raises(DataRefusedError, match=r"2023-07 \(") as caught:
        predict(request, settings)
    assert "sample" in str(caught.value)
    assert not (request.reports / FILE).exists()


def test_a_damaged_page_is_the_fault_of_the_file(
    lay: Callable[..., Path], portable_version: Path
) -> None:
    """Nothing half-written is left."""
    request = _request(lay(), portable_version)
    (file,) = (request.lake / MONTH.path).iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 16
    file.write_bytes(content)
    with pytest.raises(DataRefusedError, match=r"0\.parquet cannot be read"):
        predict(request, Settings())
    assert not list(request.reports.rglob("*"))


def test_a_month_that_is_replaced_meanwhile_is_worth_a_retry(
    lay: Callable[..., Path],
    portable_version: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Half the old and half the new month would be neither."""
    request = _request(lay(), portable_version)
    (file,) = (request.lake / MONTH.path).iterdir()
    original = local_prediction.predict_batches

    def replacing(
        *arguments: object, **options: object
    ) -> Iterator[pa.RecordBatch]:
        """Do so while the trips are predicted."""
        other = file.with_name(".other")
        other.write_bytes(file.read_bytes())
        other.rename(file)
        return original(*arguments, **options)

    monkeypatch.setattr(local_prediction, "predict_batches", replacing)
    with pytest.raises(TemporaryError):
        predict(request, Settings())
    assert not (request.reports / FILE).exists()


@pytest.mark.parametrize(
    "settings",
    [
        Settings(spark=SparkSettings(master="spark://10.0.0.1:7077")),
        Settings(spark=SparkSettings(master="yarn")),
        Settings(prediction=PredictionSettings(engine="spark")),
    ],
)
def test_spark_does_what_is_its_own(
    lay: Callable[..., Path], portable_version: Path, settings: Settings
) -> None:
    """A cluster's month, and one that it is asked for."""
    month = read_catalog(lay()).months[MONTH]
    model = check_model(FoundModel(portable_version))
    assert local_engine(month, model=model, settings=Settings())
    assert local_engine(month, model=model, settings=settings) is None
    foreign = replace(model, portable=None)
    assert local_engine(month, model=foreign, settings=Settings()) is None


def test_results_come_in_order_and_a_few_ahead() -> None:
    """However long each takes; a whole month never waits in memory."""
    given: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            given.append(number)
            yield number

    with local_month.ThreadPoolExecutor(4) as pool:
        results = local_month._in_order(pool, lambda x: x * x, items())
        assert next(results) == 0
        assert len(given) < 60
        assert list(results) == [x * x for x in range(1, 100)]
