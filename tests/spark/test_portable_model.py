"""A portable model beside the MLlib model that it was exported from."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import StringIndexer, VectorAssembler
from pyspark.ml.regression import GBTRegressor
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    FEATURES,
    NUMERIC_FEATURES,
)
from taxi_fare.core.errors import ModelRefusedError
from taxi_fare.features.derive import derive_beside, derive_features
from taxi_fare.features.encode import VECTOR, fit_encoder
from taxi_fare.features.levels import choose_levels, level_sums
from taxi_fare.run.sample import predicted_sample
from taxi_fare.scoring import derive as scoring
from taxi_fare.scoring.encode import encode
from taxi_fare.scoring.exported.parity import check_parity
from taxi_fare.scoring.exported.pipeline import export_pipeline
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.trees import Tree

pytestmark = pytest.mark.spark

TRIPS = (
    "VendorID bigint, tpep_pickup_datetime timestamp,"
    " tpep_dropoff_datetime timestamp, passenger_count bigint,"
    " trip_distance double, RatecodeID bigint, store_and_fwd_flag string,"
    " PULocationID bigint, DOLocationID bigint, payment_type bigint"
)
# Blank is unknown: MLlib cannot name a column of the level "".
FLAGS = (None, *["N"] * 30, *["Y"] * 10, *[""] * 5, "  ", " y")
# The night of the change to summer time (02:30 did not exist in New York),
# and back (01:30 was twice), a leap day, a year's last microsecond.
MOMENTS = (
    datetime(2023, 3, 12, 2, 30),
    datetime(2023, 11, 5, 1, 30),
    datetime(2024, 2, 29, 23, 59, 59, 999_999),
    datetime(2022, 12, 31, 23, 59, 59, 999_999),
    datetime(2008, 12, 31),
    datetime(1969, 7, 20, 20, 17, 40, 1),
)


def _trips(count: int, *, zones: int, seed: int) -> list[dict[str, Any]]:
    """Draw odd trips: nulls, rare levels, strange times."""
    draw = random.Random(seed)

    def trip() -> dict[str, Any]:
        minutes = draw.choice([draw.uniform(1, 90), 1 / 3e7, 45.0])
        pickup = draw.choice(MOMENTS) + timedelta(
            hours=draw.randrange(200), microseconds=draw.randrange(10**6)
        )
        return {
            "VendorID": draw.choice([1, 2, 2, 6]),
            "tpep_pickup_datetime": pickup,
            "tpep_dropoff_datetime": pickup + timedelta(minutes=minutes),
            "passenger_count": draw.choice([None, 0, 1, 2, 9]),
            "trip_distance": draw.choice(
                [0.0, 0.1 + 0.2, draw.gammavariate(1, 4)]
            ),
            "RatecodeID": draw.choice([None, 1, 1, 2, 99]),
            "store_and_fwd_flag": draw.choice(FLAGS),
            "PULocationID": draw.choice([132, draw.randint(1, zones)]),
            "DOLocationID": draw.choice([None, draw.randint(1, zones)]),
            "payment_type": draw.choice([0, 1, 2, 2]),
        }

    return [trip() for _ in range(count)]


def _features(spark: SparkSession, trips: list[dict[str, Any]]) -> DataFrame:
    return derive_features(spark.createDataFrame(trips, TRIPS))


def _predicted(pipeline: PipelineModel, trips: DataFrame) -> pa.Table:
    """The sample that a run compares, of all trips."""
    return predicted_sample(trips, model=pipeline, rows=1_000)


@pytest.fixture(scope="module")
def train(spark: SparkSession) -> Iterator[DataFrame]:
    """Encodable train rows, with a price that needs every kind of split."""
    rows = _features(spark, _trips(600, zones=12, seed=1)).selectExpr(
        "*",
        "3 + 2.5 * trip_distance + 0.7 * trip_duration_min"
        " + if(PULocationID = '132', 20, 0) + if(RatecodeID = '2', -9, 0)"
        " + if(DOLocationID = 'unknown', 7, 0) + pickup_hour / 10"
        " + if(payment_type = '1', 6, 0) AS total_amount",
    )
    yield rows.cache()
    rows.unpersist()


@pytest.fixture(scope="module")
def unseen(spark: SparkSession) -> DataFrame:
    """Other trips, with zones that were never trained on."""
    trips = spark.createDataFrame(_trips(500, zones=30, seed=2), TRIPS)
    derived = derive_beside(trips, columns=trips.columns)
    return derived.withColumn("total_amount", F.lit(20.0))


def _estimator() -> GBTRegressor:
    return GBTRegressor(
        featuresCol=VECTOR,
        labelCol="total_amount",
        maxDepth=6,
        maxIter=2,
        maxBins=64,
        stepSize=0.3,
        seed=42,
    )


@pytest.fixture(scope="module")
def onehot(
    train: DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> tuple[PipelineModel, Path]:
    """The default encoding: a model, and where it is saved."""
    levels = choose_levels(level_sums(train), min_share=0.05)
    encoder = fit_encoder(train.sparkSession, levels=levels.told_apart)
    model = _estimator().fit(encoder.transform(train))
    folder = tmp_path_factory.mktemp("onehot") / "model"
    pipeline = PipelineModel([*encoder.stages, model])
    pipeline.save(str(folder))
    return pipeline, folder


@pytest.fixture(scope="module")
def indexed(
    train: DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> tuple[PipelineModel, Path]:
    """Level indices instead of one column for each level."""
    outputs = [f"{name}_index" for name in CATEGORICAL_FEATURES]
    pipeline = Pipeline(
        stages=[
            StringIndexer(
                inputCols=list(CATEGORICAL_FEATURES),
                outputCols=outputs,
                handleInvalid="keep",
            ),
            VectorAssembler(
                inputCols=[*NUMERIC_FEATURES, *outputs], outputCol=VECTOR
            ),
            _estimator(),
        ]
    ).fit(train)
    folder = tmp_path_factory.mktemp("indexed") / "model"
    pipeline.save(str(folder))
    return pipeline, folder


def _questions(trees: tuple[Tree, ...]) -> set[str]:
    """Return the features that any split asks for."""
    return {
        FEATURES[node.split.feature]
        for tree in trees
        for node in tree
        if node.split is not None
    }


@pytest.mark.parametrize("encoding", ["onehot", "indexed"])
def test_an_exported_model_predicts_what_spark_does(
    encoding: str, unseen: DataFrame, request: pytest.FixtureRequest
) -> None:
    """To the last digits, unseen and rare levels included."""
    pipeline, folder = request.getfixturevalue(encoding)
    exported = export_pipeline(folder)
    assert len(exported.trees) == 2
    assert max(map(len, exported.trees)) > 63  # deeper than five levels
    asked = _questions(exported.trees)
    assert {"PULocationID", "DOLocationID", "trip_distance"} <= asked
    tested = _predicted(pipeline, unseen)
    parity = check_parity(exported, tested=tested, limit_dollars=1e-6)
    assert parity.trips == 500
    assert parity.max_difference_dollars < 1e-11


def test_the_same_trips_are_drawn_wherever_they_lie(
    onehot: tuple[PipelineModel, Path], unseen: DataFrame
) -> None:
    """Raw trips with Spark's price, in one job, as Spark alone predicts."""
    context = unseen.sparkSession.sparkContext
    drawn = []
    for partitions in (1, 5):
        context.setJobGroup(f"drawn-{partitions}", "")
        drawn.append(
            predicted_sample(
                unseen.repartition(partitions), model=onehot[0], rows=100
            )
        )
        context.setLocalProperty("spark.jobGroup.id", None)
    assert drawn[0].num_rows == 100
    assert drawn[0].equals(drawn[1])
    whole = _predicted(onehot[0], unseen)
    assert whole.slice(0, 100).equals(drawn[0])
    prices = Counter(whole["prediction"].to_pylist())
    theirs = onehot[0].transform(unseen).select("prediction").collect()
    assert prices == Counter(row[0] for row in theirs)
    tracker = context.statusTracker()
    assert len(tracker.getJobIdsForGroup("drawn-1")) == 1


def test_an_explanation_sums_up_to_the_prediction(
    onehot: tuple[PipelineModel, Path],
) -> None:
    """For every trip; the base is the mean of the train trips' trees."""
    predictor = FarePredictor(export_pipeline(onehot[1]), {})
    trips = _trips(200, zones=30, seed=3)
    for trip, price in zip(trips, predictor.predict(trips), strict=True):
        why = predictor.explain(trip)
        assert why.prediction == pytest.approx(price, abs=1e-9)
        total = why.base + sum(why.contributions.values())
        assert total == pytest.approx(price, abs=1e-9)


def test_the_base_is_about_the_mean_price(
    train: DataFrame, onehot: tuple[PipelineModel, Path]
) -> None:
    """The first tree's root is it; the others begin near 0."""
    (mean,) = train.selectExpr("avg(total_amount)").first() or (0,)
    predictor = FarePredictor(export_pipeline(onehot[1]), {})
    why = predictor.explain(_trips(1, zones=40, seed=1)[0])
    assert why.base == pytest.approx(mean, abs=0.5)


def test_features_are_derived_as_spark_does(spark: SparkSession) -> None:
    """Equal to the last bit on odd trips: null, leap day, clock changes."""
    trips = _trips(300, zones=265, seed=4)
    theirs = _features(spark, trips).collect()
    ours = scoring.derive_features(trips)
    assert ours.to_pylist() == [row.asDict() for row in theirs]
    table = scoring.derive_features(pa.Table.from_pylist(trips))
    assert table.equals(ours)


def test_shared_levels_are_those_that_spark_puts_together(
    onehot: tuple[PipelineModel, Path], unseen: DataFrame
) -> None:
    """The index of a level is StringIndexer's own."""
    pipeline, folder = onehot
    levels = export_pipeline(folder).levels
    rows = pipeline.stages[0].transform(unseen).collect()
    features = pa.Table.from_pylist(
        [{name: row[name] for name in FEATURES} for row in rows]
    )
    matrix = encode(features, levels=levels)
    for place, name in enumerate(CATEGORICAL_FEATURES, start=6):
        theirs = [row[f"{name}_index"] for row in rows]
        assert matrix[:, place].tolist() == theirs
    assert len(levels["PULocationID"]) in {*matrix[:, 10].tolist()}


def test_several_files_of_trees_are_read(
    onehot: tuple[PipelineModel, Path], spark: SparkSession, tmp_path: Path
) -> None:
    """A large model is saved in parts; rows come in no order."""
    folder = onehot[1]
    exported = export_pipeline(folder)
    (data,) = (folder / "stages").glob("3_*/data")
    parts = tmp_path / "parts"
    spark.read.parquet(str(data)).repartition(4).write.parquet(str(parts))
    whole = data.with_name("whole")
    data.rename(whole)
    parts.rename(data)
    try:
        assert len(list(data.glob("part-*"))) == 4
        assert export_pipeline(folder) == exported
    finally:
        data.rename(parts)
        whole.rename(data)


def test_a_disturbed_leaf_is_found(
    onehot: tuple[PipelineModel, Path], unseen: DataFrame
) -> None:
    """A hundredth of a cent in one tree is refused."""
    pipeline, folder = onehot
    exported = export_pipeline(folder)
    moved = tuple(replace(x, value=x.value + 1e-4) for x in exported.trees[1])
    wrong = replace(exported, trees=(exported.trees[0], moved))
    tested = _predicted(pipeline, unseen)
    with pytest.raises(ModelRefusedError, match="differ by"):
        check_parity(wrong, tested=tested, limit_dollars=1e-6)


@pytest.mark.parametrize(
    ("stage", "change", "message"),
    [
        (0, {"handleInvalid": "error"}, "does not keep unseen levels"),
        (1, {"handleInvalid": "keep"}, "adds a level of its own"),
    ],
)
def test_what_is_not_known_is_not_exported(
    onehot: tuple[PipelineModel, Path],
    stage: int,
    change: dict[str, str],
    message: str,
) -> None:
    """Refused, rather than exported as something else."""
    (file,) = (onehot[1] / "stages").glob(f"{stage}_*/metadata/part-*")
    before = file.read_text()
    metadata = json.loads(before)
    metadata["paramMap"] |= change
    file.write_text(json.dumps(metadata))
    try:
        with pytest.raises(ModelRefusedError, match=message):
            export_pipeline(onehot[1])
    finally:
        file.write_text(before)
