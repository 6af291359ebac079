"""``taxi-fare registry``: look at the model registry, or go back."""

from pathlib import Path
from typing import Annotated, Any

import typer

from taxi_fare.cli.options import DEFAULT_REGISTRY, Json, RegistryPath
from taxi_fare.cli.show import print_json, show_history, show_registry
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.settings import load_settings
from taxi_fare.registry.store import Registry
from taxi_fare.reports.header import new_run_id

app = typer.Typer(
    name="registry",
    help="Look at the model registry, or go back to an earlier model.",
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


@app.command()
def show(
    model_registry_path: RegistryPath = DEFAULT_REGISTRY,
    verify: Verify = False,
    json: Json = False,
) -> None:
    """Show the two slots and what is in them."""
    registry = _open(model_registry_path)
    state = registry.read()
    slots: dict[str, Any] = {
        "current": state.current,
        "candidate": state.candidate,
    }
    models = [model for model in slots.values() if model]
    document = {
        "generation": state.generation,
        "slots": slots,
        "manifests": {
            model: registry.versions.manifest(model) for model in models
        },
    }
    damaged = {
        model: paths
        for model in models
        if verify and (paths := registry.versions.damaged_files(model))
    }
    if json:
        print_json(document | {"damaged": damaged})
    else:
        show_registry(document)
    if damaged:
        raise DataRefusedError(
            f"Damaged files: {damaged}",
            expected="the hashes of the manifest",
            remedy="run `taxi-fare registry rollback`.",
        )


@app.command()
def history(
    model_registry_path: RegistryPath = DEFAULT_REGISTRY,
    json: Json = False,
) -> None:
    """Show every decision, the latest first."""
    entries = _open(model_registry_path).read().history[::-1]
    if json:
        print_json([entry.to_document() for entry in entries])
    else:
        show_history(entries)


@app.command()
def rollback(
    to: To = None,
    reason: Reason = "asked for on the command line",
    model_registry_path: RegistryPath = DEFAULT_REGISTRY,
    json: Json = False,
) -> None:
    """Make the model before the current one current again."""
    registry = _open(model_registry_path)
    before = registry.read().current
    state = registry.rollback(run_id=new_run_id(), reason=reason, to=to)
    document = {"before": before, "current": state.current}
    if json:
        print_json(document)
    else:
        print(f"Current model: {state.current} (before: {before})")


def _open(path: Path) -> Registry:
    return Registry(path, load_settings().registry)
