"""Where the S3 store is and who asks it, from the environment only."""

from dataclasses import dataclass
from typing import Annotated, Any, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings

from taxi_fare.core.errors import EnvironmentLackError

# The specification's default: the service of that name beside Spark.
_MINIO_ENDPOINT = "http://minio:9000"
_REGION = "us-east-1"


def _endpoint(text: str | None) -> str | None:
    if not text:
        return None
    try:
        parts = urlsplit(text)
        correct = parts.scheme in {"http", "https"} and bool(parts.hostname)
        # Keys in an address would be logged with it.
        correct = correct and parts.username is None and parts.port != 0
    except ValueError:
        correct = False
    if not correct or parts.path.strip("/") or parts.query:
        raise ValueError(
            "an S3 endpoint is http://host:port or https://host:port,"
            " without keys in it"
        )
    return f"{parts.scheme}://{parts.netloc}"


_Endpoint = Annotated[str | None, AfterValidator(_endpoint)]


@dataclass(frozen=True)
class StoreAccess:
    """
    How to reach one S3 store.

    Parameters
    ----------
    endpoint : str or None
        Such as ``http://minio:9000``; None for Amazon's own of the region.
    """

    endpoint: str | None
    region: str
    access_key: SecretStr
    secret_key: SecretStr
    session_token: SecretStr | None = None

    @property
    def is_plain_http(self) -> bool:
        """Whether requests are not encrypted."""
        return (self.endpoint or "").startswith("http://")

    @property
    def shown_endpoint(self) -> str:
        """The address, for messages."""
        return self.endpoint or f"Amazon S3 in {self.region}"


def _variable(*names: str) -> Any:
    """Return a setting that one of these variables gives, else None."""
    return Field(None, validation_alias=AliasChoices(*names))


class StoreSettings(BaseSettings):
    """The part of the settings that says how to reach the S3 store."""

    minio_endpoint: _Endpoint = _variable("MINIO_ENDPOINT")
    minio_access_key: SecretStr | None = _variable("MINIO_ACCESS_KEY")
    minio_secret_key: SecretStr | None = _variable("MINIO_SECRET_KEY")
    minio_region: str | None = _variable("MINIO_REGION")
    minio_bucket_interim: str = Field(
        "nyc-interim", validation_alias="MINIO_BUCKET_INTERIM"
    )
    aws_endpoint: _Endpoint = _variable(
        "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"
    )
    aws_access_key_id: SecretStr | None = _variable("AWS_ACCESS_KEY_ID")
    aws_secret_access_key: SecretStr | None = _variable(
        "AWS_SECRET_ACCESS_KEY"
    )
    aws_session_token: SecretStr | None = _variable("AWS_SESSION_TOKEN")
    aws_region: str | None = _variable("AWS_REGION", "AWS_DEFAULT_REGION")

    def store_access(self) -> StoreAccess:
        """
        Tell how to reach the store: by ``MINIO_*``, else by ``AWS_*``.

        With a ``MINIO_*`` key nothing is taken from ``AWS_*``, which may
        belong to another store.

        Raises
        ------
        EnvironmentLackError
            If a key is missing.
        """
        # An empty one, as compose files set them, counts as none.
        if self.minio_access_key or self.minio_secret_key:
            access, secret = _both(
                self.minio_access_key,
                secret=self.minio_secret_key,
                variable="MINIO_SECRET_KEY",
            )
            return StoreAccess(
                self.minio_endpoint or _MINIO_ENDPOINT,
                self.minio_region or _REGION,
                access,
                secret,
            )
        access, secret = _both(
            self.aws_access_key_id,
            secret=self.aws_secret_access_key,
            variable="AWS_SECRET_ACCESS_KEY",
        )
        return StoreAccess(
            self.aws_endpoint or self.minio_endpoint,
            self.aws_region or _REGION,
            access,
            secret,
            self.aws_session_token or None,
        )


# What holds a secret; every other setting holds none.
SECRET_VARIABLES = frozenset(
    name
    for field in StoreSettings.model_fields.values()
    if SecretStr in get_args(field.annotation)
    if isinstance(field.validation_alias, AliasChoices)
    for name in field.validation_alias.choices
)


def _both(
    access: SecretStr | None, *, secret: SecretStr | None, variable: str
) -> tuple[SecretStr, SecretStr]:
    if access and secret:
        return access, secret
    missing = variable if access else "MINIO_ACCESS_KEY"
    raise EnvironmentLackError(
        f"The keys of the S3 store are not known: {missing} is not set.",
        expected="MINIO_ACCESS_KEY and MINIO_SECRET_KEY, or AWS_ACCESS_KEY_ID"
        " and AWS_SECRET_ACCESS_KEY, in the environment",
        remedy="set both, or name a folder instead of an s3a:// address.",
    )
