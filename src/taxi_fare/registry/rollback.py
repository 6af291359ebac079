"""Make an earlier model current again."""

from datetime import UTC, datetime

from taxi_fare.core.errors import (
    RegistryConflictError,
    TaxiFareError,
    WrongUsageError,
)
from taxi_fare.core.metrics import compared_in
from taxi_fare.core.version_files import DamagedModelError
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.records import HistoryEntry, RegistryState


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

    def decide(state: RegistryState) -> HistoryEntry:
        """Look again: another process may have been faster."""
        done = _done_before(state, request_id=request_id, to=to)
        if done is not None:
            return done
        target = _target(registry, state=state, to=to)
        manifest = registry.versions.manifest(target)
        data, metrics = manifest["data"], manifest["metrics"]
        return HistoryEntry(
            run_id=run_id,
            run_key=None,
            model_id=target,
            timestamp=datetime.now(UTC).isoformat(timespec="seconds"),
            event="rolled_back",
            reason=reason,
            train_months=data["train_months"],
            test_month=data["test_month"],
            metrics={
                each.name: metrics[each.name] for each in compared_in(metrics)
            },
            compared_with=state.current,
            simulated=manifest["simulated"],
            request_id=request_id,
        )

    decide(registry.read())  # nothing is locked in vain
    return registry.update(decide)


def _done_before(
    state: RegistryState, *, request_id: str | None, to: str | None
) -> HistoryEntry | None:
    done = state.find_run(None, request_id=request_id)
    if done is not None and to not in {None, done.model_id}:
        raise WrongUsageError(
            f"The request {request_id} went back to {done.model_id}.",
            expected="one request id for each change",
            remedy=f"to go back to {to}, use another request id.",
        )
    return done


def _target(
    registry: ModelRegistry, *, state: RegistryState, to: str | None
) -> str:
    names = registry.versions.names() - set(state.pruned)
    target = state.before_current() if to is None else to
    error: type[TaxiFareError] = RegistryConflictError
    if target is None:
        found = "There is no model before the current one."
    elif target == state.current:
        found = f"{target} is the current model already."
    elif target in names:
        damaged = registry.versions.damaged_files(target)
        if not damaged:
            return target
        found = DamagedModelError(target, damaged).found
    elif target in state.recorded():
        found = (
            f"There is no version {target} any more: it was pruned"
            " (registry.keep_versions), or its manifest is lost."
        )
    else:
        error, found = WrongUsageError, _no_version(target, names)
    others = ", ".join(sorted(names - {state.current}))
    raise error(
        found,
        expected="a version of this registry that is whole:"
        f" {others or 'there is none'} (current: {state.current})",
        remedy="name one with --to, in full.",
    )


def _no_version(target: str, names: set[str]) -> str:
    if not target.strip():
        return "--to is empty."
    begun = [name for name in sorted(names) if name.startswith(target)]
    if begun:
        return f"{target} is no whole name: {', '.join(begun)} begin with it."
    return f"There is no version {target}."
