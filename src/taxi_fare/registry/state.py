"""``model_registry.json``: parsed, and decisions checked against it."""

from taxi_fare.core.documents import Refusal, parse_document
from taxi_fare.core.errors import (
    RegistryConflictError,
    TaxiFareError,
    TemporaryError,
)
from taxi_fare.registry.records import HistoryEntry, RegistryState

_REFUSAL = Refusal(
    expected="the file as the registry wrote it",
    remedy="restore it from a backup, or move the folder away to start"
    " anew. Nothing was changed.",
    error=RegistryConflictError,
)


class RegistryChangedError(TemporaryError):
    """Another model became current since the decision was taken."""


def recorded_before(
    state: RegistryState,
    *,
    entry: HistoryEntry,
    expected_current: str | None,
    force: bool,
) -> HistoryEntry | None:
    """
    Check that a decision still holds; return the same of an earlier run.

    Raises
    ------
    RegistryChangedError
        If another model is current now.
    TemporaryError
        If another process has given the version up.
    """
    if not force and (done := state.find_run(entry.run_key)):
        return done
    if state.current != expected_current:
        raise RegistryChangedError(
            f"The current model is {state.current}.",
            expected=f"still {expected_current}, which this one was"
            " compared with",
            remedy="run the command again.",
        )
    if entry.model_id in state.pruned:
        raise TemporaryError(
            f"The upload of {entry.model_id} was taken for abandoned.",
            expected="an upload within registry.abandoned_after_hours",
            remedy="run the command again.",
        )
    return None


def parse_state(content: bytes, place: str) -> RegistryState:
    """
    Parse the state of a registry.

    Raises
    ------
    RegistryConflictError
        If it is damaged.
    """
    return parse_document(
        content, RegistryState, place=place, refusal=_REFUSAL
    )


def missing_state(place: str) -> TaxiFareError:
    """Return the error of versions without a state."""
    return _REFUSAL.of(f"{place} is missing, but versions are there.")
