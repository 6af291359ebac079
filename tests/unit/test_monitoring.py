"""What deploy/monitoring asks for is what the service tells."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from price_service import literal_model

from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.serving.figures import Figures

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"
MANIFEST = json.loads(
    (Path(__file__).parents[1] / "data/documents/manifest.json").read_text()
)
DASHBOARD: dict[str, Any] = json.loads(
    (MONITORING / "grafana-dashboard.json").read_text()
)
ALERTS = yaml.safe_load((MONITORING / "alerts.yml").read_text())
PANELS = DASHBOARD["panels"]
EXPRESSIONS = [
    *(each["expr"] for panel in PANELS for each in panel["targets"]),
    *(each["expr"] for each in DASHBOARD["annotations"]["list"]),
    *(x["expr"] for group in ALERTS["groups"] for x in group["rules"]),
]


def _told() -> set[str]:
    """Names that the service gives its figures, as Prometheus stores them."""
    figures = Figures()
    figures.serve(FarePredictor(literal_model(), MANIFEST))
    figures.follow(trouble="It is damaged.", refused="another-model")
    text = figures.text().decode()
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\w+)$", text, re.MULTILINE):
        ends = {"histogram": ("_bucket", "_sum", "_count")}.get(kind, ("",))
        names |= {name + end for end in ends}
    return names


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_is_asked_for_is_told(expression: str) -> None:
    """A figure that has another name would be an empty panel for ever."""
    asked = set(re.findall(r"taxi_fare_\w+", expression))
    assert asked <= _told()
    assert asked or expression == 'up{job="taxi-fare"} == 0'
    assert expression.count("(") == expression.count(")")
    assert expression.count("{") == expression.count("}")


def test_every_figure_is_looked_at() -> None:
    """One that nobody looks at is not worth its name."""
    asked = set(re.findall(r"taxi_fare_\w+", " ".join(EXPRESSIONS)))
    families = {re.sub("_(bucket|sum|count)$", "", each) for each in asked}
    kept = {re.sub("_(bucket|sum|count)$", "", each) for each in _told()}
    # When a counter began to count.
    told = {x for x in kept if not x.endswith("_created")}
    assert told == families
    page = (MONITORING.parents[1] / "docs" / "serving.md").read_text()
    assert told <= set(re.findall(r"taxi_fare_\w+", page))


def test_panels_have_places_of_their_own() -> None:
    """No two overlap, none is beyond the 24 columns, each has a title."""
    boxes = [panel["gridPos"] for panel in PANELS]
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert all(panel["title"] for panel in PANELS)
    assert all(box["x"] + box["w"] <= 24 for box in boxes)
    for y in {box["y"] for box in boxes}:
        row = sorted((box["x"], box["w"]) for box in boxes if box["y"] == y)
        for (x, w), (after, _) in pairwise(row):
            assert x + w <= after


# What Grafana's own schema requires of the options of a panel that shows a
# number; it fills them in where it can, and other readers refuse the file.
STAT = {
    *("colorMode", "graphMode", "justifyMode", "orientation"),
    *("percentChangeColorMode", "reduceOptions", "showPercentChange"),
    *("textMode", "wideLayout"),
}


def test_grafana_finds_what_its_schema_requires() -> None:
    """In panels that show a number, and in what is chosen of a variable."""
    shown = [each for each in PANELS if each["type"] == "stat"]
    assert shown
    for panel in shown:
        assert set(panel["options"]) == STAT, panel["title"]
        assert panel["options"]["reduceOptions"]["calcs"]
    for variable in DASHBOARD["templating"]["list"]:
        assert {"text", "value"} <= set(variable["current"])


def test_prometheus_reads_the_alarms() -> None:
    """By the name of the file beside its own."""
    asked = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    (file,) = asked["rule_files"]
    assert (MONITORING / file).is_file()
    jobs = [each["job_name"] for each in asked["scrape_configs"]]
    assert "taxi-fare" in jobs
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["summary"]
