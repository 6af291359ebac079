"""Whether a cluster's master is there, and takes this run."""

import socket
from typing import Any
from urllib.parse import urlsplit

from py4j.protocol import Py4JJavaError
from pyspark import SparkConf, SparkContext

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.settings import CLUSTER_SECRET

START_IT = (
    "start the cluster (on one machine: deploy/local-cluster.sh up), or"
    " correct SPARK_MASTER"
)
_SCHEME = "spark://"
_PATIENCE_SECONDS = 3.0
_LOOKUP = "spark.rpc.lookupTimeout"
_LOOKUP_PATIENCE = "20s"
_MOST_LETTERS = 200


def is_local(master: str) -> bool:
    """Tell whether Spark's workers see the files of this machine."""
    return master.startswith("local")


def is_standalone(master: str) -> bool:
    """Tell whether there is an address; k8s and YARN have more to them."""
    return master.startswith(_SCHEME)


def addresses(master: str) -> list[str]:
    """Return host:port of each master; one is in charge, others stand by."""
    return master.removeprefix(_SCHEME).split(",")


def unreachable(master: str) -> str | None:
    """Say why no master takes a connection; None when one does."""
    faults = [_fault(each) for each in addresses(master)]
    return None if None in faults else faults[0]


def _fault(address: str) -> str | None:
    try:
        parts = urlsplit(f"//{address}")
        if not parts.hostname or not parts.port:
            return f"{address} is not host:port"
        place = (parts.hostname, parts.port)
        with socket.create_connection(place, timeout=_PATIENCE_SECONDS):
            return None
    except (OSError, ValueError) as error:
        return str(error)


def require_master(master: str) -> None:
    """
    Ask the master whether it talks to this JVM, as a run is going to.

    Spark itself would try for a minute, and not say what is wrong.

    Raises
    ------
    EnvironmentLackError
        If it is not there, or wants another secret.
    """
    why = unreachable(master)
    if why is not None:
        raise EnvironmentLackError(
            f"Spark's master {master} does not answer: {why}",
            remedy=f"{START_IT}.",
        )
    faults = [_refusal(each) for each in addresses(master)]
    if None in faults:
        return
    told = SparkConf().contains("spark.authenticate.secret")
    what = "is not the one of this cluster" if told else "is not set"
    raise EnvironmentLackError(
        f"Spark's master {master} does not talk to this run:"
        f" {CLUSTER_SECRET} {what} ({faults[0]}).",
        expected="the secret that the cluster was started with, or none where"
        " it has none, and the same version of Spark",
        remedy=f"correct {CLUSTER_SECRET}; for deploy/local-cluster.sh,"
        " source the file that it names.",
    )


def _refusal(address: str) -> str | None:
    """Look up the master's end of Spark's own protocol."""
    jvm: Any = SparkContext._jvm
    spark = jvm.org.apache.spark
    conf = spark.SparkConf().set(_LOOKUP, _LOOKUP_PATIENCE)
    defaults = (
        getattr(spark.SecurityManager, f"$lessinit$greater$default${number}")()
        for number in (2, 3)
    )
    security = spark.SecurityManager(conf, *defaults)
    asker = spark.rpc.RpcEnv.create(
        "asker", "127.0.0.1", 0, conf, security, True
    )
    try:
        place = spark.rpc.RpcAddress.fromSparkURL(f"{_SCHEME}{address}")
        asker.setupEndpointRef(place, "Master")
    except Py4JJavaError as error:
        cause = error.java_exception.getCause() or error.java_exception
        return str(cause.getMessage()).partition("\n")[0][:_MOST_LETTERS]
    finally:
        asker.shutdown()
    return None
