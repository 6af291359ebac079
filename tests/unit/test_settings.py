"""Settings and where they come from."""

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from taxi_fare.core.configuration_file import configuration_file
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.settings import Settings, _tell, load_settings

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


OLD_FILE = """
[recipe]
max_depth = 5
seed = 42
[xgboost]
seed = 42
"""


def _write(folder: Path, text: str) -> None:
    (folder / "conf").mkdir()
    (folder / "conf" / "taxi_fare.toml").write_text(text)


def test_old_names_are_read_and_told_once(
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A file of an older version, and the environment of a scheduler."""
    _tell.cache_clear()
    _write(elsewhere, OLD_FILE)
    monkeypatch.setenv("TAXI_FARE_RECIPE__MAX_ITER", "3")
    monkeypatch.setenv("TAXI_FARE_RECIPE__SEED", "7")
    load_settings(tell=False)
    assert not caplog.messages
    settings = load_settings()
    assert load_settings() == settings
    gbt = settings.gbt
    assert (gbt.max_depth, gbt.max_iter, gbt.max_bins) == (5, 3, 256)
    assert settings.training.seed == 7
    (message,) = caplog.messages
    assert "[gbt] instead of [recipe]" in message
    assert "training.seed instead of recipe.seed" in message


def test_a_new_name_in_the_environment_wins_over_an_old_one_of_the_file(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are two sources, of which one wins, whatever their names are."""
    _write(elsewhere, OLD_FILE)
    monkeypatch.setenv("TAXI_FARE_GBT__MAX_DEPTH", "9")
    monkeypatch.setenv("TAXI_FARE_TRAINING__SEED", "8")
    settings = load_settings()
    assert (settings.gbt.max_depth, settings.training.seed) == (9, 8)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[recipe]\nmax_iter = 3\n[gbt]\nmax_depth = 3\n", r"\[gbt\] alone"),
        ("[recipe]\nseed = 1\n[xgboost]\nseed = 2\n", "xgboost.seed = 2"),
        ("[training]\nseed = 1\n[gbt]\nseed = 2\n", "training.seed alone"),
    ],
)
def test_one_thing_under_two_names_is_refused(
    elsewhere: Path, text: str, told: str
) -> None:
    """Nobody could tell which of the two counts."""
    _write(elsewhere, text)
    with pytest.raises(WrongUsageError, match=told):
        load_settings()


@pytest.mark.parametrize("section", ["recipe", "gbt", "training"])
def test_a_section_that_is_none_is_refused(
    elsewhere: Path, section: str
) -> None:
    """Under an old name too, beside a seed to be moved."""
    _write(elsewhere, f"{section} = 3\n[xgboost]\nseed = 1\n")
    with pytest.raises(WrongUsageError, match="settings cannot be used"):
        load_settings()


def test_an_algorithm_without_a_section_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message names those that there are."""
    monkeypatch.setenv("TAXI_FARE_TRAINING__ALGORITHM", "lightgbm")
    with pytest.raises(WrongUsageError, match="none of gbt, xgboost"):
        load_settings()


def test_a_misspelt_section_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be passed over otherwise, and the limit stay as it was."""
    monkeypatch.setenv("TAXI_FARE_GATE__RMSE_MAX_DOLLARS", "8")
    with pytest.raises(WrongUsageError, match="GATE__RMSE_MAX_DOLLARS names"):
        load_settings()


def test_an_editor_s_mark_at_the_beginning_is_no_setting(
    elsewhere: Path,
) -> None:
    """Notepad writes one; lines may end as there, too."""
    (elsewhere / "conf").mkdir()
    (elsewhere / "conf" / "taxi_fare.toml").write_bytes(
        b"\xef\xbb\xbf[gates]\r\nrmse_max_dollars = 8.0\r\n"
    )
    assert load_settings().gates.rmse_max_dollars == 8.0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[gates]\nrmse_max_dollars = 8.0\n".encode("utf-16"), "in UTF-8"),
        (b"[gates]\nrmse_max_dollars = 1e999\n", "finite"),
        (b"[gates]\nrmse_max_dollars = inf\n", "finite"),
        (b"[gates]\nr2_min = nan\n", "finite"),
        (b"[gates]\nrmse_max_dollars = true\n", "no numbers"),
        (b"[training]\nseed = " + b"9" * 400 + b"\n", "at most"),
        (b"[gbt]\nmax_iter = " + b"9" * 400 + b"\n", "at most"),
        (b"[gates]\nrmse_max_dollars = 1e300\n", "at most"),
        (b"[spark]\ndriver_memory = '4 GB'\n", "pattern"),
        (b"[spark]\nshuffle_partitions = -4\n", "at least"),
    ],
)
def test_numbers_that_no_machine_can_use_are_refused(
    content: bytes, told: str, elsewhere: Path
) -> None:
    """At once, with the place; not after the training."""
    (elsewhere / "conf").mkdir()
    (elsewhere / "conf" / "taxi_fare.toml").write_bytes(content)
    with pytest.raises(WrongUsageError, match=told):
        load_settings()


@pytest.mark.parametrize("value", ["inf", "nan", "9" * 400, "1e999"])
@pytest.mark.parametrize(
    "name", ["GATES__RMSE_MAX_DOLLARS", "GBT__MAX_ITER", "TRAINING__SEED"]
)
def test_so_are_those_of_the_environment(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the variable's own name or its setting."""
    monkeypatch.setenv(f"TAXI_FARE_{name}", value)
    with pytest.raises(WrongUsageError, match=name.split("__")[1].lower()):
        load_settings()
