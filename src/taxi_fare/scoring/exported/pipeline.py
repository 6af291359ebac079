"""
Rebuild a saved pipeline as a portable model.

Layout of the files: Spark's ``treeModels.scala`` (``EnsembleModelReadWrite``)
and the writers of ``StringIndexerModel`` and ``OneHotEncoderModel``. Each slot
of MLlib's vector is a question about one feature ("is it level 7?"), so that
the trees can ask the 12 features themselves, whichever the encoding.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    NUMERIC_FEATURES,
)
from taxi_fare.core.errors import ModelRefusedError
from taxi_fare.scoring.exported.saved_pipeline import SavedStage, read_stages
from taxi_fare.scoring.exported.slots import Slot, level_split, numeric_split
from taxi_fare.scoring.exported.xgboost import xgboost_trees
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.trees import Node, Tree


def export_pipeline(folder: Path) -> PortableModel:
    """
    Rebuild a saved pipeline.

    Raises
    ------
    ModelRefusedError
        If a stage is another one, or does what is not known here.
    """
    *encoder, estimator = read_stages(folder)
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
            raise _unknown(f"the stage {stage.kind}")
    if estimator.kind == "GBTRegressionModel":
        return PortableModel(levels, _trees(estimator, vector))
    if estimator.kind == "SparkXGBRegressorModel":
        plain = estimator.params["features_cols"]
        vector = [slots[name][0] for name in plain] or vector
        trees, base = xgboost_trees(estimator, vector)
        return PortableModel(levels, trees, base=base, bits=32)
    raise _unknown(f"the estimator {estimator.kind}")


def _levels(stage: SavedStage) -> dict[str, tuple[str, ...]]:
    if stage.params["handleInvalid"] != "keep":
        raise _unknown("a StringIndexer that does not keep unseen levels")
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
        raise _unknown("a OneHotEncoder that adds a level of its own")
    left_out = 1 if stage.params["dropLast"] else 0
    encoded = {}
    for name, output in zip(stage.inputs(), stage.outputs(), strict=True):
        (index,) = slots[name]
        encoded[output] = [
            Slot(index.feature, tuple(float(x == hot) for x in index.values))
            for hot in index.values[: len(index.values) - left_out]
        ]
    return encoded


def _trees(stage: SavedStage, vector: Sequence[Slot]) -> tuple[Tree, ...]:
    weights = {row["_1"]: row["_3"] for row in stage.rows("treesMetadata")}
    nodes = [(row["treeID"], row["nodeData"]) for row in stage.rows()]
    nodes.sort(key=lambda node: (node[0], node[1]["id"]))
    # A node's id is its place: Spark numbers them in pre-order.
    trees = {
        tree: tuple(
            _node(data, vector=vector, weight=weights[tree])
            for _, data in found
        )
        for tree, found in groupby(nodes, key=lambda node: node[0])
    }
    if trees.keys() != weights.keys():
        raise _unknown(f"{len(trees)} trees with {len(weights)} weights")
    return tuple(trees.values())


def _node(
    data: Mapping[str, Any], *, vector: Sequence[Slot], weight: float
) -> Node:
    value = data["prediction"] * weight
    left, right = data["leftChild"], data["rightChild"]
    if left < 0:
        return Node(value)
    question = data["split"]
    slot = vector[question["featureIndex"]]
    if not slot.values:
        (threshold,) = question["leftCategoriesOrThreshold"]
        split = numeric_split(
            slot, threshold=threshold, left=left, right=right
        )
    else:
        split = level_split(
            slot, goes_left=_test(question), left=left, right=right
        )
    return Node(value, split)


def _test(question: Mapping[str, Any]) -> Callable[[float], bool]:
    """Return MLlib's own question about the value of a slot."""
    values = question["leftCategoriesOrThreshold"]
    if question["numCategories"] < 0:
        return lambda value: bool(value <= values[0])
    return lambda value: value in values


def _unknown(found: str) -> ModelRefusedError:
    return ModelRefusedError(
        f"The model cannot be exported: {found}.",
        expected="stages that taxi_fare.features.encode makes, and trees of"
        " MLlib or XGBoost",
        remedy="teach taxi_fare.scoring.exported.pipeline the new stage;"
        " nothing was recorded.",
    )
