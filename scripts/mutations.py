"""A module's code with one change: where changes are, and their names."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mutation_kinds import is_passed_over, is_words, replacements

_LONGEST_NAME = 100


@dataclass(frozen=True)
class Mutant:
    """A module's code with one change, and what the change is called."""

    name: str
    code: str


def mutants_of(source: str) -> tuple[list[Mutant], int]:
    """Return a module's mutants, and how many only Spark would run."""
    tree = ast.parse(source)
    found: list[Mutant] = []
    only_spark, seen = 0, Counter[str]()
    walk = _Walk(_from_pyspark(tree))
    for change in walk.below(tree, parents=(), where="module"):
        if change.only_spark:
            only_spark += 1
            continue
        before = change.context()
        change.apply()
        name = f"{change.where}: {before} → {change.context()}"
        seen[name] += 1
        number = f" ({seen[name]})" if seen[name] > 1 else ""
        found.append(Mutant(name + number, ast.unparse(tree)))
        change.undo()
    return found, only_spark


@dataclass(frozen=True)
class _Change:
    """A node, where it hangs, and what takes its place."""

    parents: tuple[ast.AST, ...]
    field: str
    index: int | None
    old: object
    new: object
    where: str
    only_spark: bool

    def apply(self) -> None:
        self._set(self.new)

    def undo(self) -> None:
        self._set(self.old)

    def _set(self, value: object) -> None:
        if self.index is None:
            setattr(self.parents[-1], self.field, value)
        else:
            getattr(self.parents[-1], self.field)[self.index] = value

    def context(self) -> str:
        """Return the largest piece of code around it that is short."""
        text = ""
        for node in reversed((*self.parents, self._there())):
            try:
                longer = " ".join(ast.unparse(node).split())
            except (AttributeError, TypeError):
                continue
            if text and len(longer) > _LONGEST_NAME:
                break
            text = longer
            if isinstance(node, ast.stmt):
                break
        return text[:_LONGEST_NAME].replace("`", "'").replace("|", "¦")

    def _there(self) -> ast.AST:
        """Return the node that is there now."""
        there: Any = getattr(self.parents[-1], self.field)
        node: ast.AST = there if self.index is None else there[self.index]
        return node


@dataclass(frozen=True)
class _Walk:
    """A walk through what a program does; annotations and words are left."""

    pyspark: frozenset[str]

    def below(
        self,
        node: ast.AST,
        *,
        parents: tuple[ast.AST, ...],
        where: str,
        only_spark: bool = False,
    ) -> Iterator[_Change]:
        """Find the changes below a node."""
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            where = node.name if where == "module" else f"{where}.{node.name}"
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            only_spark = _is_for_spark(node, self.pyspark)
        path = (*parents, node)
        for field, index, child in _children(node):
            for new in replacements(child, node, field):
                yield _Change(
                    path, field, index, child, new, where, only_spark
                )
            if isinstance(child, ast.AST) and not is_words(child):
                yield from self.below(
                    child, parents=path, where=where, only_spark=only_spark
                )


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, object]]:
    for field, value in ast.iter_fields(node):
        if is_passed_over(node, field):
            continue
        if isinstance(value, list):
            yield from ((field, at, child) for at, child in enumerate(value))
        else:
            yield field, None, value


def _from_pyspark(tree: ast.Module) -> frozenset[str]:
    return frozenset(
        each.asname or each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("pyspark")
        for each in node.names
    )


def _is_for_spark(scope: ast.AST, pyspark: frozenset[str]) -> bool:
    """Tell a function that names what pyspark gives, not one around it."""
    left = list(ast.iter_child_nodes(scope))
    while left:
        node = left.pop()
        if isinstance(node, ast.Name) and node.id in pyspark:
            return True
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            left += ast.iter_child_nodes(node)
    return False
