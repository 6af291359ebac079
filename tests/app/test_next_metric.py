"""A metric that is added tomorrow: what was written today is still shown."""

import subprocess
import sys
from pathlib import Path

import pytest

from fare_app.places import Places

ROOT = Path(__file__).parents[2]
# As CONTRIBUTING says it: one record. A process of its own, before anything
# else reads the list.
_TOMORROW = """
from dataclasses import replace
from pathlib import Path
from taxi_fare.core import metrics

mae = metrics.METRICS["mae"]
new = replace(mae, name="new", title="NEW", unit="", always=False)
metrics.METRICS["new"] = new
metrics.COMPARED = (*metrics.COMPARED, new)
"""
_SHOW = """
from streamlit.testing.v1 import AppTest

script = '''
from pathlib import Path
from fare_app.places import Places
from fare_app.shell import main
main("{page}", Places(Path("{registry}"), Path("{reports}")))
'''
shown = AppTest.from_string(script)
shown.session_state["language"] = "en"
shown.run(timeout=60)
assert not shown.exception, [each.message for each in shown.exception]
assert not shown.warning, [each.value for each in shown.warning]
for each in shown.metric:
    print(each.label, each.value)
for each in (*shown.markdown, *shown.info):
    print(each.value)
for each in shown.dataframe:
    print(each.value.to_csv())
"""
_ROLL_BACK = """
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.in_folder.registry import FolderRegistry
from taxi_fare.registry.by_hand import roll_back

registry = FolderRegistry(Path({registry!r}), RegistrySettings())
state = roll_back(registry, run_id="r", reason="for a test")
print(state.current, state.history[-1].metrics)
"""


def _tomorrow(program: str, places: Places, page: str = "") -> str:
    values = {
        "page": page,
        "registry": str(places.registry),
        "reports": str(places.reports),
    }
    answer = subprocess.run(
        [sys.executable, "-c", _TOMORROW + program.format(**values)],
        env={"PYTHONPATH": f"{ROOT / 'streamlit_app'}:{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("overview", ["R² 0.911", "3 of 3 metrics improve"]),
        ("quality", ["R² 0.911", "RMSE \\$5.51, MAE \\$1.91, R² 0.871"]),
        ("registry", ["RMSE,MAE,R²,", ",NEW,", "$4.12,$1.43,0.911,–,"]),
    ],
)
def test_reports_of_today_are_shown_tomorrow(
    page: str, said: list[str], places: Places
) -> None:
    """Compared by what both models have; the new one is a dash."""
    text = _tomorrow(_SHOW, places, page)
    assert [each for each in said if each not in text] == []


def test_a_version_of_today_can_be_gone_back_to(places: Places) -> None:
    """With the metrics that it has."""
    text = _tomorrow(_ROLL_BACK, places)
    assert text.strip() == (
        "2023-05_v {'rmse': 5.51, 'mae': 1.91, 'r2': 0.871}"
    )
