"""The keys of those who may ask."""

import hmac
from collections.abc import Sequence

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.settings import API_KEYS, Settings
from taxi_fare.serving.problems import problem_of

# What a balancer asks tells nothing that is worth a key.
_OPEN = ("/health/", "/docs", "/openapi.json")


def keys_of(settings: Settings) -> tuple[bytes, ...]:
    """
    Return the keys of those who may ask; none: everybody may.

    Raises
    ------
    WrongUsageError
        If there is a text, and no key in it: somebody meant to close it.
    """
    text = settings.api_keys.get_secret_value() if settings.api_keys else ""
    keys = [each.strip() for each in text.split(",")]
    found = tuple(each.encode() for each in keys if each)
    if text and not found:
        raise WrongUsageError(
            f"{API_KEYS} is set, and holds no key.",
            expected="keys with commas between them",
            remedy="set one, or unset it: then everybody may ask.",
        )
    return found


def is_open(path: str) -> bool:
    """Tell whether a path may be asked without a key."""
    return path.startswith(_OPEN)


def check_key(given: bytes, *, keys: Sequence[bytes]) -> None:
    """
    Refuse who has no key.

    Parameters
    ----------
    given : bytes
        The header `Authorization`, empty where there is none.

    Raises
    ------
    ProblemError
        If it holds none of the keys.
    """
    kind, _, found = given.partition(b" ")
    # All of them, each in constant time.
    known = [hmac.compare_digest(found.strip(), each) for each in keys]
    if kind.lower() != b"bearer" or not any(known):
        raise problem_of(
            401,
            "There is no key, or none that is known.",
            expected="Authorization: Bearer KEY",
            remedy="ask whoever runs the service for a key.",
        )
