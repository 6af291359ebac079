"""A model registry in a folder: one JSON file that holds the truth."""

from contextlib import AbstractContextManager
from pathlib import Path

from taxi_fare.core.registry_files import STATE_FILE, VERSIONS
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.contract import Decide, ModelRegistry, Recorded
from taxi_fare.registry.in_folder.state import (
    locked,
    mirror,
    read_state,
    write_state,
)
from taxi_fare.registry.in_folder.versions import FolderVersions
from taxi_fare.registry.records import RegistryState


class FolderRegistry(ModelRegistry):
    """
    A registry in a folder of this machine.

    Every change is one replacement of ``model_registry.json`` under a lock.
    Versions are published before it and pruned after it, and the links
    ``current`` and ``candidate`` are made from it, so that a process killed
    anywhere leaves the old state or the new one.
    """

    versions: FolderVersions

    def __init__(self, root: Path, settings: RegistrySettings) -> None:
        self._root = root
        self._settings = settings
        self.versions = FolderVersions(root / VERSIONS)

    def recover(self) -> None:
        """Create what is missing; tidy up after killed processes."""
        (self._root / VERSIONS).mkdir(parents=True, exist_ok=True)
        with locked(self._root, self._settings):
            state = self.read()
            if not (self._root / STATE_FILE).exists():
                # From now on, versions without this file are a contradiction.
                write_state(self._root, state)
            self._tidy(state)

    def read(self) -> RegistryState:
        """Read the state."""
        return read_state(self._root)

    def exists(self) -> bool:
        """Tell whether there is a registry."""
        self.read()
        return (self._root / STATE_FILE).is_file()

    def staging(self, model_id: str) -> AbstractContextManager[Path]:
        """Give a folder to write a version into."""
        lock = locked(self._root, self._settings)
        return self.versions.staging(model_id, lock=lock)

    def _record(self, decide: Decide) -> Recorded:
        with locked(self._root, self._settings):
            state = self.read()
            entry = decide(state)
            if entry in state.history:
                return state, entry
            after = state.after(entry)
            write_state(self._root, after)
            self._tidy(after)
        return after, entry

    def _tidy(self, state: RegistryState) -> None:
        mirror(self._root, state)
        kept = state.named(recent=self._settings.keep_versions)
        self.versions.remove_all_but(kept)
