"""Every page, with and without artefacts, in both languages."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from fare_app import zone_choice
from fare_app.artefacts import ARTEFACTS
from fare_app.charts import BLUE
from fare_app.dark_page import LIFTED
from fare_app.places import Places
from fare_app.ride_form import ride_address
from fare_app.shell import PAGES
from fare_app.words import LANGUAGES, Words, texts
from taxi_fare.core.intervals import INTERVALS_FILE

ShowPage = Callable[..., AppTest]
every_page = pytest.mark.parametrize("page", PAGES)
every_language = pytest.mark.parametrize("language", LANGUAGES)
PAID = "chart.mean_paid"
# What the figures of the fixture must become.
FIGURES = {
    "overview": ("$4.12", "$1.43", "0.911", "29,941", "3 of 3"),
    "quote": ("$20.00", "half paid between", "model would say"),
    "quality": ("$4.12", "$5.51", "0.871", "400", "12.3"),
    "watch": ("2023-05\\_v", "they differ from those of", "Missing now"),
    "backtest": ("frozen", "4.244", "−2.0%", "one month in 3", "2019-06"),
    "errors": ("+$0.25", "57.7%", "$350.30", "a_new_cause", "above $60"),
    "data": ("400", "99.93%", "Dropoff time missing", "a_new_rule"),
    "registry": ("2023-06_v", "2023-05_v", "0123456789ab"),
    "limits": ("$4.12", "2023-06_v", "0.911"),
}


def _text(shown: AppTest) -> str:
    """Return everything that a reader reads."""
    assert not shown.exception, [each.message for each in shown.exception]
    kinds = ("title", "markdown", "caption", "code", "info", "warning")
    parts = [each.value for kind in kinds for each in shown.get(kind)]
    parts += [f"{each.label} {each.value}" for each in shown.metric]
    parts += [each.value.to_csv() for each in (*shown.dataframe, *shown.table)]
    return "\n".join(map(str, parts)).replace("\\$", "$")


@every_language
@every_page
def test_a_page_shows_what_is_there(
    page: str, language: str, places: Places, show_page: ShowPage
) -> None:
    """No error, no message that something is missing or damaged."""
    shown = show_page(page, places, language)
    known = texts(language)
    assert known[f"{page}.title"] in _text(shown)
    assert not shown.warning
    assert known["missing.text"][:12] not in _text(shown)


@every_page
def test_a_page_shows_the_figures_of_the_reports(
    page: str, places: Places, show_page: ShowPage
) -> None:
    """As they are in the files, rounded for people."""
    text = _text(show_page(page, places))
    assert [each for each in FIGURES[page] if each not in text] == []


@every_language
@every_page
def test_a_page_without_artefacts_names_the_command(
    page: str, language: str, nothing: Places, show_page: ShowPage
) -> None:
    """With the folders that the app looks into."""
    text = _text(show_page(page, nothing, language))
    assert texts(language)["missing.text"][:12] in text
    assert "taxi-fare " in text
    assert f"--reports-dir {nothing.reports}" in text


@every_page
def test_a_damaged_file_is_a_message(
    page: str, places: Places, show_page: ShowPage
) -> None:
    """Neither a traceback nor an empty page."""
    for file in places.reports.rglob("*.*"):
        file.write_bytes(b'{"half": ')
    (places.registry / "model_registry.json").write_text("[]")
    shown = show_page(page, places)
    assert "Cannot be shown" in _text(shown)


@every_page
def test_a_report_of_another_shape_is_a_message(
    page: str, places: Places, show_page: ShowPage
) -> None:
    """JSON, but not what this version writes."""
    for file in places.reports.rglob("*.json"):
        file.write_text('{"simulated": 1, "data": 3, "metrics": []}')
    (places.reports / "eda_sample.csv").write_text("a,b\n1,2\n")
    shown = show_page(page, places)
    assert not shown.exception
    if page not in {"quote", "registry"}:  # which read no report
        assert "Cannot be shown" in _text(shown)


def test_charts_follow_the_page_into_the_dark(
    places: Places, show_page: ShowPage
) -> None:
    """As far as Streamlit tells which theme the reader has."""
    shown = show_page("data", places)
    for theme, colour in (("dark", LIFTED[BLUE]), ("light", BLUE)):
        shown.context["theme"] = theme
        shown.run()
        specs = [each.proto.spec for each in shown.get("plotly_chart")]
        assert sum(f'"color":"{colour}"' in spec for spec in specs) > 2


def test_a_file_that_changes_is_read_again(
    places: Places, show_page: ShowPage
) -> None:
    """Caches are for files, not for names."""
    file = places.reports / "feature_importance.json"
    shown = show_page("quality", places)
    assert not shown.warning
    file.write_text("{")
    shown = shown.run()
    assert len(shown.warning) == 1


def _pages_offered(shown: AppTest) -> list[str]:
    """Each chart offers its data as well."""
    labels = [each.proto.label for each in shown.get("download_button")]
    return [label for label in labels if label != "Data"]


def test_the_page_of_the_last_run_is_offered(
    places: Places, show_page: ShowPage
) -> None:
    """Where it is there, and no file outside of the reports in its place."""
    shown = show_page("overview", places)
    assert _pages_offered(shown) == ["Report of this run"]
    file = places.reports / "train_metrics.json"
    document = json.loads(file.read_text())
    secret = places.reports.parent / "secret.html"
    secret.write_text("not for the app")
    for name in ("monthly/2023-01/report.html", "../secret.html", str(secret)):
        file.write_text(json.dumps(document | {"report": name}))
        shown = show_page("overview", places)
        assert not _pages_offered(shown) and not shown.exception
    del document["report"]
    file.write_text(json.dumps(document))
    shown = show_page("overview", places)
    assert not _pages_offered(shown) and not shown.warning


def test_simulated_trips_are_announced_on_every_page(
    places: Places, show_page: ShowPage
) -> None:
    """As soon as one of the reports is about them."""
    file = places.reports / "predict_report.json"
    file.write_text(file.read_text().replace("false", "true"))
    for page in PAGES:
        shown = show_page(page, places)
        assert "Simulated trips" in shown.warning[0].value


def test_a_ride_is_priced_anew_with_each_answer(
    places: Places, show_page: ShowPage
) -> None:
    """Distance decides, and odd rides are remarked on."""
    shown = show_page("quote", places)
    assert shown.metric[0].value == r"\$20.00"
    shown.number_input(key="distance").set_value(17.0)
    shown.selectbox(key="pickup").set_value(132)
    shown.selectbox(key="month").set_value(12)
    shown.run()
    text = _text(shown)
    assert shown.metric[0].value == r"\$50.00"
    assert "JFK Airport (132) has too few trips" in text
    assert "distance, miles: 17.0 is beyond" in text
    assert "special about December" in text
    assert "similar trips" not in text


@every_language
def test_what_the_model_says_of_a_ride_is_beside_the_price(
    language: str, places: Places, show_page: ShowPage
) -> None:
    """As the command and the service say it, in the reader's language."""
    shown = show_page("quote", places, language)
    shown.selectbox(key="dropoff").set_value(161)
    shown.run()
    assert texts(language)["note.same_zone"] in shown.warning[0].value


@pytest.mark.parametrize(
    ("miles", "minutes", "words"),
    [(2.0, 40.0, "By air it is 9.6 miles"), (60.0, 20.0, "60.0 miles in 20")],
)
def test_a_ride_that_cannot_be_is_said_to_be(
    miles: float,
    minutes: float,
    words: str,
    places: Places,
    show_page: ShowPage,
) -> None:
    """From JFK to the Upper East Side in two miles, or at 180 an hour."""
    shown = show_page("quote", places)
    assert "is a guess" not in _text(shown)
    shown.selectbox(key="pickup").set_value(132)
    shown.number_input(key="distance").set_value(miles)
    shown.number_input(key="minutes").set_value(minutes)
    text = _text(shown.run())
    assert words in text and "is a guess" in text


def test_the_last_quotes_lie_beside_each_other(
    places: Places, show_page: ShowPage
) -> None:
    """The newest on top, each once, five of them."""
    shown = show_page("quote", places)
    assert "Your last quotes" not in [each.value for each in shown.subheader]
    for miles in (3.0, 4.0, 3.0, 5.0, 6.0, 7.0, 8.0):
        shown.number_input(key="distance").set_value(miles).run()
    assert "Your last quotes" in [each.value for each in shown.subheader]
    rows = shown.dataframe[-1].value
    assert [*rows["Distance (miles)"]] == ["8.0", "7.0", "6.0", "5.0", "4.0"]


@every_language
def test_the_interval_is_as_sure_as_the_reader_chooses(
    language: str, places: Places, show_page: ShowPage
) -> None:
    """In the sentence, in the band of the curves, and in the last quotes."""
    words = Words(language)
    shown = show_page("quote", places, language)
    for stated in (90, 80, 95):
        if stated != 90:
            choice = shown.segmented_control(key="coverage")
            shown = choice.set_value(str(stated)).run()
        text = _text(shown)
        begin = words("quote.interval", stated=stated, low="", high="")[:20]
        assert begin in text
        band = words("quote.band_of", stated=stated)
        charts = [each.proto.spec for each in shown.get("plotly_chart")]
        assert any(json.dumps(band)[1:-1] in each for each in charts)
    (last,) = (
        each.value
        for each in shown.dataframe
        if words("quote.likely") in each.value
    )
    told = [each.split("%")[0].strip() for each in last.iloc[:, -1]]
    assert told == ["95", "80", "90"]


def test_a_trip_opens_in_the_quote(places: Places, tmp_path: Path) -> None:
    """What was predicted badly is priced again, by its address alone."""
    script = tmp_path / "script.py"
    folders = f"Path({str(places.registry)!r}), Path({str(places.reports)!r})"
    script.write_text(
        "from pathlib import Path\n"
        "from fare_app.places import Places\n"
        "from fare_app.shell import main\n"
        f"main('quote', Places({folders}))\n"
    )
    trip = {
        "PULocationID": "132",
        "DOLocationID": "999",
        "trip_distance": 12.5,
        "trip_duration_min": 31.4,
        "passenger_count": 2.0,
        "pickup_hour": 7.0,
        "pickup_dayofweek": 5.0,
        "pickup_month": 3.0,
        "payment_type": "2",
        "RatecodeID": "unknown",
    }
    page, _, query = ride_address(trip, Words("fr")).partition("?")
    shown = AppTest.from_file(script, default_timeout=60)
    for name, values in parse_qs(query).items():
        shown.query_params[name] = values[0]
    shown.run()
    assert (page, shown.exception) == ("quote", [])
    asked = {
        each.key: each.value
        for each in (*shown.selectbox, *shown.number_input)
    }
    assert asked["pickup"] == 132
    assert asked["dropoff"] == 236  # the usual one: there is no zone 999
    assert (asked["distance"], asked["minutes"]) == (12.5, 31.0)
    assert (asked["passengers"], asked["payment"]) == (2, 2)
    assert (asked["hour"], asked["weekday"], asked["month"]) == (7, 5, 3)
    assert shown.title[0].value == texts("fr")["quote.title"]


def test_two_versions_are_beside_each_other(
    places: Places, show_page: ShowPage
) -> None:
    """Parameters, importance, and what each asks for the same ride."""
    shown = show_page("registry", places)
    text = _text(shown)
    assert "depth 6" in text
    assert "The same ride, Midtown Center" in text
    assert "2023-06: Promoted.** " in text
    charts = [each.proto.spec for each in shown.get("plotly_chart")]
    assert any("2023-05_v" in each and "2023-06_v" in each for each in charts)


@every_language
@pytest.mark.parametrize("page", ["overview", "quality", "registry"])
def test_the_error_before_the_ride_is_beside_the_one_after_it(
    page: str, language: str, places: Places, show_page: ShowPage
) -> None:
    """A reader who asks for a price before the ride needs this one."""
    words = Words(language)
    text = _text(show_page(page, places, language))
    told = ", ".join(
        (
            f"RMSE {words.dollars(7.65)}",
            f"MAE {words.dollars(3.21)}",
            f"R² {words.number(0.702, digits=3)}",
        )
    )
    assert words("metric.before_the_ride", metrics=told) in text
    # Of the two versions side by side as well, each in its column.
    beside = f'{words("registry.before_the_ride")},"'
    rows = [line for line in text.splitlines() if line.startswith(beside)]
    assert len(rows) == (1 if page == "registry" else 0)
    assert all(row.count("MAE") == 2 for row in rows)


def test_a_version_that_was_not_measured_before_the_ride(
    places: Places, show_page: ShowPage
) -> None:
    """Older ones were not: nothing is told, and the page is whole."""
    for file in places.registry.glob("versions/*/manifest.json"):
        document = json.loads(file.read_text())
        del document["before_the_ride"]
        file.write_text(json.dumps(document))
    shown = show_page("registry", places)
    assert not shown.warning
    assert "Before the ride,–,–" in _text(shown)


def test_a_version_without_a_portable_model_is_said_so(
    places: Places, show_page: ShowPage
) -> None:
    """With a command that is not recognised as done before."""
    folder = places.registry / "versions" / "2023-06_v"
    (folder / "portable" / "model.json").unlink()
    assert "is damaged: portable" in _text(show_page("quote", places))
    # As one that was made before there were any.
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in ("portable/model.json", INTERVALS_FILE):
        del manifest["files"][name]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / INTERVALS_FILE).unlink()
    (folder / "portable").rmdir()
    text = _text(show_page("quote", places))
    assert "has no portable model" in text
    assert "--force" in text


@every_page
def test_a_page_takes_a_second_of_the_server_at_most(
    page: str, places: Places, show_page: ShowPage
) -> None:
    """With as many trips as the demo has; of CPU, whoever else has it."""
    sample = places.reports / "eda_sample.csv"
    heading, *rows = sample.read_text().splitlines()
    sample.write_text("\n".join([heading, *rows * (10_000 // len(rows))]))
    (predicted,) = (places.reports / "predictions").glob("*.parquet")
    table = pq.read_table(predicted)
    whole = pa.concat_tables([table] * (20_000 // table.num_rows))
    pq.write_table(whole, predicted)
    shown = show_page(page, places)
    seconds = []
    for _ in range(3):
        before = time.process_time()
        shown.run()
        seconds.append(time.process_time() - before)
    assert not shown.exception
    assert min(seconds) < 1.0


def test_the_flat_fare_to_jfk_is_proposed(
    places: Places, show_page: ShowPage
) -> None:
    """From the zones, unless a person says otherwise."""
    shown = show_page("quote", places)
    shown.selectbox(key="dropoff").set_value(132)
    shown.run()
    assert "JFK flat fare" in shown.selectbox(key="rate_code").options[0]


def test_filters_of_the_data_page(places: Places, show_page: ShowPage) -> None:
    """Fewer trips; hardly any of them is said, not drawn."""
    shown = show_page("data", places)
    shown.slider(key="hours").set_value((0, 11)).run()
    assert 100 < int(shown.metric[0].value) < 300
    shown.multiselect(key="payments").set_value(["1"]).run()
    assert not shown.exception
    for key in ("days", "dropoffs"):
        box = shown.multiselect(key=key)
        box.select(box.options[0]).run()
        assert not shown.exception
        shown.multiselect(key=key).set_value([]).run()
    shown.slider(key="hours").set_value((3, 3)).run()
    shown.slider(key="hours").set_value((0, 23)).run()
    for quantity in ("trip_distance", "trip_duration_min", "per_mile"):
        shown.segmented_control(key="quantity").set_value(quantity).run()
        assert not shown.exception


def test_a_zone_of_the_data_page_is_in_its_figures(
    places: Places, show_page: ShowPage
) -> None:
    """Those above the map too, whichever end the map is of."""
    sample = places.reports / "eda_sample.csv"
    heading, *rows = sample.read_text().splitlines()
    others = [row.replace(",161,236,", ",236,161,") for row in rows[:100]]
    sample.write_text("\n".join([heading, *others, *rows[100:]]))
    shown = show_page("data", places)
    assert shown.metric[0].value == "400"
    shown.selectbox(key="data_zone").set_value(161).run()
    assert shown.metric[0].value == "300"
    assert "the **300** trips from Midtown Center" in _text(shown)
    shown.segmented_control(key="data_end").set_value("dropoff").run()
    shown.selectbox(key="data_zone").set_value(161).run()
    assert shown.metric[0].value == "100"
    assert "the **100** trips to Midtown Center" in _text(shown)


def test_a_zone_of_the_errors_page_is_in_all_of_it(
    places: Places, show_page: ShowPage
) -> None:
    """In figures that know it, in the worst; the others say they do not."""
    file = places.reports / "error_summary.json"
    document = json.loads(file.read_text())
    (trip,) = document["worst_errors"]
    features = trip["features"] | {"PULocationID": "161"}
    document["worst_errors"].append(trip | {"features": features})
    figures = {"rmse": 3.21, "bias": -0.4}
    levels = {"161": {"rows": 77, "figures": figures}}
    file.write_text(json.dumps(document | {"by": {"pickup_zone": levels}}))
    shown = show_page("errors", places)
    of_all = "are of all test trips"
    assert of_all not in _text(shown)
    assert "worst, those" not in _text(shown)
    shown.selectbox(key="errors_zone").set_value(161).run()
    text = _text(shown).replace("\\", "")
    assert text.count(of_all) == 2
    assert "from Midtown Center (161): **77**; RMSE $3.21" in text
    assert "1 of the 2 worst, those from Midtown Center (161)" in text
    assert text.count("paid $350.30") == 1
    shown.segmented_control(key="error_end").set_value("dropoff").run()
    shown.selectbox(key="errors_zone").set_value(236).run()
    text = _text(shown).replace("\\", "")
    assert "**77**" not in text
    assert "0 of the 2 worst, those to Upper East Side North" in text


def test_colours_of_the_map_of_errors(
    places: Places, show_page: ShowPage
) -> None:
    """Error, bias, trips and price, each drawn."""
    shown = show_page("errors", places)
    for name in ("mae", "bias", "trips", "total"):
        shown.segmented_control(key="error_colour").set_value(name).run()
        assert not shown.exception and not shown.warning
        title = texts("en")[f"chart.{name}" if name != "total" else PAID]
        specs = [each.proto.spec for each in shown.get("plotly_chart")]
        assert sum(f'"text":"{title}"' in spec for spec in specs) >= 1


def _rows_of_zones(shown: AppTest) -> list[list[str]]:
    """Return the zones of the watch: name, then shares and change."""
    (table,) = [x.value for x in shown.dataframe if "Zone" in x.value]
    rows: list[list[str]] = table.drop(columns=["#", "Trips"]).values.tolist()
    return rows


def test_the_map_of_the_watch_is_always_there(
    places: Places, show_page: ShowPage
) -> None:
    """Of pickups beside the train months; ends and reference are chosen."""
    midtown, east = "Midtown Center (161)", "Upper East Side North (236)"
    shown = show_page("watch", places)
    assert _rows_of_zones(shown) == [
        [midtown, "60.00%", "20.00%", "40.00"],
        [east, "40.00%", "80.00%", "−40.00"],
    ]
    reference = shown.segmented_control(key="watched_reference")
    assert reference.options[1] == "the month before (2023-05)"
    reference.set_value("month_before").run()
    assert [row[3] for row in _rows_of_zones(shown)] == ["10.00", "−10.00"]
    shown.selectbox(key="watched_zone").set_value(161).run()
    assert _rows_of_zones(shown) == [[midtown, "60.00%", "50.00%", "10.00"]]
    assert "**Midtown Center (161)**: 60 trips in 2023-06" in _text(
        shown
    ).replace("\\", "")
    shown.segmented_control(key="watched_colour").set_value("share").run()
    shown.segmented_control(key="watched_end").set_value("dropoff").run()
    assert _rows_of_zones(shown) == [[east, "100.00%", "100.00%", "0.00"]]


def test_changes_of_zones_are_numbers_in_french(
    places: Places, show_page: ShowPage
) -> None:
    """Not marked as what a spreadsheet would take for a formula."""
    shown = show_page("watch", places, "fr")
    (table,) = [x.value for x in shown.dataframe if "Zone" in x.value]
    assert [*table.iloc[:, -1]] == ["40,00", "−40,00"]


def test_the_map_of_the_watch_needs_no_reference(
    places: Places, show_page: ShowPage
) -> None:
    """Then it shows the month alone; without its profile there is none."""
    watch = places.reports / "watch"
    (watch / "models" / "2023-05_v.json").unlink()
    shown = show_page("watch", places)
    reference = shown.segmented_control(key="watched_reference")
    assert reference.options == ["the month before (2023-05)"]
    (watch / "profiles" / "2023-05.json").unlink()
    shown = show_page("watch", places)
    assert len(_rows_of_zones(shown)[0]) == 2
    (watch / "profiles" / "2023-06.json").unlink()
    shown = show_page("watch", places)
    assert not shown.exception
    assert not [x for x in shown.dataframe if "Zone" in x.value]


@pytest.mark.parametrize("content", [None, "no json", '{"features": []}'])
def test_shapes_that_are_not_there_or_damaged_are_told(
    content: str | None,
    places: Places,
    show_page: ShowPage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By different sentences; the map has dots in either case."""
    file = tmp_path / "taxi_zones.geojson"
    if content is not None:
        file.write_text(content)
    found = file if content is not None else None
    monkeypatch.setattr(zone_choice, "shapes_file", lambda: found)
    shown = show_page("data", places)
    assert not shown.exception
    told = _text(shown).replace("\\", "")
    is_damaged = "taxi_zones.geojson** is damaged" in told
    assert is_damaged is (content is not None)
    assert "taxi-fare zones fetch" in told


@pytest.mark.parametrize(
    "by",
    [
        *("weekday", "pickup_borough", "dropoff_zone", "pickup_zone"),
        *("payment", "distance"),
    ],
)
def test_errors_are_compared_by(
    by: str, places: Places, show_page: ShowPage
) -> None:
    """Every group that is offered."""
    shown = show_page("errors", places)
    shown.selectbox(key="group_by").set_value(by).run()
    assert not shown.exception and not shown.warning


def test_the_language_is_chosen_in_the_sidebar(
    places: Places, show_page: ShowPage
) -> None:
    """At once, and numbers with it."""
    shown = show_page("overview", places)
    shown.segmented_control(key="language").set_value("fr").run()
    assert shown.title[0].value == "Combien coûtera la course ?"
    assert any("4,12" in each.value for each in shown.metric)


def test_the_overview_has_one_light_and_says_how_old_things_are(
    places: Places, show_page: ShowPage
) -> None:
    """What the last month that was watched calls for, and what comes next."""
    shown = show_page("overview", places)
    (light,) = shown.error
    assert "2023-06: act" in light.value
    told = {each.label: each.value for each in shown.metric}
    assert told["The model learnt until"] == "2023-04"
    assert told["Newest month here"] == "2023-06"
    assert told["Next month"] == "2023-07"
    assert told["Last decision"] == "Promoted"
    captions = [each.value for each in shown.caption]
    assert "published since the end of 2023-09" in captions
    assert shown.get("plotly_chart")
    (places.reports / "watch" / "series.json").unlink()
    shown = show_page("overview", places)
    assert not shown.error and not shown.get("plotly_chart")


@every_language
@pytest.mark.parametrize("page", ["overview", "watch"])
def test_what_intervals_held_is_told_by_price(
    page: str, language: str, places: Places, show_page: ShowPage
) -> None:
    """An interval that holds 90 % of all may hold few of the dear ones."""
    words = Words(language)
    shown = show_page(page, places, language)
    (table,) = (
        each.value
        for each in shown.dataframe
        if words("held.width", stated=90) in each.value
    )
    expected = [
        ("all_trips", 9_970, (0.812, 0.913, 0.957), 5.9),
        ("low", 1_994, (0.801, 0.882, 0.94), 3.1),
        ("very_high", 7_976, (0.75, 0.861, 0.93), 21.5),
    ]
    assert table.to_numpy().tolist() == [
        [
            words(f"slice_price_bucket.{name}"),
            words.number(rows),
            *map(words.percent, shares),
            words.dollars(width),
        ]
        for name, rows, shares, width in expected
    ]


def test_predictions_that_nobody_paid_yet_have_no_such_table(
    places: Places, show_page: ShowPage
) -> None:
    """Nor have those of a version without intervals."""
    file = places.reports / "predict_report.json"
    document = json.loads(file.read_text())
    for changed in (document | {"intervals": None}, document):
        changed.pop("intervals", None)
        file.write_text(json.dumps(changed))
        shown = show_page("overview", places)
        assert "Mean width" not in _text(shown)


def test_an_empty_app_says_how_to_begin(
    nothing: Places, show_page: ShowPage
) -> None:
    """The demo first, then real months in the order in which they work."""
    codes = [each.value for each in show_page("overview", nothing).code]
    assert "taxi-fare demo\ntaxi-fare dashboard --demo" in codes
    (real,) = [each for each in codes if each.startswith("taxi-fare ingest")]
    assert real.splitlines()[1].startswith("taxi-fare pipeline")


def test_an_app_that_has_something_does_not_begin_again(
    places: Places, show_page: ShowPage
) -> None:
    """Who has months of his own needs no demo."""
    codes = [each.value for each in show_page("overview", places).code]
    assert not any("taxi-fare demo" in each for each in codes)


def test_what_is_there_is_listed_at_the_end_of_limits(
    places: Places, show_page: ShowPage
) -> None:
    """With the command for each file that lacks."""
    (places.reports / "eda_sample.csv").unlink()
    shown = show_page("limits", places)
    (table,) = [each.value for each in shown.dataframe]
    assert set(table["File"]) == {each.file for each in ARTEFACTS.values()}
    assert any("taxi-fare eda" in each.value for each in shown.code)


def test_commands_name_the_months_of_the_last_run(
    places: Places, show_page: ShowPage
) -> None:
    """So that what is missing fits what is there."""
    (places.reports / "eda_sample.csv").unlink()
    text = _text(show_page("data", places))
    assert "taxi-fare eda --months 2023-03..2023-05" in text


def test_a_pruned_version_and_an_empty_slot(
    places: Places, show_page: ShowPage
) -> None:
    """The history outlives the version."""
    shown = show_page("registry", places)
    folder = places.registry / "versions" / "2023-05_v"
    folder.rename(folder.with_name(".gone"))
    shown.selectbox(key="version").set_value("2023-05_v").run()
    assert "pruned" in _text(shown)


def test_the_entry_file_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """``streamlit run streamlit_app/app.py``, in a folder with nothing."""
    file = Path(__file__).parents[2] / "streamlit_app" / "app.py"
    shown = AppTest.from_file(file, default_timeout=60).run()
    assert not shown.exception
    assert shown.title[0].value
    assert ARTEFACTS
