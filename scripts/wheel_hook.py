"""Put into a wheel what lies beside the package in a checkout."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The app, the settings with their reasons, the DAGs: core/checkout.py finds
# them where there is no checkout.
_SHIPPED = ("streamlit_app", "conf", "dags")


class Shipped(BuildHookInterface[Any]):
    """Not where the package is installed from its checkout: they are there."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name what is taken along, before the wheel is built."""
        if version != "editable":
            build_data["force_include"] |= {
                folder: f"taxi_fare/shipped/{folder}" for folder in _SHIPPED
            }
