"""Nothing takes the words of an error apart: they are its attributes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path
    for folder in ("src", "streamlit_app", "dags")
    for path in (ROOT / folder).rglob("*.py")
)
_TAKING_APART = {
    *("split", "rsplit", "splitlines", "partition", "rpartition"),
    *("removeprefix", "removesuffix", "find", "index", "startswith"),
}
# Words of other libraries, which have no attributes, are no contract of ours.
_OURS = {
    *("TaxiFareError", "WrongUsageError", "DataMissingError"),
    *("NotPublishedError", "DataRefusedError", "ModelRefusedError"),
    *("RegistryConflictError", "RegistryChangedError"),
    *("EnvironmentLackError", "TemporaryError", "DamagedError"),
}


def _names(node: ast.AST | None) -> set[str]:
    """Return the names in what a handler catches, or an annotation says."""
    if node is None:
        return set()
    return {
        each.id for each in ast.walk(node) if isinstance(each, ast.Name)
    } | {
        each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)
    }


def _our_errors(tree: ast.AST) -> set[str]:
    """Return the names that errors of ours are bound to."""
    bound: list[tuple[str | None, ast.AST | None]] = []
    for node in ast.walk(tree):
        match node:
            case ast.ExceptHandler(name=name, type=kind):
                bound.append((name, kind))
            case ast.arg(arg=name, annotation=kind):
                bound.append((name, kind))
            case ast.MatchAs(name=name, pattern=kind):
                bound.append((name, kind))
    return {name for name, kind in bound if name and _names(kind) & _OURS}


def _is_text_of(node: ast.AST, errors: set[str]) -> bool:
    """Tell ``str(error)``, ``f"{error}"`` and ``error.args``."""
    match node:
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[ast.Name(id=n)]):
            return n in errors
        case ast.JoinedStr():
            return bool(_names(node) & errors)
        case ast.Attribute(value=ast.Name(id=n), attr="args"):
            return n in errors
    return False


def _scopes(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def taken_apart(source: str) -> list[int]:
    """Return the lines in which words of our own errors are taken apart."""
    found = set()
    for scope in _scopes(ast.parse(source)):
        errors = _our_errors(scope)
        texts = {
            target.id
            for node in ast.walk(scope)
            if isinstance(node, ast.Assign) and _is_text_of(node.value, errors)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(scope):
            match node:
                case ast.Attribute(value=value, attr=name):
                    is_apart = name in _TAKING_APART
                case ast.Subscript(value=value):
                    is_apart = True
                case ast.Compare(comparators=[value]):
                    is_apart = True
                case _:
                    continue
            is_text = isinstance(value, ast.Name) and value.id in texts
            if is_apart and (is_text or _is_text_of(value, errors)):
                found.add(node.lineno)
    return sorted(found)


@pytest.mark.parametrize(
    "module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_no_message_is_parsed(module: Path) -> None:
    """``found``, ``expected``, ``remedy`` and ``summary`` are there."""
    assert taken_apart(module.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "first = str(error).splitlines()[0]",
        "first = f'{error}'.partition(': ')",
        "words = str(error); a, *b = words.split()",
        "if 'locked' in str(error): pass",
        "first = error.args[0]",
        "first = str(error)[:10]",
    ],
)
@pytest.mark.parametrize(
    "handler", ["except errors.DataMissingError", "except (A, TaxiFareError)"]
)
def test_the_search_finds_one(line: str, handler: str) -> None:
    """The test above can fail."""
    body = f"def f():\n try:\n  g()\n {handler} as error:\n  {line}\n"
    assert taken_apart(body) == [5]
    assert taken_apart(body.replace(handler, "except ValueError")) == []
