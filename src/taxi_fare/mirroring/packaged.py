"""A version as a model of MLflow: with Spark, and without a JVM."""

from pathlib import Path

import pandas as pd
from mlflow.models import Model, ModelSignature
from mlflow.pyfunc import save_model
from mlflow.types import ColSpec, DataType, Schema, TensorSpec
from mlflow.types.schema import AnyType

import taxi_fare
from taxi_fare.core.columns import (
    INPUTS,
    NULLABLE_INPUTS,
    PREDICTION,
    TRIP_COLUMNS,
    Column,
    Kind,
)
from taxi_fare.core.intervals import INTERVALS_FILE
from taxi_fare.core.manifest import Manifest
from taxi_fare.core.provenance import installed_version
from taxi_fare.mirroring import served

_TYPES: dict[Kind, DataType] = {
    "timestamp": DataType.datetime,
    "integer": DataType.long,
    "number": DataType.double,
    "text": DataType.string,
}
_COLUMNS = [column for column in TRIP_COLUMNS if column.name in INPUTS]
# What `served` imports; pyspark is not among it.
_NEEDED = (
    *("numpy", "obstore", "pandas", "pyarrow", "pydantic"),
    "pydantic-settings",
)
# Times Square to JFK on a Thursday afternoon.
EXAMPLE = {
    "VendorID": 2,
    "tpep_pickup_datetime": "2023-06-15T17:30:00",
    "tpep_dropoff_datetime": "2023-06-15T18:15:00",
    "passenger_count": 1,
    "trip_distance": 17.0,
    "RatecodeID": 2,
    "store_and_fwd_flag": "N",
    "PULocationID": 230,
    "DOLocationID": 132,
    "payment_type": 1,
}


def package(version_folder: Path, manifest: Manifest, *, into: Path) -> None:
    """
    Write a whole version as a model of MLflow.

    The version lies in it once, as it was registered, and two flavours read
    it: ``python_function`` its portable model, by the code that goes with it,
    and ``spark`` its pipeline.

    Parameters
    ----------
    version_folder : Path
        A version with a portable model.
    into : Path
        A folder that is not there yet.
    """
    model = Model(metadata={"model_id": manifest.model_id})
    has_intervals = INTERVALS_FILE in manifest.files
    save_model(
        path=into,
        loader_module=served.__name__,
        data_path=version_folder,
        code_paths=[str(Path(taxi_fare.__file__).parent)],
        mlflow_model=model,
        signature=_signature(has_intervals=has_intervals),
        input_example=_example(),
        pip_requirements=[
            f"{name}=={installed_version(name)}" for name in _NEEDED
        ],
    )
    pyfunc = model.flavors["python_function"]
    model.add_flavor(
        "spark",
        pyspark_version=manifest.versions["pyspark"],
        model_data=pyfunc["data"],
        code=pyfunc["code"],
    )
    model.save(into / "MLmodel")


def _signature(*, has_intervals: bool) -> ModelSignature:
    """Name and type what goes in and what comes out."""
    inputs: list[ColSpec | TensorSpec] = [
        ColSpec(_type(column), column.name) for column in _COLUMNS
    ]
    names = [PREDICTION]
    if has_intervals:
        names += [served.LOWER, served.UPPER]
    outputs: list[ColSpec | TensorSpec] = [
        ColSpec(DataType.double, name) for name in names
    ]
    return ModelSignature(Schema(inputs), Schema(outputs))


def _type(column: Column) -> DataType | AnyType:
    # Integers that may be missing come as whole numbers, or as floats.
    is_open = column.kind == "integer" and column.name in NULLABLE_INPUTS
    if is_open:
        return AnyType()  # type: ignore[no-untyped-call]  # it has no types
    return _TYPES[column.kind]


def _example() -> pd.DataFrame:
    example = pd.DataFrame([EXAMPLE])
    for column in _COLUMNS:
        if column.kind == "timestamp":
            example[column.name] = pd.to_datetime(example[column.name])
    return example
