"""What a person decides: go back, or promote another version."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from taxi_fare.core.errors import ModelRefusedError, WrongUsageError
from taxi_fare.core.gates import gate_title
from taxi_fare.core.metrics import compared_in
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.named_version import named_version
from taxi_fare.registry.records import Event, HistoryEntry, RegistryState


def roll_back(
    registry: ModelRegistry,
    *,
    run_id: str,
    reason: str,
    to: str | None = None,
    request_id: str | None = None,
) -> RegistryState:
    """
    Make an earlier version current again.

    Parameters
    ----------
    registry : ModelRegistry
        The registry; left alone when it has no such version.
    run_id : str
        Of the call.
    reason : str
        Why, for the history.
    to : str, optional
        The version. Default: the one that was current before.
    request_id : str, optional
        Of who asks: asked again with the same one, nothing happens again.

    Returns
    -------
    RegistryState
        The new state.

    Raises
    ------
    WrongUsageError
        If ``to`` is the whole name of no version.
    RegistryConflictError
        If the version was removed, is damaged, or is current already.

    Examples
    --------
    >>> registry = open_registry("models/registry", load_settings())
    >>> roll_back(registry, run_id="by-hand", reason="too dear").current
    'first'
    """

    def entry(state: RegistryState) -> HistoryEntry:
        """Look again: another process may have been faster."""
        target = named_version(registry, state=state, to=to, option="--to")
        return _entry(
            registry,
            target,
            state=state,
            event="rolled_back",
            run_id=run_id,
            reason=reason,
            request_id=request_id,
        )

    return _once(registry, entry, to=to, request_id=request_id)


def promote(
    registry: ModelRegistry,
    version: str,
    *,
    run_id: str,
    reason: str,
    request_id: str | None = None,
) -> RegistryState:
    """
    Make a version current because a person says so.

    Parameters
    ----------
    registry : ModelRegistry
        The registry; left alone when it has no such version.
    version : str
        Its whole name.
    run_id : str
        Of the call.
    reason : str
        Why, for the history.
    request_id : str, optional
        Of who asks: asked again with the same one, nothing happens again.

    Returns
    -------
    RegistryState
        The new state.

    Raises
    ------
    WrongUsageError
        If there is no such version, or no reason.
    RegistryConflictError
        If the version was removed, is damaged, or is current already.
    ModelRefusedError
        If it missed a quality gate.

    Examples
    --------
    >>> registry = open_registry("models/registry", load_settings())
    >>> promote(registry, "third", run_id="by-hand", reason="better at night")
    Traceback (most recent call last):
        ...
    WrongUsageError: There is no version third.
    """
    change = partial(_promote, registry, version, may=_require_gates)
    return change(run_id=run_id, reason=reason, request_id=request_id)


def promote_despite_gates(
    registry: ModelRegistry,
    version: str,
    *,
    run_id: str,
    reason: str,
    request_id: str | None = None,
) -> RegistryState:
    """Promote a version as ``promote`` does, whatever gate it missed."""
    change = partial(_promote, registry, version, may=lambda *_: None)
    return change(run_id=run_id, reason=reason, request_id=request_id)


def _promote(
    registry: ModelRegistry,
    version: str,
    *,
    may: Callable[[ModelRegistry, str], None],
    reason: str,
    **ids: str | None,
) -> RegistryState:
    """Promote a version that may be."""
    if not reason.strip():
        raise WrongUsageError(
            "There is no reason.",
            expected="why a person decides otherwise than the rule",
            remedy="say it with --reason.",
        )

    def entry(state: RegistryState) -> HistoryEntry:
        """Look again: another process may have been faster."""
        target = named_version(
            registry, state=state, to=version, option="VERSION"
        )
        may(registry, target)
        return _entry(
            registry,
            target,
            state=state,
            event="promoted",
            reason=reason,
            **ids,
        )

    return _once(registry, entry, to=version, request_id=ids["request_id"])


def _once(
    registry: ModelRegistry,
    entry: Callable[[RegistryState], HistoryEntry],
    *,
    to: str | None,
    request_id: str | None,
) -> RegistryState:
    """Record a change, unless the same request has made it."""

    def decide(state: RegistryState) -> HistoryEntry:
        """Find the request in the history, or decide."""
        done = _done_before(state, request_id=request_id, to=to)
        return entry(state) if done is None else done

    decide(registry.read())  # nothing is locked in vain
    return registry.update(decide)


def _entry(
    registry: ModelRegistry,
    target: str,
    *,
    state: RegistryState,
    event: Event,
    **told: str | None,
) -> HistoryEntry:
    """Return what the history says of a change by hand."""
    manifest = registry.versions.manifest(target)
    data, metrics = manifest["data"], manifest["metrics"]
    return HistoryEntry.model_validate(
        {
            "run_key": None,
            "model_id": target,
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "event": event,
            "decided_by": "person",
            "train_months": data["train_months"],
            "test_month": data["test_month"],
            "metrics": {
                each.name: metrics[each.name] for each in compared_in(metrics)
            },
            "compared_with": state.current,
            "simulated": manifest["simulated"],
            **told,
        }
    )


def _require_gates(registry: ModelRegistry, target: str) -> None:
    manifest = registry.versions.manifest(target)
    missed = [
        f"{gate_title(each)} (found {each['value']:.4g})"
        for each in manifest["gates"]
        if not each["passed"]
    ]
    if missed:
        raise ModelRefusedError(
            f"{target} missed {len(missed)} of {len(manifest['gates'])}"
            f" quality gates: {'; '.join(missed)}.",
            expected="a version that passed every quality gate",
            remedy="name another; or, knowing better, add --despite-gates.",
        )


def _done_before(
    state: RegistryState, *, request_id: str | None, to: str | None
) -> HistoryEntry | None:
    done = state.find_run(None, request_id=request_id)
    if done is not None and to not in {None, done.model_id}:
        raise WrongUsageError(
            f"The request {request_id} went back to {done.model_id}."
            if done.event == "rolled_back"
            else f"The request {request_id} promoted {done.model_id}.",
            expected="one request id for each change",
            remedy=f"for {to}, use another request id.",
        )
    return done
