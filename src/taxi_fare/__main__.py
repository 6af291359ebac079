"""``python -m taxi_fare`` and every entry file end up here."""

import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn


def main(*command: str) -> None:
    """
    Run the command line and exit with its code.

    Parameters
    ----------
    *command : str
        Command to put before the arguments of this process.
    """
    arguments = [*command, *sys.argv[1:]]
    try:
        run = _runner(arguments)
    except ModuleNotFoundError as error:
        sys.exit(_not_installed(error))
    # Whoever stops a run this way (Airflow does) gets its files tidied too.
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(arguments))


def _runner(arguments: Sequence[str]) -> Callable[[Sequence[str]], int]:
    if arguments[:1] in (["quote"], ["dashboard"]):
        # Half of its time would go into importing Spark for the others.
        from taxi_fare.cli import quick

        return quick.run
    from taxi_fare.cli import main as every

    return every.run


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
