"""Addresses hold no secrets, and what is refused is never repeated."""

import os
import re
from unicodedata import normalize
from urllib.parse import unquote

from taxi_fare.core.errors import EnvironmentLackError, WrongUsageError

# Others may be a key's first half.
_KNOWN = "s3a|s3n|s3|https|http|ftp|file|spark|hdfs|abfss|wasbs|gs"
_SCHEME = re.compile(rf"\W*({_KNOWN}):", re.IGNORECASE)
# Blanks, controls and quotation marks that slip in before an address.
_BEFORE = "".join(map(chr, range(33))) + "\x7f'\""
_DRIVE = re.compile(r"\A[A-Za-z]:(?=[/\\](?![/\\]))")
# What begins like this is a path of this machine.
_LOCAL = re.compile(r"/(?!/)|\.{1,2}/|~|\\")
# Whoever writes an address badly still has a secret in it: one slash, none,
# a scheme that is none.
_ADDRESS = re.compile(r":[/\\].*@", re.DOTALL)
_PAIR = re.compile(r"(:|//).*@", re.DOTALL)


def holds_secret(text: str) -> bool:
    """
    Tell whether a text is an address that may have a secret in it.

    It may if there is an ``@`` anywhere in it, also an encoded one. A folder
    may have one in its name, unless a colon is before it; a path that begins
    with ``/``, ``./`` or ``~`` may have that, too.

    Examples
    --------
    >>> holds_secret("s3a://KEY:SEC/RET@bucket/x"), holds_secret("me@home")
    (True, False)
    """
    plain = normalize("NFKC", text)
    while (decoded := unquote(plain)) != plain:
        plain = normalize("NFKC", decoded)
    plain = _DRIVE.sub("", plain.lstrip(_BEFORE), count=1)
    kind = _ADDRESS if _LOCAL.match(plain) else _PAIR
    return kind.search(plain) is not None


# Whom to notify: the one variable whose addresses are to hold keys.
NOTIFY_URLS = "TAXI_FARE_NOTIFY_URLS"


def refuse_secret(text: object, name: str) -> None:
    """
    Refuse an address that may have a secret in it.

    Parameters
    ----------
    name : str
        What was given: an option, a variable, a key of the settings.

    Raises
    ------
    WrongUsageError
        If it may; it says where, and does not repeat it.
    """
    words = str(text)
    if holds_secret(words):
        raise WrongUsageError(
            f"{name} is an address{_kind(words)} with something before an"
            " @: keys in it would be shown wherever the address is.",
            expected="an address without @, such as s3a://bucket/prefix",
            remedy="keys of a store belong in MINIO_ACCESS_KEY and"
            " MINIO_SECRET_KEY (or AWS_*), those of --notify in"
            f" {NOTIFY_URLS}; a folder with a colon and an @ in its name is"
            " given with its whole path.",
        )


def shown_address(text: object) -> str:
    """
    Return an address without what may be a token: query and fragment.

    What is plainly a path of this machine stays what it is.

    Examples
    --------
    >>> shown_address("https://example.org/trips?sig=secret")
    'https://example.org/trips?…'
    """
    words = str(text)
    if holds_secret(words):
        return f"an address{_kind(words)}"
    if _LOCAL.match(words):
        return words
    kept = re.split("[?#]", words, maxsplit=1)
    return kept[0] if len(kept) == 1 else f"{kept[0]}?…"


def require_clear_proxies() -> None:
    """
    Refuse a proxy whose password has signs that end it too early.

    A proxy's address may hold a user and a password, which nobody shows; but
    of a password with a slash a client takes a part for the port, and says
    so.

    Raises
    ------
    EnvironmentLackError
        If there is one.
    """
    for name, value in os.environ.items():
        user = value.partition("://")[2] or value
        proxy = name.lower().endswith("_proxy") and name.lower() != "no_proxy"
        if proxy and re.search(r"[/?#@].*@", user, re.DOTALL):
            raise EnvironmentLackError(
                f"The user or password in {name} has a sign that ends it.",
                expected="http://user:password@host:port with %2F for /, %3F"
                " for ?, %23 for # and %40 for @",
                remedy=f"correct {name}.",
            )


def _kind(text: str) -> str:
    scheme = _SCHEME.match(text)
    return f" ({scheme[1].lower()}:)" if scheme else ""
