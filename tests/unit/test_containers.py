"""What deploy/ says of its containers; `make test-containers` runs them."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "deploy" / "compose.yaml").read_text()
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text()
ANSWERS = ROOT / "deploy" / "containers" / "answers.py"
KEYS = {"MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", "SPARK_AUTHENTICATE_SECRET"}
OPTIONS = "spark-cluster.properties"


def _variables() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))


def _services() -> dict[str, str]:
    """Part the services; the file is written with two blanks a level."""
    block = re.search(r"^services:\n(.*?)^\w", COMPOSE, re.M | re.S)
    assert block is not None
    parts = re.split(r"^  ([a-z0-9-]+):\n", block[1], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_services_are_those_of_the_description() -> None:
    """A store, a master, two workers, the app, the HTTP service, the run."""
    assert set(_services()) == {
        "minio",
        "spark-master",
        "spark-worker-1",
        "spark-worker-2",
        "app",
        "service",
        "pipeline",
    }


def test_the_http_service_writes_nowhere() -> None:
    """Its file system is read-only, but for what is gone with it."""
    text = _services()["service"]
    assert "read_only: true" in text
    assert re.findall(r"volumes: (.*)", text) == ['["work:/srv/taxi-fare:ro"]']


def test_each_server_has_a_health_check_and_comes_back() -> None:
    """Workers have theirs, and the restart, from what they share."""
    for name, text in _services().items():
        if name == "pipeline":
            assert "*server" not in text
            continue
        shared = "<<: *worker" in text
        assert shared or "healthcheck:" in text, name
        assert shared or "*server" in text, name
    worker = COMPOSE.split("x-worker:")[1].split("\nservices:")[0]
    assert "healthcheck:" in worker
    assert "*server" in worker


def test_no_service_runs_as_root() -> None:
    """Neither by compose.yaml, nor by the last word of each image."""
    assert re.findall(r"^\s*user: (.*)$", COMPOSE, re.M) == ['"10001"']
    for name, text in _services().items():
        assert re.search(r"<<: .*\*(every-service|taxi-fare|worker)", text), (
            name
        )
    stages = re.split(r"^FROM .* AS (\S+)$", DOCKERFILE, flags=re.MULTILINE)
    users = {
        name: re.findall(r"^USER (\S+)$", text, re.MULTILINE)
        for name, text in zip(stages[1::2], stages[2::2], strict=True)
    }
    assert users["minio"] == users["taxi-fare"] == ["10001"]


def test_keys_are_required_and_nowhere_written_down() -> None:
    """Every mention is a variable without a default; the store's keys are
    for two services, and the app has no secret."""
    for key in KEYS:
        assert set(re.findall(rf"\${{{key}(..)", COMPOSE)) == {":?"}
    for name, text in _services().items():
        if name not in {"minio", "pipeline"}:
            assert not re.search("(ACCESS|SECRET)_KEY", text)
    assert not re.search("secret|SECRET|environment: [*]", _services()["app"])
    assert {_variables()[key] for key in KEYS} == {""}
    assert not re.search(r"(SECRET|ACCESS)_KEY|ROOT_(USER|PASS)", DOCKERFILE)
    assert not re.search("AUTH.*SECRET", DOCKERFILE)


def test_app_and_service_have_a_network_of_their_own() -> None:
    """Which podman parts from the other, as Docker does by itself."""
    for name, text in _services().items():
        own = re.findall(r"^ *networks: (.*)$", text, re.MULTILINE)
        alone = name in {"app", "service"}
        assert own == (["[app]"] if alone else []), name
    networks = COMPOSE.split("\nnetworks:\n")[1].split("\nvolumes:")[0]
    assert set(re.findall(r"^  (\w+):$", networks, re.M)) == {"default", "app"}
    assert 'driver_opts: &apart\n      isolate: "true"' in networks
    assert "driver_opts: *apart" in networks


def test_ports_are_opened_to_this_machine_only() -> None:
    """Those that are published at all; Spark's own are not."""
    ports = re.findall(r"^ *ports: \[(.*)\]$", COMPOSE, re.MULTILINE)
    assert len(ports) == COMPOSE.count("ports:") == 4
    for each in ports:
        assert re.fullmatch(r'"127\.0\.0\.1:\${[A-Z_]+:-\d+}:\d+"', each)
        assert "7077" not in each


def test_master_and_workers_are_closed_to_strangers() -> None:
    """By the options of one file, and a secret that is on no command line."""
    lines = (ROOT / "deploy" / OPTIONS).read_text()
    given = dict(re.findall(r"^(spark\.\S+) +(\S+)$", lines, re.MULTILINE))
    assert given == {
        "spark.master.rest.enabled": "false",
        "spark.ui.killEnabled": "false",
        "spark.master.ui.decommission.allow.mode": "DENY",
        "spark.authenticate": "true",
        "spark.network.crypto.enabled": "true",
    }
    started = re.findall(r"(?:Master|Worker)\s+(.*)\s+(?:- )?(\S+)\n", COMPOSE)
    assert [words[-1] for words in started] == [f"/app/deploy/{OPTIONS}"] * 2
    assert COMPOSE.count("_SPARK_AUTH_SECRET:") == 1
    assert COMPOSE.count("*secret") == 2


def test_an_image_is_made_of_named_files_only() -> None:
    """No .env can get into one: everything is left out but a list."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    kept = [rule[1:] for rule in rules if rule.startswith("!")]
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M)
    for source in " ".join(copied).split():
        assert (ROOT / source).exists(), source
        assert any(source.startswith(each) for each in kept), source
    assert not [each for each in kept if each.startswith(".")]


def test_base_images_are_pinned() -> None:
    """To a version, a release of Debian, and the digest of one build."""
    images = re.findall(r"^ARG \w+_IMAGE=(.*)$", DOCKERFILE, re.MULTILINE)
    assert len(images) == 2
    for image in images:
        assert re.fullmatch(
            r"\w+:\d+\.\d+\.\d+(-slim)?-bookworm@sha256:[0-9a-f]{64}", image
        )


def test_each_variable_is_used_shown_and_explained() -> None:
    """compose.yaml, .env.example and docs/deployment.md name the same."""
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE))
    assert used == set(_variables())
    for name, value in _variables().items():
        assert f"`{name}`" in DEPLOYMENT
        if name not in KEYS:
            defaults = set(re.findall(rf"\${{{name}:-([^}}]*)}}", COMPOSE))
            assert defaults == {value}, name


@pytest.fixture
def server() -> Iterator[str]:
    """A server that says what Spark's master does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer, with blanks as Spark writes them."""
            self.send_response(200 if self.path == "/" else 404)
            self.end_headers()
            self.wfile.write(b'{\n "aliveworkers" : 2\n}')

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()
        thread.join()


def _ask(*words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(ANSWERS), *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_server_that_is_up_is_found_up(server: str) -> None:
    """Also when the pattern is written without Spark's blanks."""
    assert _ask(f"{server}/") == (0, "")
    assert _ask(f"{server}/", '"aliveworkers":[1-9]') == (0, "")


def test_a_server_that_is_not_up_is_told(server: str) -> None:
    """Another answer, an error page, and nobody there end with 7."""
    code, words = _ask(f"{server}/", "aliveworkers.:[3-9]")
    assert (code, "but not with" in words) == (7, True)
    code, words = _ask(f"{server}/other", "--within=0.6")
    assert (code, "404" in words) == (7, True)
    assert _ask("http://127.0.0.1:1/")[0] == 7


def _program(name: str, *arguments: object) -> None:
    file = ROOT / "deploy" / "containers" / name
    subprocess.run([sys.executable, file, *map(str, arguments)], check=True)


def test_months_are_simulated_for_a_run(tmp_path: Path) -> None:
    """As `run_month.sh` calls it."""
    _program("simulate_months.py", tmp_path / "raw", "2023-01..2023-02", 50)
    assert {each.name for each in (tmp_path / "raw").iterdir()} == {
        "yellow_tripdata_2023-01.parquet",
        "yellow_tripdata_2023-02.parquet",
    }


def test_a_registry_is_copied_for_the_app(
    tmp_path: Path, registry_steps: ModuleType
) -> None:
    """Its state and its versions, and nothing beside them."""
    there, copy = tmp_path / "registry", tmp_path / "copy"
    registry_steps.commit(there, "model-1")
    for _ in range(2):
        _program("copy_registry.py", there, copy)
    files = {
        each.relative_to(copy).as_posix()
        for each in copy.rglob("*")
        if each.is_file()
    }
    assert "model_registry.json" in files
    assert "versions/model-1/manifest.json" in files
    assert {each.name for each in (copy / "versions").iterdir()} == {"model-1"}
