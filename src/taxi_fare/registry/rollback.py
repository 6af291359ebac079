"""Make an earlier model current again."""

from datetime import UTC, datetime

from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.metrics import compared_in
from taxi_fare.core.version_files import DamagedModelError
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.records import HistoryEntry, RegistryState


def roll_back(
    registry: ModelRegistry, *, run_id: str, reason: str, to: str | None = None
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

    Returns
    -------
    RegistryState
        The new state.

    Raises
    ------
    RegistryConflictError
        If there is no such version, or it is current already or damaged.

    Examples
    --------
    >>> registry = open_registry("models/registry", load_settings())
    >>> roll_back(registry, run_id="by-hand", reason="too dear").current
    'first'
    """
    # Nothing is locked in vain.
    _target(registry, state=registry.read(), to=to)

    def decide(state: RegistryState) -> HistoryEntry:
        """Look again: another process may have been faster."""
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
        )

    return registry.update(decide)


def _target(
    registry: ModelRegistry, *, state: RegistryState, to: str | None
) -> str:
    names = registry.versions.names() - set(state.pruned)
    target = to or state.before_current()
    if target is None:
        found = "There is no model before the current one."
    elif target == state.current:
        found = f"{target} is the current model already."
    elif target not in names:
        found = f"There is no version {target}."
    elif damaged := registry.versions.damaged_files(target):
        found = DamagedModelError(target, damaged).found
    else:
        return target
    raise RegistryConflictError(
        found,
        expected="a version of this registry that is whole:"
        f" {', '.join(sorted(names)) or 'there is none'}",
        remedy="name one with --to.",
    )
