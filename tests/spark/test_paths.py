"""A path is no pattern, no address and no list, wherever Spark meets it."""

from pathlib import Path

import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.feature import SQLTransformer, StringIndexer
from pyspark.sql import SparkSession

from taxi_fare.run import pipelines

pytestmark = pytest.mark.spark

ODD = "of [ab] {x,y} * ? 50%20 #1 back\\slash, été 漢"


@pytest.mark.parametrize("uploaded", [False, True])
def test_a_model_is_saved_and_loaded(
    uploaded: bool,
    spark: SparkSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By this machine, and by the workers of a cluster."""
    rows = spark.createDataFrame([("a",), ("b",)], "flag string")
    index = StringIndexer(inputCol="flag", outputCol="level").fit(rows)
    unused = SQLTransformer(statement="SELECT * FROM __THIS__")
    model = PipelineModel([index, unused])
    folder = tmp_path / ODD
    folder.mkdir()
    # A folder in the place of a store.
    url = str(tmp_path / "store" / ODD) if uploaded else None
    monkeypatch.setattr(pipelines, "_runs_locally", lambda: not uploaded)
    pipelines.save_pipeline(model, folder=folder, upload_url=url)
    loaded = pipelines.load_pipeline(folder, manifest={})
    (first, _) = loaded.stages
    assert first.labels == ["a", "b"]
