"""
Rebuild the trees of MLlib's saved GBT model.

Layout of the files: Spark's ``treeModels.scala``
(``EnsembleModelReadWrite``).
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from taxi_fare.scoring.exported.saved_pipeline import (
    Levels,
    SavedStage,
    not_exportable,
)
from taxi_fare.scoring.exported.slots import Slot, level_split, numeric_split
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.trees import Node, Tree


def export_gbt(
    stage: SavedStage, *, inputs: Sequence[Slot], levels: Levels
) -> PortableModel:
    """Rebuild the model of a saved stage."""
    return PortableModel(levels, _trees(stage, inputs))


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
        raise not_exportable(f"{len(trees)} trees with {len(weights)} weights")
    return tuple(trees.values())


def _node(
    data: Mapping[str, Any], *, vector: Sequence[Slot], weight: float
) -> Node:
    value = data["prediction"] * weight
    children = data["leftChild"], data["rightChild"]
    if children[0] < 0:
        return Node(value)
    question = data["split"]
    slot = vector[question["featureIndex"]]
    if not slot.values:
        (threshold,) = question["leftCategoriesOrThreshold"]
        split = numeric_split(slot, children=children, threshold=threshold)
    else:
        goes_left = _test(question)
        split = level_split(slot, children=children, goes_left=goes_left)
    return Node(value, split)


def _test(question: Mapping[str, Any]) -> Callable[[float], bool]:
    """Return MLlib's own question about the value of a slot."""
    values = question["leftCategoriesOrThreshold"]
    if question["numCategories"] < 0:
        return lambda value: bool(value <= values[0])
    return lambda value: value in values
