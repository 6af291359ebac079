"""Reach a place in an S3 store, and say what is wrong with it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotModifiedError,
    PreconditionError,
)
from obstore.store import S3Store

from taxi_fare.core.errors import (
    EnvironmentLackError,
    WrongUsageError,
)
from taxi_fare.core.settings import Settings
from taxi_fare.core.store_settings import StoreAccess

if TYPE_CHECKING:  # obstore's own rule: not importable at run time
    from obstore.store import S3Config, S3Credential

_SCHEMES = ("s3a", "s3")
# A store that does not answer is given up within a minute, retries included.
_CONNECT_SECONDS = 5
_REQUEST_SECONDS = 25
_RETRY_SECONDS = 20
_RETRIES = 3
# Answers that a caller decides on; they are no fault of the store.
_ANSWERS = (
    AlreadyExistsError,
    FileNotFoundError,  # what obstore raises for a missing object
    NotModifiedError,
    PreconditionError,
)
_REFUSED = {"400", "401", "403"}
_CODE = re.compile(r"<Code>(\w+)</Code>")
# As obstore writes it, and as the SDK of Hadoop does.
_STATUS = re.compile(r"[Ss]tatus [Cc]ode: (\d{3})")
_CORRECT_KEYS = (
    "correct MINIO_ACCESS_KEY and MINIO_SECRET_KEY (or"
    " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)."
)
# What S3 stores answer, and what to do about it.
_REMEDIES = {
    "InvalidAccessKeyId": ("does not know the access key", _CORRECT_KEYS),
    # versitygw's name for it.
    "XAdminUserNotFound": ("does not know the access key", _CORRECT_KEYS),
    "AuthorizationHeaderMalformed": (
        "expects another region or key",
        "set MINIO_REGION (or AWS_REGION) to the store's region.",
    ),
    "SignatureDoesNotMatch": ("refuses the secret key", _CORRECT_KEYS),
    "ExpiredToken": ("refuses keys that have ended", "get new AWS_* keys."),
    "AccessDenied": (
        "refuses access with these keys",
        "allow them to list, read and write there, or use other keys.",
    ),
    "RequestTimeTooSkewed": (
        "refuses this machine's clock",
        "set the clock (timedatectl set-ntp true): it must be right within"
        " 15 minutes.",
    ),
    "NoSuchBucket": (
        "has no such bucket",
        "create the bucket, or correct the address or MINIO_BUCKET_INTERIM.",
    ),
}


def is_store_url(path: str) -> bool:
    """
    Tell an address in an S3 store from a folder.

    Parameters
    ----------
    path : str
        Such as ``s3a://nyc-interim/yellow`` or ``data/yellow``.

    Returns
    -------
    bool
        Whether it begins with ``s3a://`` or ``s3://``.
    """
    return path.lower().startswith(tuple(f"{each}://" for each in _SCHEMES))


def split_store_url(url: str) -> tuple[str, str]:
    """
    Return the bucket and the prefix of an address.

    Parameters
    ----------
    url : str
        Such as ``s3a://nyc-interim/yellow``.

    Returns
    -------
    bucket : str
        Such as ``nyc-interim``.
    prefix : str
        Such as ``yellow``, without slashes around it; may be empty.

    Raises
    ------
    WrongUsageError
        If it names no bucket, or more than bucket and prefix.
    """
    try:
        parts = urlsplit(url)
        plain = parts.netloc and "@" not in parts.netloc
    except ValueError:
        plain = ""
    if not plain or not is_store_url(url) or parts.query or parts.fragment:
        # The address itself may hold keys (s3a://key:secret@bucket).
        raise WrongUsageError(
            "The address of a place in an S3 store cannot be used.",
            expected="s3a://bucket/prefix, without keys in it",
            remedy="correct the address; keys belong in MINIO_ACCESS_KEY and"
            " MINIO_SECRET_KEY.",
        )
    return parts.netloc, parts.path.strip("/")


def open_store(url: str, settings: Settings) -> S3Store:
    """
    Open a place in an S3 store; nothing is asked of the store yet.

    Parameters
    ----------
    url : str
        Such as ``s3a://nyc-interim/yellow``.
    settings : Settings
        Endpoint and keys.

    Returns
    -------
    S3Store
        Rooted there: its paths are relative to the prefix.

    Raises
    ------
    WrongUsageError
        If the address cannot be used.
    EnvironmentLackError
        If a key is not set.
    """
    bucket, prefix = split_store_url(url)
    access = settings.store_access()
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=_config(access),
        credential_provider=_Keys(access),
        client_options={
            "allow_http": access.is_plain_http,
            "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
            "timeout": timedelta(seconds=_REQUEST_SECONDS),
        },
        retry_config={
            "max_retries": _RETRIES,
            "retry_timeout": timedelta(seconds=_RETRY_SECONDS),
        },
    )


def _config(access: StoreAccess) -> "S3Config":
    config: S3Config = {
        "region": access.region,
        # MinIO and most others have no host name for each bucket.
        "virtual_hosted_style_request": access.endpoint is None,
    }
    if access.endpoint:
        # Both: obstore prefers the second, and would take it from AWS_*.
        config["endpoint"] = access.endpoint
        config["aws_endpoint_url_s3"] = access.endpoint
    return config


@dataclass(frozen=True)
class _Keys:
    """Gives obstore these keys, and no AWS_SESSION_TOKEN of other ones."""

    access: StoreAccess

    def __call__(self) -> "S3Credential":
        keys: S3Credential = {
            "access_key_id": self.access.access_key.get_secret_value(),
            "secret_access_key": self.access.secret_key.get_secret_value(),
            "expires_at": None,
        }
        if self.access.session_token:
            keys["token"] = self.access.session_token.get_secret_value()
        return keys


@contextmanager
def store_errors(url: str, settings: Settings) -> Iterator[None]:
    """
    Turn what goes wrong with a store into an error for people.

    Answers that a caller decides on pass: no such object (unless the bucket
    is missing), object exists already, precondition not met.

    Parameters
    ----------
    url : str
        The place that is worked on.
    settings : Settings
        Where the store is.

    Yields
    ------
    None
        While the store is asked.

    Raises
    ------
    EnvironmentLackError
        If the store cannot be reached or refuses.
    """
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        found = str(error)
        if isinstance(error, _ANSWERS) and "NoSuchBucket" not in found:
            raise
        endpoint = settings.store_access().shown_endpoint
        # Not chained: the store's own words may hold the access key.
        raise explain(found, url=url, endpoint=endpoint) from None


def explain(
    words: str, *, url: str, endpoint: str = ""
) -> EnvironmentLackError:
    """
    Say what an S3 client's words mean, without repeating them.

    Parameters
    ----------
    words : str
        Of the client or the store; they may hold keys.
    url : str
        The place that was worked on.
    endpoint : str, optional
        Address of the store.

    Returns
    -------
    EnvironmentLackError
        What was found and what to do.
    """
    store = f"The S3 store{f' at {endpoint}' if endpoint else ''}"
    code = _CODE.search(words)
    named = [name for name in _REMEDIES if name in words]
    for name in [code[1]] if code and code[1] in _REMEDIES else named:
        found, remedy = _REMEDIES[name]
        return EnvironmentLackError(
            f"{store} {found} for {url} ({name}).",
            remedy=remedy,
        )
    status = _STATUS.search(words)
    if not code and status and status[1] in _REFUSED:
        # The answer to a HEAD request has no words.
        return EnvironmentLackError(
            f"{store} refuses the request for {url} (status {status[1]}).",
            remedy=_CORRECT_KEYS,
        )
    if code or status:
        answer = (code or status or ["", ""])[1]
        return EnvironmentLackError(
            f"{store} failed for {url}: {answer}.",
            expected="a store that speaks S3",
            remedy="look into the store's own log, then run it again.",
        )
    return EnvironmentLackError(
        f"{store} cannot be reached for {url}.",
        expected="an answer within a minute",
        remedy="start it, or correct MINIO_ENDPOINT (or AWS_ENDPOINT_URL).",
    )
