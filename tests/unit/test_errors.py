"""Expected errors: their words, and what programs read instead of them."""

import copy
import json
import pickle
from pathlib import Path

import pytest

from taxi_fare.cli.main import run
from taxi_fare.core.errors import (
    DataMissingError,
    NotPublishedError,
    RegistryConflictError,
    TaxiFareError,
    TemporaryError,
)
from taxi_fare.core.months import Month
from taxi_fare.registry.state import RegistryChangedError

EVERY = sorted(
    [TaxiFareError, *TaxiFareError.__subclasses__(), NotPublishedError],
    key=lambda each: each.exit_code,
)


def test_words_are_kept_apart_and_told_together() -> None:
    """Three attributes, each a line of the message that people know."""
    error = TaxiFareError("A is 1.\nB is 2.", expected="0", remedy="look.")
    assert str(error) == (
        "A is 1.\\nB is 2.\n  Expected: 0\n  What to do: look."
    )
    assert error.summary == "A is 1."
    assert (error.found, error.expected, error.remedy) == (
        "A is 1.\\nB is 2.",
        "0",
        "look.",
    )
    assert str(TaxiFareError("A.", remedy="b.")) == "A.\n  What to do: b."
    assert str(TaxiFareError("A.")) == "A."


def _with_context(kind: type[TaxiFareError]) -> TaxiFareError:
    error = kind("A.", expected="b", remedy="c.")
    error.add_context(before="In the lake.", month="2023-06")
    error.add_context(before="At the end.", after="\nLake: d")
    return error


@pytest.mark.parametrize("kind", EVERY, ids=lambda each: each.__name__)
def test_context_keeps_what_an_error_is(kind: type[TaxiFareError]) -> None:
    """Class, attributes and exit code; the words around it are added."""
    plain, error = kind("A.", expected="b", remedy="c."), _with_context(kind)
    assert type(error) is kind
    for name in ("found", "expected", "remedy", "exit_code", "retryable"):
        assert getattr(error, name) == getattr(plain, name)
    assert error.month == "2023-06"
    assert str(error) == f"At the end.\nIn the lake.\n{plain}\n\nLake: d"


@pytest.mark.parametrize("kind", EVERY, ids=lambda each: each.__name__)
def test_an_error_survives_another_process(kind: type[TaxiFareError]) -> None:
    """Pools hand errors on as bytes."""
    error = _with_context(kind)
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is kind
        assert str(other) == str(error)
        assert vars(other) == vars(error)


def test_what_may_pass_by_itself_has_a_code_of_its_own() -> None:
    """A month that is late is no such thing: it has its own class."""
    assert {each.exit_code for each in EVERY if each("").retryable} == {
        *(1, 7, 75)
    }
    assert TemporaryError.exit_code == 75
    assert issubclass(RegistryChangedError, TemporaryError)
    assert not NotPublishedError("").retryable
    assert not RegistryConflictError("").retryable


def _stopped_with(
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> tuple[int, dict[str, object]]:
    """Let a month of an ingest fail: exit code, and the last line."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("taxi_fare.workflows.ingest.ingest_month", fail)
    Path("raw").mkdir(exist_ok=True)
    command = ["ingest", "--months=2023-06", "--source=raw"]
    code = run([*command, "--log-format=json"])
    return code, json.loads(capsys.readouterr().err.splitlines()[-1])


@pytest.mark.parametrize("kind", EVERY, ids=lambda each: each.__name__)
def test_the_last_line_says_whether_to_try_again(
    kind: type[TaxiFareError],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """With the context of the ingest, which changes nothing else."""
    monkeypatch.chdir(tmp_path)
    error = kind("It is so.", expected="b", remedy="c.")
    code, line = _stopped_with(error, monkeypatch, capsys)
    assert code == kind.exit_code
    assert line["retryable"] is (code in {1, 7, 75})
    assert (line["error"], line["month"]) == (kind.__name__, "2023-06")
    assert line["message"] == (
        "The ingest stopped at 2023-06. Months done before it: none.\n"
        "It is so.\n  Expected: b\n  What to do: c."
    )


@pytest.mark.parametrize(
    ("error", "retryable"), [(OSError(28, "full"), True), (KeyError(), True)]
)
def test_what_nobody_expected_is_worth_another_attempt(
    error: Exception,
    retryable: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """As a scheduler does with any program that ends in 1."""
    monkeypatch.chdir(tmp_path)
    code, line = _stopped_with(error, monkeypatch, capsys)
    assert (code, line["retryable"]) == (1, retryable)


def test_wrong_usage_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Typer's own errors say so as well."""
    assert run(["train", "--no-such", "--log-format=json"]) == 2
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert line["retryable"] is False


def test_an_error_may_know_its_month() -> None:
    """Who is nearer to it has said so; a later context may say it anew."""
    error = DataMissingError("A.", month=str(Month("2023-05")))
    error.add_context(after="B")
    assert error.month == "2023-05"
