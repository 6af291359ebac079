"""Bring MLflow up to date with a registry, as often as one likes."""

import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.manifest import Manifest
from taxi_fare.mirroring.facts import facts_of, tags_of_version
from taxi_fare.mirroring.packaged import package
from taxi_fare.mirroring.tracker import MODEL_FOLDER, Tracker
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.model_folder import require_whole
from taxi_fare.registry.records import HistoryEntry, RegistryState

_CHAMPION, _CANDIDATE = "champion", "candidate"
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mirrored:
    """
    What was told.

    Parameters
    ----------
    decisions : tuple of str
        Run ids of the decisions that MLflow did not know before.
    models : tuple of str
        Versions that it did not know before.
    left_out : dict of str to str
        Versions that could not be handed over, and why.
    aliases : dict of str to (str or None)
        The slots as MLflow has them now: its number, or None.
    """

    decisions: tuple[str, ...]
    models: tuple[str, ...]
    left_out: dict[str, str]
    aliases: dict[str, str | None]


class CatchUp:
    """Tell MLflow what a registry decided, the earliest first."""

    def __init__(self, registry: ModelRegistry, tracker: Tracker) -> None:
        self._registry = registry
        self._tracker = tracker
        self._decisions: list[str] = []
        self._models: list[str] = []
        self._left_out: dict[str, str] = {}

    def run(self) -> Mirrored:
        """Tell all that is missing, then turn the aliases."""
        state = self._registry.read()
        published = self._registry.versions.names()
        for entry in state.history:
            if not self._tracker.is_told(entry.run_id):
                self._tell(entry, is_there=entry.model_id in published)
        return Mirrored(
            tuple(self._decisions),
            tuple(self._models),
            self._left_out,
            self._turn(state),
        )

    def _tell(self, entry: HistoryEntry, *, is_there: bool) -> None:
        folder = self._folder(entry.model_id) if is_there else None
        manifest = None
        if folder is not None:
            told = self._registry.versions.manifest(entry.model_id)
            manifest = Manifest.model_validate(told)
        facts = facts_of(entry, manifest)
        run_id = self._tracker.tell(facts)
        # Whoever decided about it: the first who tells hands it over.
        is_new = self._tracker.version_of(entry.model_id) is None
        if is_new and folder is not None and manifest is not None:
            self._hand_over(folder, manifest, run_id=run_id)
        self._tracker.end(facts, run_id)
        self._decisions.append(entry.run_id)
        _logger.info("MLflow knows %s of %s", entry.event, entry.model_id)

    def _folder(self, model_id: str) -> Path | None:
        """Return a whole version; None, with a word, for a damaged one."""
        folder = self._registry.versions.path(model_id)
        try:
            require_whole(folder)
        except RegistryConflictError as error:
            self._left_out[model_id] = error.summary
            _logger.warning("Without its model: %s", error.summary)
            return None
        return folder

    def _hand_over(
        self, folder: Path, manifest: Manifest, *, run_id: str
    ) -> None:
        """Hand reports and model over, and register it."""
        self._tracker.attach(run_id, folder / "reports", name="reports")
        if manifest.portable is None:
            self._left_out[manifest.model_id] = "it needs Spark"
            return
        with tempfile.TemporaryDirectory(prefix="taxi-fare-") as place:
            model = Path(place) / MODEL_FOLDER
            package(folder, manifest, into=model)
            self._tracker.attach(run_id, model, name=MODEL_FOLDER)
        self._tracker.register(run_id, tags_of_version(manifest))
        self._models.append(manifest.model_id)

    def _turn(self, state: RegistryState) -> dict[str, str | None]:
        """Let the aliases follow the slots."""
        slots = {_CHAMPION: state.current, _CANDIDATE: state.candidate}
        for alias, model_id in slots.items():
            if self._tracker.point(alias, model_id):
                _logger.info("MLflow's %s is %s", alias, model_id or "nobody")
        return {
            alias: self._tracker.version_of(model_id) if model_id else None
            for alias, model_id in slots.items()
        }
