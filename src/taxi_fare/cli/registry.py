"""``taxi-fare registry``: look at the model registry, or change it."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from taxi_fare.cli import options
from taxi_fare.cli.compare_versions import Version, compare_versions
from taxi_fare.cli.logging_options import LoggedTyper
from taxi_fare.cli.mirror import mirror
from taxi_fare.cli.show import (
    new_console,
    print_json,
)
from taxi_fare.cli.show_registry import show_history, show_slots
from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.registry_files import MANIFEST

if TYPE_CHECKING:
    from taxi_fare.registry.contract import ModelRegistry, ModelVersions
    from taxi_fare.registry.records import RegistryState

app = LoggedTyper(
    name="registry",
    help="Look at the model registry, compare versions, go back.",
    no_args_is_help=True,
)
Verify = Annotated[
    bool, typer.Option("--verify", help="Check the hash of every file.")
]
To = Annotated[
    str | None,
    typer.Option(help="Version to go back to. Default: the one before."),
]
Reason = Annotated[str, typer.Option(help="Why, for the history.")]
PromotionReason = Annotated[
    str,
    typer.Option("--reason", help="Why, for the history: a person decides."),
]
DespiteGates = Annotated[
    bool,
    typer.Option(
        "--despite-gates", help="Though it missed a quality gate: not advised."
    ),
]


app.command("compare")(compare_versions)
app.command("mirror")(mirror)


@app.command()
def show(
    *,
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    verify: Verify = False,
    json: options.Json = False,
) -> None:
    """Show the two slots and what is in them."""
    registry = _open(model_registry_path)
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
    entries = _open(model_registry_path).read().history[::-1]
    if json:
        print_json([entry.to_document() for entry in entries])
    else:
        show_history(entries)


@app.command()
def rollback(
    *,
    to: To = None,
    reason: Reason = "asked for on the command line",
    request_id: options.RequestId = None,
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    json: options.Json = False,
) -> None:
    """Make the model before the current one current again."""
    from taxi_fare.registry.by_hand import roll_back

    _change(
        partial(roll_back, reason=reason, to=to),
        place=model_registry_path,
        request_id=request_id,
        json=json,
    )


@app.command()
def promote(
    version: Version,
    *,
    reason: PromotionReason,
    despite_gates: DespiteGates = False,
    request_id: options.RequestId = None,
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    json: options.Json = False,
) -> None:
    """Make a version current because a person decides so."""
    from taxi_fare.registry import by_hand

    change = by_hand.promote
    if despite_gates:
        change = by_hand.promote_despite_gates
    _change(
        partial(change, version=version, reason=reason),
        place=model_registry_path,
        request_id=request_id,
        json=json,
    )


def _change(
    change: "Callable[..., RegistryState]",
    *,
    place: str,
    request_id: str | None,
    json: bool,
) -> None:
    """Change the current model, and say what became of it."""
    from taxi_fare.core.documents import new_run_id
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows.mirror import follow_decision

    run_id = new_run_id()
    asked = request_id or run_id
    state = change(_open(place), run_id=run_id, request_id=asked)
    follow_decision(place, load_settings())
    done = state.find_run(None, request_id=asked)
    if done is None:
        raise TypeError("a change that was recorded is not in the history")
    before, again = done.compared_with, done.run_id != run_id
    if json:
        told = {"before": before, "current": done.model_id}
        print_json(told | {"request_id": asked, "done_before": again})
        return
    console = new_console(soft_wrap=True)
    console.print(f"Current model: {done.model_id} (before: {before})")
    if again:
        console.print(
            f"The request {asked} was carried out at {done.timestamp};"
            f" nothing was changed now. Current is {state.current}."
        )


def _open(place: str) -> "ModelRegistry":
    from taxi_fare.core.settings import load_settings
    from taxi_fare.registry.opening import open_existing

    return open_existing(place, load_settings())
