"""What a window needs is told before anything is read."""

import json
from pathlib import Path

import pytest

from taxi_fare.cli.main import run
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark import memory
from taxi_fare.run import window_needs
from taxi_fare.run.findings import Finding
from taxi_fare.run.needs import reckon
from taxi_fare.run.window import WindowRequest, find_window
from taxi_fare.run.window_needs import diagnose_window
from taxi_fare.training.algorithms import ALGORITHMS
from taxi_fare.training.recipes import RECIPES, find_recipe

APRIL = Month("2023-04")


def _found(lake: Path, settings: Settings) -> dict[str, Finding]:
    found = diagnose_window(lake, APRIL, settings)
    return {each.name: each for each in found}


def test_a_window_is_told_from_its_footers(
    small_lake: Path, tmp_path: Path
) -> None:
    """Pages that nobody could read do not matter."""
    for file in small_lake.rglob("trips.parquet"):
        copy = tmp_path / file.relative_to(small_lake)
        copy.parent.mkdir(parents=True)
        content = bytearray(file.read_bytes())
        content[200:400] = bytes(200)
        copy.write_bytes(content)
    found = _found(tmp_path, Settings())
    assert [each.status for each in found.values()] == ["ok"] * 4
    train, test = found["Trips"].found.split(" to train on, ")
    assert train.split(" of ")[1] == "2023-01, 2023-02, 2023-03"
    assert test.endswith(" of 2023-04 to test on")
    rows = int(train.split(" of ")[0].replace(",", ""))
    assert 1_100 < rows < 1_200
    assert list(found) == ["Trips", "Memory", "Disk", "Time"]


@pytest.mark.parametrize("name", RECIPES)
def test_what_is_needed_grows_with_the_trips(
    name: str, small_lake: Path
) -> None:
    """In a straight line, for every recipe that there is."""
    data = find_window(WindowRequest(small_lake, APRIL), Settings())
    recipe = find_recipe(name)
    needs = reckon(data, recipe)
    cost = ALGORITHMS[recipe.algorithm].cost
    millions = needs.train_rows / 1e6
    assert needs.memory_gib - cost.gib == pytest.approx(
        millions * cost.gib_per_million
    )
    assert needs.cpu_seconds - cost.cpu_seconds == pytest.approx(
        millions * cost.cpu_seconds_per_million
    )
    assert min(cost.gib, cost.gib_per_million) > 0
    assert min(cost.cpu_seconds, cost.cpu_seconds_per_million) > 0


def test_a_machine_that_is_too_small_is_told(
    small_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory, or space for temporary files, with what to do."""
    monkeypatch.setattr(window_needs, "available_memory", lambda: 2**28)
    found = _found(small_lake, Settings())
    assert found["Memory"].status == "lacking"
    assert "of 0.2 for gbt-onehot" in found["Memory"].found
    assert "--train-months" in found["Memory"].remedy


def test_a_cluster_is_not_this_machine(small_lake: Path) -> None:
    """Its memory says nothing."""
    settings = Settings(SPARK_MASTER="spark://host:7077")
    assert list(_found(small_lake, settings)) == ["Trips", "Cluster"]


def test_the_command_ends_with_7_where_something_is_lacking(
    small_lake: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A month that is missing is named; a wrong one is refused first."""
    monkeypatch.chdir(tmp_path)
    lake = f"--data-base-path={small_lake}"
    assert run(["doctor", "--for=2023-13", lake]) == 2
    assert run(["doctor", "--for=2023-04", lake, "--json"]) == 0
    capsys.readouterr()
    assert run(["doctor", "--for=2023-05", lake, "--json"]) == 7
    last = json.loads(capsys.readouterr().out)[-1]
    assert (last["name"], last["status"]) == ("Trips", "lacking")
    assert last["found"] == f"2023-05 cannot be read in {small_lake}"
    assert last["remedy"] == "taxi-fare ingest --months 2023-05"


def test_a_container_has_the_memory_of_its_group(tmp_path: Path) -> None:
    """Not that of the machine."""
    group = tmp_path / "sys/fs/cgroup/job"
    group.mkdir(parents=True)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/job\n")
    (group / "memory.max").write_text(f"{2**30}\n")
    assert memory.available_memory(root=tmp_path) == 2**30
