"""A store that speaks https, with a certificate of the house's own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taxi_fare.core.months import Month
from taxi_fare.core.spark.java import find_java
from taxi_fare.lake.simulated.month import simulate_month

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

LONGEST_SECONDS = 600
PASSWORD = "changeit"


@pytest.fixture(scope="module")
def certificates(
    tmp_path_factory: pytest.TempPathFactory,
    lacking: Callable[[str], None],
) -> Path:
    """An authority, and a server's certificate that it signed."""
    if shutil.which("openssl") is None:
        lacking("no openssl to make certificates with")
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "CAs").mkdir()
    names = "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"
    (folder / "names").write_text(names)
    new = "req -newkey rsa:2048 -nodes"
    for command in (
        f"{new} -x509 -keyout authority.key -out CAs/authority.pem"
        " -days 2 -subj /CN=House",
        f"{new} -keyout private.key -out request.csr -subj /CN=store",
        "x509 -req -in request.csr -CA CAs/authority.pem -CAkey authority.key"
        " -CAcreateserial -days 2 -extfile names -out public.crt",
    ):
        subprocess.run(
            ["openssl", *command.split()],
            cwd=folder,
            check=True,
            capture_output=True,
        )
    return folder


@pytest.fixture(scope="module")
def server(
    start_server: Callable[..., Any], jars: None, certificates: Path
) -> Any:
    """A MinIO with the bucket of the default lake."""
    server = start_server("minio", certificates=certificates)
    server.make_bucket("nyc-interim")
    return server


@pytest.fixture
def trust_store(server: Any, tmp_path: Path) -> Path:
    """What the page on stores tells to make for Java."""
    store = tmp_path / "trust.p12"
    command = [str(find_java().home / "bin" / "keytool"), "-importcert"]
    command += ["-noprompt", "-file", str(server.authority)]
    command += ["-keystore", str(store), "-storetype", "PKCS12"]
    command += ["-storepass", PASSWORD]
    subprocess.run(command, check=True, capture_output=True)
    return store


def test_a_certificate_of_the_house_is_trusted_when_named(
    server: Any, trust_store: Path, tmp_path: Path
) -> None:
    """By SSL_CERT_FILE for listing and uploads, by Java's trust store for
    Spark; without either, exit 7 says so."""
    file = tmp_path / "raw" / "yellow_tripdata_2023-01.parquet"
    simulate_month(file, month=Month("2023-01"), trips=1_000, seed=7)

    def call(code: int, *words: str, **more: str) -> str:
        """Run a command; return what it said."""
        kept = ["PATH", "HOME", "XDG_CACHE_HOME"]
        kept += ["JAVA_HOME", "JAVA_TOOL_OPTIONS"]
        kept += ["TAXI_FARE_SPARK__CLASS_ARCHIVE"]
        shell = {key: os.environ[key] for key in kept if key in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "taxi_fare", *words],
            cwd=tmp_path,
            env=shell
            | server.environment
            | {"TAXI_FARE_SPARK__DRIVER_MEMORY": "1g"}
            | more,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        assert server.secret_key not in done.stderr
        return done.stderr

    ingest = "ingest", "--months=2023-01", "--source=raw"
    words = "has a certificate that is not trusted"
    assert f"{words} (UnknownIssuer)" in call(7, *ingest)
    named = {"SSL_CERT_FILE": str(server.authority)}
    call(0, *ingest, **named)
    eda = "eda", "--months=2023-01"
    assert words in call(7, *eda, **named)
    java = (
        f"-Djavax.net.ssl.trustStore={trust_store}"
        f" -Djavax.net.ssl.trustStorePassword={PASSWORD}"
    )
    call(0, *eda, **named, JAVA_TOOL_OPTIONS=java)
    localhost = server.endpoint.replace("127.0.0.1", "localhost")
    said = call(7, *eda, **named, MINIO_ENDPOINT=localhost)
    assert f"{words} (NotValidForNameContext)" in said
    plain = server.endpoint.replace("https", "http")
    said = call(7, *eda, MINIO_ENDPOINT=plain)
    assert "is not reached in this way" in said
