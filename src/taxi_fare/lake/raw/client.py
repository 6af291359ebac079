"""The HTTP client of downloads, by the variables of this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.request import getproxies

import httpx

from taxi_fare.core.errors import EnvironmentLackError

_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@contextmanager
def http_client(
    url: httpx.URL, *, timeout_seconds: float
) -> Iterator[httpx.Client]:
    """
    Give a client that reaches an address as the environment says.

    Raises
    ------
    EnvironmentLackError
        If a variable names a proxy that cannot be used, or certificates
        that are not there; it is named.
    """
    for name in _CERTIFICATES:
        place = os.environ.get(name)
        if place and not Path(place).exists():
            raise _unusable(name, "names what is not there")
    proxy = None if _is_bypassed(url.host) else _proxy_of(url.scheme)
    name, address = proxy or ("", None)
    try:
        client = httpx.Client(
            timeout=timeout_seconds,
            follow_redirects=True,
            # httpx reads NO_PROXY otherwise, and stumbles over networks.
            trust_env=False,
            proxy=address,
            verify=httpx.create_ssl_context(),
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        # Not chained, nor repeated: it may hold a password.
        raise _unusable(name, "names no proxy that can be used here") from None
    except OSError as error:
        read = next(filter(os.environ.get, _CERTIFICATES), _CERTIFICATES[0])
        told = f"cannot be read ({error.strerror or error})"
        raise _unusable(read, told) from None
    with client:
        yield client


def _unusable(name: str, told: str) -> EnvironmentLackError:
    return EnvironmentLackError(
        f"{name} {told}.",
        expected="an http:// or https:// proxy; a file or folder of"
        " certificates that can be read",
        remedy=f"correct or unset {name}.",
    )


def _proxy_of(scheme: str) -> tuple[str, str] | None:
    """Return the variable that names the proxy of a scheme, and the proxy."""
    proxies = getproxies()
    for each in (scheme, "all"):
        if address := proxies.get(each):
            name = f"{each}_proxy"
            name = name.upper() if name.upper() in os.environ else name
            address = address if "://" in address else f"http://{address}"
            return name, address
    return None


def _is_bypassed(host: str) -> bool:
    """Tell whether ``NO_PROXY`` names a host, its domain or its network."""
    listed = getproxies().get("no", "").split(",")
    return any(_names(entry.strip(), host.lower()) for entry in listed)


def _names(entry: str, host: str) -> bool:
    entry = entry.lower().rpartition("://")[2]
    if entry == "*":
        return True
    bare = entry.removeprefix("[").partition("]")[0]
    with suppress(ValueError):
        return ip_address(host.strip("[]")) in ip_network(bare, strict=False)
    name = bare.partition(":")[0].removeprefix("*").lstrip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))
