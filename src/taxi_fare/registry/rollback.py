"""Make an earlier model current again."""

from datetime import UTC, datetime

from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.registry.promotion import LOWER_IS_BETTER
from taxi_fare.registry.records import HistoryEntry, RegistryState
from taxi_fare.registry.store import Registry


def roll_back(
    registry: Registry, *, run_id: str, reason: str, to: str | None = None
) -> RegistryState:
    """
    Make an earlier version current again.

    Parameters
    ----------
    registry : Registry
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
    """
    _target(registry, to)  # a registry that stays as it is needs no lock
    with registry.locked():
        target, before = _target(registry, to), registry.read()
        manifest = registry.versions.manifest(target)
        data, metrics = manifest["data"], manifest["metrics"]
        entry = HistoryEntry(
            run_id=run_id,
            run_key=None,
            model_id=target,
            timestamp=datetime.now(UTC).isoformat(timespec="seconds"),
            event="rolled_back",
            reason=reason,
            train_months=data["train_months"],
            test_month=data["test_month"],
            metrics={name: metrics[name] for name in LOWER_IS_BETTER},
            compared_with=before.current,
            simulated=manifest["simulated"],
        )
        after = before.after(entry)
        registry.write(after)
    return after


def _target(registry: Registry, to: str | None) -> str:
    state, names = registry.read(), registry.versions.names()
    target = to or state.before_current()
    if target is None:
        found = "There is no model before the current one."
    elif target == state.current:
        found = f"{target} is the current model already."
    elif target not in names:
        found = f"There is no version {target}."
    elif damaged := registry.versions.damaged_files(target):
        found = f"{target} is damaged: {', '.join(damaged)}."
    else:
        return target
    raise RegistryConflictError(
        found,
        expected="a version of this registry that is whole:"
        f" {', '.join(sorted(names)) or 'there is none'}",
        remedy="name one with --to.",
    )
