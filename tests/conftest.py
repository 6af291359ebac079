"""Fixtures that every test may use."""

import os
import re
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import hypothesis
import psutil
import pytest
from pyspark.sql import SparkSession

from taxi_fare.core.months import parse_months
from taxi_fare.core.sections import SparkSettings
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.class_archive import archive_options
from taxi_fare.core.spark.java import find_java
from taxi_fare.core.spark.session import spark_session
from taxi_fare.lake.simulated.month import simulate_month
from taxi_fare.workflows.ingest import IngestOptions, ingest

# Spark takes a datetime without a zone for local time: literal rows of tests
# must mean the same everywhere. test_wall_clock.py runs in another zone.
os.environ["TZ"] = "UTC"
time.tzset()

# `make env` has made the archive of Spark's classes. Tests whose cache is
# elsewhere make none: they would leave their processes behind.
os.environ.setdefault("TAXI_FARE_SPARK__CLASS_ARCHIVE", "use")

# How long an example takes says how busy the machine is, not what is wrong.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

REAL_MONTHS = Path(__file__).parents[2] / "shared" / "tlc" / "raw"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with files that take minutes: at the end they would run alone."""
    items.sort(key=lambda item: item.get_closest_marker("minutes") is None)
    if any(item.get_closest_marker("spark") for item in items):
        # A JVM of a test lives for seconds, and would spend most of them on
        # optimising itself and on reading Spark's classes.
        short_lived = "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"
        archive = archive_options(find_java(), "use")
        options = " ".join([*short_lived, *archive])
        os.environ.setdefault("JAVA_TOOL_OPTIONS", options)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Write half a character, which cannot be sent to another process."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode())
        for name, text in report.sections
    ]
    return report


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """One local Spark for all tests of the session."""
    session = spark_session(
        Settings(spark=SparkSettings(master="local[2]", driver_memory="2g"))
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def small_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January to April 2023, 400 simulated trips each, dirt and all."""
    home, months = tmp_path_factory.mktemp("small"), "2023-01..2023-04"
    for month in parse_months(months):
        raw = home / "raw" / f"yellow_tripdata_{month}.parquet"
        simulate_month(raw, month=month, trips=400, seed=5)
    ingest(
        parse_months(months),
        lake=home / "lake",
        source=str(home / "raw"),
        options=IngestOptions(raw_dir=home / "raw", reports_dir=home),
        settings=Settings(),
    )
    return home / "lake"


@pytest.fixture(scope="session")
def strangers_reach() -> Callable[[psutil.Process], set[str]]:
    """Addresses, beyond this machine's own, at which a process and all that
    it has started take connections."""

    def addresses(parent: psutil.Process) -> set[str]:
        """As ``ss -ltnp`` tells them."""
        found = [
            socket.laddr.ip
            for process in (parent, *parent.children(recursive=True))
            for socket in process.net_connections(kind="tcp")
            if socket.status == psutil.CONN_LISTEN
        ]
        assert found, f"{parent} listens nowhere"
        plain = {each.removeprefix("::ffff:") for each in found}
        return {each for each in plain if not ip_address(each).is_loopback}

    return addresses


@pytest.fixture(scope="session")
def python_page() -> list[tuple[bool, str]]:
    """The examples of docs/python.md, and whether they start Spark."""
    page = (Path(__file__).parents[1] / "docs" / "python.md").read_text()
    blocks = re.findall(
        r"(<!-- Spark -->\n)?^```pycon\n(.*?)^```$", page, re.M | re.S
    )
    assert page.count("```pycon") == len(blocks)
    return [(bool(spark), examples) for spark, examples in blocks]


@pytest.fixture(scope="session")
def real_months() -> Path:
    """Folder of the real 2019 months, where it is there."""
    if not REAL_MONTHS.is_dir():
        pytest.skip(f"real trips are not on this machine: {REAL_MONTHS}")
    return REAL_MONTHS
