"""What makes a run the run it is: its months, recipe and settings."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from taxi_fare.core.columns import FEATURES_VERSION
from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.recipe_used import RecipeUsed, Tuning
from taxi_fare.core.settings import Settings
from taxi_fare.core.tariff import TERMS_ID
from taxi_fare.core.usage import note_read
from taxi_fare.lake.catalog import one_snapshot
from taxi_fare.run.train_trips import TARIFF_TRIPS
from taxi_fare.run.window import RunData
from taxi_fare.training.recipes import Recipe


@dataclass(frozen=True)
class Run:
    """
    One call of the monthly run.

    Parameters
    ----------
    fingerprints : dict of str to str
        Bytes of each month.
    request_id : str
        Of who asked for it; the run's own where nobody said one.
    tuned : Tuning or None
        How the parameters of the recipe were found.
    """

    run_id: str
    data: RunData
    fingerprints: dict[str, str]
    recipe: Recipe
    settings: Settings
    request_id: str = ""
    tuned: Tuning | None = None

    @classmethod
    def start(
        cls,
        data: RunData,
        *,
        recipe: Recipe,
        settings: Settings,
        request_id: str | None = None,
        tuned: Tuning | None = None,
    ) -> "Run":
        """Begin a run."""
        run_id = new_run_id()
        with one_snapshot(data.months):
            fingerprints = {
                str(each.month): each.fingerprint() for each in data.months
            }
        for each in data.months:
            note_read(each.place, fingerprints[str(each.month)])
        asked = request_id or run_id
        return cls(run_id, data, fingerprints, recipe, settings, asked, tuned)

    @property
    def simulated(self) -> bool:
        """Whether any month holds simulated trips."""
        return any(month.simulated for month in self.data.months)

    @property
    def key(self) -> str:
        """Equal for runs that would give the same model: 64 hex digits."""
        parts = self.data.parts.to_document() | {
            "fingerprints": self.fingerprints,
            "recipe": self.recipe.name,
            "parameters": self.recipe.parameters(self.settings),
            "validation": self.settings.validation.model_dump(),
            "partitions": self.partitions,
            "library": self.recipe.record.library(),
            "features_version": FEATURES_VERSION,
        }
        if self.recipe.tariff:
            parts |= {"terms": TERMS_ID} | self._tariff_sample()
        text = json.dumps(parts, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def partitions(self) -> int:
        """Into how many parts the train trips are laid out."""
        if self.recipe.fits_here and self._reads_here():
            return 1
        return self.settings.training.partitions

    def _reads_here(self) -> bool:
        train = self.data.parts.train_months
        return bool(self.data.read_here(train, self.settings))

    def _tariff_sample(self) -> dict[str, str]:
        """Tell who draws the trips of a tariff: not all draw the same ones."""
        train = self.data.parts.train_months
        months = (x for x in self.data.months if str(x.month) in train)
        if sum(month.rows for month in months) <= TARIFF_TRIPS:
            return {}
        return {"sample": "by place" if self._reads_here() else "by hash"}

    @property
    def model_id(self) -> str:
        """Version of the model that the run makes."""
        return f"{self.data.label}_{self.run_id}"

    def header(self) -> dict[str, Any]:
        """Return what every report of the run begins with."""
        return report_header(self.run_id, simulated=self.simulated)

    @property
    def recipe_used(self) -> RecipeUsed:
        """How the model is built."""
        return RecipeUsed(
            name=self.recipe.name,
            **asdict(self.recipe),
            parameters=self.recipe.parameters(self.settings),
            partitions=self.partitions,
            **({"tuned": self.tuned} if self.tuned else {}),
        )
