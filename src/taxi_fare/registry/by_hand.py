"""What a person decides: go back, or promote another version."""

from dataclasses import dataclass
from datetime import UTC, datetime

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.metrics import compared_in
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.named_version import named_version, require_gates
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
        If ``to`` is the whole name of no version, or there is no reason.
    RegistryConflictError
        If the version was removed, is damaged, or is current already.

    Examples
    --------
    >>> registry = open_registry("models/registry", load_settings())
    >>> roll_back(registry, run_id="by-hand", reason="too dear").current
    'first'
    """
    _require_reason(reason)
    return _record(
        registry,
        _Change(
            event="rolled_back",
            to=to,
            option="--to",
            run_id=run_id,
            reason=reason,
            request_id=request_id,
        ),
    )


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
    _require_reason(reason)
    return _record(
        registry,
        _Change(
            event="promoted",
            to=version,
            option="VERSION",
            run_id=run_id,
            reason=reason,
            request_id=request_id,
            gates=True,
        ),
    )


def promote_despite_gates(
    registry: ModelRegistry,
    version: str,
    *,
    run_id: str,
    reason: str,
    request_id: str | None = None,
) -> RegistryState:
    """Promote a version as ``promote`` does, whatever gate it missed."""
    _require_reason(reason)
    return _record(
        registry,
        _Change(
            event="promoted",
            to=version,
            option="VERSION",
            run_id=run_id,
            reason=reason,
            request_id=request_id,
        ),
    )


@dataclass(frozen=True, kw_only=True)
class _Change:
    """What a person asks for; ``gates``: only of one that passed them."""

    event: Event
    to: str | None
    option: str
    run_id: str
    reason: str
    request_id: str | None
    gates: bool = False


def _record(registry: ModelRegistry, change: _Change) -> RegistryState:
    """Record a change, unless the same request has made it."""

    def decide(state: RegistryState) -> HistoryEntry:
        """Look again: another process may have been faster."""
        done = _done_before(state, change)
        if done is not None:
            return done
        target = named_version(
            registry, state=state, to=change.to, option=change.option
        )
        if change.gates:
            require_gates(registry, target)
        return _entry(registry, target, state=state, change=change)

    decide(registry.read())  # nothing is locked in vain
    return registry.update(decide)


def _entry(
    registry: ModelRegistry,
    target: str,
    *,
    state: RegistryState,
    change: _Change,
) -> HistoryEntry:
    """Return what the history says of a change by hand."""
    manifest = registry.versions.manifest(target)
    data, metrics = manifest["data"], manifest["metrics"]
    return HistoryEntry(
        run_id=change.run_id,
        run_key=None,
        model_id=target,
        timestamp=datetime.now(UTC).isoformat(timespec="seconds"),
        event=change.event,
        reason=change.reason,
        decided_by="person",
        train_months=data["train_months"],
        test_month=data["test_month"],
        metrics={
            each.name: metrics[each.name] for each in compared_in(metrics)
        },
        compared_with=state.current,
        simulated=manifest["simulated"],
        request_id=change.request_id,
    )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise WrongUsageError(
            "There is no reason.",
            expected="why a person decides so",
            remedy="say it with --reason.",
        )


def _done_before(state: RegistryState, change: _Change) -> HistoryEntry | None:
    request_id, to = change.request_id, change.to
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
