"""What variables of a company's or a laptop's environment do to downloads."""

from pathlib import Path

import httpx
import pytest

from taxi_fare.cli.main import run
from taxi_fare.lake.raw.client import http_client

# Nobody listens there, and nobody needs to.
SOURCE = "http://127.0.0.1:9"
PROXY_NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of this machine counts."""
    monkeypatch.chdir(tmp_path)
    for name in PROXY_NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("TAXI_FARE_SOURCE__ATTEMPTS", "1")


def _ingest(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    words = ["ingest", "--months=2023-02", f"--source={SOURCE}"]
    code = run([*words, "--data-base-path=lake"])
    err = capsys.readouterr().err
    assert "Traceback" not in err
    return code, err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1080"),
        ("ALL_PROXY", "socks5h://user:hush@127.0.0.1:1080"),
        ("all_proxy", "socks4://127.0.0.1"),
        ("HTTP_PROXY", "ftp://proxy:21"),
        ("http_proxy", "http://proxy:port"),
        ("HTTP_PROXY", "http://[::1"),
        ("SSL_CERT_FILE", "/no/such/cacert.pem"),
        ("SSL_CERT_DIR", "/no/such/folder"),
    ],
)
def test_what_cannot_be_used_is_named(
    name: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The variable, and not its value, which may hold a password."""
    monkeypatch.setenv(name, value)
    code, err = _ingest(capsys)
    assert code == 7, err
    assert f"{name} names" in err
    assert f"correct or unset {name}" in err
    assert "hush" not in err


def test_certificates_that_are_none_are_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file is there, and it holds something else."""
    file = tmp_path / "cacert.pem"
    file.write_text("no certificate\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    code, err = _ingest(capsys)
    assert code == 7, err
    assert "SSL_CERT_FILE cannot be read" in err


@pytest.mark.parametrize(
    ("no_proxy", "host", "direct"),
    [
        ("localhost,[::1]", "[::1]", True),
        ("localhost,::1", "[::1]", True),
        ("localhost,fd00::/8", "[fd12::7]", True),
        ("localhost,fd00::/8", "[fe80::7]", False),
        ("127.0.0.0/8", "127.0.0.1", True),
        ("10.0.0.0/8", "127.0.0.1", False),
        ("*", "example.org", True),
        ("example.org", "example.org", True),
        (".example.org", "data.example.org", True),
        ("*.example.org", "data.example.org", True),
        ("example.org", "notexample.org", False),
        ("example.org:443", "example.org", True),
        ("http://example.org", "example.org", True),
        (" , ,", "example.org", False),
        ("[", "example.org", False),
    ],
)
def test_no_proxy_is_understood(
    no_proxy: str, host: str, *, direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names, domains, addresses and networks, of IPv6 as well."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    url = httpx.URL(f"http://{host}/x")
    with http_client(url, timeout_seconds=1) as client:
        pool = client._transport_for_url(url)._pool
    assert (type(pool).__name__ == "ConnectionPool") is direct


def test_without_variables_a_source_that_is_away_is_worth_a_retry(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As before: the network may come back."""
    assert _ingest(capsys)[0] == 75
