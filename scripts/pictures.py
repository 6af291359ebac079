"""
Draw the pictures of the README: the app and the report, on the demo.

``make pictures`` makes the demo first; the app is opened in Chromium.
"""

import io
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import (
    Browser,
    Page,
    ViewportSize,
    sync_playwright,
)

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
DEMO = Path("demo")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_SIZE = ViewportSize(width=1280, height=860)
_CHART = "canvas, svg.main-svg"
# Small enough for a repository, large enough to be read.
_WIDTH, _COLOURS = 1000, 96


def main() -> None:
    """Draw those of the README."""
    (report,) = sorted(DEMO.glob("reports/monthly/*/report.html"))[-1:]
    with _browser() as browser:
        with _app("--demo", folder=Path()) as address:
            for page in ("quality", "quote"):
                url = f"{address}/{page}"
                _draw(browser, url, _CHART, FOLDER / f"app-{page}.png")
        url = report.absolute().as_uri()
        _draw(browser, url, "table", FOLDER / "report.png")


def draw_page(page: str, name: str, *, folder: Path) -> None:
    """Draw a page of the app on what was written in a folder."""
    with _browser() as browser, _app(folder=folder) as address:
        _draw(browser, f"{address}/{page}", _CHART, FOLDER / f"{name}.png")


@contextmanager
def _browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if program is None:
        raise SystemExit(f"There is no browser: {', '.join(_BROWSERS)}.")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


def _draw(browser: Browser, url: str, ready: str, file: Path) -> None:
    page = browser.new_page(viewport=_SIZE, color_scheme="light")
    page.goto(url)
    page.wait_for_selector(ready, timeout=60_000)
    _still(page)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    height = round(picture.height * _WIDTH / picture.width)
    small = picture.resize((_WIDTH, height), Image.Resampling.LANCZOS)
    small.quantize(_COLOURS).save(file, optimize=True)
    print(f"{file.name}: {file.stat().st_size / 1024:.0f} KB")
    page.close()


def _still(page: Page) -> None:
    """Wait until nothing moves any more."""
    before = b""
    for _ in range(40):
        time.sleep(0.5)
        now = page.screenshot()
        if now == before:
            return
        before = now


@contextmanager
def _app(*options: str, folder: Path) -> Iterator[str]:
    """Serve the app on what is in a folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "taxi_fare", "dashboard", *options]
    with subprocess.Popen(  # noqa: S603 - this very program
        [*command, f"--port={port}"], stdout=subprocess.DEVNULL, cwd=folder
    ) as process:
        try:
            for _ in range(200):
                try:
                    if httpx.get(f"{address}/_stcore/health").is_success:
                        break
                except httpx.TransportError:
                    time.sleep(0.2)
            yield address
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
