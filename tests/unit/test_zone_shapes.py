"""The shapes of the zones: fetched, simplified, kept whole, read."""

import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from taxi_fare.cli.main import run
from taxi_fare.core.zone_shapes import SHAPES_FILE, read_rings, shapes_file
from taxi_fare.core.zones import zones

TLC = Path(__file__).parents[3] / "shared" / "tlc" / "taxi_zones"
Archive = Callable[..., bytes]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder; what fails is not tried again."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TAXI_FARE_SOURCE__ATTEMPTS", "1")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Shapes as the TLC draws them: feet, a zone of two islands."""
    geopandas = pytest.importorskip("geopandas")
    from shapely.geometry import box

    def make(name: str = "LocationID", inside: str = "taxi_zones/") -> bytes:
        """Zip a shape file of three shapes, two of one zone, one of none."""
        folder = tmp_path_factory.mktemp("shapes")
        shapes = [
            box(1_000_000, 200_000, 1_005_000, 205_000),
            box(1_010_000, 200_000, 1_011_000, 201_000),
            box(1_020_000, 200_000, 1_021_000, 201_000),
        ]
        table = geopandas.GeoDataFrame(
            {name: [4, 4, 999]}, geometry=shapes, crs="EPSG:2263"
        )
        table.to_file(folder / "taxi_zones.shp")
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as found:
            for file in folder.iterdir():
                found.write(file, f"{inside}{file.name}")
        return stream.getvalue()

    return make


@pytest.mark.parametrize("inside", ["", "taxi_zones/"])
def test_shapes_are_kept_in_degrees(inside: str, archive: Archive) -> None:
    """Wherever the archive has them; both islands, and no unknown zone."""
    Path("zones.zip").write_bytes(archive(inside=inside))
    assert run(["zones", "fetch", "--source=zones.zip"]) == 0
    file = shapes_file()
    assert file == Path.cwd() / SHAPES_FILE
    rings = read_rings(file)
    assert [*rings] == [4]
    assert len(rings[4]) == 2
    for longitude, latitude in rings[4][0]:
        assert -74.1 < longitude < -73.8
        assert 40.6 < latitude < 40.8


@pytest.mark.skipif(not TLC.is_dir(), reason=f"no shapes of the TLC: {TLC}")
def test_the_shapes_of_the_tlc(capsys: pytest.CaptureFixture[str]) -> None:
    """Each of 260 zones lies around its middle, and the file is small."""
    with zipfile.ZipFile("zones.zip", "w") as found:
        for each in TLC.iterdir():
            found.write(each, each.name)
    assert run(["zones", "fetch", "--source=zones.zip", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["zones"] == 260
    file = Path(told["file"])
    assert file.stat().st_size < 400_000
    rings = read_rings(file)
    assert {*rings} == {
        number for number, zone in zones().items() if zone.latitude is not None
    }
    for number, parts in rings.items():
        points = [point for ring in parts for point in ring]
        west, east = min(points)[0], max(points)[0]
        longitude = zones()[number].longitude
        assert longitude is not None
        assert west < longitude < east, zones()[number]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no zip archive"),
        (b"PK\x03\x04 and no more", "no zip archive"),
        ("other", "no LocationID"),
        ("empty", "0 shape files"),
        ("cut", "no zip archive"),
        ("broken", "cannot be used"),
    ],
)
def test_what_is_no_archive_of_shapes_is_refused(
    content: bytes | str,
    words: str,
    archive: Archive,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And what was kept before stays as it was."""
    kept = Path(SHAPES_FILE)
    kept.parent.mkdir()
    kept.write_text("before")
    if isinstance(content, str):
        content = _unusable(content, archive)
    Path("zones.zip").write_bytes(content)
    assert run(["zones", "fetch", "--source=zones.zip"]) == 4
    assert words in capsys.readouterr().err
    assert kept.read_text() == "before"
    assert [each.name for each in kept.parent.iterdir()] == [kept.name]


def _unusable(kind: str, archive: Archive) -> bytes:
    if kind == "other":
        return archive(name="number")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as found:
        if kind == "broken":
            found.writestr("taxi_zones.shp", "no shapes")
    return archive()[:-40] if kind == "cut" else stream.getvalue()


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("nothing.zip", 3),
        ("ftp://example.org/zones.zip", 2),
        ("http://", 2),
        ("https://me:secret@example.org/zones.zip", 2),
        ("http://127.0.0.1:9/zones.zip", 75),
    ],
)
def test_a_source_that_cannot_be_had(
    source: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its own exit code, and no secret is repeated."""
    pytest.importorskip("geopandas")
    assert run(["zones", "fetch", f"--source={source}"]) == code
    assert "secret" not in capsys.readouterr().err
    assert not Path("data").exists()


@pytest.fixture
def served(archive: Archive) -> Iterator[str]:
    """An address where the archive is, after one failure."""
    content, asked = archive(), []

    class Handler(BaseHTTPRequestHandler):
        """Fail once, then answer."""

        def do_GET(self) -> None:
            asked.append(self.path)
            there = 200 if self.path == "/taxi_zones.zip" else 404
            self.send_response(503 if len(asked) == 1 else there)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/taxi_zones.zip"
        server.shutdown()


def test_the_address_of_the_settings_is_tried_again(
    served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As raw months are."""
    monkeypatch.setenv("TAXI_FARE_SOURCE__ZONES_URL", served)
    assert run(["zones", "fetch"]) == 75
    assert run(["zones", "fetch"]) == 0
    assert [*read_rings(Path(SHAPES_FILE))] == [4]


def test_an_address_without_the_file_is_not_tried_again(
    served: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It will not be there in a minute either; being busy is another thing."""
    monkeypatch.setenv("TAXI_FARE_SOURCE__ATTEMPTS", "5")
    monkeypatch.setenv("TAXI_FARE_SOURCE__FIRST_WAIT_SECONDS", "0.01")
    source = served.replace("taxi_zones", "zones")
    assert run(["zones", "fetch", f"--source={source}"]) == 3
    said = capsys.readouterr().err
    assert said.count("next one in") == 1
    assert "the server answered 404 Not Found" in said


@pytest.mark.parametrize("text", ["[]", '{"features": [{}]}', "no json", ""])
def test_a_file_of_another_kind_is_an_error(text: str) -> None:
    """Not a map without zones."""
    file = Path("shapes.json")
    file.write_text(text)
    with pytest.raises(ValueError):
        read_rings(file)
