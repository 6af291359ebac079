"""Downloads against a real HTTP server that misbehaves on demand."""

import fcntl
import gzip
import hashlib
import io
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taxi_fare.core.errors import (
    DataMissingError,
    DataRefusedError,
    NotPublishedError,
    TemporaryError,
)
from taxi_fare.core.months import Month
from taxi_fare.core.sections import SourceSettings
from taxi_fare.lake.raw.download import RawRequest, download
from taxi_fare.lake.raw.retries import retry_after_seconds
from taxi_fare.lake.raw.source import raw_source

NAME = "yellow_tripdata_2023-01.parquet"


def parquet_bytes(rows: int = 20_000, seed: int = 0) -> bytes:
    """A parquet file that does not compress."""
    values = np.random.default_rng(seed).random(rows)
    stream = io.BytesIO()
    pq.write_table(pa.table({"total_amount": values}), stream)
    return stream.getvalue()


@dataclass
class Site:
    """What the server offers, what it does wrong, what it was asked."""

    body: bytes
    etag: str | None = None
    url: str = ""
    claimed_length: int | None = None
    # Whether bodies are packed although nobody asks for it.
    packs: bool = False
    # One for each request, first come first served: bytes after which the
    # connection drops, or a status with headers.
    faults: list[int | tuple[int, dict[str, str]]] = field(
        default_factory=list
    )
    chunk_seconds: float = 0.0
    # What is published in place of the body after one request.
    next_body: bytes = b""
    requests: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    sent: int = 0

    @property
    def tag(self) -> str:
        digest = hashlib.md5(self.body, usedforsecurity=False).hexdigest()
        return self.etag if self.etag is not None else f'"{digest}"'


class Handler(BaseHTTPRequestHandler):
    """Serves the site at any path, with conditions."""

    site: Site

    def do_GET(self) -> None:
        site = self.site
        site.requests.append(dict(self.headers))
        site.paths.append(self.path)
        fault = site.faults.pop(0) if site.faults else None
        if isinstance(fault, tuple):
            self.answer(fault[0], fault[1])
        elif site.tag and self.headers["If-None-Match"] == site.tag:
            self.answer(304, {})
        else:
            self.serve(drop_after=fault)
        if site.next_body:
            site.body, site.next_body = site.next_body, b""

    def serve(self, drop_after: int | None) -> None:
        site = self.site
        body = gzip.compress(site.body) if site.packs else site.body
        self.send_response(200)
        if site.tag:
            self.send_header("ETag", site.tag)
        if site.packs:
            self.send_header("Content-Encoding", "gzip")
        self.send_header(
            "Content-Length", str(site.claimed_length or len(body))
        )
        self.end_headers()
        self.send_body(body[:drop_after])

    def send_body(self, body: bytes) -> None:
        stream = io.BytesIO(body)
        while chunk := stream.read(1 << 14):
            time.sleep(self.site.chunk_seconds)
            try:
                self.wfile.write(chunk)
            except (BrokenPipeError, ConnectionResetError):
                return  # the client has seen enough
            self.site.sent += len(chunk)

    def answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Local requests stay local on machines behind a proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def site() -> Iterator[Site]:
    """A site of its own for each test."""
    served = Site(parquet_bytes())
    handler = type("SiteHandler", (Handler,), {"site": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}/data/{NAME}"
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def request_for(site: Site, folder: Path, **settings: float) -> RawRequest:
    """A request with waits too short to be noticed."""
    patience = {
        "attempts": 3,
        "first_wait_seconds": 0.001,
        "longest_wait_seconds": 2,
        "timeout_seconds": 5,
    } | settings
    return RawRequest(
        month=Month("2023-01"),
        url=httpx.URL(site.url),
        final=folder / NAME,
        settings=SourceSettings.model_validate(patience),
        on_bytes=lambda done, total: None,
    )


def names_in(folder: Path) -> set[str]:
    """Names of the files in a folder."""
    return {file.name for file in folder.iterdir()}


def test_file_arrives_whole(site: Site, tmp_path: Path) -> None:
    """The copy has the server's bytes, and nothing partial stays."""
    download(request_for(site, tmp_path / "raw"))
    assert (tmp_path / "raw" / NAME).read_bytes() == site.body
    assert names_in(tmp_path / "raw") == {NAME, f"{NAME}.http.json"}


def test_progress_ends_at_the_length(site: Site, tmp_path: Path) -> None:
    """The callback sees bytes grow up to the total."""
    seen: list[tuple[int, int | None]] = []
    request = RawRequest(
        month=Month("2023-01"),
        url=httpx.URL(site.url),
        final=tmp_path / NAME,
        settings=SourceSettings(),
        on_bytes=lambda done, total: seen.append((done, total)),
    )
    download(request)
    assert seen == sorted(seen)
    assert seen[-1] == (len(site.body), len(site.body))


def test_drop_is_streamed_again_within_a_call(
    site: Site, tmp_path: Path
) -> None:
    """After a dropped connection the whole file is asked for again."""
    site.faults = [50_000]
    download(request_for(site, tmp_path))
    assert (tmp_path / NAME).read_bytes() == site.body
    assert len(site.requests) == 2
    assert not any("Range" in each for each in site.requests)
    assert site.sent == len(site.body) + 50_000
    assert names_in(tmp_path) == {NAME, f"{NAME}.http.json"}


def test_drop_is_streamed_again_by_a_later_call(
    site: Site, tmp_path: Path
) -> None:
    """What one call could not finish leaves nothing, and the next does."""
    site.faults = [50_000, 30_000]
    with pytest.raises(TemporaryError, match="run the command again"):
        download(request_for(site, tmp_path, attempts=2))
    assert names_in(tmp_path) == set()
    download(request_for(site, tmp_path))
    assert (tmp_path / NAME).read_bytes() == site.body
    assert site.sent == len(site.body) + 80_000


def test_progress_starts_again_with_the_file(
    site: Site, tmp_path: Path
) -> None:
    """The bytes told are those of the attempt that goes on."""
    seen: list[tuple[int, int | None]] = []
    site.faults = [50_000]
    request = replace(
        request_for(site, tmp_path),
        on_bytes=lambda done, total: seen.append((done, total)),
    )
    download(request)
    starts = [at for at, (done, _) in enumerate(seen) if done == 0]
    assert len(starts) == 2
    assert seen[starts[1] - 1][0] <= 50_000
    assert seen[starts[1] :] == sorted(seen[starts[1] :])
    assert seen[-1] == (len(site.body), len(site.body))


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_strong_etag_it_restarts(
    site: Site, tmp_path: Path, etag: str
) -> None:
    """Bytes that cannot be told to be the same file are not joined."""
    site.etag, site.faults = etag, [50_000]
    download(request_for(site, tmp_path))
    assert "Range" not in site.requests[1]
    assert (tmp_path / NAME).read_bytes() == site.body


def test_changed_file_is_not_joined(site: Site, tmp_path: Path) -> None:
    """A file that changed after the drop is fetched from its start."""
    site.faults = [50_000]
    with pytest.raises(TemporaryError):
        download(request_for(site, tmp_path, attempts=1))
    site.body = parquet_bytes(seed=1)
    download(request_for(site, tmp_path))
    assert (tmp_path / NAME).read_bytes() == site.body


def test_file_that_changes_between_attempts_is_not_joined(
    site: Site, tmp_path: Path
) -> None:
    """The second attempt brings the new file, and remembers that one."""
    old, new = site.body, parquet_bytes(seed=1)
    site.faults, site.next_body = [50_000], new
    download(request_for(site, tmp_path))
    assert old != (tmp_path / NAME).read_bytes() == new
    sent = site.sent
    download(request_for(site, tmp_path))
    assert site.sent == sent


def test_part_of_a_file_is_never_taken_for_it(
    site: Site, tmp_path: Path
) -> None:
    """A server that sends a part though nobody asked for one is refused."""
    headers = {"Content-Range": "bytes 50000-99999/100000", "ETag": '"new"'}
    site.faults = [(206, headers)]
    with pytest.raises(DataMissingError, match="206"):
        download(request_for(site, tmp_path))
    assert names_in(tmp_path) == set()


def test_leftovers_of_older_releases_are_passed_over(
    site: Site, tmp_path: Path
) -> None:
    """A beginning that was kept is neither used nor in the way."""
    old = parquet_bytes(seed=1)
    (tmp_path / f"{NAME}.part").write_bytes(old[:50_000])
    (tmp_path / f"{NAME}.part.http.json").write_text(
        f'{{"url": "{site.url}", "length": {len(old)}, "etag": "\\"old\\"",'
        ' "last_modified": null}'
    )
    download(request_for(site, tmp_path))
    assert not site.requests[0].keys() & {"Range", "If-Range"}
    assert (tmp_path / NAME).read_bytes() == site.body


def test_record_of_an_older_release_is_read(
    site: Site, tmp_path: Path
) -> None:
    """A copy that an older release fetched is not fetched again."""
    (tmp_path / NAME).write_bytes(site.body)
    (tmp_path / f"{NAME}.http.json").write_text(
        json.dumps(
            {
                "url": site.url,
                "length": len(site.body),
                "etag": site.tag,
                "last_modified": "Mon, 01 Jan 2024 00:00:00 GMT",
            }
        )
    )
    download(request_for(site, tmp_path))
    assert site.requests[0]["If-None-Match"] == site.tag
    assert site.sent == 0


@pytest.mark.parametrize(
    "record", [b"", b"{", b"[]", b'{"url": 1}', b'{"length": 3}', b"\xff"]
)
def test_record_that_says_nothing_is_no_copy(
    site: Site, tmp_path: Path, record: bytes
) -> None:
    """A damaged record beside a copy means that it is fetched again."""
    (tmp_path / NAME).write_bytes(parquet_bytes(seed=1))
    (tmp_path / f"{NAME}.http.json").write_bytes(record)
    download(request_for(site, tmp_path))
    assert (tmp_path / NAME).read_bytes() == site.body


def test_packed_body_is_unpacked(site: Site, tmp_path: Path) -> None:
    """A server that packs all the same: the file has its own bytes."""
    site.packs, site.faults = True, [50_000]
    download(request_for(site, tmp_path))
    assert site.requests[0]["Accept-Encoding"] == "identity"
    assert (tmp_path / NAME).read_bytes() == site.body
    sent = site.sent
    download(request_for(site, tmp_path))
    assert site.sent == sent


def test_killed_process_leaves_the_old_file(
    site: Site, tmp_path: Path
) -> None:
    """A copy stays until the new one is whole on the disk."""
    download(request_for(site, tmp_path))
    old, site.body = site.body, parquet_bytes(rows=80_000, seed=1)
    site.chunk_seconds = 0.05
    program = (
        "import sys; from pathlib import Path; import httpx\n"
        "from taxi_fare.core.months import Month\n"
        "from taxi_fare.core.sections import SourceSettings\n"
        "from taxi_fare.lake.raw.download import RawRequest, download\n"
        "download(RawRequest(Month('2023-01'), httpx.URL(sys.argv[1]),"
        " Path(sys.argv[2]), SourceSettings(),"
        " lambda done, total: print(done, flush=True)))\n"
    )
    command = [sys.executable, "-c", program, site.url, str(tmp_path / NAME)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while int(process.stdout.readline()) < 1 << 14:
            pass
        process.kill()
    assert (tmp_path / NAME).read_bytes() == old
    site.chunk_seconds = 0
    download(request_for(site, tmp_path))
    assert (tmp_path / NAME).read_bytes() == site.body


@pytest.mark.parametrize("status", [429, 500, 503])
def test_busy_server_is_asked_again(
    site: Site, tmp_path: Path, status: int
) -> None:
    """A server that cannot answer now gets another attempt."""
    site.faults = [(status, {})]
    download(request_for(site, tmp_path))
    assert (tmp_path / NAME).read_bytes() == site.body


def test_retry_after_is_honoured(site: Site, tmp_path: Path) -> None:
    """A wait that the server asks for is kept."""
    site.faults = [(429, {"Retry-After": "1"})]
    start = time.monotonic()
    download(request_for(site, tmp_path))
    assert time.monotonic() - start >= 1


def test_long_retry_after_ends_the_call(site: Site, tmp_path: Path) -> None:
    """Nobody is kept waiting for longer than the settings allow."""
    site.faults = [(503, {"Retry-After": "3600"})]
    with pytest.raises(TemporaryError, match="asks to wait 3600 s"):
        download(request_for(site, tmp_path))
    assert len(site.requests) == 1


def test_copy_serves_while_a_server_asks_for_too_long_a_wait(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that cannot be asked for long is as good as none."""
    download(request_for(site, tmp_path))
    site.faults = [(503, {"Retry-After": "3600"})]
    with caplog.at_level(logging.WARNING):
        download(request_for(site, tmp_path))
    assert "using the copy" in caplog.text
    assert len(site.requests) == 2


def test_retry_after_may_be_a_date() -> None:
    """Both forms of the header are read; nonsense asks for nothing."""
    date = datetime.now(UTC) + timedelta(seconds=60)
    assert 50 < retry_after_seconds(format_datetime(date, usegmt=True)) <= 60
    assert retry_after_seconds("Mon, 01 Jan 2001 00:00:00 GMT") == 0
    assert retry_after_seconds("7") == 7
    assert retry_after_seconds("soon") == 0
    assert retry_after_seconds("") == 0


@pytest.mark.parametrize("status", [403, 404])
def test_missing_month_is_not_published_yet(
    site: Site, tmp_path: Path, status: int
) -> None:
    """Exit 3, at once, with the month and the TLC's delay."""
    site.faults = [(status, {})]
    with pytest.raises(NotPublishedError) as caught:
        download(request_for(site, tmp_path))
    assert "2023-01 is not published yet" in str(caught.value)
    assert "two months" in str(caught.value)
    assert len(site.requests) == 1
    assert names_in(tmp_path) == set()


def test_other_refusals_are_not_repeated(site: Site, tmp_path: Path) -> None:
    """A request that the server finds bad stays bad."""
    site.faults = [(401, {})]
    with pytest.raises(DataMissingError, match="401") as caught:
        download(request_for(site, tmp_path))
    assert not isinstance(caught.value, NotPublishedError)
    assert len(site.requests) == 1


def test_short_body_never_gets_the_final_name(
    site: Site, tmp_path: Path
) -> None:
    """A length that the bytes never reach fails after the last attempt."""
    site.claimed_length = len(site.body) + 100
    with pytest.raises(TemporaryError, match="3 attempts"):
        download(request_for(site, tmp_path))
    assert len(site.requests) == 3
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (parquet_bytes()[:-50], "not readable parquet"),
        (b"<html>please log in</html>", "not readable parquet"),
        (parquet_bytes(rows=0), "holds no rows"),
    ],
    ids=["truncated", "html", "empty"],
)
def test_unusable_body_is_refused(
    site: Site, tmp_path: Path, body: bytes, reason: str
) -> None:
    """What arrives in full but is no month is refused, and not kept."""
    site.body = body
    with pytest.raises(DataRefusedError, match=reason):
        download(request_for(site, tmp_path))
    assert len(site.requests) == 1
    assert names_in(tmp_path) == set()


@pytest.mark.parametrize("lost", [1, 10, 4_000])
def test_body_cut_near_its_end_is_fetched_again(
    site: Site, tmp_path: Path, lost: int
) -> None:
    """A file that lacks its last bytes gets a fresh attempt."""
    site.faults = [len(site.body) - lost]
    with pytest.raises(TemporaryError):
        download(request_for(site, tmp_path, attempts=1))
    assert names_in(tmp_path) == set()
    download(request_for(site, tmp_path))
    assert (tmp_path / NAME).read_bytes() == site.body


def test_same_version_is_kept(site: Site, tmp_path: Path) -> None:
    """The second download of an unchanged file moves no bytes."""
    download(request_for(site, tmp_path))
    sent = site.sent
    download(request_for(site, tmp_path))
    assert site.sent == sent
    assert names_in(tmp_path) == {NAME, f"{NAME}.http.json"}


def test_new_version_replaces_the_copy(site: Site, tmp_path: Path) -> None:
    """A file that the TLC published again is fetched again."""
    download(request_for(site, tmp_path))
    site.body = parquet_bytes(seed=1)
    download(request_for(site, tmp_path))
    assert (tmp_path / NAME).read_bytes() == site.body


def test_copy_put_by_hand_is_kept_at_equal_length(
    site: Site, tmp_path: Path
) -> None:
    """A file of the right length needs no record of a download."""
    (tmp_path / NAME).write_bytes(site.body)
    before = (tmp_path / NAME).stat()
    download(request_for(site, tmp_path))
    assert (tmp_path / NAME).stat().st_ino == before.st_ino
    assert names_in(tmp_path) == {NAME}


def test_damaged_copy_is_fetched_again(site: Site, tmp_path: Path) -> None:
    """A copy that lost its end is not trusted, whatever its ETag was."""
    download(request_for(site, tmp_path))
    (tmp_path / NAME).write_bytes(site.body[:-10])
    download(request_for(site, tmp_path))
    assert (tmp_path / NAME).read_bytes() == site.body


def test_copy_from_elsewhere_is_fetched_again(
    site: Site, tmp_path: Path
) -> None:
    """The copy of one address says nothing about another one."""
    site.etag = '"1"'
    download(request_for(site, tmp_path))
    site.body = parquet_bytes(seed=1)
    site.url = site.url.replace("/data/", "/other/")
    download(request_for(site, tmp_path))
    assert (tmp_path / NAME).read_bytes() == site.body


def test_copy_serves_without_a_server(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Offline, a verified copy is used with a warning."""
    download(request_for(site, tmp_path))
    site.faults = [(503, {})] * 3
    with caplog.at_level(logging.WARNING):
        download(request_for(site, tmp_path))
    assert "using the copy" in caplog.text
    assert (tmp_path / NAME).read_bytes() == site.body


def test_an_unreachable_server_may_pass(tmp_path: Path) -> None:
    """Nobody listening ends in exit 75 with the address."""
    nowhere = Site(b"", url=f"http://127.0.0.1:9/{NAME}")
    with pytest.raises(TemporaryError, match=r"127\.0\.0\.1:9"):
        download(request_for(nowhere, tmp_path))


def test_secrets_of_the_address_stay_out_of_sight(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A password or signature is sent, but neither logged nor kept."""
    site.url = site.url.replace("http://", "http://me:hush@") + "?sig=hush"
    site.faults = [(503, {})]
    request = request_for(site, tmp_path)
    with caplog.at_level(logging.INFO, logger="taxi_fare"):
        download(request)
        site.faults = [(404, {})]
        with pytest.raises(DataMissingError) as caught:
            download(request)
    assert site.requests[0]["Authorization"].startswith("Basic ")
    kept = (tmp_path / f"{NAME}.http.json").read_text()
    ours = [each for each in caplog.records if "taxi_fare" in each.name]
    logged = " ".join(each.getMessage() for each in ours)
    assert "hush" not in logged + kept + str(caught.value)


def test_a_token_in_the_query_is_no_part_of_the_source(
    site: Site, tmp_path: Path
) -> None:
    """It is sent, and the lake's record does not have it."""
    settings = SourceSettings(attempts=1)
    place = f"{site.url.rpartition('/')[0]}?sig=a%2Fhush%3D"
    source = raw_source(place, downloads=tmp_path, settings=settings)
    [file], told = source.fetch(Month(NAME[-15:-8]), lambda done, total: None)
    assert file.read_bytes() == site.body
    assert site.paths[-1].endswith("?sig=a%2Fhush%3D")
    assert told == site.url


def test_two_downloads_at_once_share_one_file(
    site: Site, tmp_path: Path
) -> None:
    """The second waits for the first and then finds the work done."""
    site.chunk_seconds = 0.01
    with ThreadPoolExecutor(4) as pool:
        calls = [
            pool.submit(download, request_for(site, tmp_path))
            for _ in range(4)
        ]
        for call in calls:
            call.result()
    assert (tmp_path / NAME).read_bytes() == site.body
    assert site.sent == len(site.body)
    assert names_in(tmp_path) == {NAME, f"{NAME}.http.json"}


def test_dead_process_holds_no_lock(site: Site, tmp_path: Path) -> None:
    """A lock ends with the file handle of its owner."""
    owner = (tmp_path / f".{NAME}.lock").open("ab")
    fcntl.flock(owner, fcntl.LOCK_EX)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(download, request_for(site, tmp_path))
        time.sleep(0.1)
        assert not call.done()
        owner.close()
        call.result()
    assert (tmp_path / NAME).read_bytes() == site.body
