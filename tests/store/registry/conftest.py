"""A proxy that strikes at a chosen request, and the steps that it strikes."""

import http.client
import importlib.util
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from taxi_fare.core.settings import Settings
from taxi_fare.registry.in_store.registry import StoreRegistry
from taxi_fare.registry.opening import open_registry

STEPS = Path(__file__).with_name("store_registry_steps.py")
OpenRegistry = Callable[..., StoreRegistry]


@pytest.fixture(scope="session")
def steps() -> ModuleType:
    """The module ``store_registry_steps.py``, which is a program as well."""
    name = "store_registry_steps"
    spec = importlib.util.spec_from_file_location(name, STEPS)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def url(bucket: str) -> str:
    """Address of a registry that is not there yet."""
    return f"s3a://{bucket}/models/registry"


@pytest.fixture
def open_at(store_settings: Settings) -> OpenRegistry:
    """Open a registry that keeps the versions of three decisions."""

    def open_it(url: str, **registry: Any) -> StoreRegistry:
        """Open it anew: nothing is remembered from before."""
        chosen = {"keep_versions": 3, "lock_wait_seconds": 30.0} | registry
        settings = store_settings.model_copy(
            update={
                "registry": store_settings.registry.model_copy(update=chosen)
            }
        )
        opened = open_registry(url, settings)
        assert isinstance(opened, StoreRegistry)
        return opened

    return open_it


class StrikingProxy(ThreadingHTTPServer):
    """
    Hands requests on, and strikes at one of them.

    ``before`` strikes at request number ``moment`` instead of handing it on,
    ``after`` when the store has answered it; the client gets no answer.
    """

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = port
        self.requests = 0
        self.seen: list[str] = []
        self.moment = 0
        self.when = "before"
        self.strike: Callable[[], object] = lambda: None
        self._lock = threading.Lock()

    @property
    def endpoint(self) -> str:
        """The address that clients use."""
        return f"http://127.0.0.1:{self.server_port}"

    def arm(
        self, moment: int, when: str, strike: Callable[[], object]
    ) -> None:
        """Count from one again, and strike at that request."""
        self.requests, self.moment = 0, moment
        self.seen = []
        self.when, self.strike = when, strike

    def strikes_now(self, request: str) -> bool:
        """Count a request."""
        with self._lock:
            self.requests += 1
            self.seen.append(request)
            return self.requests == self.moment

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients are killed here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StrikingProxy

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        strikes = self.server.strikes_now(f"{self.command} {self.path}")
        if strikes and self.server.when == "before":
            self._strike()
            return
        answer, content = self._ask(body)
        if strikes:
            self._strike()
            return
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "connection"}:
                self.send_header(name, value)
        if not answer.getheader("Content-Length"):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _ask(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        ask = http.client.HTTPConnection("127.0.0.1", self.server.target)
        try:
            ask.putrequest(
                self.command,
                self.path,
                skip_host=True,
                skip_accept_encoding=True,
            )
            # The host that was signed, and everything else as it came.
            for name, value in self.headers.items():
                ask.putheader(name, value)
            ask.endheaders(body)
            answer = ask.getresponse()
            return answer, answer.read()
        finally:
            ask.close()

    def _strike(self) -> None:
        self.close_connection = True
        self.server.strike()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _hand_on  # noqa: N815

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy(any_server: Any) -> Iterator[StrikingProxy]:
    """A proxy in front of each kind of server in turn."""
    with StrikingProxy(any_server.port) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Taker:
    """A program that takes steps, each in a process of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._program = subprocess.Popen(
            [sys.executable, str(STEPS), "serve"],
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._said = ""
        self._child: queue.Queue[int] = queue.Queue()

    def take(self, step: str, url: str, endpoint: str) -> int:
        """Return how the step ended: 0, an exit code, or minus a signal."""
        order = {"step": step, "url": url, "endpoint": endpoint}
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(json.dumps(order) + "\n")
        self._program.stdin.flush()
        self._child.put(int(self._program.stdout.readline()))
        code = int(self._program.stdout.readline())
        while not self._child.empty():
            self._child.get()
        return code

    def kill(self) -> None:
        """Kill the step that is being taken, from another thread."""
        os.kill(self._child.get(timeout=30), signal.SIGKILL)

    def end(self) -> str:
        """Return what the steps have said."""
        if self._program.returncode is None:
            self._said = self._program.communicate()[1]
        return self._said


@pytest.fixture
def taker(any_server: Any, tmp_path: Path) -> Iterator[Taker]:
    """Takes steps on a registry of three decisions."""
    own = {
        "TAXI_FARE_REGISTRY__KEEP_VERSIONS": "3",
        # Who is killed leaves copies behind: in the folder of the test.
        "TMPDIR": str(tmp_path),
    }
    program = Taker(any_server.environment | own)
    yield program
    program.end()


@dataclass
class Bench:
    """All that a test needs which strikes at a registry."""

    server: Any
    bucket: str
    proxy: StrikingProxy
    taker: Taker
    open_at: OpenRegistry


@pytest.fixture
def bench(
    any_server: Any,
    bucket: str,
    proxy: StrikingProxy,
    taker: Taker,
    open_at: OpenRegistry,
) -> Bench:
    """A proxy, a program and a bucket on each kind of server in turn."""
    return Bench(any_server, bucket, proxy, taker, open_at)
