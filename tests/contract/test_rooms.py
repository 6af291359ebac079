"""The rooms of the architecture, held by import-linter."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_go_only_down() -> None:
    """Siblings do not know each other, and nothing imports upwards."""
    answer = _lint(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "4 kept, 0 broken" in answer.stdout


@pytest.mark.parametrize(
    ("module", "imported", "contract"),
    [
        (
            "src/taxi_fare/features/derive.py",
            "taxi_fare.lake.catalog",
            "Data flows down the rooms",
        ),
        (
            "src/taxi_fare/scoring/exported/slots.py",
            "pyspark.sql",
            "What prices, serves and reports needs no Java",
        ),
        (
            "src/taxi_fare/run/window.py",
            "rich.console",
            "Nothing below the command line knows how results are shown",
        ),
        (
            "streamlit_app/fare_app/trips.py",
            "taxi_fare.workflows.gates.report",
            "The app imports no workflow, and needs no Java",
        ),
    ],
)
def test_an_import_that_is_not_allowed_is_found(
    module: str, imported: str, contract: str, tmp_path: Path
) -> None:
    """No contract is empty: breaking it fails, and no other with it."""
    for folder in ("src", "streamlit_app"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    file = tmp_path / module
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\nimport {imported}\n", encoding="utf-8")
    answer = _lint(tmp_path)
    assert answer.returncode == 1
    assert "3 kept, 1 broken" in answer.stdout
    assert f"{contract} BROKEN" in answer.stdout
