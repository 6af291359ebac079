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

from taxi_fare.core.addresses import holds_secret
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.settings import Settings
from taxi_fare.core.store.settings import StoreAccess
from taxi_fare.core.store.words import explain

if TYPE_CHECKING:  # obstore's own rule: not importable at run time
    from obstore.store import S3Config, S3Credential

_SCHEMES = ("s3a", "s3")
_BUCKET = re.compile("[A-Za-z0-9][A-Za-z0-9._-]*")
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


def is_store_url(path: str) -> bool:
    """Tell an address in an S3 store from a folder."""
    return path.lower().startswith(tuple(f"{each}://" for each in _SCHEMES))


def split_store_url(url: str) -> tuple[str, str]:
    """
    Return the bucket and the prefix of an address.

    Returns
    -------
    prefix : str
        Such as ``yellow``, without slashes around it; may be empty.

    Raises
    ------
    WrongUsageError
        If it names no bucket, or more than bucket and prefix.
    """
    try:
        parts = urlsplit(url)
        plain = _BUCKET.fullmatch(parts.netloc) and not holds_secret(url)
    except ValueError:
        plain = None
    if not plain or not is_store_url(url) or parts.query or parts.fragment:
        # Not repeated: it may hold keys (s3a://key:secret/bucket).
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
