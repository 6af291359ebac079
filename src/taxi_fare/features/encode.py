"""Encode features: StringIndexer, OneHotEncoder, VectorAssembler."""

import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from pyspark.ml import PipelineModel, Transformer
from pyspark.ml.feature import (
    OneHotEncoder,
    OneHotEncoderModel,
    StringIndexer,
    VectorAssembler,
)
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    FEATURES,
    NUMERIC_FEATURES,
)

VECTOR = "features"
_INDEXED = [f"{name}_index" for name in CATEGORICAL_FEATURES]
_ENCODED = [f"{name}_onehot" for name in CATEGORICAL_FEATURES]
# One number for each of the 12 features: a level is its index.
INDEX_COLUMNS = [*NUMERIC_FEATURES, *_INDEXED]


def fit_encoder(
    spark: SparkSession,
    *,
    levels: Mapping[str, Sequence[str]],
    onehot: bool = True,
    vector: bool = True,
) -> PipelineModel:
    """
    Fit the stages that turn features into numbers.

    All other levels are left to the bucket that unseen levels use.
    """
    seen = _levels_as_rows(spark, levels)
    indexer = StringIndexer(
        inputCols=list(CATEGORICAL_FEATURES),
        outputCols=_INDEXED,
        handleInvalid="keep",
        # The rows below hold each level once: there is no frequency left to
        # order by, and this order is the same in every month.
        stringOrderType="alphabetAsc",
    ).fit(seen)
    stages: list[Transformer] = [indexer]
    columns = INDEX_COLUMNS
    if onehot:
        encoder = OneHotEncoder(inputCols=_INDEXED, outputCols=_ENCODED)
        stages.append(encoder.fit(indexer.transform(seen)))
        columns = [*NUMERIC_FEATURES, *_ENCODED]
    if vector:
        stages.append(VectorAssembler(inputCols=columns, outputCol=VECTOR))
    return PipelineModel(stages)


def _levels_as_rows(
    spark: SparkSession, levels: Mapping[str, Sequence[str]]
) -> DataFrame:
    """Return rows that hold every level once; StringIndexer skips nulls."""
    rows = [
        dict(zip(levels, row, strict=True))
        for row in zip_longest(*levels.values())
    ]
    fields = ", ".join(f"`{name}` string" for name in levels)
    # createDataFrame would make rows in Python processes of the workers,
    # which may have none that PySpark can use.
    values = F.from_json(F.lit(json.dumps(rows)), f"array<struct<{fields}>>")
    return spark.range(1, numPartitions=1).select(F.inline(values))


def slot_features(encoder: PipelineModel) -> list[str]:
    """Name the feature behind each number of an encoded trip."""
    onehot = encoder.stages[1] if len(encoder.stages) > 1 else None
    if not isinstance(onehot, OneHotEncoderModel):
        return list(FEATURES)
    slots = list(NUMERIC_FEATURES)
    for name, size in zip(
        CATEGORICAL_FEATURES, onehot.categorySizes, strict=True
    ):
        slots += [name] * (size - 1)  # the keep bucket is the one left out
    return slots
