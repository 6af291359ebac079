"""Trips as tables: the sample of the exploration, and predictions."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import streamlit as st
from pyarrow import csv

from fare_app.artefacts import DamagedError, Stamp, stamp
from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    DROPOFF_ZONE,
    FEATURES,
    INPUTS,
    LABEL,
    NUMERIC_FEATURES,
    PICKUP_ZONE,
    PREDICTION,
)
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.zones import zones
from taxi_fare.scoring.derive import derive_features

# Enough for every figure to the cent, and a real month is read in seconds.
SAMPLED_ROWS = 200_000
_UNREADABLE = (OSError, ValueError, KeyError, pa.ArrowException, TaxiFareError)


def load_sample(path: Path) -> pd.DataFrame | None:
    """
    Read the sample of the exploration.

    Parameters
    ----------
    path : Path
        ``eda_sample.csv``.

    Returns
    -------
    DataFrame or None
        The 12 features, ``month``, ``total_amount``, and both boroughs; None
        when there is no file.

    Raises
    ------
    DamagedError
        If it cannot be read.
    """
    return _read(path, _sample)


def load_predictions(path: Path, *, total_max: float) -> pd.DataFrame | None:
    """
    Read a month's predictions, or every so many of them.

    Parameters
    ----------
    path : Path
        A parquet file that ``predict`` wrote.
    total_max : float
        Dollars; trips with a total above it, below 0 or without one are
        left out, as in every metric.

    Returns
    -------
    DataFrame or None
        The 12 features, ``total_amount``, ``prediction``, ``error``, both
        boroughs; its ``attrs`` hold ``rows`` and ``model_id`` of the file.
        None when there is no file.

    Raises
    ------
    DamagedError
        If it cannot be read.
    """
    return _read(path, _predictions, total_max)


def _read(path: Path, read: Any, *arguments: Any) -> pd.DataFrame | None:
    found = stamp(path)
    if found is None:
        return None
    try:
        table: pd.DataFrame = read(found, *arguments)
    except _UNREADABLE as error:
        raise DamagedError(f"{type(error).__name__}: {error}") from error
    return table


@st.cache_resource(max_entries=4, show_spinner=False)
def _sample(found: Stamp) -> pd.DataFrame:
    types = {name: pa.string() for name in ("month", "store_and_fwd_flag")}
    for name in CATEGORICAL_FEATURES:
        types[name] = pa.string()
    for name in (*NUMERIC_FEATURES, LABEL):
        types[name] = pa.float64()
    options = csv.ConvertOptions(
        column_types=types,
        include_columns=["month", *FEATURES, LABEL],
        strings_can_be_null=True,
    )
    table = csv.read_csv(found[0], convert_options=options)
    return _with_boroughs(table.to_pandas())


@st.cache_resource(max_entries=4, show_spinner=False)
def _predictions(found: Stamp, total_max: float) -> pd.DataFrame:
    file = pq.ParquetFile(found[0])
    columns = [*INPUTS, LABEL, PREDICTION, "model_id"]
    rows = file.metadata.num_rows
    table = _every(file, columns=columns, step=-(-rows // SAMPLED_ROWS) or 1)
    if LABEL not in table.column_names:
        nothing = pa.nulls(table.num_rows, pa.float64())
        table = table.append_column(LABEL, nothing)
    total = table[LABEL]
    known = pc.and_(
        pc.greater_equal(total, 0), pc.less_equal(total, total_max)
    )
    table = table.filter(known)
    frame = derive_features(table).to_pandas()
    frame[LABEL] = table[LABEL].to_numpy()
    frame[PREDICTION] = table[PREDICTION].to_numpy()
    frame["error"] = frame[LABEL] - frame[PREDICTION]
    frame = _with_boroughs(frame)
    models = pc.unique(table["model_id"]).to_pylist()
    frame.attrs = {"rows": rows, "model_id": ", ".join(models)}
    return frame


def _every(file: pq.ParquetFile, *, columns: list[str], step: int) -> pa.Table:
    """Take every so many rows, without having all of them in memory."""
    batches, offset = [], 0
    present = [name for name in columns if name in file.schema_arrow.names]
    for batch in file.iter_batches(columns=present):
        first = -offset % step
        batches.append(batch.take(np.arange(first, batch.num_rows, step)))
        offset += batch.num_rows
    schema = pa.schema([file.schema_arrow.field(name) for name in present])
    return pa.Table.from_batches(batches, schema)


def _with_boroughs(frame: pd.DataFrame) -> pd.DataFrame:
    names = {str(each.number): each.borough for each in zones().values()}
    for side, column in (("pickup", PICKUP_ZONE), ("dropoff", DROPOFF_ZONE)):
        frame[f"{side}_borough"] = frame[column].map(names).fillna("Unknown")
    return frame
