"""Save and load pipeline models where driver and workers both see them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import is_local, spark_master, spark_session


def model_session(
    settings: Settings, *, paths: Iterable[object], place: Path | str
) -> SparkSession:
    """
    Return a Spark session that reaches trips and models.

    Returns
    -------
    SparkSession
        Started when there is none.
    """
    own = [] if is_local(spark_master(settings)) else [place]
    return spark_session(settings, paths=[*paths, *own])


def save_pipeline(
    model: PipelineModel,
    *,
    folder: Path,
    upload_url: str | None,
) -> None:
    """Save a model into a folder of this machine."""
    # Spark saves into a folder that it makes itself.
    saved = folder / "saved"
    if upload_url is None or _runs_locally():
        model.save(str(saved))
    else:
        model.write().overwrite().save(upload_url)
        _move(upload_url, saved)
    for part in saved.iterdir():
        part.rename(folder / part.name)
    saved.rmdir()


def load_pipeline(folder: Path, url: str | None = None) -> PipelineModel:
    """Load a model that was found to be whole."""
    if url is None or _runs_locally():
        return PipelineModel.load(str(folder))
    return PipelineModel.load(url)


def _move(url: str, folder: Path) -> None:
    """Fetch by Hadoop, which also removes the marks of its folders."""
    session = SparkSession.active()
    context: Any = session.sparkContext  # its gateway has no types
    hadoop = context._jvm.org.apache.hadoop.fs
    source, target = hadoop.Path(url), hadoop.Path(folder.as_uri())
    files = source.getFileSystem(context._jsc.hadoopConfiguration())
    # True: remove the source; and write no checksum files beside the copies.
    files.copyToLocalFile(True, source, target, True)


def _runs_locally() -> bool:
    session = SparkSession.getActiveSession()
    return session is None or is_local(str(session.sparkContext.master))
