"""Where Spark listens and who may talk to it, before it is started."""

import pytest
from pydantic import SecretStr

from taxi_fare.core.settings import load_settings
from taxi_fare.core.spark.network import is_on_loopback, network_options

SECRET = "s3a://no:address@of/the+cluster"
HIDDEN = ("local", "local[2]", "spark://127.0.0.1:7077", "spark://[::1]:7077")
OTHERS = ("spark://10.0.0.5:7077", "spark://spark-master:7077", "yarn")


@pytest.mark.parametrize(
    ("master", "expected"),
    [
        *((master, True) for master in HIDDEN),
        ("local[*]", True),
        ("spark://localhost:7077", True),
        ("spark://127.0.0.1:7077,localhost:7078", True),
        *((master, False) for master in OTHERS),
        ("spark://127.0.0.1:7077,10.0.0.5:7077", False),
        ("spark://localhost.example.org:7077", False),
        ("k8s://https://127.0.0.1:6443", False),
    ],
)
def test_what_is_on_loopback(master: str, expected: bool) -> None:
    """This machine's Spark, and a cluster all of whose masters are on it."""
    assert is_on_loopback(master) is expected


@pytest.mark.parametrize("master", HIDDEN + OTHERS)
def test_a_driver_listens_to_others_only_for_their_cluster(
    master: str,
) -> None:
    """And shows its pages, which have no login, to nobody; whoever names an
    address has asked for it."""
    given = network_options(master, secret=None, environment={})
    assert given.get("spark.driver.host") == (
        "127.0.0.1" if master in HIDDEN else None
    )
    assert given["spark.ui.enabled"] == "false"
    asked = {"SPARK_LOCAL_IP": "10.0.0.7"}
    given = network_options(master, secret=None, environment=asked)
    assert not {"spark.driver.host", "spark.ui.enabled"} & given.keys()


@pytest.mark.parametrize("master", HIDDEN + OTHERS)
def test_a_secret_is_for_clusters(
    master: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alone, Spark makes one that nobody knows; an empty one is none."""
    monkeypatch.setenv("SPARK_AUTHENTICATE_SECRET", SECRET)
    secret = load_settings().spark_authenticate_secret
    assert SECRET not in repr(load_settings())
    given = network_options(master, secret=secret, environment={})
    assert given["spark.authenticate"] == "true"
    local = master.startswith("local")
    assert (given.get("spark.authenticate.secret") == SECRET) is not local
    assert ("spark.network.crypto.enabled" in given) is not local
    given = network_options(master, secret=SecretStr(""), environment={})
    assert ("spark.authenticate" in given) is local
