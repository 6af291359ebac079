"""The taxi zones."""

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.zones import find_zone, shortest_miles, zones

PUBLISHED = (
    Path(__file__).parents[3] / "shared" / "tlc" / "taxi_zone_lookup.csv"
)


def test_there_are_265_zones() -> None:
    """Numbered from 1 without a gap, in the order of their numbers."""
    assert list(zones()) == list(range(1, 266))
    assert all(zone.borough and zone.name for zone in zones().values())


@pytest.mark.skipif(
    not PUBLISHED.is_file(),
    reason=f"the TLC's table is not on this machine: {PUBLISHED}",
)
def test_zones_are_those_that_the_tlc_publishes() -> None:
    """Numbers, boroughs and names, to the letter."""
    with PUBLISHED.open(encoding="utf-8", newline="") as stream:
        published = {
            int(row["LocationID"]): (row["Borough"], row["Zone"])
            for row in csv.DictReader(stream)
        }
    ours = {n: (zone.borough, zone.name) for n, zone in zones().items()}
    assert ours == published


@pytest.mark.parametrize("number", sorted(zones()))
def test_a_zone_is_found_by_its_number_and_its_name(number: int) -> None:
    """Or the name stands for several, and all of these are told."""
    zone = zones()[number]
    assert find_zone(str(number)) == zone
    same = [each for each in zones().values() if each.name == zone.name]
    if len(same) == 1:
        assert find_zone(zone.name.upper()) == zone
    else:
        with pytest.raises(WrongUsageError, match=rf"\({number}\)"):
            find_zone(zone.name)


@pytest.mark.parametrize(
    ("text", "number"),
    [("jfk", 132), (" LaGuardia ", 138), ("Times Sq", 230), ("0132", 132)],
)
def test_a_part_is_enough_where_no_other_zone_has_it(
    text: str, number: int
) -> None:
    """Case and spaces around do not matter."""
    assert find_zone(text).number == number


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("east harlem", r"East Harlem North \(74\), East Harlem South \(75\)"),
        ("lagardia", r"are LaGuardia Airport \(138\)\."),
        ("Upper Manhattan", r"Upper East Side North .*, …\."),
        ("266", "look it up"),
        ("0", "look it up"),
        ("-5", "look it up"),
        ("", "look it up"),
        ("x", "look it up"),
        ("²", "look it up"),
    ],
)
def test_an_unknown_zone_is_told_with_the_nearest(
    text: str, nearest: str
) -> None:
    """Exit 2; one letter is no name."""
    with pytest.raises(WrongUsageError, match=nearest):
        find_zone(text)


def test_what_no_ride_is_shorter_than() -> None:
    """From edge to edge by air; 0 where nobody knows."""
    names = ("JFK", "Upper East Side North", "Midtown Center", "Outside")
    jfk, uptown, midtown, outside = map(find_zone, names)
    assert shortest_miles(jfk, uptown) == pytest.approx(9.57, abs=0.01)
    assert shortest_miles(uptown, jfk) == shortest_miles(jfk, uptown)
    assert 0.5 < shortest_miles(midtown, uptown) < 1.0
    assert shortest_miles(midtown, midtown) == 0.0
    assert shortest_miles(jfk, outside) == 0.0


def test_hardly_any_real_ride_is_shorter(real_months: Path) -> None:
    """Of those whose meter counted miles: one in 2,000 at most."""
    short = rides = 0
    known = zones()
    for file in sorted(real_months.glob("*.parquet")):
        columns = ["trip_distance", "PULocationID", "DOLocationID"]
        for row in pq.read_table(file, columns=columns).to_pylist():
            miles, *ends = row.values()
            if miles > 0.3:
                rides += 1
                short += miles < shortest_miles(*(known[x] for x in ends))
    assert 0 < short < rides / 2_000
