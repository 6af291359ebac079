"""``taxi-fare registry mirror``: bring MLflow up to date."""

from dataclasses import asdict

from taxi_fare.cli import options
from taxi_fare.cli.show import print_json
from taxi_fare.cli.show_registry import show_mirrored


def mirror(
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    json: options.Json = False,
) -> None:
    """Tell the MLflow of MLFLOW_TRACKING_URI every decision it lacks."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows import mirror as workflow

    told = workflow.mirror(model_registry_path, load_settings())
    if json:
        print_json(asdict(told))
    else:
        show_mirrored(told)
