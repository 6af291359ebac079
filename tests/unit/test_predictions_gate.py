"""Where the gate on predictions looks for what was predicted last."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taxi_fare.cli.main import run
from taxi_fare.core.columns import DISTANCE, PREDICTION, RATE_CODE
from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.settings import Settings
from taxi_fare.workflows.gates.predictions import check_predictions

FILE = "predictions/2023-06.parquet"

# A report that an older version wrote.
OLDER = Path(__file__).parents[1] / "data/documents/predict_report.json"


def _write(file: Path, prediction: float = 20.0) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    columns = {PREDICTION: prediction, DISTANCE: 3.0, RATE_CODE: 1}
    pq.write_table(
        pa.table({name: [value] * 9 for name, value in columns.items()}), file
    )
    return file


def _report(reports: Path, **keys: str) -> None:
    reports.mkdir(parents=True, exist_ok=True)
    (reports / "predict_report.json").write_text(
        json.dumps(json.loads(OLDER.read_bytes()) | keys)
    )


def _subject(reports: Path) -> str:
    report = check_predictions(reports, predictions=None, settings=Settings())
    return report.subject


@pytest.fixture(params=[True, False], ids=["new report", "older report"])
def project(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A folder in which a month was predicted; another one is the current."""
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    _write(project / "reports" / FILE)
    more = {"output_from_report": FILE} if request.param else {}
    _report(project / "reports", output=f"reports/{FILE}", **more)
    return project


def test_another_current_folder_changes_nothing(project: Path) -> None:
    """By the folder of the report: absolute, relative, or beside it."""
    expected = str(project / "reports" / FILE)
    assert _subject(project / "reports") == expected
    relative = Path("../project/reports")
    assert _subject(relative) == str(relative / FILE)
    os.chdir(project)
    assert _subject(Path("reports")) == f"reports/{FILE}"


def test_predictions_of_somebody_else_are_not_taken(project: Path) -> None:
    """The same words name another file in the current folder."""
    _write(Path("reports") / FILE, prediction=-5.0)
    expected = str(project / "reports" / FILE)
    assert _subject(project / "reports") == expected


def test_reports_that_were_moved_name_what_moved_with_them(
    project: Path, tmp_path: Path
) -> None:
    """The folder of the reports, as a whole, or all of the project."""
    project.rename(tmp_path / "moved")
    reports = tmp_path / "moved" / "reports"
    assert _subject(reports) == str(reports / FILE)


def test_a_file_elsewhere_is_found_as_it_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the reports, or under an absolute name."""
    monkeypatch.chdir(tmp_path)
    _write(Path("out.parquet"))
    _report(
        Path("a/b"),
        output="out.parquet",
        output_from_report="../../out.parquet",
    )
    assert _subject(Path("a/b")) == "out.parquet"
    _report(Path("a/c"), output="out.parquet")
    assert _subject(Path("a/c")) == "out.parquet"
    absolute = str(tmp_path / "out.parquet")
    _report(Path("a/d"), output=absolute)
    assert _subject(Path("a/d")) == absolute


def test_what_is_nowhere_is_told_with_both_places(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 3."""
    (project / "reports" / FILE).unlink()
    command = ["check", "predictions", f"--reports-dir={project / 'reports'}"]
    assert run(command) == 3
    words = capsys.readouterr().err
    assert str(project / "reports" / FILE) in words
    assert f" nor in reports/{FILE}." in words


def test_a_file_that_is_named_is_the_only_place(tmp_path: Path) -> None:
    """No report is asked for then."""
    named = tmp_path / "no.parquet"
    with pytest.raises(DataMissingError, match=r"in \S+no\.parquet\.\n"):
        check_predictions(tmp_path, predictions=named, settings=Settings())
