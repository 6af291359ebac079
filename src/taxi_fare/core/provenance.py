"""Which code and libraries made something."""

import platform
import subprocess
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

from taxi_fare.core.checkout import CHECKOUT

_PACKAGES = ("taxi-fare", "pyspark", "pyarrow", "numpy")
# Two packages bring the same library.
_XGBOOST = ("xgboost", "xgboost-cpu")
_MISSING = "not installed"


def library_versions() -> dict[str, str]:
    """Return the versions that a model depends on."""
    versions = {"python": platform.python_version()}
    versions |= {package: installed_version(package) for package in _PACKAGES}
    xgboost = installed_version(*_XGBOOST)
    return versions if xgboost == _MISSING else versions | {"xgboost": xgboost}


def installed_version(*packages: str) -> str:
    """Return the version of the first of some packages that is there."""
    for package in packages:
        with suppress(PackageNotFoundError):
            return version(package)
    return _MISSING


def git_commit() -> str | None:
    """
    Return the commit of the project's checkout.

    Returns
    -------
    str or None
        The hash, with ``-dirty`` after it when files differ from it; None
        outside a checkout.
    """
    if CHECKOUT is None:
        return None
    command = ["git", "describe", "--always", "--abbrev=40", "--dirty"]
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed command
            command,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
