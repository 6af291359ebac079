"""How long a run waits for a month that is late."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

import taxi_fare_monthly
from taxi_fare_task.command import Ending


def _late(
    monkeypatch: pytest.MonkeyPatch,
    run_type: str,
    days: int,
    *,
    test_month: str = "2023-06",
    missing: str = "2023-06",
) -> bool:
    """Tell whether a run that began so many days ago is done waiting."""
    began = datetime.now(UTC) - timedelta(days=days)
    context = {
        "params": {"month": test_month, "wait_days": 14},
        "dag_run": SimpleNamespace(run_type=run_type, run_after=began),
    }
    monkeypatch.setattr(
        taxi_fare_monthly, "get_current_context", lambda: context
    )
    ending = Ending(3, last={"message": "is late", "month": missing})
    return taxi_fare_monthly._not_published(ending).is_done


@pytest.mark.parametrize("days", [0, 13])
def test_a_scheduled_run_waits(
    days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks again the next day, and holds no worker meanwhile."""
    assert _late(monkeypatch, "scheduled", days) is False


@pytest.mark.parametrize(
    ("run_type", "days"),
    [("scheduled", 14), ("manual", 0), ("backfill", 0)],
)
def test_others_and_those_that_waited_are_skipped(
    run_type: str, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backfill goes on to the next month."""
    with pytest.raises(AirflowSkipException, match="is late"):
        _late(monkeypatch, run_type, days)


def test_a_window_without_its_first_month_is_no_late_month(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It should have been published long ago; of a window to come, not."""
    old = {"test_month": "2023-06", "missing": "2023-03"}
    with pytest.raises(AirflowFailException, match="is the source right"):
        _late(monkeypatch, "scheduled", 0, **old)
    new = {"test_month": "2099-06", "missing": "2099-03"}
    with pytest.raises(AirflowSkipException):
        _late(monkeypatch, "manual", 0, **new)
