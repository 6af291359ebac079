"""Documents: schemas as committed; whatever is damaged is one clear error."""

import copy
import importlib.util
import json
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import delitem, getitem
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxi_fare.core.documents import Part, Refusal, parse_document
from taxi_fare.core.errors import DataRefusedError, IncompatibleModelError
from taxi_fare.core.files import to_json
from taxi_fare.core.manifest import parse_manifest
from taxi_fare.reports.documents.listing import DOCUMENTS

Way = tuple[Any, ...]
Change = Callable[[Any, Any], None]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda some: st.lists(some) | st.dictionaries(st.text(), some),
    max_leaves=5,
)
ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "docs" / "schemas"
# Written by the version before documents had types.
OLDER = Path(__file__).parents[1] / "data" / "documents"
FILES = sorted(OLDER.glob("*.json"))
_FEW = 12
REFUSAL = Refusal(expected="what was written", remedy="write it again.")
every_older = pytest.mark.parametrize(
    "file", FILES, ids=lambda file: file.stem
)
every_document = pytest.mark.parametrize("name", DOCUMENTS)


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    """The script that writes the schemas."""
    file = ROOT / "scripts" / "write_schemas.py"
    spec = importlib.util.spec_from_file_location("write_schemas", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@every_document
def test_schemas_are_those_of_the_models(
    name: str, writer: ModuleType
) -> None:
    """Whoever changes a model runs `make docs`."""
    written = json.loads((SCHEMAS / f"{name}.json").read_bytes())
    assert written == writer.schemas()[name]


def test_the_page_of_schemas_lists_them_all(writer: ModuleType) -> None:
    """Each schema is listed, and no other file lies there."""
    assert (SCHEMAS / "README.md").read_text(encoding="utf-8") == writer.page()
    found = {path.stem for path in SCHEMAS.glob("*.json")}
    assert found == set(DOCUMENTS)


@every_document
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"3", b'"text"', b"\xff\xfe", b"NaN"],
)
def test_what_is_no_document_is_one_clear_error(
    name: str, content: bytes
) -> None:
    """No JSON, no object: the file is named."""
    model = DOCUMENTS[name].model
    with pytest.raises(DataRefusedError, match=r"^some/place is damaged: "):
        parse_document(content, model, place="some/place", refusal=REFUSAL)


def _model(file: Path) -> type[Part]:
    return DOCUMENTS[file.stem.removeprefix("legacy_")].model


def _parsed(file: Path, document: object) -> Part:
    content = json.dumps(document)
    return parse_document(content, _model(file), place=file, refusal=REFUSAL)


def _places(document: object, way: Way = ()) -> Iterator[Way]:
    """
    Name every key and index of a document.

    Of a long list of numbers, or of lists of them, only both ends and one
    between: what is true of one of a thousand is true of its neighbour.
    """
    each: Iterable[tuple[Any, object]] = ()
    if isinstance(document, dict):
        each = document.items()
    elif isinstance(document, list):
        each = enumerate(document)
        if len(document) > _FEW and not isinstance(document[0], dict):
            places = (0, len(document) // 2, len(document) - 1)
            each = [(place, document[place]) for place in places]
    for key, value in each:
        yield (*way, key)
        yield from _places(value, (*way, key))


def _changed(document: Any, way: Way, change: Change) -> Any:
    """Return a copy in which something was done to one place."""
    copied = copy.deepcopy(document)
    holder = reduce(getitem, way[:-1], copied)
    change(holder, way[-1])
    return copied


def _works_or_is_refused(file: Path, document: object) -> Part | None:
    """Read a document: any other error than the clear one fails the test."""
    try:
        found = _parsed(file, document)
    except DataRefusedError as error:
        assert str(file) in str(error)
        assert str(error).endswith("write it again.")
        assert "Input" not in str(error)
        return None
    assert found.to_document() == _as_read(found)
    return found


def _as_read(found: Part) -> Any:
    return json.loads(to_json(found.to_document()))


@every_older
def test_older_documents_are_read_and_written_as_they_are(file: Path) -> None:
    """Same keys, same order, same values."""
    text = file.read_text(encoding="utf-8")
    found = _parsed(file, json.loads(text))
    assert to_json(found.to_document()) + "\n" == text
    assert found.model_extra == {}


def test_every_kind_of_document_has_an_older_one() -> None:
    """But what history remembers of a version that was pruned."""
    kinds = {file.stem.removeprefix("legacy_") for file in FILES}
    assert kinds == set(DOCUMENTS) - {"remembered_run"}


@every_older
def test_unknown_keys_are_kept_everywhere(file: Path) -> None:
    """In the document and in its parts: read, written, as they were."""
    document = json.loads(file.read_bytes())
    for way in [(), *_places(document)]:
        if not isinstance(reduce(getitem, way, document), dict):
            continue
        with_more = _changed(
            document, (*way, "new_in_a_later_version"), _set_to({"a": [1]})
        )
        found = _works_or_is_refused(file, with_more)
        if found is not None:
            assert found.to_document() == with_more


@every_older
def test_a_key_less_works_or_is_one_clear_error(file: Path) -> None:
    """Never a KeyError; the error names the key."""
    document = json.loads(file.read_bytes())
    for way in _places(document):
        found = _works_or_is_refused(file, _changed(document, way, delitem))
        top = _model(file).model_fields.get(str(way[-1]))
        if len(way) == 1 and top is not None and top.is_required():
            assert found is None


@every_older
@pytest.mark.parametrize("value", [None, [], {}, -1, "text", True, [[{}]]])
def test_another_type_works_or_is_one_clear_error(
    file: Path, value: object
) -> None:
    """Never a TypeError, wherever it is."""
    document = json.loads(file.read_bytes())
    for way in _places(document):
        _works_or_is_refused(file, _changed(document, way, _set_to(value)))


@every_older
def test_a_file_that_is_cut_is_one_clear_error(file: Path) -> None:
    """Wherever it ends."""
    content = file.read_bytes().rstrip()
    for end in range(0, len(content) - 1, max(1, len(content) // 200)):
        with pytest.raises(DataRefusedError, match="is damaged: "):
            parse_document(
                content[:end], _model(file), place=file, refusal=REFUSAL
            )


@settings(max_examples=50)
@given(st.data())
def test_any_json_in_any_place_works_or_is_one_clear_error(
    data: st.DataObject,
) -> None:
    """Whatever a file holds, nobody sees a traceback."""
    file = data.draw(st.sampled_from(FILES))
    document = json.loads(file.read_bytes())
    way = data.draw(st.sampled_from([*_places(document)]))
    value = data.draw(ANYTHING)
    _works_or_is_refused(file, _changed(document, way, _set_to(value)))


def _set_to(value: object) -> Change:
    def change(holder: Any, key: Any) -> None:
        """Set one place."""
        holder[key] = value

    return change


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_manifest_holds_no_number_that_is_none(number: str) -> None:
    """Not even under a key that this version does not know."""
    content = (OLDER / "manifest.json").read_text(encoding="utf-8").strip()
    more = f'{content[:-1]}, "later": %s}}'
    assert parse_manifest((more % 1).encode(), model="m")
    with pytest.raises(ValueError, match=r"value|number"):
        parse_manifest((more % number).encode(), model="m")


@pytest.mark.parametrize(
    ("mode", "command"),
    [("legacy", "train-legacy"), ("sliding_window", "train"), (None, "train")],
)
def test_a_manifest_of_another_layout_says_what_makes_a_new_one(
    mode: str | None, command: str
) -> None:
    """The command that made the old one."""
    document = json.loads((OLDER / "manifest.json").read_bytes())
    document |= {"schema_version": 9_999} | ({"mode": mode} if mode else {})
    with pytest.raises(IncompatibleModelError) as caught:
        parse_manifest(json.dumps(document).encode(), model="m")
    assert f"`taxi-fare {command}`" in caught.value.remedy
    assert "The model m" in caught.value.found


@every_older
@pytest.mark.parametrize("found", [99, 0, -1, 2**70, "1", True, 1.0, None, []])
def test_a_layout_that_is_not_known_is_refused(
    file: Path, found: object
) -> None:
    """Whichever document it is: what it is, what is read, what to do."""
    document = json.loads(file.read_bytes()) | {"schema_version": found}
    with pytest.raises(DataRefusedError) as error:
        _parsed(file, document)
    assert f"{file} is of schema_version {found!r}" in error.value.found
    assert "schema_version 1, which this release" in error.value.expected
    assert "update taxi_fare" in error.value.remedy
    assert error.value.remedy.endswith("write it again.")


@every_older
def test_a_document_names_its_layout(file: Path) -> None:
    """But those in footers, which had none so far."""
    document = json.loads(file.read_bytes())
    named = document.pop("schema_version", None)
    footers = {"ingest_record", "feature_table", "predictions"}
    assert (named is None) == (file.stem in footers)
    if named is None:
        assert _parsed(file, document)
        return
    with pytest.raises(DataRefusedError, match="names no schema_version"):
        _parsed(file, document)
