"""The rooms of the architecture, held by import-linter."""

import shutil
import subprocess
import sys
from pathlib import Path

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
    assert "3 kept, 0 broken" in answer.stdout


def test_an_import_sideways_is_found(tmp_path: Path) -> None:
    """The contract is not empty: breaking it fails."""
    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copy(ROOT / ".importlinter", tmp_path)
    module = tmp_path / "src" / "taxi_fare" / "features" / "derive.py"
    text = module.read_text(encoding="utf-8")
    module.write_text(text + "\nimport taxi_fare.lake.catalog\n")
    answer = _lint(tmp_path)
    assert answer.returncode == 1
    assert "2 kept, 1 broken" in answer.stdout
