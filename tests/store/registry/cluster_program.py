"""Save a model on a cluster, publish it, load it again; say what was seen."""

import json
import sys

from pyspark.ml import Pipeline
from pyspark.ml.feature import StringIndexer
from store_registry_steps import MANIFEST, entry

from taxi_fare.core.settings import load_settings
from taxi_fare.registry.opening import open_registry
from taxi_fare.run.models import require_current
from taxi_fare.run.pipelines import (
    load_pipeline,
    model_session,
    save_pipeline,
)


def main(url: str) -> None:
    """Take one model all the way."""
    settings = load_settings()
    registry = open_registry(url, settings)
    registry.recover()
    spark = model_session(settings, paths=[], place=url)
    rows = spark.sql("SELECT * FROM VALUES ('a'), ('b'), ('b') AS t(x)")
    stages = [StringIndexer(inputCol="x", outputCol="index")]
    model = Pipeline(stages=stages).fit(rows)
    upload_url = registry.versions.upload_url("model-1")
    assert upload_url is not None
    # What a process that was killed has left must not be in the way.
    model.save(upload_url)
    with registry.staging("model-1") as folder:
        save_pipeline(model, folder=folder, upload_url=upload_url)
        success = (folder / "metadata" / "_SUCCESS").read_text()
        registry.commit(
            folder,
            manifest=dict(MANIFEST),
            entry=entry("model-1"),
            expected_current=None,
        )
    found = require_current(registry)
    manifest = registry.versions.manifest("model-1")
    loaded = load_pipeline(found.folder, found.url, manifest=manifest)
    indices = [row["index"] for row in loaded.transform(rows).collect()]
    print(
        json.dumps(
            {
                "indices": indices,
                "committer": json.loads(success)["committer"],
                "url": found.url,
            }
        )
    )
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1])
