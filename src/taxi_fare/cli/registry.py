"""``taxi-fare registry``: look at the model registry, or change it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from taxi_fare.cli import by_hand, options
from taxi_fare.cli.compare_versions import compare_versions
from taxi_fare.cli.logging_options import LoggedTyper
from taxi_fare.cli.mirror import mirror
from taxi_fare.cli.show import (
    print_json,
)
from taxi_fare.cli.show_registry import show_history, show_slots
from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.registry_files import MANIFEST

if TYPE_CHECKING:
    from taxi_fare.registry.contract import ModelVersions

app = LoggedTyper(
    name="registry",
    help="Look at the model registry, compare versions, go back.",
    no_args_is_help=True,
)
Verify = Annotated[
    bool, typer.Option("--verify", help="Check the hash of every file.")
]


@app.command()
def show(
    *,
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    verify: Verify = False,
    json: options.Json = False,
) -> None:
    """Show the two slots and what is in them."""
    registry = options.open_registry(model_registry_path)
    state = registry.read()
    slots = {"current": state.current, "candidate": state.candidate}
    models = [each for each in slots.values() if each]
    manifests, faults = _explained(registry.versions, models, verify=verify)
    if json:
        document = {"generation": state.generation, "slots": slots}
        damaged = {model: _files(fault) for model, fault in faults.items()}
        print_json(document | {"manifests": manifests, "damaged": damaged})
    else:
        show_slots(slots, manifests)
    for fault in faults.values():
        raise fault


def _explained(
    versions: "ModelVersions", models: Iterable[str], *, verify: bool
) -> tuple[dict[str, Any], dict[str, RegistryConflictError]]:
    """Return the manifests that can be read, and what is wrong."""
    from taxi_fare.core.version_files import DamagedModelError

    manifests, faults = {}, {}
    for model in models:
        try:
            manifests[model] = versions.manifest(model)
            if verify and (damage := versions.damaged_files(model)):
                raise DamagedModelError(model, damage)
        except RegistryConflictError as error:
            faults[model] = error
    return manifests, faults


def _files(fault: RegistryConflictError) -> list[str]:
    damage = getattr(fault, "damage", None)
    return [each.file for each in damage] if damage else [MANIFEST]


@app.command()
def history(
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    json: options.Json = False,
) -> None:
    """Show every decision, the latest first."""
    entries = options.open_registry(model_registry_path).read().history[::-1]
    if json:
        print_json([entry.to_document() for entry in entries])
    else:
        show_history(entries)


app.command("compare")(compare_versions)
app.command("promote")(by_hand.promote)
app.command("rollback")(by_hand.rollback)
app.command("mirror")(mirror)
