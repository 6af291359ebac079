"""Which metrics there are, and what is known of them, is in one place."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The records, the formulas, and the limits that a model must keep.
ALLOWED = {
    Path("src/taxi_fare/core/metrics.py"),
    Path("src/taxi_fare/evaluation/day_sums.py"),
    Path("src/taxi_fare/evaluation/error_figures.py"),
    Path("src/taxi_fare/evaluation/metrics.py"),
    Path("src/taxi_fare/evaluation/quality_gates.py"),
}
MODULES = sorted(
    path.relative_to(ROOT)
    for folder in ("src", "streamlit_app", "dags", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
)
PAIR = {"rmse", "mae"}


def _lists(source: str) -> Iterator[int]:
    """Yield the lines of expressions that name both metrics."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.expr | ast.keyword):
            continue
        within = list(ast.walk(node))
        said = {
            each.value.lower()
            for each in within
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        }
        named = {each.arg for each in within if isinstance(each, ast.keyword)}
        if said | named >= PAIR:
            yield getattr(node, "lineno", 0)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_no_other_module_lists_the_metrics(module: Path) -> None:
    """No list, dictionary, call or text names RMSE and MAE once more."""
    found = set(_lists((ROOT / module).read_text(encoding="utf-8")))
    assert bool(found) == (module in ALLOWED), f"{module}: lines {found}"


@pytest.mark.parametrize(
    "source",
    [
        "NAMES = ('rmse', 'mae', 'r2')",
        "LOWER = {'rmse': True, 'mae': True}",
        "def f(x):\n    return [f\"{x['rmse']:.2f}\", f\"{x['mae']:.2f}\"]",
        "say(rmse=1, mae=2)",
        "HEADINGS = ['RMSE', 'MAE']",
    ],
)
def test_the_search_finds_each_kind_of_list(source: str) -> None:
    """The contract is not empty."""
    assert list(_lists(source))


def test_one_metric_alone_may_be_named() -> None:
    """Such as what the leaderboard is sorted by."""
    assert not list(_lists("sorted(x, key=lambda each: each['rmse'])"))
