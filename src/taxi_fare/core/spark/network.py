"""Where a run's Spark listens, and who may talk to it."""

import os
import socket
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from pydantic import SecretStr
from pyspark import SparkConf, SparkContext

from taxi_fare.core.spark.master import addresses, is_local, is_standalone

LOOPBACK = "127.0.0.1"
LOCAL_IP = "SPARK_LOCAL_IP"


def is_on_loopback(master: str) -> bool:
    """Tell whether all of Spark is on this machine and hidden from others."""
    return is_local(master) or (
        is_standalone(master)
        and all(
            _is_loopback(address.rpartition(":")[0].strip("[]"))
            for address in addresses(master)
        )
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def network_options(
    master: str, *, secret: SecretStr | None, environment: Mapping[str, str]
) -> dict[str, str]:
    """
    Return what Spark is told about its network, unless somebody did.

    Returns
    -------
    dict of str to str
        The secret among it: nothing of this may be on a command line.
    """
    options = {}
    if LOCAL_IP not in environment:
        # Its pages have no login, and would be open to every machine.
        options["spark.ui.enabled"] = "false"
        if is_on_loopback(master):
            options["spark.driver.host"] = LOOPBACK
    if master.partition("[")[0] == "local":
        # Spark makes a secret that nobody else on this machine knows.
        options["spark.authenticate"] = "true"
    elif secret:
        options |= {
            "spark.authenticate": "true",
            "spark.authenticate.secret": secret.get_secret_value(),
            "spark.network.crypto.enabled": "true",
        }
    return options


def protect(master: str, *, secret: SecretStr | None) -> None:
    """
    Tell a running JVM what the context it starts may not do without.

    As the keys of a store, the secret goes from process to process: a
    command line, Spark's pages and its event log never have it.
    """
    given = SparkConf()
    jvm: Any = SparkContext._jvm
    options = network_options(master, secret=secret, environment=os.environ)
    for name, value in options.items():
        if not given.contains(name):
            jvm.java.lang.System.setProperty(name, value)


def loopback_trouble() -> str:
    """Say why this machine does not reach itself; nothing if it does."""
    try:
        with (
            socket.create_server((LOOPBACK, 0)) as server,
            socket.create_connection(server.getsockname(), 1.0),
        ):
            return ""
    except OSError as error:
        return error.strerror or str(error)
