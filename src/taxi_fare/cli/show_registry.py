"""Print what is in the registry."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from taxi_fare.cli.show import metrics_line, new_console, styled
from taxi_fare.core.registry_files import MANIFEST

if TYPE_CHECKING:
    from taxi_fare.mirroring.catch_up import Mirrored
    from taxi_fare.registry.records import HistoryEntry


def show_slots(
    slots: Mapping[str, str | None], manifests: Mapping[str, Any]
) -> None:
    """Print the two slots, and what is in them."""
    console = new_console(soft_wrap=True)
    for slot, model in slots.items():
        console.print(styled((f"{slot:<9}", "bold"), f"  {model or 'none'}"))
        if model is None:
            continue
        if model not in manifests:
            console.print(f"           {MANIFEST} cannot be read")
            continue
        manifest = manifests[model]
        data = manifest["data"]
        trips = "simulated trips" if manifest["simulated"] else "real trips"
        console.print(
            f"           test month {data['test_month']}, trained on"
            f" {', '.join(data['train_months'])}, {trips}"
        )
        console.print(f"           {metrics_line(manifest['metrics'])}")
        if before := manifest.get("before_the_ride"):
            told = metrics_line(before)
            console.print(f"           before the ride: {told}")


def show_change(
    current: str | None, target: str, manifests: Mapping[str, Any]
) -> None:
    """Print what is in production, and what is to be, for who is asked."""
    console = new_console(stderr=True, soft_wrap=True)
    for what, model in (("from", current), ("to", target)):
        console.print(styled((f"{what:<5}", "bold"), f" {model or 'none'}"))
        manifest = manifests.get(model or "")
        if manifest is not None:
            month = manifest["data"]["test_month"]
            told = metrics_line(manifest["metrics"])
            console.print(f"      {told} on {month}")


def show_history(entries: Iterable["HistoryEntry"]) -> None:
    """Print every decision, why, and how much it is worth."""
    from taxi_fare.core.evidence import worth

    console = new_console(soft_wrap=True)
    for entry in entries:
        console.print(
            styled(
                f"{entry.timestamp}  ",
                (f"{entry.event:<11}", "bold"),
                f"  {entry.model_id}",
            )
        )
        console.print(f"    {entry.reason}")
        if told := worth(entry.gains, reason=entry.reason):
            console.print(f"    {told}")


def show_mirrored(told: "Mirrored") -> None:
    """Print what MLflow was told, and what the slots are there."""
    console = new_console(soft_wrap=True)
    console.print(
        f"Decisions told: {len(told.decisions)}; models handed over:"
        f" {len(told.models)}"
    )
    for model, why in told.left_out.items():
        console.print(f"  without a model: {model} ({why})")
    for alias, version in told.aliases.items():
        here = f"version {version}" if version else "none"
        console.print(styled((f"{alias:<9}", "bold"), f"  {here}"))
