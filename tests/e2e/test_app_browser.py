"""The app in a browser, as a person opens it."""

import csv
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, Page
from price_service import literal_model, publish

from taxi_fare.core.documents import report_header
from taxi_fare.core.files import write_json
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.lake.simulated.month import simulate_month
from taxi_fare.registry.opening import open_registry

pytestmark = pytest.mark.e2e
PROGRAM = Path(sys.executable).parent / "taxi-fare"
PAGES = (
    *("", "quote", "quality", "watch", "errors", "data", "registry"),
    "limits",
)
# Wide, and as narrow as phones are.
SIZES = {
    "desktop": {"width": 1280, "height": 900},
    "phone": {"width": 390, "height": 844},
}
_MILLISECONDS = 30_000


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``taxi-fare dashboard`` in a folder with one report in it."""
    folder = tmp_path_factory.mktemp("app")
    write_json(
        folder / "reports" / "feature_importance.json",
        report_header("a-run", simulated=False)
        | {"feature_importance": {"trip_distance": 0.6, "pickup_hour": 0.4}},
    )
    yield from _served(folder)


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same where a month was explored, and a model is in production."""
    folder = tmp_path_factory.mktemp("explored")
    registry = open_registry(folder / "models" / "registry", Settings())
    publish(registry, "a-model", literal_model())
    raw = folder / "raw" / "yellow_tripdata_2023-04.parquet"
    simulate_month(raw, month=Month("2023-04"), trips=3_000, seed=11)
    for words in (
        ("ingest", "--months=2023-04", "--source=raw"),
        ("eda", "--months=2023-04"),
    ):
        subprocess.run(
            [PROGRAM, *words, "--data-base-path=lake"],
            cwd=folder,
            check=True,
            capture_output=True,
        )
    yield from _served(folder)


def _served(folder: Path) -> Iterator[str]:
    """Serve a folder while somebody looks at it."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [PROGRAM, "dashboard", "--port", str(port)]
    with subprocess.Popen(command, cwd=folder) as server:
        try:
            url = f"http://localhost:{port}"
            _wait_for(url, server)
            yield url
        finally:
            server.terminate()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(120):
        assert server.poll() is None, "the app ended by itself"
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=5).close()
        except (URLError, OSError):
            time.sleep(0.25)
        else:
            return
    raise AssertionError("the app does not answer")


def _open(browser: Browser, url: str, **options: object) -> Page:
    # Playwright types each option; a test passes one or two.
    page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
    page.goto(url)
    page.wait_for_selector("h1", timeout=_MILLISECONDS)
    return page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", PAGES)
def test_pages_open_by_their_address(
    path: str, size: str, browser: Browser, address: str
) -> None:
    """No error, and nothing wider than the screen."""
    page = _open(browser, f"{address}/{path}", viewport=SIZES[size])
    # Each page lacks something, and says what makes it.
    page.wait_for_selector(
        '[data-testid="stMain"] [data-testid="stCode"]', timeout=_MILLISECONDS
    )
    assert page.query_selector('[data-testid="stException"]') is None
    widths = page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]');"
        " return [m.scrollWidth, m.clientWidth]; })()"
    )
    assert widths[0] <= widths[1]
    page.context.close()


def test_a_person_walks_through_the_pages(
    browser: Browser, address: str
) -> None:
    """By the menu, in French as soon as it is chosen."""
    page = _open(browser, address, locale="en-US")
    page.get_by_text("Français").click()
    page.get_by_role("link", name="Qualité du modèle").click()
    page.wait_for_selector("text=Que vaut le modèle", timeout=_MILLISECONDS)
    page.wait_for_selector(".js-plotly-plot", timeout=_MILLISECONDS)
    assert page.get_by_text("Heure").count() > 0
    assert page.evaluate("document.documentElement.lang") == "fr"
    page.context.close()


@pytest.mark.parametrize(
    ("locale", "title"), [("fr-CA", "Combien"), ("en-GB", "What will")]
)
def test_the_language_of_the_browser(
    locale: str, title: str, browser: Browser, address: str
) -> None:
    """Until another is chosen."""
    page = _open(browser, address, locale=locale)
    assert title in page.inner_text("h1")
    page.wait_for_function(
        "lang => document.documentElement.lang === lang", arg=locale[:2]
    )
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_app_follows_the_light(
    scheme: str, browser: Browser, address: str
) -> None:
    """Dark background for whoever asked the system for it."""
    page = _open(browser, address, color_scheme=scheme)
    colour = page.evaluate(
        "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    )
    level = int(re.findall(r"\d+", colour)[0])
    assert (level < 64) == (scheme == "dark")
    page.context.close()


def test_nothing_is_sent_elsewhere(browser: Browser, address: str) -> None:
    """No telemetry, no fonts or scripts from other hosts."""
    context = browser.new_context()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(f"{address}/quality")
    page.wait_for_selector(".js-plotly-plot", timeout=_MILLISECONDS)
    page.wait_for_timeout(1_000)
    foreign = [url for url in asked if url.startswith("http")]
    assert [url for url in foreign if "//localhost:" not in url] == []
    context.close()


def test_a_choice_is_in_the_address(browser: Browser, explored: str) -> None:
    """It survives a reload, and a colleague who is sent it sees the same."""
    page = _open(browser, f"{explored}/data", locale="en-US")
    page.wait_for_selector(".js-plotly-plot .point", timeout=_MILLISECONDS)
    # The zone of the most trips lies in the middle of Manhattan.
    page.get_by_role("radio", name="Manhattan").click()
    page.wait_for_url(re.compile("data_view=Manhattan"))
    page.wait_for_timeout(2_000)
    page.locator(".js-plotly-plot .trace").nth(1).locator(".point").nth(
        20
    ).click(force=True)
    page.wait_for_selector("text=Shown alone: the", timeout=_MILLISECONDS)
    said = page.get_by_text("Shown alone: the").inner_text()
    page.wait_for_url(re.compile("data_zone="))
    shared = page.url
    page.reload()
    page.wait_for_selector(f"text={said}", timeout=_MILLISECONDS)
    other = _open(browser, shared, locale="fr-FR")
    other.wait_for_selector(f"text={said}", timeout=_MILLISECONDS)
    other.context.close()
    page.context.close()


def test_the_price_stays_in_view_on_a_phone(
    browser: Browser, explored: str
) -> None:
    """Whole, at the lower edge, while the first fields are on the screen."""
    page = _open(browser, f"{explored}/quote", viewport=SIZES["phone"])
    price = page.locator(".st-key-price")
    price.wait_for(timeout=_MILLISECONDS)
    page.wait_for_timeout(1_000)
    box = price.bounding_box()
    height, width = (SIZES["phone"][x] for x in ("height", "width"))
    assert box is not None
    assert height - 20 < box["y"] + box["height"] <= height
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    for value in price.get_by_test_id("stMetricValue").all():
        wanted, there = value.evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert wanted <= there, value.inner_text()
    page.context.close()


# How far toolbars of tables are below whatever stands above, in pixels.
_ROOM = """() => [...document.querySelectorAll(
  '[data-testid="stElementToolbar"]')].map(bar => {
    let above = bar;
    while (!above.previousElementSibling?.getBoundingClientRect().height
      || above.getAttribute('data-testid') !== 'stElementContainer')
      above = above.parentElement;
    return bar.getBoundingClientRect().top
      - above.previousElementSibling.getBoundingClientRect().bottom;
  })"""


def test_no_toolbar_lies_on_a_text_where_nothing_hovers(
    browser: Browser, explored: str
) -> None:
    """Fingers do not hover: toolbars are shown all the time."""
    page = _open(
        browser,
        f"{explored}/registry",
        viewport=SIZES["phone"],
        has_touch=True,
        is_mobile=True,
    )
    page.wait_for_selector(
        '[data-testid="stDataFrame"]', timeout=_MILLISECONDS
    )
    page.wait_for_timeout(2_000)
    room = page.evaluate(_ROOM)
    assert room and min(room) >= 0
    assert page.locator(".modebar-group:visible").count() == 0
    page.context.close()


def test_what_a_chart_draws_can_be_saved(
    browser: Browser, explored: str
) -> None:
    """As CSV: here the zones of the map, with their numbers."""
    page = _open(browser, f"{explored}/data", locale="en-US")
    page.wait_for_selector(".js-plotly-plot .point", timeout=_MILLISECONDS)
    with page.expect_download(timeout=_MILLISECONDS) as saved:
        page.get_by_role("button", name="Data").first.click()
    assert saved.value.suggested_filename == "data_map.csv"
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    drawn = {row["zone"]: row for row in csv.DictReader(text.splitlines())}
    assert {"132", "161", "237"} <= {*drawn}
    assert float(drawn["237"]["value"]) > 40
    assert -74.1 < float(drawn["237"]["x"]) < -73.9
    page.context.close()
