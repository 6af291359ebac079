"""Save and load pipeline models where driver and workers both see them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from taxi_fare.core.errors import (
    EnvironmentLackError,
    IncompatibleModelError,
    RegistryConflictError,
)
from taxi_fare.core.provenance import library_versions
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.faults import known_fault
from taxi_fare.core.spark.master import is_local
from taxi_fare.core.spark.paths import literal
from taxi_fare.core.spark.session import spark_master, spark_session
from taxi_fare.core.version_files import (
    DamagedModelError,
    compare_folder,
    pipeline_copy,
)

# What decides whether a saved model can be loaded.
_LOADERS = ("pyspark", "xgboost")


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


def load_pipeline(
    folder: Path,
    url: str | None = None,
    *,
    manifest: Mapping[str, Any],
) -> PipelineModel:
    """
    Load a model that was found to be whole.

    Parameters
    ----------
    manifest : mapping
        What explains it; empty for a model that another program saved.

    Raises
    ------
    RegistryConflictError
        If its files have changed since then.
    IncompatibleModelError
        If other versions saved it, and these cannot load it: what whole
        files lack then is nothing but the version.
    EnvironmentLackError
        If a library that it needs is not installed, or the store is away.
    """
    try:
        return _loaded(folder, url, manifest.get("files", {}))
    except RegistryConflictError:
        raise
    except ImportError as error:
        raise EnvironmentLackError(
            f"The model {folder.name} cannot be loaded: {error}.",
            expected="the libraries that it was made with",
            remedy="pip install 'taxi-fare[xgboost]'.",
        ) from error
    except Exception as error:
        saved_by = manifest.get("versions", {})
        raise _load_fault(error, folder.name, saved_by) from error


def _loaded(
    folder: Path, url: str | None, named: Mapping[str, str]
) -> PipelineModel:
    if named and _runs_locally():
        with pipeline_copy(folder, named) as copy:
            return PipelineModel.load(literal(copy))
    model = PipelineModel.load(literal(url or folder))
    # Workers see no private copy: what was loaded must still be the same.
    if named and url is None and (damage := compare_folder(folder, named)):
        raise DamagedModelError(folder.name, damage)
    return model


def _load_fault(
    error: Exception, name: str, saved_by: Mapping[str, str]
) -> Exception:
    """Say what it is: the store, the libraries' versions, or unexpected."""
    ours = library_versions()
    others = {
        library: version
        for library, version in saved_by.items()
        if library in _LOADERS and version != ours.get(library)
    }
    fault = known_fault(error)
    if fault is not None or not others:
        return fault or error
    saved = ", ".join(f"{key} {version}" for key, version in others.items())
    here = ", ".join(f"{key} {ours.get(key)}" for key in others)
    return IncompatibleModelError(
        f"The model {name} was saved by {saved}, and {here} cannot load it.",
        expected="a model that the installed libraries can load",
        remedy="install that version, or train again with `taxi-fare train"
        " --force`.",
    )


def _move(url: str, folder: Path) -> None:
    """Fetch by Hadoop, which also removes the marks of its folders."""
    session = SparkSession.active()
    context: Any = session.sparkContext  # its gateway has no types
    hadoop, java = context._jvm.org.apache.hadoop.fs, context._jvm.java
    # Of text Hadoop would take %20 for a name.
    target = hadoop.Path(java.net.URI(folder.as_uri()))
    source = hadoop.Path(url)
    files = source.getFileSystem(context._jsc.hadoopConfiguration())
    # True: remove the source; and write no checksum files beside the copies.
    files.copyToLocalFile(True, source, target, True)


def _runs_locally() -> bool:
    session = SparkSession.getActiveSession()
    return session is None or is_local(str(session.sparkContext.master))
