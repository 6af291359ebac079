"""Which version a person means, and whether it can be made current."""

from taxi_fare.core.errors import (
    ModelRefusedError,
    RegistryConflictError,
    TaxiFareError,
    WrongUsageError,
)
from taxi_fare.core.gates import gate_title
from taxi_fare.core.version_files import DamagedModelError
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.records import RegistryState


def named_version(
    registry: ModelRegistry,
    *,
    state: RegistryState,
    to: str | None,
    option: str,
) -> str:
    """
    Find the version that a person wants to be current.

    Parameters
    ----------
    to : str or None
        As it was given; None for the one that was current before.
    option : str
        What it was given with, for messages.

    Raises
    ------
    WrongUsageError
        If it is the whole name of no version.
    RegistryConflictError
        If it was removed, is damaged, or is current already.
    """
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
        error = WrongUsageError
        found = _no_version(target, names, option=option)
    others = ", ".join(sorted(names - {state.current}))
    raise error(
        found,
        expected="a version of this registry that is whole:"
        f" {others or 'there is none'} (current: {state.current})",
        remedy=f"name one with {option}, in full.",
    )


def _no_version(target: str, names: set[str], *, option: str) -> str:
    if not target.strip():
        return f"{option} is empty."
    begun = [name for name in sorted(names) if name.startswith(target)]
    if begun:
        return f"{target} is no whole name: {', '.join(begun)} begin with it."
    return f"There is no version {target}."


def promotable(
    registry: ModelRegistry,
    *,
    state: RegistryState,
    version: str,
    despite_gates: bool = False,
) -> str:
    """
    Find a version that a person may promote.

    Raises
    ------
    TaxiFareError
        As of ``named_version`` and ``require_gates``.
    """
    target = named_version(registry, state=state, to=version, option="VERSION")
    if not despite_gates:
        require_gates(registry, target)
    return target


def require_gates(registry: ModelRegistry, target: str) -> None:
    """
    Refuse a version that missed a quality gate.

    Raises
    ------
    ModelRefusedError
        If it did.
    """
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
