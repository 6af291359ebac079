"""
Change one thing at a time in code, and see whether a test notices.

The code of a mutant is given to the tests in memory: no file is changed, and
each runs in a fork of a process that has imported the heavy libraries.
"""

import argparse
import hashlib
import importlib
import json
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import NoReturn

import psutil
import pytest
from mutations import mutants_of

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "build" / "mutants"
PAGE = ROOT / "docs" / "reliability.md"
MOST_UNNOTICED = 0.05
# Modules whose mistakes nobody would see, and the tests that hold them.
MODULES = {
    "registry.promotion": ["promotion"],
    "core.gates": ["gates", "ml_quality", "ml_plausibility"],
    "core.months": ["month_range", "availability"],
    "core.files": ["files"],
    "core.metrics": ["metrics_document", "promotion", "gates"],
    "core.manifest": ["damaged_models", "documents"],
    "validation.rules": ["rules", "clean", "ml_schema"],
    "validation.conditions": ["rules", "clean"],
    "lake.clean": ["clean", "ingest"],
    "lake.raw.schema": ["raw_schema", "ml_schema"],
    "lake.columns": ["raw_schema", "part"],
    "lake.part": ["part"],
    "lake.arrow_casts": ["part", "raw_schema"],
    "scoring.batch": ["batch"],
    "scoring.derive": ["scoring", "ml_schema"],
    "scoring.exported.parity": ["scoring"],
    "features.levels": ["levels"],
    "features.derive": ["ml_schema"],
    "evaluation.metrics": ["measured", "metrics_document"],
    "evaluation.day_sums": ["evidence"],
    "core.tariff": ["tariff"],
    "features.tariff": ["tariff"],
    "watching.reason": ["verdict"],
    "watching.verdict": ["verdict"],
    "watching.accuracy_reasons": ["verdict"],
    "watching.data_reasons": ["verdict"],
}
# Imported once, for all mutants.
_HEAVY = ("numpy", "pyarrow.parquet", "pydantic", "pyspark.ml")
_NO_TEST = 5
# A mutant may take that many times as long as no mutant, on a machine that
# may be that busy.
_PATIENCE, _BUSIEST = 4.0, 20
_LONGEST_SECONDS = 300


@dataclass(frozen=True)
class Outcome:
    """What became of the mutants of one module."""

    module: str
    tried: int
    unnoticed: list[str]
    only_spark: int


def run_tests(module: str, code: str | None, *, seconds: float) -> bool:
    """
    Run a module's tests in a fork, with another code; whether all pass.

    Parameters
    ----------
    seconds : float
        Of a processor: a busy machine says nothing of the code.
    """
    child = os.fork()
    if not child:
        os.setsid()
        _become_tests(module, code)
    process = psutil.Process(child)
    end = time.monotonic() + seconds * _BUSIEST
    while time.monotonic() < end and sum(process.cpu_times()[:4]) < seconds:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            answer = os.waitstatus_to_exitcode(status)
            if answer == _NO_TEST:
                sys.exit(f"pytest found no test for {module}")
            return answer == 0
        time.sleep(0.02)
    # It would never end: that is noticed.
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _become_tests(module: str, code: str | None) -> NoReturn:
    sink = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(sink, stream)
    if code is not None:
        _replace_code(f"taxi_fare.{module}", code)
    tests = [f"tests/unit/test_{name}.py" for name in MODULES[module]]
    options = ["-x", "-q", "-pno:cacheprovider"]
    os._exit(pytest.main([*options, *tests], plugins=[_OneFailure()]))


class _OneFailure:
    """One failure is enough: Hypothesis need not find the smallest one."""

    def pytest_configure(self) -> None:
        """Import it here: pytest wants to be first."""
        from hypothesis import Phase, settings  # noqa: PLC0415

        phases = [Phase.explicit, Phase.generate]
        settings.register_profile(
            "mutants", phases=phases, derandomize=True, database=None
        )
        settings.load_profile("mutants")


def _replace_code(module: str, code: str) -> None:
    original = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> CodeType | None:
        if fullname == module:
            return compile(code, self.path, "exec")
        return original(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]


def examine(module: str) -> Outcome:
    """Try what was not tried before with this code and these tests."""
    path = ROOT / "src" / "taxi_fare" / f"{module.replace('.', '/')}.py"
    source = path.read_text(encoding="utf-8")
    mutants, only_spark = mutants_of(source)
    known = RESULTS / f"{module}-{_key(source, module)}.jsonl"
    results = dict(map(json.loads, known.open())) if known.exists() else {}
    left = [each for each in mutants if each.name not in results]
    if left:
        before = sum(os.times()[2:4])
        if not run_tests(module, None, seconds=_LONGEST_SECONDS):
            sys.exit(f"The tests of {module} fail without any change.")
        seconds = _PATIENCE * (sum(os.times()[2:4]) - before) + 5
        for each in left:
            passed = run_tests(module, each.code, seconds=seconds)
            results[each.name] = not passed
            with known.open("a") as stream:
                stream.write(json.dumps([each.name, results[each.name]]))
                stream.write("\n")
    unnoticed = [each.name for each in mutants if not results[each.name]]
    return Outcome(module, len(mutants), unnoticed, only_spark)


def _key(source: str, module: str) -> str:
    """Name the code, its tests, and the ways to change it."""
    tests = [ROOT / f"tests/unit/test_{name}.py" for name in MODULES[module]]
    files = [*tests, *Path(__file__).parent.glob("mutation*.py")]
    texts = [source, *(each.read_text(encoding="utf-8") for each in files)]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def reasons() -> set[str]:
    """Return the mutants that the page gives a reason for."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    rows = (line.split("`") for line in text.splitlines())
    return {row[1] for row in rows if row[0] == "| " and len(row) > 2}


def main() -> int:
    """Examine the modules that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(MODULES))
    wanted = parser.parse_args().modules
    os.nice(10)
    os.chdir(ROOT)
    RESULTS.mkdir(parents=True, exist_ok=True)
    for name in _HEAVY:
        importlib.import_module(name)
    began, total, explained = time.monotonic(), Counter[str](), reasons()
    for module in wanted:
        outcome = examine(module)
        print(
            f"{module:24} {outcome.tried:4} tried,"
            f" {len(outcome.unnoticed):3} unnoticed,"
            f" {outcome.only_spark:3} in code for Spark, not tried",
            flush=True,
        )
        total["tried"] += outcome.tried
        total["unnoticed"] += len(outcome.unnoticed)
        for name in outcome.unnoticed:
            key = f"{module}: {name}"
            total["unexplained"] += key not in explained
            print(f"  {'' if key in explained else 'NEW '}{key}")
    share = total["unnoticed"] / max(total["tried"], 1)
    print(
        f"{total['tried']} tried, {total['unnoticed']} unnoticed"
        f" ({share:.1%}), {total['unexplained']} of them without a reason in"
        f" {PAGE.relative_to(ROOT)}; {time.monotonic() - began:.0f} s"
    )
    return int(share > MOST_UNNOTICED or total["unexplained"] > 0)


if __name__ == "__main__":
    sys.exit(main())
