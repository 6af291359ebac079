"""The model that answers: the one in production, followed as it changes."""

import asyncio
import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from taxi_fare.core.errors import DataMissingError, TaxiFareError
from taxi_fare.core.settings import Settings
from taxi_fare.registry.opening import open_registry
from taxi_fare.scoring.predictor import FarePredictor

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Serving:
    """A model that answers, and since when."""

    predictor: FarePredictor
    since: datetime


@dataclass
class Production:
    """
    Follow a registry.

    A new version is loaded beside the old one, which answers until the new one
    was found to be whole. One that is damaged is told, and not served; a
    registry that is away is told as well, and changes nothing.

    Parameters
    ----------
    place : str
        The registry: a folder, or an address in a store.
    on_change : callable
        Called when another model answers, with it.
    """

    place: str
    settings: Settings
    on_change: Callable[[Serving], None] = lambda serving: None
    now: Serving | None = None
    trouble: str | None = None
    refused: str | None = None
    _told: str | None = field(default=None, repr=False)

    async def follow(self) -> None:
        """Look again and again, until this is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self.settings.serving.look_seconds)

    async def look(self) -> None:
        """Load the model in production, where it is another one."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(None, self._found)
        if found is not None:
            self.now = found
            # Modules and models stay. Looking through all of them for
            # garbage, again and again, held requests up for 0.1 s.
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            _logger.info("Serving %s", found.predictor.model_id)
            self.on_change(found)

    def _found(self) -> Serving | None:
        """Return another model than the one that answers, if there is one."""
        current = None
        try:
            current = open_registry(self.place, self.settings).read().current
            known = self.now and self.now.predictor.model_id
            if current is None:
                raise DataMissingError(
                    f"{self.place} has no current model.",
                    expected="a model that passed the quality gates",
                    remedy="run `taxi-fare train`.",
                )
            if current == known:
                self._well()
                return None
            predictor = FarePredictor.load(self.place)
        except (TaxiFareError, OSError) as error:
            self._unwell(error, current)
            return None
        self._well()
        return Serving(predictor, datetime.now(UTC))

    def _well(self) -> None:
        if self._told is not None:
            _logger.info("The registry can be followed again")
        self.trouble = self.refused = self._told = None

    def _unwell(self, error: Exception, current: str | None) -> None:
        """Remember what is wrong; say it once."""
        told = error.found if isinstance(error, TaxiFareError) else str(error)
        self.trouble, self.refused = told, current
        if told != self._told:
            self._told = told
            _logger.warning("What was served goes on: %s", told)
