"""
Predict many trips at once with Treelite.

Imported only when a matrix is to be predicted: Treelite brings SciPy along,
which takes longer to import than one price takes to find.
"""

from collections.abc import Sequence

import numpy as np
from treelite import Model, gtil
from treelite.model_builder import (
    Metadata,
    ModelBuilder,
    PostProcessorFunc,
    TreeAnnotation,
)

from taxi_fare.scoring.trees import Node, Tree

# Waking other threads takes milliseconds on a busy machine.
_ROWS_FOR_THREADS = 10_000


class BatchModel:
    """
    Trees as Treelite computes them: in doubles, as MLlib does.

    Parameters
    ----------
    trees : sequence of Tree
        What adds up to a prediction.
    features : int
        How many features a row has.
    """

    def __init__(self, trees: Sequence[Tree], *, features: int) -> None:
        self._model = _build(trees, features)

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        """
        Predict encoded trips.

        Parameters
        ----------
        matrix : ndarray of float64, shape (trips, features)
            Without NaN.

        Returns
        -------
        ndarray of float64, shape (trips,)
            Dollars.
        """
        threads = 1 if len(matrix) < _ROWS_FOR_THREADS else -1
        prediction = gtil.predict(self._model, matrix, nthread=threads)
        return np.asarray(prediction, dtype=np.float64).reshape(len(matrix))


def _build(trees: Sequence[Tree], features: int) -> Model:
    count = len(trees)
    builder = ModelBuilder(
        threshold_type="float64",
        leaf_output_type="float64",
        metadata=Metadata(
            num_feature=features,
            task_type="kRegressor",
            average_tree_output=False,
            num_target=1,
            num_class=[1],
            leaf_vector_shape=(1, 1),
        ),
        tree_annotation=TreeAnnotation(
            num_tree=count, target_id=[0] * count, class_id=[0] * count
        ),
        postprocessor=PostProcessorFunc(name="identity"),
        base_scores=[0.0],
    )
    for tree in trees:
        builder.start_tree()
        for key, node in enumerate(tree):
            builder.start_node(key)
            _add(builder, node)
            builder.end_node()
        builder.end_tree()
    return builder.commit()


def _add(builder: ModelBuilder, node: Node) -> None:
    split = node.split
    if split is None:
        builder.leaf(node.value)
    elif split.threshold is None:
        builder.categorical_test(
            feature_id=split.feature,
            default_left=False,
            category_list=sorted(split.levels),
            category_list_right_child=False,
            left_child_key=split.left,
            right_child_key=split.right,
        )
    else:
        builder.numerical_test(
            feature_id=split.feature,
            threshold=split.threshold,
            default_left=False,
            opname="<=",
            left_child_key=split.left,
            right_child_key=split.right,
        )
