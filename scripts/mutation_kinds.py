"""What takes the place of a piece of code, and what is left as it is."""

import ast
from collections.abc import Iterator

# Each stands for the other.
_PAIRS: tuple[tuple[type[ast.AST], type[ast.AST]], ...] = (
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.In, ast.NotIn),
    (ast.Is, ast.IsNot),
    (ast.And, ast.Or),
    (ast.Add, ast.Sub),
    (ast.Mult, ast.Div),
    (ast.BitAnd, ast.BitOr),
)
_SIGNS = {one: two for pair in _PAIRS for one, two in (pair, pair[::-1])} | {
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.Pow: ast.Mult,
}
# Functions, methods and attributes that are easily mistaken for another.
_NAME_PAIRS = (
    "less less_equal, greater greater_equal, equal not_equal, and_ or_,"
    " and_kleene or_kleene, is_null is_valid, min max, any all,"
    " add subtract, multiply divide, first last, start end,"
    " issubset issuperset"
)
_NAMES = {
    one: two
    for pair in _NAME_PAIRS.split(", ")
    for one, two in (pair.split(), pair.split()[::-1])
}
# What only says something to people.
_WORDS = {"description", "title", "meaning", "remedy", "expected"}


def is_passed_over(node: ast.AST, field: str) -> bool:
    if field in {"annotation", "returns", "decorator_list", "type_comment"}:
        return True
    return isinstance(node, ast.keyword) and node.arg in _WORDS


def is_words(node: ast.AST) -> bool:
    """Tell docstrings, types, and what is said in errors and logs."""
    if isinstance(node, ast.Raise):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
        return not isinstance(node, ast.JoinedStr) or not _is_pattern(node)
    if isinstance(node, ast.Subscript):
        return ast.unparse(node.value) in {"Literal", "Annotated"}
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        return name.endswith("Error") or name.startswith("_logger.")
    return False


def _is_pattern(node: ast.JoinedStr) -> bool:
    texts = [each for each in node.values if isinstance(each, ast.Constant)]
    return any("\\" in str(each.value) for each in texts)


def replacements(
    child: object, parent: ast.AST, field: str
) -> Iterator[object]:
    match child:
        case ast.cmpop() | ast.operator() | ast.boolop():
            if type(child) in _SIGNS:
                yield _SIGNS[type(child)]()
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.Constant(value=value):
            yield from (ast.Constant(each) for each in _other_values(value))
        case ast.Attribute(value=value, attr=name) if name in _NAMES:
            yield ast.Attribute(value, _NAMES[name], child.ctx)
        case ast.Name(id=name) if name in _NAMES and isinstance(
            parent, ast.Call
        ):
            yield ast.Name(_NAMES[name], child.ctx)
        case ast.stmt():
            yield from _other_statements(child)
    if field in {"test", "ifs"} and isinstance(child, ast.expr):
        yield ast.UnaryOp(ast.Not(), child)


def _other_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    match node:
        case ast.Expr(value=ast.Call() as call) if not is_words(call):
            yield ast.Pass()
        case ast.Raise():
            yield ast.Pass()
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _other_values(value: object) -> Iterator[bool | int | float | str]:
    match value:
        case bool():
            yield not value
        case int():
            yield value + 1
            if value > 1:
                yield value - 1
        case float():
            yield value * 2 + 1e-9
            if value:
                yield value / 2
        case str() if "\\" in value or "|" in value or "+" in value:
            # A pattern: each way of repeating, each other way that it names.
            for sign in "+*?":
                if sign in value:
                    yield value.replace(sign, "", 1)
            names = value.split("|")
            if len(names) > 1:
                yield "|".join([f"{names[0]}X", *names[1:]])
                yield "|".join([*names[:-1], f"X{names[-1]}"])
        case str() if " " not in value and any(map(str.isalnum, value)):
            yield f"{value}X"
