"""Real S3 servers, built by ``make tools``, each with an empty folder."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from s3_servers import ServerLackError, StoreServer

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.sections import SparkSettings
from taxi_fare.core.settings import Settings, load_settings
from taxi_fare.core.spark.jars import fetch_jars

_NAMES = (
    "DATA_BASE_PATH",
    "MINIO_ENDPOINT",
    "MINIO_ACCESS_KEY",
    "MINIO_SECRET_KEY",
    "MINIO_REGION",
    "MINIO_BUCKET_INTERIM",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "TAXI_FARE_CONF",
)


def _lacking(reason: str) -> NoReturn:
    """Skip the test, or fail it where everything must be there."""
    if os.environ.get("TAXI_FARE_REQUIRE_STORE") == "1":
        pytest.fail(f"{reason} (TAXI_FARE_REQUIRE_STORE=1)")
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may reach a store that the machine's environment names."""
    for name in _NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def lacking() -> Callable[[str], NoReturn]:
    """Skip the test, or fail it with TAXI_FARE_REQUIRE_STORE=1."""
    return _lacking


@pytest.fixture(scope="session")
def jars(lacking: Callable[[str], NoReturn]) -> None:
    """The jars for s3a://, fetched once; the tests need a network for it."""
    try:
        fetch_jars(SparkSettings())
    except EnvironmentLackError as error:
        lacking(str(error))


@pytest.fixture(scope="session")
def start_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., StoreServer]]:
    """Start one more server of a kind; all are stopped at the end."""
    servers: list[StoreServer] = []

    def start(kind: str, **more: Path) -> StoreServer:
        """Give a server with an empty folder."""
        folder = tmp_path_factory.mktemp(kind)
        server = StoreServer(kind, folder / "data", **more)
        servers.append(server)
        try:
            server.start()
        except ServerLackError as error:
            _lacking(str(error))
        return server

    yield start
    for server in servers:
        server.kill()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def minio_server(start_server: Callable[[str], StoreServer]) -> StoreServer:
    """A MinIO that tests share; none may stop it."""
    return start_server("minio")


@pytest.fixture(scope="session")
def versity_server(start_server: Callable[[str], StoreServer]) -> StoreServer:
    """A versitygw that tests share; none may stop it."""
    return start_server("versitygw")


@pytest.fixture(params=["minio", "versitygw"])
def any_server(request: pytest.FixtureRequest) -> StoreServer:
    """Each kind of server in turn."""
    name = "minio_server" if request.param == "minio" else "versity_server"
    server: StoreServer = request.getfixturevalue(name)
    return server


@pytest.fixture
def bucket(any_server: StoreServer) -> str:
    """An empty bucket on each kind of server in turn."""
    name = f"bucket-{secrets.token_hex(4)}"
    any_server.make_bucket(name)
    return name


@pytest.fixture
def store_settings(
    any_server: StoreServer, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings as a user gives them: by the environment."""
    for name, value in any_server.environment.items():
        monkeypatch.setenv(name, value)
    return load_settings()
