"""``model_registry.json``: parsed, and decisions checked against it."""

from taxi_fare.core.documents import parse_document
from taxi_fare.core.errors import TaxiFareError, TemporaryError
from taxi_fare.core.registry_slots import STATE_REFUSAL
from taxi_fare.registry.records import HistoryEntry, RegistryState


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
    # Whoever forces a run asks for one, not for two.
    asked = entry.request_id if force else None
    if asked or not force:
        done = state.find_run(entry.run_key, request_id=asked)
        if done is not None:
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
        content, RegistryState, place=place, refusal=STATE_REFUSAL
    )


def missing_state(place: str) -> TaxiFareError:
    """Return the error of versions without a state."""
    return STATE_REFUSAL.of(f"{place} is missing, but versions are there.")
