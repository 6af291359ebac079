"""Whether a lineage service is told of a command, and of which."""

import logging
import os
from collections.abc import Sequence, Set
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec

_PREFIX = "OPENLINEAGE_"
_OFF = "OPENLINEAGE_DISABLED"
# They say where to, or how; the others do not ask for anything by themselves.
_ASKING = ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG", "OPENLINEAGE__TRANSPORT")
_NO_RUN = {"-h", "--help", "--version"}
# It turns into another program, whose end nobody here would see.
_NOT_ENDED = "dashboard"
_logger = logging.getLogger(__name__)


def lineage(
    arguments: Sequence[str], *, groups: Set[str]
) -> AbstractContextManager[None]:
    """
    Tell OpenLineage of a command, where its own variables ask for it.

    Parameters
    ----------
    groups : set of str
        First words of commands that have two.
    """
    is_run = arguments and not _NO_RUN.intersection(arguments)
    is_run = is_run and arguments[0] != _NOT_ENDED
    off = os.environ.get(_OFF, "").lower() in {"true", "1"}
    given = [name for name, value in os.environ.items() if value]
    asked = any(name.startswith(_ASKING) for name in given)
    if off or not (asked and is_run):
        return nullcontext()
    if find_spec("openlineage") is None:
        _logger.warning(
            "%s variables are set, and OpenLineage is not installed: pip"
            " install 'taxi-fare[lineage]'",
            _PREFIX,
        )
        return nullcontext()
    from taxi_fare.mirroring.lineage import lineage_of

    words = arguments[: 2 if arguments[0] in groups else 1]
    return lineage_of(".".join(words))
