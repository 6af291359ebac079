"""Standard output and error that are closed, full, or not UTF-8."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from taxi_fare.cli.show import print_json

QUOTE = (
    *("quote", "--pickup=132", "--dropoff=230", "--distance=17"),
    *("--minutes=45", "--at=2023-06-15 17:30", "--model-path=version"),
)
COMMANDS = {
    "help": ("train", "--help"),
    "version": ("--version",),
    "quote": QUOTE,
    "quote --json": (*QUOTE, "--json"),
    "nothing there": ("registry", "show"),
    "wrong usage": ("train", "--bogus"),
}
USUAL = {"nothing there": 3, "wrong usage": 2}
# What a shell does to the streams: the exit code of a command that prints.
REDIRECTED = {
    ">&-": 0,
    "2>&-": 0,
    "<&- >&- 2>&-": 0,
    ">/dev/full": 1,
    "2>/dev/full": 0,
    ">&3": 141,
}


def _run(
    command: tuple[str, ...], redirected: str, folder: Path, **more: str
) -> subprocess.CompletedProcess[bytes]:
    reader, writer = os.pipe()
    os.close(reader)
    # Descriptor 3 is a pipe that nobody reads.
    script = f'exec "$@" {redirected}'
    environment = os.environ | {"TERM": "dumb"} | more
    try:
        return subprocess.run(
            [
                *("bash", "-c", f"exec 3>&{writer}; {script}", "bash"),
                *(sys.executable, "-m", "taxi_fare", *command),
            ],
            cwd=folder,
            env=environment,
            capture_output=True,
            pass_fds=[writer],
            check=False,
        )
    finally:
        os.close(writer)


@pytest.mark.parametrize("redirected", REDIRECTED)
@pytest.mark.parametrize("name", COMMANDS)
def test_no_stream_breaks_a_command(
    name: str, redirected: str, portable_version: Path
) -> None:
    """It says in one sentence that its result is lost; else nothing."""
    done = _run(COMMANDS[name], redirected, portable_version.parent)
    code = USUAL.get(name, REDIRECTED[redirected])
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    if code == 1:
        assert b"cannot be written to standard output" in done.stderr
    if code in {0, 141}:
        assert done.stderr == b""


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["help", "quote", "quote --json"])
def test_letters_that_stdout_lacks_are_replaced(
    name: str, variables: dict[str, str], portable_version: Path
) -> None:
    """The arrow, frames and signs; a document stays what it is."""
    done = _run(COMMANDS[name], "", portable_version.parent, **variables)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout
    if name == "quote --json":
        assert json.loads(done.stdout)["prediction"]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_a_printed_document_is_what_it_was(
    encoding: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Whatever letters are in it, none of which a terminal obeys."""
    words = {"é \x1b[31m": "→ 🚕 \x9b \x7f \u202e \u2028 \udc80 [red]x[/]"}
    file = tmp_path / "out"
    with file.open("w", encoding=encoding) as out:
        monkeypatch.setattr("sys.stdout", out)
        print_json(words)
    text = file.read_text(encoding=encoding)
    assert json.loads(text) == words
    assert text.replace("\n", "").isprintable()
