"""Portable models that somebody has changed: the same prices, or exit 6."""

import copy
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core.errors import IncompatibleModelError, RegistryConflictError
from taxi_fare.core.tariff import TERMS, Tariff
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.portable_model import (
    PORTABLE_FILE,
    PortableModel,
    parse_portable_model,
)

MOST_SECONDS = 20
TRIP = {
    "VendorID": 1,
    "tpep_pickup_datetime": datetime(2023, 6, 15, 17, 30),
    "tpep_dropoff_datetime": datetime(2023, 6, 15, 18, 15),
    "passenger_count": 1,
    "trip_distance": 17.0,
    "RatecodeID": 2,
    "store_and_fwd_flag": "N",
    "PULocationID": 132,
    "DOLocationID": 230,
    "payment_type": 1,
}
ODD: list[Any] = [
    None,
    True,
    False,
    "1",
    -1,
    2**70,
    1e308,
    0.5,
    [],
    {},
    [[]],
    [0, 0],
    {"value": 1.0},
]


@pytest.fixture(scope="session")
def document(
    literal_trees: PortableModel, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """A portable model with everything there can be, as it is written."""
    folder = tmp_path_factory.mktemp("portable")
    tariff = Tariff(5.0, dict.fromkeys(TERMS, 2.5))
    replace(literal_trees, tariff=tariff).write(folder)
    return json.loads((folder / PORTABLE_FILE).read_text())


def _places(
    value: Any, path: tuple[Any, ...] = ()
) -> Iterator[tuple[Any, ...]]:
    """Every place in a document that something can be put into."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, each in items:
        yield (*path, key)
        yield from _places(each, (*path, key))


def _put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def _refused(content: bytes) -> bool:
    """Read a model and predict with it, within bounds."""
    began = time.monotonic()
    try:
        model = parse_portable_model(content)
        prices = model.predict(derive_features([TRIP] * 3))
        assert np.isfinite(prices).all()
        return False
    except (RegistryConflictError, IncompatibleModelError) as error:
        assert error.exit_code == 6
        assert error.remedy
        return True
    finally:
        assert time.monotonic() - began < MOST_SECONDS


@given(data=st.data())
def test_any_change_is_a_model_or_is_refused(
    data: st.DataObject, document: Any
) -> None:
    """One place of it holds something else; nothing hangs or crashes."""
    path = data.draw(st.sampled_from(list(_places(document))))
    value = data.draw(
        st.sampled_from(ODD)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.integers()
        | st.text(max_size=5)
    )
    _refused(json.dumps(_put(document, path, value)).encode())


@given(st.binary(max_size=40), st.integers(min_value=0))
def test_any_bytes_are_a_model_or_are_refused(
    document: Any, inserted: bytes, place: int
) -> None:
    """Something stands in the middle of the file."""
    content = json.dumps(document).encode()
    place %= len(content)
    _refused(content[:place] + inserted + content[place:])


def _chain(depth: int) -> list[Any]:
    """A tree that is nothing but a stem, with a leaf at each step."""
    nodes: list[Any] = []
    for index in range(depth):
        question = {"feature": "trip_distance", "threshold": float(index)}
        children = {"left": 2 * index + 1, "right": 2 * index + 2}
        nodes += [{"value": 1.0, **question, **children}, {"value": 1.0}]
    # The leaf of a step comes before the next step.
    stem, leaves = nodes[::2], nodes[1::2]
    pairs = zip(leaves, [*stem[1:], {"value": 1.0}], strict=True)
    return [stem[0], *(node for pair in pairs for node in pair)]


def _shared(levels: int) -> list[Any]:
    """Both answers lead to the same node: 2 to the power of it are walks."""
    return [
        {
            "value": 1.0,
            "feature": "trip_distance",
            "threshold": 1.0,
            "left": index + 1,
            "right": index + 1,
        }
        for index in range(levels)
    ] + [{"value": 1.0}]


def _wide(trees: int) -> list[Any]:
    """Small for a file, gigabytes as tables: each limit is another one."""
    return [_full(depth=7, first=number) for number in range(trees)]


def _full(*, depth: int, first: int) -> list[Any]:
    inner = 2**depth - 1
    return [
        {
            "value": 1.0,
            "feature": "trip_distance",
            "threshold": first + index / (inner + 1),
            "left": 2 * index + 1,
            "right": 2 * index + 2,
        }
        for index in range(inner)
    ] + [{"value": 1.0}] * (inner + 1)


BROKEN: dict[str, Callable[[Any], Any]] = {
    "a stem of 5,000 nodes": lambda x: x | {"trees": [_chain(5_000)]},
    "walks without an end": lambda x: x | {"trees": [_shared(60)]},
    "gigabytes of tables": lambda x: x | {"trees": _wide(900)},
    "a node that nobody leads to": lambda x: (
        x | {"trees": [[{"value": 1.0}, {"value": 1.0}]]}
    ),
    "more trees than there may be": lambda x: (
        x | {"trees": [[{"value": 0.0}]] * 10_001}
    ),
    "dollars that add up to infinity": lambda x: (
        x | {"trees": [[{"value": 1e308}]] * 3}
    ),
    "no trees": lambda x: x | {"trees": []},
    "half a base": lambda x: x | {"base": "0"},
    "true for a number": lambda x: x | {"base": True},
    "a level twice": lambda x: _put(
        x, ("features", "levels", "VendorID"), ["1", "1"]
    ),
    "a level that is no text": lambda x: _put(
        x, ("features", "levels", "VendorID"), ["1", 2]
    ),
    "a level that is not there": lambda x: _put(
        x, ("trees", 1, 0, "levels"), [3]
    ),
    "a tariff that is left out": lambda x: {
        name: value for name, value in x.items() if name != "tariff"
    },
    "a child by a fraction": lambda x: _put(x, ("trees", 0, 0, "left"), 1.0),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_no_model_is_refused(
    broken: Callable[[Any], Any], document: Any
) -> None:
    """With words, in seconds, in little memory."""
    assert _refused(json.dumps(broken(document)).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b" " * (64 * 2**20 + 1),
        b'{"format": "taxi_fare.trees/2", "base": 1e999}',
        b'{"format": NaN}',
        b'{"format": 1, "format": 2}',
        b"\xff\xfe",
        b"",
        b"null",
        b"[]",
    ],
    ids=[
        "brackets",
        "keys",
        "length",
        "infinity",
        "no number",
        "a key twice",
        "no text",
        "nothing",
        "null",
        "a list",
    ],
)
def test_what_is_no_document_is_refused(content: bytes) -> None:
    """Whatever the parser would do with it."""
    assert _refused(content)


def test_infinity_is_no_limit(document: Any) -> None:
    """A JSON number may be larger than any double."""
    content = json.dumps(document).replace("10.5", "1e999")
    assert _refused(content.encode())
    assert math.isinf(json.loads("1e999"))


def test_what_was_written_is_read(document: Any) -> None:
    """The unchanged document is no broken one."""
    assert not _refused(json.dumps(document).encode())
    full = document | {"trees": _wide(100)}
    assert not _refused(json.dumps(full).encode())


def _by_level(node: dict[str, Any]) -> dict[str, Any]:
    """Ask for a level what a node asks for a number."""
    if "feature" not in node:
        return node
    children = {"left": node["left"], "right": node["right"]}
    return {"value": 1.0, "feature": "VendorID", "levels": [0], **children}


def test_a_vast_tree_is_predicted_with_in_seconds(document: Any) -> None:
    """Its parts are built once, not once for each of its questions."""
    vast = [{**each} for each in _full(depth=15, first=0)]
    for node in vast:
        if "feature" in node:
            node["threshold"] = 1.0
    for tree in (vast, list(map(_by_level, vast))):
        assert not _refused(json.dumps(document | {"trees": [tree]}).encode())


def test_the_file_is_part_of_the_version(
    portable_version: Path, document: Any
) -> None:
    """What is refused here is what a version holds."""
    written = json.loads((portable_version / PORTABLE_FILE).read_text())
    assert written | {"tariff": document["tariff"]} == document
