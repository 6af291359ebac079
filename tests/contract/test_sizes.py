"""Modules and functions stay small, and workflows are what commands call."""

import ast
from collections.abc import Iterator
from pathlib import Path

import taxi_fare

ROOM = Path(taxi_fare.__file__).parent
MODULES = sorted(ROOM.rglob("*.py"))
MOST_LINES = 250
MOST_BODY_LINES = 40


def _name(module: Path) -> str:
    return module.relative_to(ROOM).as_posix()


def _functions(module: Path) -> Iterator[tuple[str, int]]:
    """Name each function, with the lines of its body but the docstring."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[bool(ast.get_docstring(node)) :]
            first = body[0].lineno if body else 0
            last = body[-1].end_lineno or 0 if body else -1
            yield f"{_name(module)}:{node.name}", last - first + 1


def test_no_module_is_long() -> None:
    """What does not fit has two responsibilities."""
    lengths = {
        _name(module): len(module.read_text(encoding="utf-8").splitlines())
        for module in MODULES
    }
    long = {name for name, lines in lengths.items() if lines > MOST_LINES}
    assert long == set()


def test_no_function_is_long() -> None:
    """Its docstring aside, a function is seen at one glance."""
    long = {
        name
        for module in MODULES
        for name, lines in _functions(module)
        if lines > MOST_BODY_LINES
    }
    assert long == set()


def _imports(module: Path) -> Iterator[str]:
    """Name the modules that a module imports, wherever it does."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def test_workflows_are_what_commands_call() -> None:
    """What only a workflow needs lies in it, or in a room below."""
    called = {
        name
        for room in ("cli", "workflows")
        for module in (ROOM / room).rglob("*.py")
        for name in _imports(module)
        if name != _module(module)
    }
    workflows = {
        _module(module)
        for module in (ROOM / "workflows").rglob("*.py")
        if module.name != "__init__.py"
    }
    assert workflows - called == set()
    commands = {path.stem for path in (ROOM / "cli").glob("*.py")}
    flat = {path.stem for path in (ROOM / "workflows").glob("[!_]*.py")}
    assert flat <= commands


def _module(path: Path) -> str:
    return ".".join(
        ("taxi_fare", *path.relative_to(ROOM).with_suffix("").parts)
    )
