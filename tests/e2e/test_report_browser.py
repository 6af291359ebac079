"""The page of a run in a browser, as a manager opens it."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from taxi_fare.core.choices import LANGUAGES, Language
from taxi_fare.reports.monthly.pages import in_language

pytestmark = [pytest.mark.spark, pytest.mark.e2e]
# Wide, and as narrow as phones are.
WIDTHS = {"desktop": 1280, "phone": 360}


@pytest.fixture(scope="module")
def page_file(trained: Path) -> Path:
    """The page that a run wrote."""
    metrics = (trained / "reports" / "train_metrics.json").read_text()
    name: str = json.loads(metrics)["report"]
    return trained / "reports" / name


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=list(WIDTHS))
def test_the_page_opens_from_a_disk(
    width: int, scheme: str, browser: Browser, page_file: Path
) -> None:
    """Nothing else is asked for, nothing is complained about, nothing is
    wider than the screen, and the ground follows the light."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    asked: list[str] = []
    said: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: said.append(message.text))
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert page.inner_text("h1") == "Monthly report, April 2023"
    assert [url for url in asked if not url.startswith("data:")] == [
        page_file.as_uri()
    ]
    assert said == []
    widths = page.evaluate(
        "[document.documentElement.scrollWidth, window.innerWidth]"
    )
    assert widths[0] <= widths[1]
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    level = int(colour.split("(")[1].split(",")[0])
    assert (level < 64) == (scheme == "dark")
    context.close()


def test_bars_are_seen_and_text_is_not_cut(
    browser: Browser, page_file: Path
) -> None:
    """Each bar has the height of its line, and text what it needs."""
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(page_file.as_uri())
    heights = page.evaluate(
        "[...document.querySelectorAll('svg.bar rect')]"
        ".map(each => each.getBoundingClientRect().height)"
    )
    assert len(heights) > 20 and min(heights) > 8
    cut = page.evaluate(
        "[...document.querySelectorAll('.text, .label, dd, h2, p')]"
        ".filter(each => each.scrollWidth > each.clientWidth + 1"
        " && getComputedStyle(each).display !== 'inline')"
        ".map(each => each.textContent)"
    )
    assert cut == []
    page.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_column_is_cut_on_a_phone(
    language: Language, browser: Browser, page_file: Path
) -> None:
    """Tables are as wide as the screen, in every language."""
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(Path(in_language(str(page_file), language)).as_uri())
    wide = page.locator(".scroll").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth)"
        ".map(e => e.innerText)"
    )
    assert wide == []
    assert page.locator("html").get_attribute("lang") == language
    context.close()
