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
# What every tree says of so many trips fits into the processor's cache.
_ROWS_AT_ONCE = 20_000


class BatchModel:
    """
    Trees as Treelite walks them, added up as the algorithm does.

    Parameters
    ----------
    trees : sequence of Tree
        What adds up to a prediction.
    features : int
        How many features a row has.
    base : float, optional
        Dollars that the trees add to.
    bits : {64, 32}, optional
        Of the numbers that are added: MLlib's have 64, XGBoost's 32.
    """

    def __init__(
        self,
        trees: Sequence[Tree],
        *,
        features: int,
        base: float = 0.0,
        bits: int = 64,
    ) -> None:
        self._model = _build(trees, features)
        self._base, self._bits = base, bits

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
        if self._bits == 32:
            parts = -(-len(matrix) // _ROWS_AT_ONCE) or 1
            return np.concatenate(
                [self._single(part) for part in np.array_split(matrix, parts)]
            )
        prediction = gtil.predict(
            self._model, matrix, nthread=_threads(matrix)
        )
        return np.asarray(prediction, dtype=np.float64).reshape(len(matrix))

    def _single(self, matrix: np.ndarray) -> np.ndarray:
        """Add in 32 bits, tree after tree: the order changes the sum."""
        leaves = gtil.predict_per_tree(
            self._model, matrix, nthread=_threads(matrix)
        )
        total = np.full(len(matrix), self._base, dtype=np.float32)
        for tree in range(leaves.shape[1]):
            total += leaves[:, tree].reshape(-1).astype(np.float32)
        return total.astype(np.float64)


def _threads(matrix: np.ndarray) -> int:
    return 1 if len(matrix) < _ROWS_FOR_THREADS else -1


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
