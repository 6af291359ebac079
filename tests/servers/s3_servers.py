"""Real S3 servers, built by ``make tools``, for tests and ``make torture``."""

import os
import secrets
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import obstore
from obstore.store import S3Store

if TYPE_CHECKING:  # obstore's own rule: not importable at run time
    from obstore.store import ClientConfig

_START_SECONDS = 60


class ServerLackError(Exception):
    """A server's program is not on this machine."""


def tools_folder() -> Path:
    """Where ``scripts/build_tools.sh`` puts the servers."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    default = f"{cache}/taxi-fare/bin"
    return Path(os.environ.get("TAXI_FARE_TOOLS") or default)


@dataclass
class StoreServer:
    """
    One S3 server on a free port; its folder outlives a stop or a kill.

    Keys are new for each server, so that a test can look for them in
    everything that was written.
    """

    kind: str
    folder: Path
    port: int = 0
    access_key: str = field(
        default_factory=lambda: f"access{secrets.token_hex(8)}"
    )
    secret_key: str = field(
        # Signs that an address, a shell or a template may stumble over.
        default_factory=lambda: f"sec/ret+{secrets.token_hex(14)}=%"
    )
    process: subprocess.Popen[bytes] | None = None
    # Of a MinIO that speaks https, with CAs/authority.pem.
    certificates: Path | None = None

    @property
    def authority(self) -> Path | None:
        """Certificate of who signed the server's own."""
        if self.certificates is None:
            return None
        return self.certificates / "CAs" / "authority.pem"

    @property
    def endpoint(self) -> str:
        """The address that clients use."""
        scheme = "https" if self.certificates else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What the settings read."""
        return {
            "MINIO_ENDPOINT": self.endpoint,
            "MINIO_ACCESS_KEY": self.access_key,
            "MINIO_SECRET_KEY": self.secret_key,
        }

    def start(self) -> None:
        """Start it, on the port it had before, and wait for its answer."""
        binary = tools_folder() / self.kind
        if not binary.is_file():
            raise ServerLackError(
                f"{binary} is not there: `make tools` builds it with Go"
            )
        self.port = self.port or _free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder.parent / f"{self.kind}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(binary), *self._arguments()],
                env=os.environ | self._server_environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()

    def _arguments(self) -> list[str]:
        address = f"127.0.0.1:{self.port}"
        if self.kind == "minio":
            none = self.folder.parent / "certificates"
            certificates = str(self.certificates or none)
            return [
                "server",
                f"--address={address}",
                f"--certs-dir={certificates}",
                str(self.folder),
            ]
        return ["--port", address, "posix", str(self.folder)]

    def _server_environment(self) -> dict[str, str]:
        if self.kind == "minio":
            return {
                "MINIO_ROOT_USER": self.access_key,
                "MINIO_ROOT_PASSWORD": self.secret_key,
                "MINIO_BROWSER": "off",
                "MINIO_UPDATE": "off",
            }
        return {
            "ROOT_ACCESS_KEY": self.access_key,
            "ROOT_SECRET_KEY": self.secret_key,
        }

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, f"{self.kind} ended"
            # Creating a bucket needs all of the server, keys included.
            if self._put_bucket("is-it-up") in {200, 409}:
                return
            time.sleep(0.05)
        raise AssertionError(f"{self.kind} did not start")

    def make_bucket(self, name: str) -> None:
        """Create a bucket."""
        status = self._put_bucket(name)
        assert status == 200, status

    def _put_bucket(self, name: str) -> int:
        url = obstore.sign(self.store(name), "PUT", "", timedelta(minutes=5))
        trusted = ssl.create_default_context(cafile=self.authority)
        try:
            answer = httpx.put(url, trust_env=False, verify=trusted)
            return answer.status_code
        except httpx.HTTPError:
            return 0

    def store(self, bucket: str, prefix: str | None = None) -> S3Store:
        """A client of the test's own, apart from the code under test."""
        options: ClientConfig = {"allow_http": True}
        if self.authority is not None:
            options["root_certificate"] = self.authority.read_bytes()
        return S3Store(
            bucket,
            prefix=prefix,
            endpoint=self.endpoint,
            region="us-east-1",
            access_key_id=self.access_key,
            secret_access_key=self.secret_key,
            client_options=options,
        )

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
