"""A place in an S3 store: what works, and what is said when it does not."""

import socket
import time
from collections.abc import Iterator

import obstore
import pytest
from obstore.exceptions import (
    AlreadyExistsError,
    PreconditionError,
)

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.settings import Settings, load_settings
from taxi_fare.core.store.client import open_store, store_errors


def _first_words(url: str, settings: Settings) -> str:
    """Ask for a listing that must fail; return the first line."""
    with (
        pytest.raises(EnvironmentLackError) as caught,
        store_errors(url, settings),
    ):
        list(obstore.list(open_store(url, settings)))
    words = str(caught.value)
    access = settings.store_access()
    assert access.access_key.get_secret_value() not in words
    assert access.secret_key.get_secret_value() not in words
    assert "What to do" in words
    return words.splitlines()[0]


def test_a_place_is_rooted_at_its_prefix(
    bucket: str, any_server: object, store_settings: Settings
) -> None:
    """Paths are relative to bucket and prefix, for s3a:// and s3://."""
    place = open_store(f"s3a://{bucket}/a/b/", store_settings)
    obstore.put(place, "c", b"content")
    whole = open_store(f"s3://{bucket}", store_settings)
    assert bytes(obstore.get(whole, "a/b/c").bytes()) == b"content"


def test_a_session_token_of_another_store_is_left_out(
    bucket: str, store_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MINIO_* keys are whole by themselves, whatever AWS_* says."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-another-store")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-another-store")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    place = open_store(f"s3a://{bucket}/a", load_settings())
    assert list(obstore.list(place)) == []


def test_answers_reach_the_caller(
    bucket: str, store_settings: Settings
) -> None:
    """Conditional writes and missing objects are no faults of the store."""
    url = f"s3a://{bucket}"
    place = open_store(url, store_settings)
    with store_errors(url, store_settings):
        first = obstore.put(place, "a", b"1", mode="create")
        obstore.put(place, "a", b"2", mode={"e_tag": first["e_tag"]})
    with (
        pytest.raises(AlreadyExistsError),
        store_errors(url, store_settings),
    ):
        obstore.put(place, "a", b"3", mode="create")
    with pytest.raises(PreconditionError), store_errors(url, store_settings):
        obstore.put(place, "a", b"3", mode={"e_tag": first["e_tag"]})
    with pytest.raises(FileNotFoundError), store_errors(url, store_settings):
        obstore.get(place, "b")


def test_a_missing_bucket_is_told(store_settings: Settings) -> None:
    """Listing, reading and writing say the same."""
    url = "s3a://no-such-bucket/yellow"
    assert "has no such bucket" in _first_words(url, store_settings)
    place = open_store(url, store_settings)
    with (
        pytest.raises(EnvironmentLackError, match="no such bucket"),
        store_errors(url, store_settings),
    ):
        obstore.get(place, "a")
    with (
        pytest.raises(EnvironmentLackError, match="no such bucket"),
        store_errors(url, store_settings),
    ):
        obstore.put(place, "a", b"1")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("MINIO_ACCESS_KEY", "does not know the access key"),
        ("MINIO_SECRET_KEY", "refuses the secret key"),
    ],
)
def test_a_wrong_key_is_told(
    bucket: str,
    store_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    words: str,
) -> None:
    """Which of the two is wrong is said; neither is shown."""
    monkeypatch.setenv(name, "wrong-key-wrong-key")
    assert words in _first_words(f"s3a://{bucket}", load_settings())


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.mark.parametrize("kind", ["closed", "silent", "unknown host"])
def test_an_unreachable_store_is_given_up_within_a_minute(
    kind: str, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused, hanging, or a name that does not resolve."""
    endpoint = {
        "closed": "http://127.0.0.1:1",
        "silent": f"http://127.0.0.1:{silent_port}",
        "unknown host": "http://store.invalid:9000",
    }[kind]
    monkeypatch.setenv("MINIO_ENDPOINT", endpoint)
    monkeypatch.setenv("MINIO_ACCESS_KEY", "access-key-1")
    monkeypatch.setenv("MINIO_SECRET_KEY", "secret-key-1")
    begin = time.monotonic()
    words = _first_words("s3a://a/b", load_settings())
    assert words == f"The S3 store at {endpoint} cannot be reached for" + (
        " s3a://a/b."
    )
    assert time.monotonic() - begin < 60
