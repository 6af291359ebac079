"""
Rebuild a saved pipeline as a portable model.

Layout of the files: the writers of ``StringIndexerModel`` and
``OneHotEncoderModel``. Each slot of MLlib's vector is a question about one
feature ("is it level 7?"), so that the trees can ask the 12 features
themselves, whichever the encoding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    NUMERIC_FEATURES,
)
from taxi_fare.scoring.exported.gbt import export_gbt
from taxi_fare.scoring.exported.saved_pipeline import (
    Exporter,
    SavedStage,
    not_exportable,
    read_stages,
)
from taxi_fare.scoring.exported.slots import Slot
from taxi_fare.scoring.exported.tariff import read_tariff
from taxi_fare.scoring.exported.xgboost import export_xgboost
from taxi_fare.scoring.portable_model import PortableModel

# By the kind of the fitted estimator, as it is saved.
_EXPORTERS: dict[str, Exporter] = {
    "GBTRegressionModel": export_gbt,
    "SparkXGBRegressorModel": export_xgboost,
}


def export_pipeline(folder: Path) -> PortableModel:
    """
    Rebuild a saved pipeline.

    Raises
    ------
    ModelRefusedError
        If a stage is another one, or does what is not known here.
    """
    stages = read_stages(folder)
    tariff, stages = read_tariff(stages)
    *encoder, estimator = stages
    vector: list[Slot] = []
    levels: dict[str, tuple[str, ...]] = {}
    slots = {name: [Slot(name)] for name in NUMERIC_FEATURES}
    for stage in encoder:
        if stage.kind == "StringIndexerModel":
            levels = _levels(stage)
            slots |= _indexed(stage, levels)
        elif stage.kind == "OneHotEncoderModel":
            slots |= _onehot(stage, slots)
        elif stage.kind == "VectorAssembler":
            vector = [slot for name in stage.inputs() for slot in slots[name]]
        else:
            raise not_exportable(f"the stage {stage.kind}")
    if estimator.kind not in _EXPORTERS:
        raise not_exportable(f"the estimator {estimator.kind}")
    plain = estimator.params.get("features_cols", [])
    inputs = [slots[name][0] for name in plain] or vector
    trees = _EXPORTERS[estimator.kind](estimator, inputs=inputs, levels=levels)
    return replace(trees, tariff=tariff)


def _levels(stage: SavedStage) -> dict[str, tuple[str, ...]]:
    if stage.params["handleInvalid"] != "keep":
        raise not_exportable(
            "a StringIndexer that does not keep unseen levels"
        )
    (row,) = stage.rows()
    labels = map(tuple, row["labelsArray"])
    found = dict(zip(stage.inputs(), labels, strict=True))
    return {name: found[name] for name in CATEGORICAL_FEATURES}


def _indexed(
    stage: SavedStage, levels: Mapping[str, Sequence[str]]
) -> dict[str, list[Slot]]:
    return {
        output: [Slot(name, tuple(map(float, range(len(levels[name]) + 1))))]
        for name, output in zip(stage.inputs(), stage.outputs(), strict=True)
    }


def _onehot(
    stage: SavedStage, slots: Mapping[str, list[Slot]]
) -> dict[str, list[Slot]]:
    if stage.params["handleInvalid"] != "error":
        raise not_exportable("a OneHotEncoder that adds a level of its own")
    left_out = 1 if stage.params["dropLast"] else 0
    encoded = {}
    for name, output in zip(stage.inputs(), stage.outputs(), strict=True):
        (index,) = slots[name]
        encoded[output] = [
            Slot(index.feature, tuple(float(x == hot) for x in index.values))
            for hot in index.values[: len(index.values) - left_out]
        ]
    return encoded
