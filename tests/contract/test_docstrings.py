"""The public API is documented in full, and everything else in a sentence."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from numpydoc.validate import validate

import taxi_fare

ROOT = Path(__file__).parents[2]
PUBLIC = {
    name: getattr(taxi_fare, name)
    for name in taxi_fare.__all__
    if name != "__version__"
}
# Functions and classes; the other names are objects of these.
DOCUMENTED = {
    f"{value.__module__}.{name}": value
    for name, value in PUBLIC.items()
    if inspect.isclass(value) or inspect.isfunction(value)
}
# GL01 to GL03: how blank lines lie. ES01, SA01: not everything needs a longer
# word or a neighbour.
NOT_ASKED = {"GL01", "GL02", "GL03", "ES01", "SA01"}
MODULES = sorted(
    module
    for folder in ("src", "streamlit_app", "dags")
    for module in (ROOT / folder).rglob("*.py")
)


def _documented() -> Iterator[str]:
    """Name every public function and class, and their methods."""
    for name, value in DOCUMENTED.items():
        yield name
        if inspect.isclass(value):
            for method, found in vars(value).items():
                if _is_public_method(method, found, value):
                    yield f"{name}.{method}"


def _is_public_method(name: str, found: object, owner: type) -> bool:
    is_field = name in getattr(owner, "__dataclass_fields__", {})
    return (
        not name.startswith("_")
        and not is_field
        and isinstance(found, (classmethod, staticmethod, type(_documented)))
    )


def _unasked(name: str) -> set[str]:
    """Leave out what a class with an inherited constructor has not."""
    value = DOCUMENTED.get(name)
    is_protocol = getattr(value, "_is_protocol", False)
    inherits = inspect.isclass(value) and (
        is_protocol or "__init__" not in vars(value)
    )
    # What a method does may be shown by the example of its class.
    return (
        NOT_ASKED
        | ({"PR01", "PR02"} if inherits else set())
        | ({"EX01"} if value is None else set())
    )


@pytest.mark.parametrize("name", sorted(_documented()))
def test_the_public_api_is_documented_in_full(name: str) -> None:
    """
    Every parameter, result and error, as NumpyDoc wants them.

    And an example, which tests/unit/test_examples.py runs.
    """
    errors = [
        f"{code} {text}"
        for code, text in validate(name)["errors"]
        if code not in _unasked(name)
    ]
    assert errors == []


@pytest.mark.parametrize(
    "module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_everything_else_has_a_sentence(module: Path) -> None:
    """Each module, and each function or class without an underscore."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    if not tree.body:
        return  # the marker of a package
    silent = [
        getattr(node, "name", "module")
        for node in [tree, *_public_definitions(tree)]
        if not re.match(r"\S.*?[.?!:](\s|$)", _docstring(node), re.DOTALL)
    ]
    assert silent == []


def _docstring(node: ast.Module | ast.FunctionDef | ast.ClassDef) -> str:
    return ast.get_docstring(node) or ""


def _public_definitions(
    parent: ast.AST,
) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(
            node, ast.FunctionDef | ast.ClassDef
        ) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public_definitions(node)


def test_importing_the_package_loads_nothing() -> None:
    """Neither Spark nor pandas, nor any module of the project."""
    program = (
        "import sys, taxi_fare; dir(taxi_fare);"
        "print(*[m for m in sys.modules if m.startswith("
        "('taxi_fare.', 'pyspark', 'pandas', 'numpy', 'pyarrow'))])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == []


def test_every_public_name_is_where_the_stub_says() -> None:
    """And a name that is not there is an AttributeError."""
    for name, value in PUBLIC.items():
        assert getattr(importlib.import_module(value.__module__), name)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = taxi_fare.no_such_name  # type: ignore[attr-defined]
