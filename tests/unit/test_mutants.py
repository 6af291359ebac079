"""`make mutate` changes what a program does, one thing at a time."""

import ast
import importlib
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def mutations(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program's own module, found as the program finds it."""
    monkeypatch.syspath_prepend(SCRIPTS)
    return importlib.import_module("mutations")


def _changes(mutations: ModuleType, line: str) -> set[str]:
    """Return what becomes of the one line of a function."""
    mutants, _ = mutations.mutants_of(f"def f(a, b):\n    {line}\n")
    return {each.code.splitlines()[1].strip() for each in mutants}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("return a < b", {"return a <= b", "return None"}),
        ("return a and b", {"return a or b", "return None"}),
        ("return a - 2", {"return a + 2", "return a - 3", "return a - 1",
                          "return None"}),
        ("return min(a, b)", {"return max(a, b)", "return None"}),
        ("return pc.less(a, b)", {"return pc.less_equal(a, b)",
                                  "return None"}),
        ("a.unlink()", {"pass"}),
        ("raise KeyError('words')", {"pass"}),
        ("a.go('x|y')", {"pass", "a.go('xX|y')", "a.go('x|Xy')"}),
        (r"a.go('\\d+')", {"pass", r"a.go('\\d')"}),
        ("a.go(b=True)", {"pass", "a.go(b=False)"}),
        ("_logger.info('words %d', 1)", set()),
        ("b: int = a", set()),
    ],
)  # fmt: skip
def test_each_change_is_one(
    mutations: ModuleType, line: str, expected: set[str]
) -> None:
    """Of operators, numbers, texts, functions and whole statements."""
    assert _changes(mutations, line) == expected


def test_words_are_left_and_spark_is_counted(mutations: ModuleType) -> None:
    """Docstrings and messages change nothing; unit tests start no JVM."""
    source = (
        'def f(a):\n    """Words."""\n    raise ValueError("words")\n'
        "from pyspark.sql import DataFrame, functions as F\n"
        "def g(a):\n    return F.col(a) < 3\n"
        "def h(a: DataFrame):\n    return [lambda b: b < 3]\n"
    )
    mutants, only_spark = mutations.mutants_of(source)
    before = "h: return [lambda b: b < 3]"
    assert [each.name for each in mutants] == [
        "f: raise ValueError('words') → pass",
        f"{before} → return [lambda b: b <= 3]",
        f"{before} → return [lambda b: b < 4]",
        f"{before} → return [lambda b: b < 2]",
    ]
    assert only_spark == 5


@pytest.mark.parametrize("module", ["registry/promotion", "core/months"])
def test_a_mutant_is_a_program_with_a_name_of_its_own(
    mutations: ModuleType, module: str
) -> None:
    """And the code of before is what is left at the end."""
    file = SCRIPTS.parent / "src" / "taxi_fare" / f"{module}.py"
    source = file.read_text(encoding="utf-8")
    mutants, _ = mutations.mutants_of(source)
    assert len({each.name for each in mutants}) == len(mutants) > 10
    whole = ast.unparse(ast.parse(source))
    for each in mutants:
        compile(each.code, each.name, "exec")
        assert each.code != whole
