"""No key in an address: refused, and seen nowhere afterwards."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from typer.main import get_command

from taxi_fare.cli.main import app, run
from taxi_fare.core.addresses import holds_secret, shown_address
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.logs import configure_logging
from taxi_fare.core.settings import Settings, load_settings
from taxi_fare.lake.place import lake_place
from taxi_fare.lake.raw.source import raw_source
from taxi_fare.registry.opening import open_existing, open_registry
from taxi_fare.scoring.predictor import FarePredictor

# Right ones, and what people write instead.
SHAPES = (
    "s3a://{0}:{1}@bucket/x",
    "S3://{0}:{1}@bucket/x",
    "s3a:/{0}:{1}@bucket/x",
    "s3a:{0}:{1}@bucket/x",
    "s3a//{0}:{1}@bucket/x",
    "s3a://{0}:{1}%40bucket/x",
    "s3a%3A%2F%2F{0}:{1}%2540bucket/x",
    "s3a://bucket/x@{0}:{1}",
    "\t s3a://{0}:{1}@bucket/x",
    "\x01s3a://{0}:{1}@bucket/x",
    "'s3a://{0}:{1}@bucket/x'",
    "K{0}:{1}@bucket/x",
    "//{0}:{1}@bucket/x",
    "file://{0}:{1}@host/x",
    "https://{0}:{1}@example.org/x",
    "spark://one:7077,spark://{0}:{1}@two:7077",
    "/data/s3a:/{0}:{1}@bucket/x",
    "s3a://{0}:{1}\N{FULLWIDTH COMMERCIAL AT}bucket/x",
)
FEW = settings(
    max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# Nothing of the project's words has three of these in a row.
LOGS = st.sampled_from(["text", "json"])
SIGNS = st.text("QXJV/+%@ =", max_size=10)
KEYS = st.builds("{}QXJV{}".format, SIGNS, SIGNS)


def secret_addresses() -> st.SearchStrategy[tuple[str, list[str]]]:
    """Make addresses, each with what nobody may see of it."""
    return st.builds(
        lambda shape, one, two: (
            shape.format(one, two),
            re.findall("[QXJV]{3,}", f"{one} {two}"),
        ),
        st.sampled_from(SHAPES),
        KEYS,
        KEYS,
    )


@pytest.fixture(autouse=True)
def _empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in ("DATA_BASE_PATH", "MINIO_ACCESS_KEY", "TAXI_FARE_CONF"):
        monkeypatch.delenv(name, raising=False)
    yield
    configure_logging()


@pytest.fixture
def seen(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Any:
    """Return all that a command has left: on screen, in logs, in files."""

    def read() -> str:
        files = [each for each in tmp_path.rglob("*") if each.is_file()]
        names = [str(each.relative_to(tmp_path)) for each in files]
        logged = [each.getMessage() for each in caplog.records]
        texts = [each.read_text(errors="replace") for each in files]
        caplog.clear()
        return "\n".join([*capsys.readouterr(), *names, *logged, *texts])

    return read


def _commands(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    for each, below in command.commands.items():
        yield from _commands(below, f"{name} {each}".strip())


OPTIONS = [
    (command, parameter.opts[0])
    for command, found in _commands(get_command(app))
    for parameter in found.params
    if parameter.param_type_name == "option"
    and not parameter.is_flag
    and parameter.opts[0] != "--reason"
]
ARGUMENTS = [
    command
    for command, found in _commands(get_command(app))
    if any(each.param_type_name == "argument" for each in found.params)
]


@pytest.mark.parametrize(("command", "option"), OPTIONS)
@FEW
@given(address=secret_addresses(), how=st.tuples(st.booleans(), LOGS))
def test_no_option_takes_or_shows_a_key(
    address: tuple[str, list[str]],
    how: tuple[bool, str],
    command: str,
    option: str,
    seen: Any,
) -> None:
    """Of every command, also those that come later."""
    text, secrets = address
    joined, log_format = how
    given_ = [f"{option}={text}"] if joined else [option, text]
    more = ["--log-file=run.log", f"--log-format={log_format}"]
    assert run([*command.split(), *given_, *more]) == 2
    told = seen()
    assert option in told
    assert not [each for each in secrets if each in told]


@pytest.mark.parametrize("command", ARGUMENTS)
@FEW
@given(address=secret_addresses(), log=LOGS)
def test_no_argument_takes_or_shows_a_key(
    address: tuple[str, list[str]], log: str, command: str, seen: Any
) -> None:
    """A name of a version may be one, by mistake."""
    text, secrets = address
    assert run([*command.split(), text, f"--log-format={log}"]) == 2
    told = seen()
    assert "address" in told
    assert not [each for each in secrets if each in told]


def _variables(fields: dict[str, FieldInfo], prefix: str) -> Iterator[str]:
    """Name the variables of every setting that is no secret itself."""
    for name, field in fields.items():
        below = getattr(field.annotation, "model_fields", None)
        if below is not None:
            yield from _variables(below, f"{prefix}{name.upper()}__")
        elif SecretStr in (field.annotation, *_union(field)):
            continue
        elif field.validation_alias is None:
            yield f"{prefix}{name.upper()}"
        else:
            alias = field.validation_alias
            yield from getattr(alias, "choices", [alias])


def _union(field: FieldInfo) -> tuple[Any, ...]:
    return getattr(field.annotation, "__args__", ())


PLACES = ("TAXI_FARE_CONF", "TAXI_FARE_APP_REGISTRY", "JAVA_HOME")
VARIABLES = [
    *(each for each in _variables(Settings.model_fields, "TAXI_FARE_")),
    *PLACES,
]


@pytest.mark.parametrize(
    "variable", [each for each in VARIABLES if each.isupper()]
)
@FEW
@given(address=secret_addresses(), log=LOGS)
def test_no_variable_takes_or_shows_a_key(
    address: tuple[str, list[str]], log: str, variable: str, seen: Any
) -> None:
    """Whatever the settings are asked for."""
    text, secrets = address
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(variable, text)
        code = run(["registry", "show", f"--log-format={log}"])
    told = seen()
    assert code == 2
    assert not [each for each in secrets if each in told]


@pytest.mark.parametrize(
    "key",
    [
        *("data_base_path", "source.url", "spark.master", "spark.jars_folder"),
        *("logging.file", "training.algorithm", "gbt.max_iter"),
    ],
)
@FEW
@given(address=secret_addresses())
def test_no_line_of_the_settings_takes_or_shows_a_key(
    address: tuple[str, list[str]], key: str, tmp_path: Path, capsys: Any
) -> None:
    """The error names the line."""
    text, secrets = address
    section, _, name = key.rpartition(".")
    head = f"[{section}]\n" if section else ""
    (tmp_path / "conf.toml").write_text(
        f"{head}{name} = {json.dumps(text)}\n", encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAXI_FARE_CONF", "conf.toml")
        assert run(["doctor"]) == 2
    told = "\n".join(capsys.readouterr())
    assert key in told or key.upper() in told
    assert not [each for each in secrets if each in told]


def _calls(place: str) -> tuple[Callable[[], object], ...]:
    known, downloads = load_settings(), Path()
    return (
        lambda: lake_place(place, known),
        lambda: open_registry(place, known),
        lambda: open_existing(place, known),
        lambda: raw_source(place, downloads=downloads, settings=known.source),
        lambda: FarePredictor.load(place),
    )


@FEW
@given(address=secret_addresses())
def test_no_function_takes_or_shows_a_key(
    address: tuple[str, list[str]],
) -> None:
    """For those who call the package instead of the command."""
    text, secrets = address
    for call in _calls(text):
        with pytest.raises(TaxiFareError) as caught:
            call()
        told = f"{caught.value} {caught.value!r} {caught.value.__cause__}"
        assert caught.value.exit_code == 2
        assert not [each for each in secrets if each in told]


@pytest.mark.parametrize(
    "path",
    [
        *("me@home", "data/me@home", "/data/me@home", "/data/run:1/me@home"),
        *("./run:1@home", "~/a:b@c", r"C:\Users\me@home", "C:/Users/me@home"),
        *("../x:y@z", "local[*]", "s3a://bucket/x", "spark://one:7077"),
    ],
)
def test_plain_paths_and_addresses_stay(path: str) -> None:
    """A folder may have an @ in its name."""
    assert not holds_secret(path)


def test_a_folder_with_an_at_sign_is_a_lake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named from here, and with its whole path."""
    (tmp_path / "me@home").mkdir()
    for lake in ("me@home", str(tmp_path / "me@home")):
        assert run(["check", "data", f"--data-base-path={lake}"]) in {2, 3}
        assert "me@home" in "".join(capsys.readouterr())


@settings(max_examples=20)
@given(token=KEYS)
def test_a_token_in_a_query_is_not_shown(token: str) -> None:
    """Signed addresses are used, and told without what signs them."""
    token = token.replace("@", "")
    for sign in ("?X-Amz-Signature=", "?sig=", "#"):
        address = f"https://example.org/trips{sign}{token}"
        for prefix in ("https://", "https:/", "https:", "//", ""):
            begun = address.replace("https://", prefix)
            assert token not in shown_address(begun)
        for call in _calls(f"ftp://example.org/trips{sign}{token}")[:4]:
            with pytest.raises(TaxiFareError) as caught:
                call()
            assert token not in str(caught.value)
    assert logging.getLogger("httpx").getEffectiveLevel() >= logging.WARNING


@pytest.mark.parametrize(
    "variable", ["HTTPS_PROXY", "http_proxy", "ALL_PROXY"]
)
@FEW
@given(
    key=KEYS,
    sign=st.sampled_from("/?#@"),
    scheme=st.sampled_from(["", "http://"]),
)
def test_a_proxy_s_password_is_not_taken_for_its_port(
    key: str, sign: str, scheme: str, variable: str, seen: Any
) -> None:
    """The variable is named, and nothing of it repeated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(variable, f"{scheme}user:{key}{sign}{key}@127.0.0.1:9")
        code = run(
            ["ingest", "--months=2023-01", "--source=http://127.0.0.1:9"]
        )
    told = seen()
    assert code == 7
    assert variable in told
    assert not re.search("[QXJV]{3}", told)
