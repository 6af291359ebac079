"""Predicting many trips at once gives what walking each tree gives."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxi_fare.core.columns import CATEGORICAL_FEATURES, PREDICTION
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.scoring.batch import BatchModel
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.table_batches import predict_batches
from taxi_fare.scoring.trees import Node, Split, Tree

# Features 0 and 1 are numbers, 2 and 3 categories with 12 levels.
_FEATURES = 4
_LEVELS = 12


def _grow(draw: st.DrawFn, nodes: list[Node | None], depth: int) -> int:
    """Add a node and all below it, parents first; return its place."""
    place = len(nodes)
    value = draw(st.floats(-90, 90, width=32))
    nodes.append(Node(value))
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return place
    left = _grow(draw, nodes, depth - 1)
    right = _grow(draw, nodes, depth - 1)
    feature = draw(st.integers(0, _FEATURES - 1))
    if feature < 2:
        threshold = draw(st.sampled_from([-1.5, 0.0, 0.25, 3.0, 1e6]))
        split = Split(feature, threshold, frozenset(), left, right)
    else:
        levels = draw(st.frozensets(st.integers(0, _LEVELS - 1)))
        split = Split(feature, None, levels, left, right)
    nodes[place] = Node(value, split)
    return place


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Draw a tree with up to 256 leaves: four words of 64."""
    nodes: list[Node | None] = []
    _grow(draw, nodes, draw(st.integers(0, 8)))
    return tuple(node for node in nodes if node is not None)


def _walk(tree: Tree, row: Sequence[float]) -> float:
    node = tree[0]
    while node.split is not None:
        node = tree[node.split.child(row)]
    return node.value


def _rows(seed: int, count: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    numbers = rng.choice([-2.0, -1.5, 0.0, 0.1, 0.25, 3.0, 9.0], (count, 2))
    return np.hstack([numbers, rng.integers(0, _LEVELS + 1, (count, 2))])


@settings(max_examples=60)
@given(st.lists(trees(), min_size=1, max_size=4), st.integers(0, 99))
def test_each_trip_gets_the_leaf_that_a_walk_ends_in(
    drawn: list[Tree], seed: int
) -> None:
    """Numbers on a threshold go left; levels that no split names go right;
    in both precisions, the base included."""
    matrix = _rows(seed, 50)
    for bits, number in ((64, np.float64), (32, np.float32)):
        model = BatchModel(drawn, features=_FEATURES, base=1.25, bits=bits)
        expected = []
        for row in matrix.tolist():
            total = number(1.25)
            for tree in drawn:
                total = number(total + number(_walk(tree, row)))
            expected.append(float(total))
        assert model.predict(matrix).tolist() == expected


@pytest.mark.parametrize("depth", [6, 7, 8])
def test_a_full_tree_is_walked_to_its_end(depth: int) -> None:
    """Its 64, 128 or 256 leaves are as many words as they need."""
    rng = np.random.default_rng(depth)
    nodes: list[Node] = []
    for place in range(2 ** (depth + 1) - 1):
        feature, left = int(rng.integers(_FEATURES)), 2 * place + 1
        levels = frozenset(range(int(rng.integers(1, _LEVELS))))
        threshold = float(rng.choice([-1.5, 0.0, 0.25, 3.0]))
        split = (
            Split(feature, threshold, frozenset(), left, left + 1)
            if feature < 2
            else Split(feature, None, levels, left, left + 1)
        )
        is_leaf = place >= 2**depth - 1
        nodes.append(Node(float(place), None if is_leaf else split))
    tree, matrix = tuple(nodes), _rows(depth, 500)
    expected = [_walk(tree, row) for row in matrix.tolist()]
    assert len(set(expected)) > depth
    model = BatchModel([tree], features=_FEATURES)
    assert model.predict(matrix).tolist() == expected


def test_large_tables_are_predicted_in_parts() -> None:
    """The last part is a short one; an empty table gives nothing."""
    split = Split(0, 0.1, frozenset(), 1, 2)
    tree = (Node(0.0, split), Node(-1.0), Node(1.0))
    model = BatchModel([tree], features=_FEATURES)
    matrix = _rows(3, 40_000)
    expected = np.where(matrix[:, 0] <= 0.1, -1.0, 1.0)
    assert model.predict(matrix).tolist() == expected.tolist()
    assert model.predict(matrix[:0]).tolist() == []


@pytest.fixture
def fares() -> PortableModel:
    """Twice the distance class, and more from zone 132."""
    levels = dict.fromkeys(CATEGORICAL_FEATURES, ("1", "2"))
    levels["PULocationID"] = ("132",)
    far = Split(0, 5.0, frozenset(), 1, 2)
    airport = Split(10, None, frozenset({0}), 1, 2)
    return PortableModel(
        levels,
        (
            (Node(0.0, far), Node(10.0), Node(30.0)),
            (Node(0.0, airport), Node(20.0), Node(0.0)),
        ),
    )


def _batch() -> pa.RecordBatch:
    time = pa.array([0, 60_000_000], pa.timestamp("us"))
    whole = pa.array([132, 7], pa.int64())
    return pa.RecordBatch.from_pydict(
        {
            "tpep_pickup_datetime": time,
            "tpep_dropoff_datetime": time,
            "trip_distance": pa.array([17.0, 5.0]),
            "passenger_count": whole,
            "VendorID": whole,
            "RatecodeID": whole,
            "payment_type": whole,
            "store_and_fwd_flag": pa.array(["N", None]),
            "PULocationID": whole,
            "DOLocationID": whole,
            "total_amount": pa.array([70.0, 9.0]),
        }
    )


def test_batches_keep_their_rows_and_get_a_price(fares: PortableModel) -> None:
    """Every column stays as it is."""
    batch = _batch()
    (priced,) = predict_batches([batch], model=fares)
    assert priced.drop_columns([PREDICTION]).equals(batch)
    assert priced[PREDICTION].to_pylist() == [50.0, 10.0]
    alone = FarePredictor(fares, {}).predict(pa.table(_batch()))
    assert alone.tolist() == [50.0, 10.0]


def test_a_batch_without_a_column_is_refused(fares: PortableModel) -> None:
    """Not priced with a guess."""
    batch = _batch().drop_columns(["RatecodeID"])
    with pytest.raises(DataRefusedError, match="RatecodeID"):
        list(predict_batches([batch], model=fares))
