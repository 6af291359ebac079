"""What features and columns are called: one name, wherever people read it."""

import pytest

from taxi_fare.core.columns import COLUMN_TITLES, FEATURES, TRIP_COLUMNS
from taxi_fare.core.language import speaking
from taxi_fare.core.retold import retold
from taxi_fare.core.sections import WatchSettings
from taxi_fare.reports.monthly.words import feature
from taxi_fare.watching.data_reasons import _moved
from taxi_fare.watching.drift import Drift
from taxi_fare.watching.profiled import COMPARED, WATCHED

REASONS = {
    "fare_amount differs from train months (PSI 0.30).": (
        "fare_amount\N{NO-BREAK SPACE}: distribution"
    ),
    "Fare by the meter (fare_amount) differs from train months (PSI 0.30).": (
        "Prix au compteur (fare_amount)\N{NO-BREAK SPACE}: distribution"
    ),
    "Tip (tip_amount) is missing in 9.0% of the trips, in 1.0% of month"
    " before.": "Pourboire (tip_amount) manque dans",
}


def test_whatever_is_watched_has_a_title() -> None:
    """Each feature, and each column that holds money; no two the same."""
    assert {*COMPARED, *FEATURES} <= COLUMN_TITLES.keys()
    money = {x.name for x in TRIP_COLUMNS} & WATCHED.keys()
    assert money <= COLUMN_TITLES.keys()
    assert len({*COLUMN_TITLES.values()}) == len(COLUMN_TITLES)


@pytest.mark.parametrize("name", COLUMN_TITLES)
def test_the_report_has_the_same_in_either_language(name: str) -> None:
    """In French it is another, but for what is the same word."""
    assert feature(name) == COLUMN_TITLES[name]
    with speaking("fr"):
        told = feature(name)
    assert told != COLUMN_TITLES[name] or name == "trip_distance"


@pytest.mark.parametrize("name", COMPARED)
def test_a_reason_names_the_title_and_the_column(name: str) -> None:
    """One for people, one to look for in the files."""
    nothing = dict.fromkeys(Drift.model_fields)
    drift = Drift.model_construct(**nothing | {"psi": 0.9})
    reasons = [x for *_, x in _moved(name, drift, "before", WatchSettings())]
    assert reasons
    for reason in reasons:
        assert f"{COLUMN_TITLES[name]} ({name}) differs" in str(reason)


@pytest.mark.parametrize("recorded", REASONS)
def test_recorded_reasons_are_read_as_they_were(recorded: str) -> None:
    """Those of runs before had the bare column."""
    with speaking("fr"):
        assert retold(recorded).startswith(REASONS[recorded])
    assert retold(recorded) == recorded
