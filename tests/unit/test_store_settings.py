"""How to reach the S3 store, told by the environment."""

import pytest

from taxi_fare.core.errors import EnvironmentLackError, WrongUsageError
from taxi_fare.core.settings import load_settings
from taxi_fare.core.spark.faults import known_fault
from taxi_fare.core.store.client import (
    is_store_url,
    open_store,
    split_store_url,
)
from taxi_fare.core.store.words import explain

MINIO = {"MINIO_ACCESS_KEY": "minio-key", "MINIO_SECRET_KEY": "minio-word"}
AWS = {"AWS_ACCESS_KEY_ID": "aws-key", "AWS_SECRET_ACCESS_KEY": "aws-word"}
OTHERS = (
    "MINIO_ENDPOINT",
    "MINIO_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*MINIO, *AWS, *OTHERS):
        monkeypatch.delenv(name, raising=False)


def _set(patch: pytest.MonkeyPatch, *variables: dict[str, str]) -> None:
    for each in variables:
        for name, value in each.items():
            patch.setenv(name, value)


def test_the_description_s_endpoint_is_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two keys are enough."""
    _set(monkeypatch, MINIO)
    access = load_settings().store_access()
    assert access.endpoint == access.shown_endpoint == "http://minio:9000"
    assert (access.region, access.is_plain_http) == ("us-east-1", True)
    assert access.access_key.get_secret_value() == "minio-key"


def test_aws_names_alone_mean_amazon(monkeypatch: pytest.MonkeyPatch) -> None:
    """With their region and session token, and an endpoint if there is one."""
    token = {"AWS_SESSION_TOKEN": "token", "AWS_DEFAULT_REGION": "eu-west-3"}
    _set(monkeypatch, AWS, token)
    access = load_settings().store_access()
    assert access.endpoint is None
    assert access.shown_endpoint == "Amazon S3 in eu-west-3"
    assert access.session_token is not None
    assert access.session_token.get_secret_value() == "token"
    _set(monkeypatch, {"AWS_ENDPOINT_URL": "https://one.example/"})
    assert load_settings().store_access().endpoint == "https://one.example"
    _set(monkeypatch, {"AWS_ENDPOINT_URL_S3": "https://two.example"})
    assert load_settings().store_access().endpoint == "https://two.example"


def test_the_two_families_are_not_mixed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A MinIO beside an account at Amazon."""
    other = {
        "AWS_SESSION_TOKEN": "token",
        "AWS_REGION": "eu-west-3",
        "AWS_ENDPOINT_URL": "https://example.org",
    }
    _set(monkeypatch, MINIO, AWS, other)
    access = load_settings().store_access()
    assert access.endpoint == "http://minio:9000"
    assert access.region == "us-east-1"
    assert access.secret_key.get_secret_value() == "minio-word"
    assert access.session_token is None


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({}, "MINIO_ACCESS_KEY"),
        ({"MINIO_ACCESS_KEY": "", "MINIO_SECRET_KEY": ""}, "MINIO_ACCESS_KEY"),
        ({"MINIO_ACCESS_KEY": "a-key"}, "MINIO_SECRET_KEY"),
        ({"MINIO_ACCESS_KEY": "a-key", **AWS}, "MINIO_SECRET_KEY"),
        ({"MINIO_SECRET_KEY": "a-word"}, "MINIO_ACCESS_KEY"),
        ({"AWS_ACCESS_KEY_ID": "a-key"}, "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_a_missing_key_is_named(
    variables: dict[str, str], missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of a pair is not completed from the other family."""
    _set(monkeypatch, variables)
    with pytest.raises(EnvironmentLackError, match=f"{missing} is not set"):
        open_store("s3a://bucket", load_settings())


@pytest.mark.parametrize(
    "endpoint",
    ["minio:9000", "ftp://minio", "http://", "http://key:word@minio:9000"],
)
def test_an_endpoint_that_is_none_is_refused(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without repeating it: keys may be in it."""
    _set(monkeypatch, MINIO, {"MINIO_ENDPOINT": endpoint})
    with pytest.raises(WrongUsageError, match="MINIO_ENDPOINT") as caught:
        load_settings()
    assert "key:word" not in str(caught.value)


def test_keys_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by settings, access, or client."""
    _set(monkeypatch, MINIO)
    settings = load_settings()
    store = open_store("s3a://bucket/prefix", settings)
    shown = [settings, settings.model_dump(), settings.store_access()]
    shown += [store, store.config, store.credential_provider]
    assert "minio-word" not in repr(shown)
    assert "minio-key" not in repr(shown)


def test_addresses_are_told_from_folders() -> None:
    """Both schemes, in any case, and nothing else."""
    assert is_store_url("s3a://bucket/a")
    assert is_store_url("S3://bucket")
    assert not is_store_url("s3a/bucket")
    assert not is_store_url("file:///s3a://")
    assert split_store_url("s3a://bucket/a/b/") == ("bucket", "a/b")
    assert split_store_url("s3://bucket") == ("bucket", "")


@pytest.mark.parametrize(
    "url", ["s3a://", "s3a:///a", "s3a://k:w@bucket/a", "s3a://b/a?k=w", "a"]
)
def test_an_address_that_is_none_is_not_repeated(url: str) -> None:
    """Keys may be in it."""
    with pytest.raises(WrongUsageError, match="s3a://bucket/prefix"):
        split_store_url(url)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("<Code>RequestTimeTooSkewed</Code>", "this machine's clock"),
        ("<Code>AccessDenied</Code> key AKIA", "refuses access with these"),
        ("<Code>SlowDown</Code>", "failed for s3a://b/p: SlowDown"),
        ("status code: 503 Service Unavailable", "(status 503)"),
        ("status code: 403 Forbidden", "refuses the request"),
        ("error sending request", "cannot be reached"),
        (
            "error sending request InvalidCertificate(\n UnknownIssuer,",
            "a certificate that is not trusted (UnknownIssuer)",
        ),
        ("SdkClientException: PKIX path building failed", "is not trusted"),
        (
            "status code: 400: Client sent an HTTP request to an HTTPS server",
            "is not reached in this way",
        ),
        ("received corrupt message InvalidContentType", "in this way"),
    ],
)
def test_a_store_s_words_are_understood(words: str, said: str) -> None:
    """And never repeated."""
    error = explain(words, url="s3a://b/p", endpoint="http://minio:9000")
    assert said in str(error)
    assert "AKIA" not in str(error)
    assert error.exit_code == 7


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("java.io.IOException: No space left on device", 7),
        ("s3a://b/k: RemoteFileChangedException", 75),
        ("[PATH_NOT_FOUND] Path does not exist: s3a://b/k. SQLSTATE", 75),
        ("getFileStatus on s3a://b/k: SdkClientException: timed out", 7),
        ("s3a://b/k is not a Parquet file", None),
        ("[PATH_NOT_FOUND] Path does not exist: file:/b/k", None),
    ],
)
def test_spark_s_words_are_understood(words: str, code: int | None) -> None:
    """Faults of a store are told from damaged files and from bugs."""
    fault = known_fault(RuntimeError(words))
    assert (fault.exit_code if fault else None) == code


@pytest.mark.parametrize(
    ("task", "where"),
    [
        ("(10.0.0.7 executor 1)", "on the worker 10.0.0.7 (executor 1)."),
        ("(host executor driver)", "on this machine or on a worker."),
    ],
)
def test_a_full_disk_is_told_with_its_machine(task: str, where: str) -> None:
    """Of several workers, the one that room must be made on."""
    words = f"Lost task 0.3 {task}: java.io.IOException: No space left on"
    fault = known_fault(RuntimeError(f"{words} device\n\tat java.base"))
    assert str(fault).startswith(f"A disk is full {where}")
