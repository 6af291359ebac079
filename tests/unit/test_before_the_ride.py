"""A price before the ride: from two zones and a time."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.cli.main import run
from taxi_fare.cli.show_registry import show_slots
from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.files import sha256_of, write_json
from taxi_fare.core.intervals import PRICE_LIMITS, RATE_CODES
from taxi_fare.core.routes import (
    ROUTES_FILE,
    Routes,
    RouteTable,
    parse_routes,
)
from taxi_fare.core.ways import (
    SLOTS,
    WAYS,
    ZONES,
    slots_of,
    street_miles,
    ways_of,
)
from taxi_fare.core.zones import find_zone
from taxi_fare.features.route_sums import (
    RouteSums,
    RouteTotal,
    route_sums,
)
from taxi_fare.features.routes import fit_routes
from taxi_fare.scoring.before import price_before, prices_before
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.many import price_rides_before
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.ride_before import RideBefore, usual_ride

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
HEADER = {
    "schema_version": 1,
    "run_id": "a-run",
    "timestamp": "2026-01-01T00:00:00+00:00",
    "simulated": True,
}
JFK, TIMES_SQ, UNSEEN = 132, 230, 14
AT = datetime(2023, 6, 15, 17, 30)


def _trips(seed: int, trips: int) -> pa.Table:
    """Return rides that are a third longer than the map, at 12 mph."""
    draw = np.random.default_rng(seed)
    zones = np.array([48, 68, 79, 100, 132, 161, 230, 236])
    pickup, dropoff = draw.choice(zones, trips), draw.choice(zones, trips)
    length = street_miles()[pickup * ZONES + dropoff]
    miles = 4 / 3 * length * draw.lognormal(0, 0.2, trips)
    hour = draw.integers(0, 24, trips)
    # Half as fast in the evening.
    speed = np.where(hour == 18, 6.0, 12.0)
    return pa.table(
        {
            "PULocationID": [str(x) for x in pickup],
            "DOLocationID": [str(x) for x in dropoff],
            "pickup_hour": hour.astype(float),
            "pickup_dayofweek": draw.integers(0, 7, trips).astype(float),
            "trip_distance": miles,
            "trip_duration_min": 60 * miles / speed,
        }
    )


def _routes(features: pa.Table, **more: Any) -> Routes:
    fitted = fit_routes(route_sums(features))
    return Routes.model_validate(
        {
            **HEADER,
            "train_months": ["2023-03", "2023-04", "2023-05"],
            "usual_log_miles": fitted.usual_log_miles,
            "ways": fitted.ways.tolist(),
            "trips": fitted.trips.tolist(),
            "miles": fitted.miles,
            "minutes": fitted.minutes,
            "payments": {"1": 0.75, "2": 0.25},
            **more,
        }
    )


@pytest.fixture(scope="module")
def table() -> RouteTable:
    """A route table of 20,000 rides."""
    return RouteTable(_routes(_trips(1, 20_000)))


def test_the_map_is_that_of_new_york() -> None:
    """Both ways are as long; a zone has a length; nowhere has none."""
    miles = street_miles().reshape(ZONES, ZONES)
    assert np.array_equal(miles, miles.T, equal_nan=True)
    assert 14 < miles[JFK, TIMES_SQ] < 22
    assert 0.1 < miles[TIMES_SQ, TIMES_SQ] < 1
    assert np.isnan(miles[264]).all() and np.isnan(miles[265]).all()
    assert np.isnan(miles[0]).all()


def test_ways_and_hours_are_numbered() -> None:
    """Whatever is no zone is none; Saturday has hours of its own."""
    trips = pa.table(
        {
            "PULocationID": ["132", "unknown", "266"],
            "DOLocationID": ["230", "1", "-5"],
            "pickup_hour": [0.0, 23.0, 5.0],
            "pickup_dayofweek": [0.0, 4.0, 6.0],
        }
    )
    assert ways_of(trips).tolist() == [132 * ZONES + 230, 1, 0]
    assert slots_of(trips).tolist() == [0, 23, 29]


def test_sums_of_batches_add_up() -> None:
    """However the trips are parted."""
    trips = _trips(2, 1_000)
    whole = route_sums(trips)
    parts = RouteSums.together(
        route_sums(trips.slice(*part)) for part in ((0, 10), (10, 990))
    )
    assert np.array_equal(whole.cells, parts.cells)
    np.testing.assert_allclose(whole.sums, parts.sums)
    assert whole.column("trips").sum() == 1_000


def test_sums_of_many_batches_stay_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are added up on the way, to the same."""
    monkeypatch.setattr("taxi_fare.features.route_sums._MOST_CELLS", 700)
    trips, total = _trips(2, 2_000), RouteTotal()
    for start in range(0, 2_000, 100):
        total.add(route_sums(trips.slice(start, 100)))
        assert sum(len(each.cells) for each in total._parts) <= 1_700
    whole, found = route_sums(trips), total.sums()
    assert np.array_equal(whole.cells, found.cells)
    np.testing.assert_allclose(whole.sums, found.sums)


@pytest.mark.parametrize(
    ("miles", "minutes"),
    [
        *((0.0, 10.0), (3.0, 0.0), (3.0, 0.5), (500.0, 60.0)),
        *((60.0, 5.0), (0.1, 170.0)),
    ],
)
def test_an_odd_ride_tells_nothing_of_its_way(
    miles: float, minutes: float
) -> None:
    """It is counted, and its miles and minutes are not believed."""
    trips = _trips(2, 1).set_column(4, "trip_distance", pa.array([miles]))
    trips = trips.set_column(5, "trip_duration_min", pa.array([minutes]))
    (sums,) = route_sums(trips).sums
    assert sums.tolist() == [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_a_way_that_was_seen_is_known(table: RouteTable) -> None:
    """Miles, minutes, their quartiles, and how often."""
    later = _trips(3, 4_000)
    ways, slots = ways_of(later), slots_of(later)
    usual = table.usual(ways, slots)
    for log, spread, name in (
        (usual.log_miles, usual.miles_spread, "trip_distance"),
        (usual.log_minutes, usual.minutes_spread, "trip_duration_min"),
    ):
        found = np.log(later[name].to_numpy())
        assert np.abs(found - log).mean() < 0.19
        below = [(found < log + z * spread).mean() for z in (-0.674, 0, 0.674)]
        assert below == pytest.approx([0.25, 0.5, 0.75], abs=0.05)
    assert table.trips(int(ways[0])) > 200


def test_the_hour_tells_of_minutes_not_of_miles(table: RouteTable) -> None:
    """Six in the evening is slow on this map."""
    way = np.array([161 * ZONES + 236] * 2)
    usual = table.usual(way, np.array([18, 12]))
    assert usual.log_miles[0] == usual.log_miles[1]
    slower = np.exp(usual.log_minutes[0] - usual.log_minutes[1])
    assert slower == pytest.approx(2.0, rel=0.1)


def test_a_way_that_nobody_took_follows_the_map(table: RouteTable) -> None:
    """The longer the map says, the longer it is."""
    ways = 161 * ZONES + np.arange(1, 264)
    unseen = [way for way in ways if not table.trips(way)]
    length = street_miles()[unseen]
    there = np.isfinite(length)
    usual = table.usual(np.array(unseen), np.zeros(len(unseen), dtype=int))
    ratio = np.exp(usual.log_miles[there]) / length[there]
    assert np.median(ratio) == pytest.approx(4 / 3, rel=0.15)
    assert np.isfinite(usual.log_miles).all()
    assert np.isfinite(usual.log_minutes).all()


@given(st.lists(st.integers(0, WAYS * SLOTS - 1), min_size=1, max_size=30))
def test_any_trips_at_all_give_a_table(cells: list[int]) -> None:
    """A single ride from nowhere to nowhere as well."""
    where = np.unique(cells)
    sums = np.zeros((len(where), 6))
    sums[:, 0] = 1.0
    fitted = fit_routes(RouteSums(where, sums))
    for each in (fitted.miles, fitted.minutes):
        assert np.isfinite([*each.ways, *each.spreads, each.start]).all()
        assert each.slope >= 0


def _ride(pickup: int, dropoff: int, **more: Any) -> RideBefore:
    ends = (find_zone(str(each)) for each in (pickup, dropoff))
    return RideBefore(*ends, at=AT, **more)


def test_a_price_is_the_mean_over_what_is_not_known(
    literal_trees: PortableModel, table: RouteTable
) -> None:
    """Over three lengths of the ride, and two types of payment."""
    predictor = FarePredictor(literal_trees, {}, None, table)
    ride = _ride(161, 236)
    found = price_before(ride, predictor, table=table)
    # Far less than 10.5 miles, whichever of the three.
    assert found.explanation.prediction == pytest.approx(19.5)
    told = found.explanation
    parts = told.base + sum(told.contributions.values())
    assert parts == pytest.approx(told.prediction)
    assert found.intervals == {}
    # With 8.75 miles in the middle, the longest of the three is dearer.
    usual = table.usual(np.array([161 * ZONES + 236]), np.array([17]))
    more = float(np.log(8.75) - usual.log_miles[0])
    miles = table.routes.miles
    further = miles.model_copy(update={"start": miles.start + more})
    far = RouteTable(table.routes.model_copy(update={"miles": further}))
    dearer = price_before(ride, predictor, table=far)
    assert dearer.explanation.prediction == pytest.approx(19.5 + 30 / 6)


def test_many_prices_are_those_of_each(
    literal_trees: PortableModel, table: RouteTable
) -> None:
    """What is measured at registration is what a quote tells."""
    predictor = FarePredictor(literal_trees, {}, None, table)
    rides = [_ride(161, 236), _ride(132, 230), _ride(132, UNSEEN)]
    trips = [ride.taking(1.0, 1.0).to_trip() for ride in rides]
    prices = prices_before(
        derive_features(trips),
        table=table,
        model=literal_trees,
        payment_given=False,
    )
    alone = [price_before(ride, predictor, table=table) for ride in rides]
    assert prices.tolist() == pytest.approx(
        [each.explanation.prediction for each in alone]
    )


def _around(**sides: tuple[float, float]) -> dict[str, Any]:
    """Intervals as wide for every ride, by coverage: below and above."""
    columns, rows = len(PRICE_LIMITS) + 1, len(RATE_CODES) + 1
    return HEADER | {
        "month": "2023-06",
        "trips": 1_000,
        "price_limits": PRICE_LIMITS,
        "rate_codes": RATE_CODES,
        "by_coverage": {
            stated.removeprefix("of_"): {
                "lower": [[-below] * columns] * rows,
                "upper": [[above] * columns] * rows,
            }
            for stated, (below, above) in sides.items()
        },
    }


@pytest.mark.parametrize("knows_payments", [True, False])
def test_who_tells_how_they_pay_gets_an_interval_of_such_prices(
    literal_trees: PortableModel, table: RouteTable, knows_payments: bool
) -> None:
    """Alone and among others, who do not; versions of before have one kind."""
    before: dict[str, Any] = {
        "metrics": {"rmse": 8.0, "mae": 3.5, "r2": 0.7},
        "intervals": _around(of_90=(6.0, 6.0)),
    }
    if knows_payments:
        before["with_payment"] = _around(of_90=(2.0, 2.0))
    document = table.routes.to_document() | {"before": before}
    known = RouteTable(parse_routes(json.dumps(document).encode(), place=""))
    predictor = FarePredictor(literal_trees, {}, None, known)
    rides = [_ride(161, 236), _ride(161, 236, payment=2), _ride(132, 230)]
    many = price_rides_before(rides, predictor, coverage=90)
    assert many.ends is not None
    widths = (many.ends[1] - many.dollars).tolist()
    told = 2.0 if knows_payments else 6.0
    assert widths == pytest.approx([6.0, told, 6.0])
    for place, ride in enumerate(rides):
        alone = price_before(ride, predictor, table=known)
        assert alone.intervals[90] == pytest.approx(
            [each[place] for each in many.ends]
        )
    assert price_rides_before(rides, predictor, coverage=80).ends is None


def test_a_ride_usually_takes_what_the_table_says(table: RouteTable) -> None:
    """Quartiles in order, and how many went that way."""
    found = usual_ride(_ride(161, 236), table)
    for each in (found.miles, found.minutes):
        assert each.low < each.median < each.high
    assert found.trips > 200
    assert usual_ride(_ride(132, UNSEEN), table).trips == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ways", [5, 5]),
        ("ways", [WAYS]),
        ("trips", [1]),
        ("payments", {}),
        ("miles.kinds", [0.0]),
        ("miles.slope", -0.1),
        ("minutes.hours", [[0.0] * SLOTS]),
        ("minutes.spreads", []),
    ],
)
def test_a_table_of_another_shape_is_refused(
    key: str, value: Any, table: RouteTable
) -> None:
    """It would give wrong numbers in silence."""
    document = table.routes.to_document()
    first, _, second = key.partition(".")
    if second:
        document[first] = document[first] | {second: value}
    else:
        document[first] = value
    content = json.dumps(document).encode()
    with pytest.raises(RegistryConflictError, match="is damaged"):
        parse_routes(content, place="routes.json")


@pytest.fixture
def quote(
    portable_version: Path,
    table: RouteTable,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Any]:
    """Ask for a price before the ride: exit code, and what was printed."""
    before = {
        "metrics": {"rmse": 8.0, "mae": 3.5, "r2": 0.7},
        "intervals": _around(of_80=(3.0, 4.0), of_90=(5.0, 7.0)),
    }
    document = table.routes.to_document() | {"before": before}
    write_json(portable_version / ROUTES_FILE, document)
    manifest = portable_version / "manifest.json"
    told = json.loads(manifest.read_text())
    told["files"][ROUTES_FILE] = sha256_of(portable_version / ROUTES_FILE)
    told["data"]["train_months"] = ["2023-03", "2023-04", "2023-05"]
    told["data"]["test_month"] = "2023-06"
    write_json(manifest, told)
    monkeypatch.chdir(portable_version.parent)

    def call(*more: str) -> Any:
        capsys.readouterr()
        at, model = "--at=2023-06-02T17:30", "--model-path=version"
        return run(["quote", at, model, *more]), *capsys.readouterr()

    return call


def test_zones_and_a_time_are_enough(quote: Callable[..., Any]) -> None:
    """The kind of the price, its interval, and how far such are off."""
    way = "--pickup=161", "--dropoff=236"
    code, out, err = quote(*way, "--json")
    assert code == 0, err
    document = json.loads(out)
    assert document["kind"] == "before"
    assert document["prediction"] == pytest.approx(19.5)
    assert document["interval_90"] == pytest.approx([14.5, 26.5])
    assert document["typical_error"] == 3.5
    usual = document["usual"]
    assert document["trip"]["trip_distance"] == usual["miles"]["median"]
    code, out, _ = quote(*way)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("$19.50  Midtown Center (161) → ")
    assert "90 % of such rides: $14.50 to $26.50" in lines
    assert "Before the ride: usually " in out
    assert "Prices before the ride were off by $3.50 on average" in out
    after = json.loads(
        quote(*way, "--distance=2", "--minutes=14", "--json")[1]
    )
    assert (after["kind"], after["usual"]) == ("after", None)


def test_the_interval_is_as_sure_as_it_is_asked_for(
    quote: Callable[..., Any], tmp_path: Path
) -> None:
    """By the option, else the setting; that of 90 % is there in any case."""
    way = "--pickup=161", "--dropoff=236"

    def asked(*more: str) -> Any:
        document = json.loads(quote(*way, "--json", *more)[1])
        assert document["interval_90"] == pytest.approx([14.5, 26.5])
        return document["interval"]

    of_90 = {"coverage": 90, "low": 14.5, "high": 26.5}
    of_80 = {"coverage": 80, "low": 16.5, "high": 23.5}
    assert asked() == pytest.approx(of_90)
    assert asked("--coverage=80") == pytest.approx(of_80)
    assert "80 % of such rides: $16.50 to $23.50" in (
        quote(*way, "--coverage=80")[1].splitlines()
    )
    conf = Path("conf/taxi_fare.toml")
    conf.parent.mkdir(exist_ok=True)
    conf.write_text("[prediction]\ninterval = 80\n", encoding="utf-8")
    assert asked() == pytest.approx(of_80)
    assert asked("--coverage=90") == pytest.approx(of_90)
    assert asked("--coverage=95") is None
    told = quote(*way, "--coverage=95")[1]
    assert "The model has no intervals of 95 %." in told
    code, _, err = quote(*way, "--coverage=85")
    assert code == 2 and "--coverage" in err


def test_the_registry_tells_the_error_before_the_ride(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Below the one after it, where the version was measured so."""
    manifest = json.loads(
        (DOCUMENTS / "manifest.json").read_text(encoding="utf-8")
    )
    slots = {"current": "v", "candidate": None}
    show_slots(slots, {"v": manifest})
    assert "before the ride" not in capsys.readouterr().out
    before = {"rmse": 8.0, "mae": 3.5, "r2": 0.7, "rows": 10, "bias": 0.1}
    show_slots(slots, {"v": manifest | {"before_the_ride": before}})
    lines = [x.strip() for x in capsys.readouterr().out.splitlines()]
    assert lines[lines.index("candidate  none") - 1] == (
        "before the ride: RMSE $8.0000, MAE $3.5000, R² 0.7000"
    )


def test_what_is_odd_is_said(quote: Callable[..., Any]) -> None:
    """A way nobody took, the same zone twice, another time of the year."""
    unseen = quote("--pickup=132", f"--dropoff={UNSEEN}")[1]
    assert "0 of the train trips went this way" in unseen
    same = quote("--pickup=161", "--dropoff=161")[1]
    assert "ends in the zone where it begins" in same
    winter = quote("--pickup=161", "--dropoff=236", "--at=2023-12-02T17:30")[1]
    assert "of a ride in December it knows less" in winter


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--pickup=265", "--dropoff=236"), "no place on the map"),
        (("--pickup=161", "--dropoff=264"), "no place on the map"),
        (("--pickup=161", "--dropoff=236", "--minutes=5"), "--distance is"),
        (("--pickup=161", "--dropoff=236", "--distance=5"), "--minutes is"),
        (("--pickup=Midtwn Center", "--dropoff=236"), "Midtown Center"),
    ],
)
def test_what_cannot_be_priced_is_refused(
    options: tuple[str, ...], found: str, quote: Callable[..., Any]
) -> None:
    """With what was given, and what to do."""
    code, _, err = quote(*options)
    assert code == 2
    assert found in err


def test_a_damaged_table_is_refused(
    quote: Callable[..., Any], portable_version: Path
) -> None:
    """Like every other file of a version."""
    file = portable_version / ROUTES_FILE
    file.write_text(file.read_text().replace("1", "2", 1))
    code, _, err = quote("--pickup=161", "--dropoff=236")
    assert code == 6
    assert "routes.json" in err


def test_an_older_version_asks_for_miles_and_minutes(
    portable_version: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has no route table."""
    code = run(
        [
            *("quote", "--pickup=161", "--dropoff=236"),
            f"--model-path={portable_version}",
        ]
    )
    assert code == 3
    assert "give --distance and --minutes" in capsys.readouterr().err
