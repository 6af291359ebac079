"""What makes a run the run it is: its months, recipe and settings."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from taxi_fare.core.columns import FEATURES_VERSION
from taxi_fare.core.settings import Settings
from taxi_fare.reports.header import new_run_id, report_header
from taxi_fare.training.recipes import Recipe
from taxi_fare.workflows.window import WindowData


@dataclass(frozen=True)
class Run:
    """
    One call of the monthly run.

    Parameters
    ----------
    run_id : str
        Of this call; two calls of the same run have different ones.
    data : WindowData
        Months in the lake.
    fingerprints : dict of str to str
        Bytes of each month.
    recipe : Recipe
        How the model is built.
    settings : Settings
        Hyper-parameters and limits.
    """

    run_id: str
    data: WindowData
    fingerprints: dict[str, str]
    recipe: Recipe
    settings: Settings

    @classmethod
    def start(
        cls, data: WindowData, *, recipe: Recipe, settings: Settings
    ) -> "Run":
        """
        Begin a run.

        Parameters
        ----------
        data : WindowData
            Months in the lake.
        recipe : Recipe
            How the model is built.
        settings : Settings
            Hyper-parameters and limits.

        Returns
        -------
        Run
            With a new id.
        """
        return cls(new_run_id(), data, data.fingerprints(), recipe, settings)

    @property
    def key(self) -> str:
        """Equal for runs that would give the same model: 64 hex digits."""
        parts = self.months_document() | {
            "fingerprints": self.fingerprints,
            "recipe": self.recipe.name,
            "parameters": self.settings.recipe.model_dump(),
            "validation": self.settings.validation.model_dump(),
            "partitions": self.settings.training.partitions,
            "features_version": FEATURES_VERSION,
        }
        text = json.dumps(parts, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def model_id(self) -> str:
        """Version of the model that the run makes."""
        return f"{self.data.window.test}_{self.run_id}"

    def header(self) -> dict[str, Any]:
        """
        Return what every report of the run begins with.

        Returns
        -------
        dict
            Schema version, run id, time, and whether trips are simulated.
        """
        return report_header(self.run_id, simulated=self.data.simulated)

    def months_document(self) -> dict[str, Any]:
        """
        Return the months of the run.

        Returns
        -------
        dict
            ``train_months`` and ``test_month``.
        """
        window = self.data.window
        return {
            "train_months": [str(month) for month in window.train],
            "test_month": str(window.test),
        }

    def recipe_document(self) -> dict[str, Any]:
        """
        Return how the model is built.

        Returns
        -------
        dict
            Name, algorithm, encoding and hyper-parameters.
        """
        return {
            "name": self.recipe.name,
            "algorithm": self.recipe.algorithm,
            "encoding": self.recipe.encoding,
            "parameters": self.settings.recipe.model_dump(),
            "partitions": self.settings.training.partitions,
        }
