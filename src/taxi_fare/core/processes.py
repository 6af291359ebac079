"""Programs that are run to their end, and what they say."""

import subprocess
from collections.abc import Mapping, Sequence


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
