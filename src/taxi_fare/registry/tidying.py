"""What comes after a change of a registry, and can no longer fail it."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import PurePath

from taxi_fare.core.errors import TaxiFareError

_NAMED = 5
_logger = logging.getLogger(__name__)


@contextmanager
def tidying() -> Iterator[None]:
    """Go on when something cannot be tidied up: it is the next time."""
    try:
        yield
    except (OSError, TaxiFareError) as error:
        _logger.warning("Not tidied up yet: %s", error)


class Strangers:
    """What lies among the versions and is none: told once, left alone."""

    def __init__(self, place: PurePath | str) -> None:
        self._place = place
        self._told: set[str] = set()

    def tell(self, names: Iterable[str]) -> None:
        """Warn of those that were not told of before."""
        new = sorted(set(names) - self._told)
        self._told.update(new)
        if new:
            # Quoted: somebody else chose these names.
            shown = ", ".join(map(repr, new[:_NAMED]))
            more = f" and {len(new) - _NAMED} more" * (len(new) > _NAMED)
            _logger.warning(
                "Passed over in %s, since the registry did not make it:"
                " %s%s. Move it away",
                self._place,
                shown,
                more,
            )
