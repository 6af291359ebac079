"""Packages that only an extra of the project brings."""

from importlib.util import find_spec

from taxi_fare.core.errors import EnvironmentLackError


def require_extra(extra: str, *, package: str, option: str) -> None:
    """
    Check, before anything is done, that a package is there.

    Raises
    ------
    EnvironmentLackError
        If it is not.
    """
    if find_spec(package) is None:
        raise EnvironmentLackError(
            f"Not installed: {package}.",
            expected=f"what {option} needs",
            remedy=f"pip install 'taxi-fare[{extra}]'.",
        )
