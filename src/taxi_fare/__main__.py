"""``python -m taxi_fare`` and every entry file end up here."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from taxi_fare.cli.streams import take_streams
from taxi_fare.core.interruption import end_on_signals

# What `make env` creates, and what it leaves there when it is done.
_ENVIRONMENT = Path(__file__).resolve().parents[2] / ".venv"
_PYTHON = _ENVIRONMENT / "bin" / "python"
_STAMP = _ENVIRONMENT / ".installed"


def main(*command: str) -> None:
    """Run the command line and exit with its code."""
    take_streams()
    arguments = [*command, *sys.argv[1:]]
    # Whoever stops a run with SIGTERM (Airflow does) gets files tidied too.
    end_on_signals()
    try:
        from taxi_fare.cli.main import run

        code = run(arguments)
    except ModuleNotFoundError as error:
        # Also from a command, which imports its workflow when it runs.
        _run_in_checkout(arguments)
        code = _not_installed(error)
    sys.exit(code)


def _run_in_checkout(arguments: Sequence[str]) -> None:
    """
    Go on in the checkout's own environment, where there is one.

    Airflow's `python`, or the system's, calls an entry file as well.
    """
    if _STAMP.is_file() and Path(sys.executable) != _PYTHON:
        os.execv(_PYTHON, [str(_PYTHON), "-m", "taxi_fare", *arguments])


def _not_installed(error: ModuleNotFoundError) -> int:
    package = str(error.name).partition(".")[0]
    print(
        f"The package {package!r} is not installed for {sys.executable}.\n"
        "  Expected: the environment that `make env` creates\n"
        "  What to do: run `make env`, then `. .venv/bin/activate`.",
        file=sys.stderr,
    )
    return 7


if __name__ == "__main__":
    main()
