"""
Rebuild the trees of a saved XGBoost model.

Layout of the file: the JSON schema of XGBoost 3 ("Introduction to Model IO").
Its trees compute in 32 bits: a number smaller than the threshold goes left,
and so does a level that is not in the node's list.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from taxi_fare.core.errors import ModelRefusedError
from taxi_fare.scoring.exported.saved_pipeline import Levels, SavedStage
from taxi_fare.scoring.exported.slots import Slot, level_split, numeric_split
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.trees import Node, Split, Tree

_LEAF = -1
# Their trees add up to the prediction itself.
_OBJECTIVES = ("reg:squarederror", "reg:pseudohubererror")
_BY_LEVELS = 1


def export_xgboost(
    stage: SavedStage, *, inputs: Sequence[Slot], levels: Levels
) -> PortableModel:
    """
    Rebuild the model of a saved stage.

    Raises
    ------
    ModelRefusedError
        If it is another kind of model.
    """
    files = sorted((stage.folder / "model").glob("part-*"))
    text = "".join(x.read_text(encoding="utf-8") for x in files)
    learner = json.loads(text.replace("\n", ""))["learner"]
    booster = learner["gradient_booster"]
    objective = learner["objective"]["name"]
    if booster["name"] != "gbtree" or objective not in _OBJECTIVES:
        raise ModelRefusedError(
            f"The XGBoost model is a {booster['name']} with the objective"
            f" {objective}.",
            expected=f"a gbtree with {' or '.join(_OBJECTIVES)}",
            remedy="teach taxi_fare.scoring.exported.xgboost this kind;"
            " nothing was recorded.",
        )
    base = json.loads(learner["learner_model_param"]["base_score"])
    rate = stage.params["learning_rate"]
    trees = tuple(
        _tree(tree, vector=inputs, rate=rate)
        for tree in booster["model"]["trees"]
    )
    # XGBoost 3.1 writes one number for each target.
    first = float(np.float32(np.ravel(base)[0]))
    return PortableModel(levels, trees, base=first, bits=32)


def _tree(
    tree: Mapping[str, Any], *, vector: Sequence[Slot], rate: float
) -> Tree:
    levels = _levels_by_node(tree)
    nodes = []
    for index, left in enumerate(tree["left_children"]):
        if left == _LEAF:
            leaf = np.float32(tree["split_conditions"][index])
            nodes.append(Node(float(leaf)))
            continue
        split = _split(tree, vector=vector, levels=levels, index=index)
        nodes.append(Node(tree["base_weights"][index] * rate, split))
    return tuple(nodes)


def _split(
    tree: Mapping[str, Any],
    *,
    vector: Sequence[Slot],
    levels: Mapping[int, frozenset[int]],
    index: int,
) -> Split:
    slot = vector[tree["split_indices"][index]]
    children = tree["left_children"][index], tree["right_children"][index]
    limit = np.float32(tree["split_conditions"][index])
    by_levels = tree["split_type"][index] == _BY_LEVELS
    if by_levels or slot.values:

        def goes_left(value: float) -> bool:
            """Answer as XGBoost does."""
            if by_levels:
                return value not in levels[index]
            return bool(value < limit)

        return level_split(slot, children=children, goes_left=goes_left)
    # "Less than" is "up to the number before".
    before = float(np.nextafter(limit, np.float32(-np.inf)))
    return numeric_split(slot, children=children, threshold=before)


def _levels_by_node(tree: Mapping[str, Any]) -> dict[int, frozenset[int]]:
    listed = iter(tree["categories"])
    # The lists stand one after the other, in the order of their nodes.
    return {
        node: frozenset(islice(listed, size))
        for node, size in zip(
            tree["categories_nodes"], tree["categories_sizes"], strict=True
        )
    }
