"""The registry: what is compared is comparable, a decision leads on."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from fare_app.places import Places
from fare_app.words import LANGUAGES, texts

ShowPage = Callable[..., AppTest]
every_language = pytest.mark.parametrize("language", LANGUAGES)
GAINS = {
    name: {"gain": 0.02, "interval": [0.01, 0.03], "better_share": 0.99}
    for name in ("rmse", "mae")
}


def _change_history(
    registry: Path, change: Callable[[list[dict[str, Any]]], None]
) -> None:
    file = registry / "model_registry.json"
    document = json.loads(file.read_text())
    change(document["history"])
    file.write_text(json.dumps(document))


def _judged(history: list[dict[str, Any]]) -> None:
    """The second version against the first, on its own test month."""
    history[1] |= {"compared_with": "2023-05_v", "gains": GAINS}


def _told(shown: AppTest) -> str:
    assert not shown.exception
    kinds = ("markdown", "caption", "code")
    parts = [str(each.value) for kind in kinds for each in shown.get(kind)]
    return "\n".join(parts).replace("\\", "")


def _figures(shown: AppTest) -> list[Mapping[str, Any]]:
    """Return the tables that have a column for each of the two versions."""
    found = [each.value for each in shown.table]
    return [each for each in found if "2023-05_v" in {*_plain(each)}]


def _plain(table: Any) -> list[str]:
    return [str(name).replace("\\", "") for name in table.columns]


@every_language
def test_figures_of_different_months_are_said_not_to_compare(
    language: str, places: Places, show_page: ShowPage
) -> None:
    """Each with its month; what compares them is a command away."""
    shown = show_page("registry", places, language)
    text = _told(shown)
    assert texts(language)["registry.other_months"] in text
    assert texts(language)["registry.not_judged"] in text
    names = "2023-06_v 2023-05_v"
    assert f"taxi-fare registry compare {names} --month" in text
    (table,) = _figures(shown)
    rmse = [cell.replace("\\", "") for cell in table.loc["RMSE"]]
    assert ["2023-06" in rmse[0], "2023-05" in rmse[1]] == [True, True]
    for month in ("2023-05", "2023-06"):
        each = texts(language)["registry.of_month"].partition("}")[2]
        assert each.format(month=month) in " ".join(rmse)


def test_figures_of_one_month_need_no_warning(
    places: Places, show_page: ShowPage
) -> None:
    """Two versions of one test month, of which each figure says it."""
    file = places.registry / "versions/2023-05_v/manifest.json"
    document = json.loads(file.read_text())
    document["data"]["test_month"] = "2023-06"
    file.write_text(json.dumps(document))
    text = _told(show_page("registry", places))
    assert texts("en")["registry.other_months"] not in text


@every_language
@pytest.mark.parametrize("order", [("06", "05"), ("05", "06")])
def test_what_is_known_of_the_same_trips_comes_first(
    order: tuple[str, str], language: str, places: Places, show_page: ShowPage
) -> None:
    """The one that was judged beside the other, whichever is chosen first."""
    _change_history(places.registry, _judged)
    shown = show_page("registry", places, language)
    names = [f"2023-{month}_v" for month in order]
    shown.selectbox(key="beside_first").set_value(names[0])
    shown.selectbox(key="beside_second").set_value(names[1]).run()
    same, own = _figures(shown)
    assert _plain(same) == names == _plain(own)
    digits = {"2023-06_v": "4.12", "2023-05_v": "5.51"}
    for cell, name in zip(same.loc["RMSE"], names, strict=True):
        assert digits[name] in cell.replace(",", ".")
    text = _told(shown)
    known = texts(language)
    assert known["registry.judged"].format(month="2023-06") in text
    assert known["registry.not_judged"] not in text
    assert known["registry.compared"].partition("{how}")[2] in text


def test_a_pruned_version_is_still_beside_its_successor(
    places: Places, show_page: ShowPage
) -> None:
    """The history holds what both did on the same trips."""
    _change_history(places.registry, _judged)
    folder = places.registry / "versions/2023-05_v"
    (folder / "manifest.json").unlink()
    folder.rename(places.registry.parent / "gone")
    same = _figures(show_page("registry", places))[0]
    assert "5.51" in same.loc["RMSE"].str.cat()


def _many(history: list[dict[str, Any]]) -> None:
    """Twenty more decisions, of which each has its own reason."""
    first = history[0]
    more = [
        first
        | {
            "model_id": f"2022-{month:02d}_v{turn}",
            "test_month": f"2022-{month:02d}",
            "run_key": f"{month}-{turn}",
            "event": "refused",
            "reason": f"the reason number {month}-{turn}",
        }
        for turn in (1, 2)
        for month in range(1, 11)
    ]
    history[:0] = more


def _pages(shown: AppTest) -> list[str]:
    buttons = shown.get("download_button")
    labels = [each.proto.label for each in buttons]
    return [each for each in labels if each not in {"Data", "Données"}]


@every_language
def test_every_decision_is_told_in_full_and_leads_to_its_page(
    language: str, places: Places, show_page: ShowPage
) -> None:
    """Also one that was long ago."""
    _change_history(places.registry, _many)
    shown = show_page("registry", places, language)
    box = shown.selectbox(key="decision")
    assert len(box.options) == 22
    assert box.options[0] == box.value and "2023-06" in box.value
    known = texts(language)
    label = known["registry.page"]
    assert _pages(shown) == [label.format(month="2023-06")]
    assert "the reason number 1-1" not in _told(shown)
    box.select(box.options[-1]).run()
    text = _told(shown)
    assert "the reason number 1-1" in text
    assert _pages(shown) == []
    assert known["registry.no_page"].format(month="2022-01") in text


def test_a_page_of_a_later_run_is_said_to_be_that(
    places: Places, show_page: ShowPage
) -> None:
    """A month has one page, also where it was decided on twice."""
    _change_history(places.registry, _many)
    page = places.reports / "monthly/2022-03/report.html"
    page.parent.mkdir(parents=True)
    page.write_text("<!DOCTYPE html><title>March</title>")
    shown = show_page("registry", places)
    box = shown.selectbox(key="decision")
    said = {}
    for option in [each for each in box.options if "2022-03" in each]:
        shown.selectbox(key="decision").set_value(option).run()
        assert _pages(shown) == ["Report of 2022-03"]
        said[option[:2]] = "this one is of a later run" in _told(shown)
    assert said == {"13": False, "3.": True}
