"""``taxi-fare registry``: look at the model registry, or go back."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from taxi_fare.cli.logging_options import LoggedTyper
from taxi_fare.cli.options import DEFAULT_REGISTRY, Json, RegistryPath
from taxi_fare.cli.show import metrics_line, new_console, print_json
from taxi_fare.core.errors import DataRefusedError

if TYPE_CHECKING:
    from taxi_fare.registry.contract import ModelRegistry
    from taxi_fare.registry.records import HistoryEntry

app = LoggedTyper(
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
    *,
    model_registry_path: RegistryPath = DEFAULT_REGISTRY,
    verify: Verify = False,
    json: Json = False,
) -> None:
    """Show the two slots and what is in them."""
    registry = _open(model_registry_path)
    state = registry.read()
    slots = {"current": state.current, "candidate": state.candidate}
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
        _show_slots(document)
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
        _show_history(entries)


@app.command()
def rollback(
    *,
    to: To = None,
    reason: Reason = "asked for on the command line",
    model_registry_path: RegistryPath = DEFAULT_REGISTRY,
    json: Json = False,
) -> None:
    """Make the model before the current one current again."""
    from taxi_fare.registry.rollback import roll_back
    from taxi_fare.reports.header import new_run_id

    registry = _open(model_registry_path)
    before = registry.read().current
    state = roll_back(registry, run_id=new_run_id(), reason=reason, to=to)
    document = {"before": before, "current": state.current}
    if json:
        print_json(document)
    else:
        print(f"Current model: {state.current} (before: {before})")


def _open(place: str) -> "ModelRegistry":
    from taxi_fare.core.settings import load_settings
    from taxi_fare.registry.opening import open_registry

    return open_registry(place, load_settings())


def _show_slots(document: Mapping[str, Any]) -> None:
    console = new_console(soft_wrap=True)
    for slot, model in document["slots"].items():
        if model is None:
            console.print(f"[bold]{slot:<9}[/]  none")
            continue
        manifest = document["manifests"][model]
        data = manifest["data"]
        trips = "simulated trips" if manifest["simulated"] else "real trips"
        console.print(f"[bold]{slot:<9}[/]  {model}")
        console.print(
            f"           test month {data['test_month']}, trained on"
            f" {', '.join(data['train_months'])}, {trips}\n"
            f"           {metrics_line(manifest['metrics'])}"
        )


def _show_history(entries: Iterable["HistoryEntry"]) -> None:
    console = new_console(soft_wrap=True)
    for entry in entries:
        console.print(
            f"{entry.timestamp}  [bold]{entry.event:<11}[/]  {entry.model_id}"
        )
        console.print(f"    {escape(entry.reason)}")
