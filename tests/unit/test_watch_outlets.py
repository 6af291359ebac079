"""What the watch found goes to Prometheus and to people, and no key leaks."""

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from taxi_fare.cli import main
from taxi_fare.core.addresses import NOTIFY_URLS
from taxi_fare.core.metrics import METRICS
from taxi_fare.core.settings import load_settings
from taxi_fare.reports.documents.watch import Watch
from taxi_fare.reports.watch.metrics import write_metrics
from taxi_fare.run import notice
from taxi_fare.run.notice import addresses_in, send_notice, tell
from taxi_fare.workflows import watch as workflow

KEY = "S3cr3tT0ken"
DOCUMENT = json.loads(
    (Path(__file__).parents[1] / "data/documents/watch.json").read_text()
)


@pytest.fixture
def document() -> Watch:
    """A month that calls for a look."""
    found = Watch.model_validate(DOCUMENT | {"verdict": "look"})
    assert found.reasons
    return found


@pytest.fixture
def without_model() -> Watch:
    """A month with nothing to be measured by."""
    nothing: dict[str, Any] = {
        "verdict": "ok",
        "reasons": [],
        "model": None,
        "accuracy": None,
        "predictions": None,
        "data": {},
    }
    return Watch.model_validate(DOCUMENT | nothing)


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server of this machine, and what it was told."""
    told: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        """Takes JSON."""

        def do_POST(self) -> None:
            """Remember what was sent, with the key of the address."""
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            told.append(body | {"path": self.path})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}/{KEY}", told
    server.shutdown()
    server.server_close()
    thread.join()


def _samples(file: Path) -> dict[tuple[str, frozenset[Any]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(file.read_text())
        for sample in family.samples
    }


def test_prometheus_reads_what_was_found(
    document: Watch, tmp_path: Path
) -> None:
    """Each figure once, with its unit, and no value that is none."""
    file = tmp_path / "watch.prom"
    write_metrics(file, document)
    found = _samples(file)
    assert found["taxi_fare_watch_verdict", frozenset()] == 1
    assert document.accuracy
    overall = document.accuracy.overall
    rmse = ("taxi_fare_model_rmse_dollars", frozenset())
    assert found[rmse] == overall.figures["rmse"]
    low = frozenset({("bound", "lower")})
    ends = overall.interval("rmse")
    assert ends
    assert found["taxi_fare_model_rmse_bound_dollars", low] == ends[0]
    labels = {("column", "trip_distance"), ("against", "train_months")}
    drift = document.data["train_months"].figures["trip_distance"]
    assert found["taxi_fare_watch_drift_psi", frozenset(labels)] == drift.psi
    names = {name for name, _ in found}
    assert all(name.startswith("taxi_fare_") for name in names)
    assert "taxi_fare_model_mae_dollars" not in names, "it was not measured"
    assert all(
        f"taxi_fare_model_{each.name}" not in names
        for each in METRICS.values()
        if each.unit == "dollars"
    )


def test_a_month_without_a_model_has_metrics(
    without_model: Watch, tmp_path: Path
) -> None:
    """Fewer of them."""
    file = tmp_path / "watch.prom"
    write_metrics(file, without_model)
    names = {name for name, _ in _samples(file)}
    assert "taxi_fare_watch_trips" in names
    assert not any(name.startswith("taxi_fare_model") for name in names)


def test_metrics_replace_older_ones_whole(
    document: Watch, without_model: Watch, tmp_path: Path
) -> None:
    """A collector never reads a part, and no old figure stays."""
    file = tmp_path / "watch.prom"
    write_metrics(file, document)
    write_metrics(file, without_model)
    assert "model_rmse" not in file.read_text()
    assert [each.name for each in tmp_path.iterdir()] == ["watch.prom"]


def test_a_notice_arrives(
    document: Watch, receiver: tuple[str, list[dict[str, Any]]]
) -> None:
    """With month, verdict, and every reason."""
    address, told = receiver
    assert send_notice(document, address)
    (message,) = told
    assert message["title"] == f"taxi-fare: {document.month} look"
    assert message["type"] == "warning"
    for reason in document.reasons:
        assert reason in message["message"]
    assert KEY in message["path"]


def test_all_receivers_are_told_though_one_is_down(
    document: Watch,
    receiver: tuple[str, list[dict[str, Any]]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The others have it; how many have not is told, without an address."""
    address, told = receiver
    down = f"json://user:{KEY}@127.0.0.1:9/"
    with caplog.at_level(logging.DEBUG):
        assert not send_notice(document, f"{down}, {address}")
    assert len(told) == 1
    assert "did not reach 1 of 2 receivers" in caplog.text
    assert KEY not in caplog.text
    assert "127.0.0.1" not in caplog.text


def test_what_is_no_address_is_told_without_it(
    document: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    """It may hold a key all the same."""
    assert not send_notice(document, f"nonsense://{KEY}")
    assert "none that apprise knows" in caplog.text
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("verdict", "on", "count"),
    [
        ("ok", "look", 0),
        ("ok", "always", 1),
        ("look", "look", 1),
        ("look", "act", 0),
        ("act", "act", 1),
    ],
)
def test_somebody_is_told_when_it_was_asked_for(
    verdict: str,
    on: str,
    count: int,
    receiver: tuple[str, list[dict[str, Any]]],
) -> None:
    """And not in every month."""
    address, told = receiver
    document = Watch.model_validate(DOCUMENT | {"verdict": verdict})
    tell(document, address, on=on)
    assert len(told) == count
    tell(document, "", on="always")
    assert len(told) == count


def test_without_the_extra_it_is_told(
    document: Watch,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A run goes on."""
    monkeypatch.setattr(notice, "find_spec", lambda _: None)
    tell(document, "json://127.0.0.1")
    assert "the extra `notify` is missing" in caplog.text


def _run(
    monkeypatch: pytest.MonkeyPatch, document: Watch, *options: str
) -> int:
    """Run the command on a month that was looked at."""
    monkeypatch.setattr(workflow, "watch", lambda *_, **__: document)
    return main.run(["watch", "--month=2019-06", *options])


def test_the_variable_holds_keys_that_nobody_sees(
    document: Watch,
    receiver: tuple[str, list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Neither the output nor the log nor the settings repeat it."""
    address, told = receiver
    monkeypatch.chdir(tmp_path)
    keyed = address.replace("json://", f"json://user:{KEY}@")
    monkeypatch.setenv(NOTIFY_URLS, keyed)
    monkeypatch.setenv("TAXI_FARE_LOGGING__LEVEL", "DEBUG")
    assert _run(monkeypatch, document) == 0
    assert len(told) == 1
    answer = capsys.readouterr()
    assert KEY not in answer.out + answer.err
    settings = load_settings()
    assert KEY not in repr(settings) + settings.model_dump_json()
    assert KEY in addresses_in(settings)


def test_a_receiver_that_is_down_changes_no_exit_code(
    document: Watch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """0, or 8 where it was asked for; the warning is on stderr."""
    monkeypatch.chdir(tmp_path)
    down = "--notify=json://127.0.0.1:9/"
    assert _run(monkeypatch, document, down) == 0
    assert "did not reach 1 of 1" in capsys.readouterr().err
    assert _run(monkeypatch, document, down, "--fail-on=look") == 8


def test_keys_on_the_command_line_are_refused(
    document: Watch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever lists processes would see them."""
    address = f"--notify=mailto://me:{KEY}@example.org"
    assert _run(monkeypatch, document, address) == 2
    answer = capsys.readouterr()
    assert KEY not in answer.out + answer.err
    assert NOTIFY_URLS in answer.err


def test_metrics_are_written_by_the_command(
    document: Watch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where it was asked for."""
    monkeypatch.chdir(tmp_path)
    assert _run(monkeypatch, document, "--metrics-file=node/watch.prom") == 0
    assert _samples(tmp_path / "node" / "watch.prom")
