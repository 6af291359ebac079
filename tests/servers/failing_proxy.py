"""A proxy in front of an S3 server that hurts a share of the requests."""

import http.client
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# What may become of a request: lost before or after the store has seen it,
# answered by an error, or answered late.
FAULTS = ("lost", "unanswered", "500", "503", "slow")
_SLOW_SECONDS = 2.0


class FailingProxy(ThreadingHTTPServer):
    """
    Hands requests on, but for a share of them.

    Parameters
    ----------
    port : int
        Of the server behind it, on this machine.
    share : float
        Of the requests that one of ``FAULTS`` befalls, in [0, 1].
    seed : int
        Which ones.
    stalls : bool, optional
        Whether they are held until the proxy is released instead.
    """

    daemon_threads = True

    def __init__(
        self, port: int, *, share: float, seed: int, stalls: bool = False
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = port
        self.share = share
        self.stalls = stalls
        self.released = threading.Event()
        self.hurt = 0
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    @property
    def endpoint(self) -> str:
        """The address that clients use."""
        return f"http://127.0.0.1:{self.server_port}"

    def fault(self) -> str:
        """Say what becomes of the next request: empty for nothing."""
        with self._lock:
            if self._random.random() >= self.share:
                return ""
            self.hurt += 1
            return "stall" if self.stalls else self._random.choice(FAULTS)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients give up and are killed here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FailingProxy

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.fault()
        if fault == "stall":
            self.server.released.wait()
        if fault == "slow":
            time.sleep(_SLOW_SECONDS)
        if fault == "lost":
            self.close_connection = True
        elif fault in {"500", "503"}:
            self._answer(int(fault), [], b"")
        else:
            answer, content = self._ask(body)
            if fault == "unanswered":
                self.close_connection = True
            else:
                self._answer(answer.status, answer.getheaders(), content)

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

    def _answer(
        self, status: int, headers: list[tuple[str, str]], content: bytes
    ) -> None:
        self.send_response_only(status)
        names = set()
        for name, value in headers:
            if name.lower() not in {"transfer-encoding", "connection"}:
                self.send_header(name, value)
                names.add(name.lower())
        if "content-length" not in names:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _hand_on  # noqa: N815

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def failing(
    port: int, *, share: float, seed: int, stalls: bool = False
) -> Iterator[FailingProxy]:
    """Run such a proxy while the block runs."""
    with FailingProxy(port, share=share, seed=seed, stalls=stalls) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.released.set()
            proxy.shutdown()
            thread.join()
