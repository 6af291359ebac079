"""The model in production, as far as a new one can be compared with it."""

import logging
from dataclasses import dataclass

from taxi_fare.core.errors import IncompatibleModelError
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.run.models import (
    CheckedModel,
    check_model,
    current_model,
)
from taxi_fare.scoring.compatibility import require_understood

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CurrentModel:
    """
    The model in production, which a new one is compared with.

    Parameters
    ----------
    usable : CheckedModel or None
        None where this code cannot use it: then nothing is compared. It
        would stay in production for ever if a new one had to beat it.
    why_not : str or None
        Why it cannot be compared.
    """

    model_id: str
    usable: CheckedModel | None = None
    why_not: str | None = None


def is_outdated(registry: ModelRegistry) -> bool:
    """
    Tell whether this code cannot use the model in production.

    Only its manifest is read: finding a run that was done stays fast.
    """
    model_id = registry.read().current
    try:
        if model_id is not None:
            require_understood(registry.versions.manifest(model_id))
    except IncompatibleModelError:
        return True
    return False


def check_current(
    registry: ModelRegistry, checked: CurrentModel | None = None
) -> CurrentModel | None:
    """
    Find out whether the model in production can be compared with.

    Parameters
    ----------
    checked : CurrentModel or None
        What was found before: it is not checked again.

    Returns
    -------
    CurrentModel or None
        None when there is none yet.

    Raises
    ------
    RegistryConflictError
        If its files are damaged.
    """
    model_id = registry.read().current
    if model_id is None:
        return None
    if checked is not None and checked.model_id == model_id:
        return checked
    try:
        found = current_model(registry)
        return CurrentModel(model_id, check_model(found) if found else None)
    except IncompatibleModelError as error:
        return _incomparable(model_id, error)


def load_current(current: CurrentModel | None) -> CurrentModel | None:
    """Let Spark load the model in production, if it can."""
    if current is None or current.usable is None:
        return current
    try:
        _ = current.usable.pipeline
    except IncompatibleModelError as error:
        return _incomparable(current.model_id, error)
    return current


def _incomparable(
    model_id: str, error: IncompatibleModelError
) -> CurrentModel:
    _logger.warning("The current model cannot be compared. %s", error)
    return CurrentModel(model_id, why_not=error.found.rstrip("."))
