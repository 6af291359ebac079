"""Metrics that another version wrote: more of them, fewer, or broken."""

import json
import math
from dataclasses import MISSING, asdict, fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.metrics import (
    ALWAYS,
    COMPARED,
    METRICS,
    PERCENTILES,
    WITHIN_DOLLARS,
    compared_in,
    is_spread,
    require_spread,
)
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.metrics import Metrics
from taxi_fare.workflows.gates.model import check_trained_model

WHOLE = {"rows": 9, "rmse": 4.0, "mae": 2.0, "r2": 0.9, "bias": 0.1}
REQUIRED = ("rmse", "mae", "r2")  # of the first version
OLDER = Path(__file__).parents[1] / "data/documents/train_metrics.json"
BROKEN = [None, "4.0", True, [4.0], {"value": 4.0}]


def test_every_metric_is_measured() -> None:
    """The list of metrics and what is computed are the same."""
    assert set(WHOLE) == {"rows", *METRICS}
    assert list(asdict(Metrics(**WHOLE))) == ["rows", *METRICS]
    assert set(Metrics(**WHOLE).comparable()) == {x.name for x in COMPARED}


@pytest.mark.parametrize("deviation", [0.01, 0.011, 3.0])
def test_totals_that_differ_by_a_cent_are_spread(deviation: float) -> None:
    """A standard deviation of one cent is the smallest."""
    assert is_spread(deviation**2)
    require_spread(deviation**2, trips="test")


@pytest.mark.parametrize("variance", [0.0099**2, 0.0, -1e-9])
def test_totals_that_do_not_differ_are_refused(variance: float) -> None:
    """By how much they do; below 0 is a sum's last digit."""
    assert not is_spread(variance)
    with pytest.raises(DataRefusedError, match="test trips do not differ"):
        require_spread(variance, trips="test")


def test_what_is_known_of_each_metric() -> None:
    """By hand: a report, a gate and the promotion believe the list."""
    known = {
        each.name: (each.better, each.perfect, each.digits, each.unit)
        for each in METRICS.values()
    }
    assert known == {
        "rmse": ("lower", 0.0, 2, "dollars"),
        "mae": ("lower", 0.0, 2, "dollars"),
        "r2": ("higher", 1.0, 3, ""),
        "bias": (None, 0.0, 2, "dollars"),
    }
    assert [each.name for each in COMPARED] == list(REQUIRED)
    assert WITHIN_DOLLARS == {"within_2_dollars": 2, "within_5_dollars": 5}
    assert PERCENTILES == {
        "p25": 0.25,
        "median": 0.5,
        "p75": 0.75,
        "p95": 0.95,
        "p99": 0.99,
    }


def test_only_what_all_have_is_compared() -> None:
    """An older document may lack a metric; None is not one either."""
    for older in ({"rmse": 1.0}, {"rmse": 1.0, "mae": None}):
        for pair in ((WHOLE, older), (older, WHOLE)):
            assert [each.name for each in compared_in(*pair)] == ["rmse"]


@pytest.mark.parametrize("found", [4.0, math.nan])
def test_a_tie_and_no_number_are_no_improvement(found: float) -> None:
    """In whichever direction a metric is better."""
    for metric in COMPARED:
        assert not metric.improves(found, on=4.0)
        assert not metric.improves(4.0, on=found)
        assert metric.improves(3.0, on=4.0) == (metric.better == "lower")
        assert metric.improves(5.0, on=4.0) == (metric.better == "higher")


def test_what_may_be_missing_has_a_default() -> None:
    """The list of metrics and the fields say the same; now and for ever."""
    required = {
        field.name for field in fields(Metrics) if field.default is MISSING
    }
    assert required == set(ALWAYS) == set(REQUIRED)


def test_what_was_written_is_read() -> None:
    """There and back, through JSON."""
    metrics = Metrics(**WHOLE)
    document = json.loads(json.dumps(metrics.to_document()))
    assert Metrics.from_document(document, of="m") == metrics


@given(st.dictionaries(st.text().filter(lambda x: x not in WHOLE), st.none()))
def test_unknown_keys_are_of_a_newer_version(more: dict[str, None]) -> None:
    """Whatever they are called, the others are read."""
    found = Metrics.from_document(more | WHOLE, of="m")
    assert found == Metrics(**WHOLE)


def test_missing_newer_keys_have_a_meaning() -> None:
    """Nobody counted the rows, nobody measured the bias."""
    found = Metrics.from_document(
        {name: WHOLE[name] for name in REQUIRED}, of="m"
    )
    assert (found.rows, found.bias) == (0, None)


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [*BROKEN, "missing"])
def test_a_metric_that_was_always_there_must_be(
    name: str, value: object
) -> None:
    """One message: whose metrics, which one, what stands there."""
    document = WHOLE | {name: value}
    if value == "missing":
        del document[name]
    with pytest.raises(DataRefusedError, match=rf"of m have .* as {name}"):
        Metrics.from_document(document, of="m")


@pytest.mark.parametrize("document", [None, [], 4.0, "rmse"])
def test_metrics_that_are_none_are_refused(document: object) -> None:
    """Not a mapping at all."""
    with pytest.raises(DataRefusedError):
        Metrics.from_document(document, of="m")


@pytest.mark.parametrize(
    "change", [{"mape": 0.1}, {"bias": None}, {"rmse": "low"}, None]
)
def test_the_gate_on_a_model_reads_reports_of_other_versions(
    change: dict[str, object] | None, tmp_path: Path
) -> None:
    """Never a TypeError: an answer, or one message."""
    metrics = None if change is None else WHOLE | change
    report = json.loads(OLDER.read_bytes()) | {"metrics": metrics}
    path = tmp_path / "train_metrics.json"
    path.write_text(json.dumps(report))
    if change in ({"mape": 0.1}, {"bias": None}):
        found = check_trained_model(tmp_path, folder=None, settings=Settings())
        assert found.passed
        return
    with pytest.raises(
        DataRefusedError, match=r"train_metrics.json is damaged: metrics"
    ):
        check_trained_model(tmp_path, folder=None, settings=Settings())
