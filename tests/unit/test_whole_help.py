"""Help in a terminal of any width: nothing of it is cut."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from taxi_fare.cli.main import app, run


def _commands(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, each in getattr(command, "commands", {}).items():
        yield from _commands(each, f"{path} {name}")


COMMANDS = dict(_commands(typer.main.get_command(app)))


@pytest.fixture(params=[50, 60, 80, 100])
def columns(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> int:
    """As wide as a phone, half a screen, a terminal, a wide one."""
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", str(request.param))
    return int(request.param)


@pytest.mark.parametrize("path", COMMANDS)
def test_names_and_values_are_whole(
    path: str, columns: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """No option is cut, nor a word of what it does; no line is too wide."""
    assert run([*path.split(), "--help"]) == 0
    told = capsys.readouterr().out
    assert "…" not in told
    assert max(map(len, told.splitlines())) <= columns
    words = set(re.split(r"[\s│,|<>\[\]]+", told))
    for option in COMMANDS[path].params:
        names = {each for each in option.opts if each.startswith("--")}
        assert names <= words
        lost = set(re.split(r"[\s,|\[\]]+", option.help or "")) - words
        assert not [each for each in lost if not re.search(r"[<>]", each)]
    for name in getattr(COMMANDS[path], "commands", {}):
        assert name in words
