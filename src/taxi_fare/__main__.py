"""``python -m taxi_fare`` and every entry file end up here."""

import signal
import sys
from typing import NoReturn


def main(*command: str) -> None:
    """
    Run the command line and exit with its code.

    Parameters
    ----------
    *command : str
        Command to put before the arguments of this process.
    """
    try:
        from taxi_fare.cli.main import run
    except ModuleNotFoundError as error:
        sys.exit(_not_installed(error))
    # Whoever stops a run this way (Airflow does) gets its files tidied too.
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run([*command, *sys.argv[1:]]))


def _terminate(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)


def _not_installed(error: ModuleNotFoundError) -> int:
    print(
        f"The package {error.name!r} is not installed for {sys.executable}.\n"
        "  Expected: the environment that `make env` creates\n"
        "  What to do: run `make env`, then `. .venv/bin/activate`.",
        file=sys.stderr,
    )
    return 7


if __name__ == "__main__":
    main()
