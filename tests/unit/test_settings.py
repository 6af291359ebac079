"""Settings and where they come from."""

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.settings import (
    Settings,
    configuration_file,
    load_settings,
)

CONF = Path(__file__).parents[2] / "conf" / "taxi_fare.toml"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in a folder without a configuration file."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_configuration_file_lists_every_default() -> None:
    """The file and the built-in defaults cannot drift apart."""
    defaults = {
        name: field.default.model_dump(mode="json")
        for name, field in Settings.model_fields.items()
        if isinstance(field.default, BaseModel)
    }
    assert tomllib.loads(CONF.read_text()) == defaults


def test_environment_wins_over_the_file(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Default < file < environment, value by value."""
    (elsewhere / "conf").mkdir()
    (elsewhere / "conf" / "taxi_fare.toml").write_text(
        "[gates]\nrmse_max_dollars = 8.0\nmae_max_dollars = 7.0\n"
    )
    monkeypatch.setenv("TAXI_FARE_GATES__RMSE_MAX_DOLLARS", "6.5")
    gates = load_settings().gates
    assert gates.rmse_max_dollars == 6.5
    assert gates.mae_max_dollars == 7.0
    assert gates.r2_min == 0.5


@pytest.mark.parametrize(
    "text",
    [
        "[gates]\nrmse_max = 8.0\n",
        "[gates]\nrmse_max_dollars = -1\n",
        "[gates\n",
    ],
)
def test_a_wrong_file_is_refused_with_the_place(
    elsewhere: Path, text: str
) -> None:
    """An unknown name, a value out of range, broken TOML: exit 2."""
    (elsewhere / "conf").mkdir()
    (elsewhere / "conf" / "taxi_fare.toml").write_text(text)
    with pytest.raises(WrongUsageError, match="settings cannot be used"):
        load_settings()


def test_the_file_is_found_from_any_folder(elsewhere: Path) -> None:
    """The checkout's, unless the working directory has one of its own."""
    assert configuration_file() == CONF
    own = elsewhere / "conf" / "taxi_fare.toml"
    own.parent.mkdir()
    own.write_text("[gates]\nrmse_max_dollars = 7\n")
    assert configuration_file() == own
    assert load_settings().gates.rmse_max_dollars == 7


def test_a_named_file_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing error in TAXI_FARE_CONF does not fall back to defaults."""
    monkeypatch.setenv("TAXI_FARE_CONF", "nowhere.toml")
    with pytest.raises(WrongUsageError, match=r"nowhere\.toml"):
        load_settings()


def test_default_lake_follows_the_description(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DATA_BASE_PATH, else MinIO when there is a key, else a folder."""
    assert load_settings().default_lake == "data/nyc-interim/yellow"
    monkeypatch.setenv("MINIO_ACCESS_KEY", "the-key")
    assert load_settings().default_lake == "s3a://nyc-interim/yellow"
    monkeypatch.setenv("MINIO_BUCKET_INTERIM", "other")
    assert load_settings().default_lake == "s3a://other/yellow"
    monkeypatch.setenv("DATA_BASE_PATH", "my/lake")
    assert load_settings().default_lake == "my/lake"


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither printing nor dumping the settings shows the key."""
    monkeypatch.setenv("MINIO_ACCESS_KEY", "the-key")
    settings = load_settings()
    assert "the-key" not in f"{settings!r} {settings.model_dump()}"


def test_a_misspelt_section_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be passed over otherwise, and the limit stay as it was."""
    monkeypatch.setenv("TAXI_FARE_GATE__RMSE_MAX_DOLLARS", "8")
    with pytest.raises(WrongUsageError, match="GATE__RMSE_MAX_DOLLARS names"):
        load_settings()
