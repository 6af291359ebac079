"""Settings: built-in defaults < conf/taxi_fare.toml < environment."""

import logging
import os
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Self

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from taxi_fare.core.addresses import NOTIFY_URLS, refuse_secret
from taxi_fare.core.configuration_file import (
    CONF_FILE,
    CONF_VARIABLE,
    configuration_file,
    read_configuration,
)
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.old_names import OldSections, with_new_names
from taxi_fare.core.sections import Sections
from taxi_fare.core.store.settings import SECRET_VARIABLES, StoreSettings
from taxi_fare.core.wrong_values import first_fault

CLUSTER_SECRET = "SPARK_AUTHENTICATE_SECRET"  # noqa: S105 - its name
API_KEYS = "TAXI_FARE_API_KEYS"
_SECRETS = SECRET_VARIABLES | {CLUSTER_SECRET, NOTIFY_URLS, API_KEYS}
LOCAL_LAKE = "data/nyc-interim/yellow"
_logger = logging.getLogger(__name__)


class Settings(Sections, StoreSettings):
    """
    Every setting of the project.

    Environment variables are ``TAXI_FARE_SECTION__NAME``; the specification's
    own names (``DATA_BASE_PATH``, ``MINIO_*``, ``SPARK_MASTER``) work too,
    and so do the ``AWS_*`` names of an S3 store.

    Examples
    --------
    >>> load_settings().gates.rmse_max_dollars
    10.0
    """

    model_config = SettingsConfigDict(
        env_prefix="TAXI_FARE_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
    )

    data_base_path: str | None = Field(
        None,
        validation_alias=AliasChoices(
            "data_base_path", "DATA_BASE_PATH", "TAXI_FARE_DATA_BASE_PATH"
        ),
    )
    spark_master: str | None = Field(None, validation_alias="SPARK_MASTER")
    # What a cluster's master wants to hear before it runs anything.
    spark_authenticate_secret: SecretStr | None = Field(
        None, validation_alias=CLUSTER_SECRET
    )
    # Whom the watch tells: the addresses hold keys.
    notify_urls: SecretStr | None = Field(None, validation_alias=NOTIFY_URLS)
    # Who may ask the service: keys with commas between them; None: everybody.
    api_keys: SecretStr | None = Field(None, validation_alias=API_KEYS)

    old_names: dict[str, str] = Field({}, exclude=True, repr=False)

    @model_validator(mode="after")
    def _without_secrets(self) -> Self:
        """Refuse any @ in what is always an address."""
        # Never a folder, whose name may have an @ in it.
        refuse_secret(f"//{self.master}", "The Spark master")
        return self

    @property
    def default_lake(self) -> str:
        """Lake used when no option names one: a folder or an s3a URL."""
        if self.data_base_path:
            return self.data_base_path
        if self.minio_access_key:
            return f"s3a://{self.minio_bucket_interim}/yellow"
        return LOCAL_LAKE

    @property
    def master(self) -> str:
        """Spark master: ``SPARK_MASTER`` before the configuration file."""
        return self.spark_master or self.spark.master

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """
        Order the sources: code, environment, configuration file.

        Parameters
        ----------
        settings_cls : type
            This class.
        init_settings, env_settings : PydanticBaseSettingsSource
            What the caller gives, and the environment.
        dotenv_settings, file_secret_settings : PydanticBaseSettingsSource
            Not used: secrets come from the environment only.

        Returns
        -------
        tuple of PydanticBaseSettingsSource
            First the one that wins.
        """
        toml = _TomlFile(settings_cls, configuration_file())
        environment = env_settings() | EnvSettingsSource(OldSections)()
        return init_settings, *(
            InitSettingsSource(settings_cls, with_new_names(_checked(given)))
            for given in (environment, toml())
        )


class _TomlFile(TomlConfigSettingsSource):
    """The configuration file."""

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        return read_configuration(file_path)


def load_settings(*, tell: bool = True) -> Settings:
    """
    Read the settings of this process.

    Parameters
    ----------
    tell : bool, optional
        Whether to log a warning, once, when some have old names.

    Returns
    -------
    Settings
        Defaults, then the configuration file, then the environment.

    Raises
    ------
    WrongUsageError
        If the named file is missing, or a value is not allowed.

    Examples
    --------
    >>> load_settings().training.window_months
    3
    """
    file = configuration_file()
    # Unlike Path's, it raises nothing, whatever the name.
    if file is not None and not os.path.isfile(file):  # noqa: PTH113
        refuse_secret(file, CONF_VARIABLE)
        raise WrongUsageError(
            f"{CONF_VARIABLE} names {str(file)!r}, which is no file.",
            expected=f"a TOML file like {CONF_FILE}",
            remedy=f"correct or unset {CONF_VARIABLE}.",
        )
    _refuse_unknown_sections()
    try:
        settings = Settings()
    except (ValidationError, ValueError) as error:
        raise WrongUsageError(
            f"The settings cannot be used: {_first_problem(error)}",
            expected="the sections and values of conf/taxi_fare.toml",
            remedy="correct the file or the environment variable"
            " TAXI_FARE_SECTION__NAME.",
        ) from error
    if tell and settings.old_names:
        _tell(tuple(settings.old_names.items()))
    return settings


@cache
def _tell(old_names: tuple[tuple[str, str], ...]) -> None:
    """Name what replaced them, once in a process."""
    names = ", ".join(f"{new} instead of {old}" for old, new in old_names)
    _logger.warning(
        "Settings have old names, which are still read: use %s", names
    )


def _refuse_unknown_sections() -> None:
    """Tell of a section that is misspelt: it would be passed over."""
    prefix = str(Settings.model_config["env_prefix"])
    known = Settings.model_fields.keys() | OldSections.model_fields.keys()
    for name in os.environ:
        section, separator, _ = name.removeprefix(prefix).partition("__")
        is_setting = name.startswith(prefix) and separator
        if is_setting and section.lower() not in known:
            raise WrongUsageError(
                f"The environment variable {name} names no section.",
                expected="TAXI_FARE_SECTION__NAME with a section of"
                " conf/taxi_fare.toml",
                remedy="correct or unset it.",
            )


def _checked(given: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Refuse an address with keys in it, in whatever takes a text."""
    for name, value in given.items():
        if isinstance(value, dict):
            _checked(value, f"{name}.")
        elif name not in _SECRETS:
            place = above + name if above else name.upper()
            refuse_secret(value, f"The setting {place}")
    return given


def _first_problem(error: Exception) -> str:
    if isinstance(error, SettingsError):
        return _no_json(error)
    if isinstance(error, ValidationError):
        return first_fault(error, whole="the settings", hidden=_SECRETS)
    return str(error)


def _no_json(error: SettingsError) -> str:
    """Name the variable: the error knows only the text of it."""
    text = getattr(error.__cause__, "doc", None)
    prefix = str(Settings.model_config["env_prefix"])
    ours = [name for name in os.environ if name.startswith(prefix)]
    names = " or ".join(name for name in ours if os.environ[name] == text)
    return f"{names or prefix}: expected a list or a section as JSON"
