"""Texts, places, charts and rides of the app; and no Spark in it."""

import ast
import re
import string
import subprocess
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from price_service import literal_model

from fare_app import charts, point_charts
from fare_app.colour_scales import MORE
from fare_app.dark_page import BACKGROUND, for_dark
from fare_app.drawn import drawn_in
from fare_app.history_chart import history
from fare_app.page import App
from fare_app.places import (
    REGISTRY_VARIABLE,
    REPORTS_VARIABLE,
    find_places,
)
from fare_app.price_curves import by_miles
from fare_app.rides import moment
from fare_app.watch_charts import accuracy_by_month, heat_map
from fare_app.words import LANGUAGES, Words, language_of, literal, texts
from fare_app.zone_changes import zone_changes, zone_rows, zone_shares
from fare_app.zone_map import TO_BOTH_SIDES, Coloured, zone_map
from taxi_fare.cli.dashboard import streamlit_command
from taxi_fare.core.columns import COLUMN_TITLES
from taxi_fare.core.errors import TaxiFareError, WrongUsageError
from taxi_fare.core.language import speaking
from taxi_fare.core.metrics import METRICS
from taxi_fare.core.zones import find_zone, zones
from taxi_fare.reports.monthly.words import feature
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.ride import Ride, usual_rate_code
from taxi_fare.training.policies import POLICIES

APP = Path(__file__).parents[2] / "streamlit_app"
MODULES = sorted(APP.rglob("*.py"))


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_streamlit_run_serves_this_machine_only() -> None:
    """As the command does; Streamlit's own default is every machine."""
    text = (APP / ".streamlit" / "config.toml").read_text()
    assert tomllib.loads(text)["server"]["address"] == "localhost"


def test_both_languages_say_the_same() -> None:
    """Equal keys, and equal gaps in each text."""
    english, french = texts("en"), texts("fr")
    assert list(english) == list(french)
    assert {key: _gaps(text) for key, text in english.items()} == {
        key: _gaps(text) for key, text in french.items()
    }


def test_every_policy_is_named() -> None:
    """In each language; one that was forgotten would be a code."""
    for language in LANGUAGES:
        assert {f"policy.{name}" for name in POLICIES} <= set(texts(language))


def test_every_text_is_used_and_every_used_text_exists() -> None:
    """Names that are put together count by their beginning."""
    named = (
        *("rule", "slice", "slice_price_bucket", "slice_airport"),
        "policy",
    )
    whole, beginnings = set(), {f"{name}." for name in named}
    for file in MODULES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            if isinstance(node, ast.JoinedStr):
                first = node.values[0]
                if isinstance(first, ast.Constant) and "." in first.value:
                    beginnings.add(first.value)
    pages = (".title", ".lead", ".menu")
    unused = [
        key
        for key in texts("en")
        if key not in whole
        and not key.endswith(pages)
        and not key.startswith(tuple(beginnings))
    ]
    assert unused == []
    sections = {key.split(".")[0] for key in texts("en")}
    asked = {
        each
        for each in whole
        if each.count(".") == 1
        and each.split(".")[0] in sections
        and each.split(".")[1].isidentifier()
    }
    assert asked - beginnings <= set(texts("en"))


def test_numbers_as_people_write_them() -> None:
    """In both languages, with a real minus sign."""
    english, french = Words("en"), Words("fr")
    assert english.dollars(-1234.5) == "−$1,234.50"
    assert french.dollars(-1234.5) == "−1\u202f234,50\xa0$"
    assert english.dollars(0.3, sign=True) == "+$0.30"
    assert english.percent(0.1234) == "12.3%"
    assert french.percent(None) == english.number(float("nan")) == "–"
    assert english.moment("2023-06-01T12:30:00+00:00") == (
        "2023-06-01 12:30 UTC"
    )


def test_the_language_follows_the_browser() -> None:
    """English where it speaks neither."""
    found = [language_of(each) for each in ("fr-CA", "de-DE", None)]
    assert found == ["fr", "en", "en"]
    assert set(found) == set(LANGUAGES)


def test_where_the_artefacts_are(tmp_path: Path) -> None:
    """Options, then the environment, then the first folder with some."""
    here, checkout = tmp_path / "here", tmp_path / "checkout"
    (checkout / "reports").mkdir(parents=True)
    here.mkdir()
    both = [here, checkout]
    assert (
        find_places([], environment={}, folders=both).reports
        == checkout / "reports"
    )
    (here / "models" / "registry").mkdir(parents=True)
    found = find_places([], environment={}, folders=both)
    assert (found.registry, found.reports) == (
        here / "models" / "registry",
        here / "reports",
    )
    variables = {REPORTS_VARIABLE: "/a"}
    assert find_places(
        [], environment=variables, folders=both
    ).reports == Path("/a")
    option = ["--reports-dir", "/b"]
    assert find_places(
        option, environment=variables, folders=both
    ).reports == Path("/b")


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--reports-dir"]])
def test_other_options_are_refused(arguments: list[str]) -> None:
    """With a message, not with the end of the process."""
    with pytest.raises(TaxiFareError, match="cannot be started"):
        find_places(arguments, environment={}, folders=[Path()])


def test_nothing_of_the_app_imports_spark(tmp_path: Path) -> None:
    """Every module of it, in a process of its own; from any folder."""
    code = (
        "import sys, taxi_fare.cli.main, fare_app.shell\n"
        "print([m for m in sys.modules if m.split('.')[0]"
        " in ('pyspark', 'py4j')])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{APP}:{APP.parent / 'src'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "[]"


def test_the_command_that_starts_the_app(tmp_path: Path) -> None:
    """No telemetry; folders are made absolute, and must be there."""
    places = {"--reports-dir": tmp_path, "--model-registry-path": None}
    command = streamlit_command(
        APP / "app.py", port=9000, host="localhost", places=places
    )
    assert command[1:5] == ["-m", "streamlit", "run", str(APP / "app.py")]
    assert "--browser.gatherUsageStats=false" in command
    assert command[-3:] == ["--", "--reports-dir", str(tmp_path)]
    with pytest.raises(TaxiFareError, match="no folder"):
        streamlit_command(
            APP / "app.py",
            port=9000,
            host="localhost",
            places={"--reports-dir": tmp_path / "none"},
        )


def test_a_registry_in_a_store_is_named_as_it_is() -> None:
    """No folder of this machine is made of its address."""
    place = {"--model-registry-path": "s3a://models/registry"}
    command = streamlit_command(
        APP / "app.py", port=9000, host="localhost", places=place
    )
    found = find_places(
        command[command.index("--") + 1 :], environment={}, folders=[Path()]
    )
    assert found.registry == "s3a://models/registry"
    assert found.legacy_model is None
    option = " --model-registry-path s3a://models/registry"
    assert found.options(registry=True).startswith(option)
    with pytest.raises(TaxiFareError, match="ftp://"):
        find_places(
            ["--model-registry-path", "ftp://models"],
            environment={},
            folders=[Path()],
        )


def _luminance(colour: str) -> float:
    """Return it as WCAG 2 defines it, in [0, 1]."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(colour: str, background: str) -> float:
    light, dark = sorted(
        (_luminance(colour), _luminance(background)), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


def test_colours_stand_out_in_both_modes() -> None:
    """At least 3 to 1 (WCAG 2, 1.4.11), with every step of the map's."""
    ends = (TO_BOTH_SIDES[0], TO_BOTH_SIDES[-1])
    for colour in (*charts.COLOURS, charts.OCHRE, *MORE, *ends):
        assert _contrast(colour, "#ffffff") >= 3.0, colour
        (drawn,) = _in_dark(colour)
        for background in (BACKGROUND, "#1a1917"):
            assert _contrast(drawn, background) >= 3.0, (colour, drawn)


def test_what_is_more_stands_out_more_in_both_modes() -> None:
    """The scale of a map is turned round; text on a mark is dark."""
    for scale, background in (
        (MORE, "#ffffff"),
        (_in_dark(*MORE), BACKGROUND),
    ):
        seen = [_contrast(colour, background) for colour in scale]
        assert seen == sorted(seen)
    for colour in (charts.ORANGE, charts.BLUE):
        drawn, text = _in_dark(colour, "white")
        assert _contrast(text, drawn) >= 4.5


def _in_dark(*colours: str) -> list[str]:
    """Return what the colours of points become."""
    figure = go.Figure(go.Bar(x=colours, y=colours, marker_color=colours))
    return list(for_dark(figure).data[0].marker.color)


@pytest.mark.parametrize("rings", [{}, {161: [[(-74.0, 40.7), (0.0, 1.0)]]}])
def test_a_map_has_other_colours_in_the_dark(rings: Any) -> None:
    """Of dots and outlines, and of the scale beside it; not other figures."""
    light = zone_map(_zone_values(), words=Words("en"), rings=rings)
    dark = for_dark(light)
    assert drawn_in(dark) == drawn_in(light)
    scales = [each.data[-1].marker.colorscale for each in (light, dark)]
    assert scales[0][0][1] == TO_BOTH_SIDES[0]
    assert [colour for _, colour in scales[1]] == _in_dark(*TO_BOTH_SIDES)
    for before, after in zip(
        light.layout.shapes, dark.layout.shapes, strict=True
    ):
        assert before.fillcolor in TO_BOTH_SIDES
        assert [after.fillcolor] == _in_dark(before.fillcolor)
        assert before.path == after.path


def test_a_histogram_counts_every_value_it_draws() -> None:
    """Shares are of all values, edges are round numbers."""
    values = [0.5] * 30 + [1.5] * 60 + [100.0] * 10
    figure = charts.histogram(
        values, words=Words("en"), x="x", limits=(0.0, 10.0), bins=10
    )
    bar = figure.data[0]
    assert sum(bar.y) == pytest.approx(90)
    assert list(bar.y[:2]) == [30.0, 60.0]
    assert set(bar.width) == {1.0}


def test_a_histogram_of_equal_values() -> None:
    """No division by a width of zero."""
    figure = charts.histogram(
        [5.0], words=Words("en"), x="x", limits=(5.0, 5.0)
    )
    assert sum(figure.data[0].y) == pytest.approx(100)


def test_drivers_say_their_sign() -> None:
    """Colour is not the only difference between more and less."""
    figure = charts.drivers({"a": 2.0, "b": -1.0}, Words("en"))
    assert list(figure.data[0].text) == ["+$2.00", "−$1.00"]
    assert figure.data[0].marker.color == (charts.ORANGE, charts.BLUE)


def test_error_and_bias_differ_in_shape() -> None:
    """Bars and diamonds."""
    groups = pd.DataFrame(
        {"name": ["a"], "count": [30], "mae": [1.0], "bias": [-0.5]}
    )
    for lying in (False, True):
        bar, marks = charts.group_bars(
            groups, words=Words("fr"), lying=lying
        ).data
        assert (bar.type, marks.marker.symbol) == ("bar", "diamond")


def test_a_day_of_the_week_in_a_month() -> None:
    """Any weekday and month is a date of that month."""
    for month in range(1, 13):
        for weekday in range(7):
            found = moment(year=2023, month=month, weekday=weekday, hour=5)
            assert (found.month, found.weekday()) == (month, weekday)
    assert moment(year=2023, month=6, weekday=3, hour=5) == datetime(
        2023, 6, 8, 5
    )


def test_the_rate_code_of_a_meter() -> None:
    """JFK's flat fare is for Manhattan, both ways; Newark is a dropoff."""
    zone = zones()
    pairs = {(132, 161): 2, (161, 132): 2, (132, 7): 1, (161, 1): 3}
    assert {
        (a, b): usual_rate_code(zone[a], zone[b]) for a, b in pairs
    } == pairs


@pytest.mark.parametrize(
    "name", ["my models", "it's", 'a "b"', "$HOME", "a;b", "a&b", "`id`", "*"]
)
def test_a_command_to_copy_means_what_it_says(
    name: str, tmp_path: Path
) -> None:
    """A shell takes each place for one word."""
    registry, reports = tmp_path / name / "registry", tmp_path / f"{name} r"
    found = find_places(
        [f"--model-registry-path={registry}", f"--reports-dir={reports}"],
        environment={},
        folders=[tmp_path],
    )
    app = App(found, Words("en"))
    for command in (
        app.command("eda_summary"),
        app.command("registry"),
        "taxi-fare" + found.options(registry=True),
    ):
        program = 'printf "%s\\n" "$@"'
        words = subprocess.run(
            ["bash", "-c", f"show() {{ {program}; }}\nshow {command}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        assert words[0] == "taxi-fare"
        assert words[words.index("--reports-dir") + 1] == str(reports)
        if "--model-registry-path" in words:
            at = words.index("--model-registry-path")
            assert words[at + 1] == str(registry)
    assert "--reports-dir" not in found.options(registry=True, reports=False)


@pytest.mark.parametrize("kind", ["option", "variable"])
def test_the_app_takes_and_shows_no_key(kind: str) -> None:
    """In neither of its two places."""
    place = "s3a://QXJ:JQX/QJJ@bucket/x"
    for variable, option in (
        (REPORTS_VARIABLE, "--reports-dir"),
        (REGISTRY_VARIABLE, "--model-registry-path"),
    ):
        given = [option, place] if kind == "option" else []
        environment = {} if given else {variable: place}
        with pytest.raises(WrongUsageError, match="something before") as seen:
            find_places(given, environment=environment, folders=[Path()])
        assert not re.search("[QXJ]{3}", str(seen.value))


@pytest.mark.parametrize(
    "text",
    ["[a](http://b)", "![](http://b)", "**a**", "<b>", ":red[a]", "a|b"],
)
def test_markdown_finds_nothing_in_what_files_say(text: str) -> None:
    """Each sign of its is escaped; a control is shown."""
    shown = literal(f"{text}\x1b[2J")
    assert not re.search(r"(?<!\\)[`*_\[\]<>|!]", shown)
    assert re.sub(r"\\(?=[`*_\[\]<>|!\\])", "", shown) == f"{text}\\x1b[2J"


def _zone_values() -> Coloured:
    return Coloured(
        "Bias", {161: -2.0, 236: 1.0, 132: 50.0}, {161: "much"}, True
    )


@pytest.mark.parametrize(
    "rings", [{}, {161: [[(-74.0, 40.7), (-73.9, 40.8)]]}]
)
def test_a_map_shows_every_zone_that_it_knows(rings: Any) -> None:
    """In its place, with its number; what is chosen is marked."""
    figure = zone_map(
        _zone_values(), words=Words("en"), rings=rings, chosen=236
    )
    named = {
        int(point[0]): (x, y)
        for trace in figure.data
        for point, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    }
    assert len(named) == (3 if rings else 260)
    assert len(figure.layout.shapes) == len(rings)
    for number, (x, y) in named.items():
        assert (zones()[number].longitude, zones()[number].latitude) == (x, y)
    assert figure.data[-1].customdata[0][0] == 236


def test_one_odd_zone_leaves_colours_to_the_others() -> None:
    """0 lies in the middle where figures have a sign."""
    values = dict.fromkeys(range(1, 100), 1.0) | {132: 5_000.0, 4: -3.0}
    low, high = Coloured("Bias", values, {}, True).limits()
    assert (low, high) == (-high, high)
    assert high < 10
    assert Coloured("Trips", {1: 3.0}, {}).limits() == (3.0, 4.0)
    assert Coloured("Trips", {}, {}).limits()[0] >= 0


def test_zones_change_by_percentage_points() -> None:
    """Rare ones, and what is no zone, are left out."""
    before = {"levels": {"161": 60, "236": 40, "nowhere": 5}, "count": 1_000}
    now = {"levels": {"161": 50, "4": 1, "1": 9}, "count": 2_000}
    shares = zone_shares(now, before)
    shown = zone_changes(shares, Words("en"))
    assert shown.values == pytest.approx({161: -3.5, 236: -4.0, 1: 0.45})
    assert shown.texts[161] == "6.00% before, 2.50% now"
    rows = zone_rows(shares, names=["June", "May"], words=Words("en"))
    zone = [row["Zone"] for row in rows]
    assert zone == [str(zones()[number]) for number in (236, 161, 1)]
    (row,) = zone_rows(
        shares, names=["June", "May"], words=Words("en"), chosen=161
    )
    assert row == rows[1]
    assert (row["#"], row["Trips"]) == ("2", "50")
    assert (row["June"], row["May"]) == ("2.50%", "6.00%")


def test_zones_without_a_reference_have_their_share() -> None:
    """Nothing says whether it was more before."""
    now = {"levels": {"161": 50, "236": 150}, "count": 200}
    shares = zone_shares(now, None)
    shown = zone_changes(shares, Words("en"), what="share")
    assert shown.values == {161: 25.0, 236: 75.0}
    assert shown.texts[161] == "25.00% of the trips"
    (first, _) = zone_rows(shares, names=["June"], words=Words("en"))
    assert [*first] == ["#", "Zone", "Trips", "June"]


def test_what_a_chart_draws_is_a_table() -> None:
    """Bars by the titles of their axes, series by name, cells by value."""
    words = Words("en")
    figure = charts.columns(
        ["00", "01"], values=[1.5, 2.5], words=words, y="$"
    )
    assert drawn_in(figure).to_pydict() == {"x": ["00", "01"], "$": [1.5, 2.5]}
    two = go.Figure(
        [
            go.Scatter(x=[1], y=[2], name="a"),
            go.Scatter(x=[3], y=[4], name="b"),
        ]
    )
    assert drawn_in(two).to_pydict() == {
        "series": ["a", "b"],
        "x": [1, 3],
        "y": [2, 4],
    }
    heat = go.Figure(go.Heatmap(x=["m", "n"], y=["a"], z=[[0.1, None]]))
    table = drawn_in(heat).to_pydict()
    assert table["x"] == ["m", "n"]
    assert table["value"][0] == 0.1
    assert drawn_in(go.Figure()).num_rows == 0


@pytest.mark.parametrize(
    ("count", "kind"), [(100, "scatter"), (20_001, "scattergl")]
)
def test_webgl_is_for_many_points_only(count: int, kind: str) -> None:
    """Not every browser has it."""
    paid = pd.Series(np.linspace(5, 50, count))
    figure = point_charts.against(
        paid, predicted=paid, words=Words("en"), limit=60.0
    )
    assert figure.data[0].type == kind


def _run(month: str, rmse: float, event: str, **more: Any) -> dict[str, Any]:
    figures = {"rmse": rmse, "mae": rmse / 3, "r2": 0.9}
    return {
        "test_month": month,
        "model_id": f"{month}_v",
        "event": event,
        "metrics": figures,
        "current_metrics": None,
        "compared_with": None,
    } | more


def test_what_cannot_be_compared_is_not_joined_by_a_line() -> None:
    """Months have gaps; the line is that of one model in production."""
    beside = {"rmse": 4.01, "mae": 1.3, "r2": 0.9}
    entries = [
        _run("2023-01", 4.0, "promoted"),
        _run(
            "2023-02",
            4.02,
            "kept",
            current_metrics=beside,
            compared_with="2023-01_v",
        ),
        _run(
            "2023-05",
            4.0001,
            "promoted",
            current_metrics=beside,
            compared_with="2023-01_v",
        ),
        _run(
            "2023-06",
            4.0,
            "refused",
            current_metrics=beside,
            compared_with="gone",
        ),
    ]
    figure = history(entries, Words("en"))
    new = next(x for x in figure.data if x.legendgroup == "new")
    assert new.mode == "markers"
    assert [*new.x] == [f"2023-0{month}-01" for month in (1, 2, 5, 6)]
    assert [*new.marker.symbol] == [
        *("circle", "circle-open", "circle", "circle-open")
    ]
    first, second, *_ = [
        x for x in figure.data if x.legendgroup == "production"
    ]
    assert [*first.x] == ["2023-01-01", "2023-02-01", "2023-05-01"]
    assert [*first.y] == [4.0, 4.01, 4.01]
    assert [*second.x] == ["2023-06-01"]
    # A hundredth of a dollar is no cliff.
    low, high = figure.layout.yaxis.range
    assert high - low > 0.05 * 4.0
    named = [x.name for x in figure.data if x.showlegend]
    assert len(named) == len({*named}) == 2
    assert not history([], Words("en")).layout.yaxis.range


def _watched(month: str, value: float) -> dict[str, Any]:
    figures = {"figures": {"rmse": value}, "intervals": None}
    return {
        "month": month,
        "model_id": "2023-01_v",
        "accuracy": figures,
        "drift": {"trip_distance": value / 100},
    }


def test_months_that_were_not_watched_are_gaps() -> None:
    """On an axis of time; no line goes over them, no column is left out."""
    months = [
        _watched("2023-02", 4.0),
        _watched("2023-03", 4.2),
        _watched("2023-06", 5.0),
    ]
    figure = accuracy_by_month(
        months,
        metric=METRICS["rmse"],
        learnt=["2022-12", "2023-01"],
        promoted=["2023-03", "2023-04"],
        words=Words("en"),
    )
    line, stars = figure.data
    assert [*line.x] == [f"2023-0{month}-01" for month in range(2, 7)]
    assert [*line.y] == [4.0, 4.2, None, None, 5.0]
    assert not line.connectgaps
    assert [*stars.x] == ["2023-03-01"]
    assert figure.layout.xaxis.type == "date"
    assert figure.layout.xaxis.range == ("2022-11-16", "2023-06-16")
    shaded = [(each.x0, each.x1) for each in figure.layout.shapes]
    assert shaded == [
        ("2022-11-16", "2022-12-16"),
        ("2022-12-16", "2023-01-16"),
    ]
    cells = heat_map(months, columns=["trip_distance"], words=Words("en"))
    (heat,) = cells.data
    assert [*heat.x] == [f"2023-0{month}" for month in range(2, 7)]
    assert [*heat.z[0]] == [0.04, 0.042, None, None, 0.05]


def test_the_disc_of_the_curve_is_the_price_of_the_ride() -> None:
    """Also of a ride shorter than the curve usually begins with."""
    predictor = FarePredictor(literal_model(), {})
    for miles, minutes in ((0.1, 1.0), (3.333, 17.0), (10.6, 40.0)):
        ride = Ride(
            find_zone("JFK Airport"),
            find_zone("Times Sq"),
            distance=miles,
            minutes=minutes,
            at=datetime(2023, 6, 15, 17, 30),
        )
        curve = by_miles(ride, predictor)
        (place,) = np.flatnonzero(curve.at == curve.here)
        (price,) = predictor.predict([ride.to_trip()])
        assert curve.prices.dollars[place] == price
        assert curve.at[0] <= miles and (np.diff(curve.at) > 0).all()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_features_are_called_as_in_the_report(language: Any) -> None:
    """The app has no second table of names, in either language."""
    for name in COLUMN_TITLES:
        with speaking(language):
            assert Words(language).feature(name) == feature(name)
