"""The taxi zones."""

import csv
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.zones import Zone, find_zone, shortest_miles, zones

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
    [
        *(("jfk", 132), (" LaGuardia ", 138), ("Times Sq", 230)),
        *(("0132", 132), ("Columbia St", 54), ("Columbia Street", 54)),
        *(("Times Square", 230), ("TIMES SQ.", 230), ("union square", 234)),
        *(("madison square", 186), ("Pennsylvania Ave.", 77)),
        *(("Kennedy", 132), ("kennedy airport", 132)),
        *(("LGA", 138), ("EWR", 1)),
    ],
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
        ("Upper Manhattan", r"are Manhattan Beach .*Manhattan Valley "),
        ("Tims Square", r"are Times Sq/Theatre District \(230\),"),
        ("Time Square", r"are Times Sq/Theatre District \(230\),"),
        ("Lincoln Square", r"are .* East \(142\), .* West \(143\)\."),
        ("Kenedy Airport", r"are JFK Airport \(132\),"),
        ("John F. Kennedy", r"are JFK Airport \(132\)"),
        ("williamsburgh", r"are East Williamsburg .*Williamsburg \(North"),
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


def _misspelt(zone: Zone) -> str:
    """Leave a letter out, take two in turn, or write one twice."""
    name, middle = zone.name, len(zone.name) // 2
    first, second = name[middle : middle + 2]
    others = (second, second + first, first + first + second)
    return name[:middle] + others[zone.number % 3] + name[middle + 2 :]


def _told(text: str) -> list[str]:
    """Return the zone that is found, or those that are told as nearest."""
    try:
        return [find_zone(text).name]
    except WrongUsageError as error:
        return re.findall(r"(?:are |, )(.+?) \(\d+\)", str(error))


def test_a_misspelt_zone_is_the_nearest() -> None:
    """Of any name; a word that it shares with others is not enough."""
    # Every other zone: each is compared with all.
    for zone in [*zones().values()][::2]:
        if len(zone.name) > 4:  # of the others, too little is left
            assert _told(_misspelt(zone))[0] == zone.name


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
