"""Programs that are run to their end, and what they say."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import taxi_fare


def run_to_end(
    command: Sequence[str], *, variables: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """
    Run a command that is asked nothing, and keep what it says.

    Raises
    ------
    subprocess.TimeoutExpired
        If it takes longer.
    """
    return subprocess.run(  # noqa: S603 - no shell, our own words
        command,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
    )


def own_python_path() -> str:
    """Return a PYTHONPATH by which another Python finds this very package."""
    source = str(Path(taxi_fare.__file__).parents[1])
    given = os.environ.get("PYTHONPATH")
    return os.pathsep.join([source, given] if given else [source])
