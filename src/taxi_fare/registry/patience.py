"""How long to try again while other processes are faster."""

import random
import time

from taxi_fare.core.errors import TemporaryError

_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 2.0


class Patience:
    """Growing random pauses, so that losers do not meet again, and an end."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._wait = _FIRST_WAIT_SECONDS

    def pause(self) -> None:
        """Wait a moment, longer each time."""
        # No need to be unpredictable: only to be different.
        time.sleep(self._wait * random.random())  # noqa: S311
        self._wait = min(2 * self._wait, _LONGEST_WAIT_SECONDS)

    def require(self, place: str) -> None:
        """
        Refuse to try any longer when the time is over.

        Raises
        ------
        TemporaryError
            If the time is over.
        """
        if time.monotonic() > self._end:
            raise TemporaryError(
                f"Other processes have changed {place} each time within"
                f" {self._seconds:g} seconds.",
                expected="a moment in which nobody else does",
                remedy="run the command again; nothing was recorded.",
            )
