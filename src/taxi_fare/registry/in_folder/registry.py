"""A model registry in a folder: one JSON file that holds the truth."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from taxi_fare.core.registry_files import STATE_FILE, VERSIONS
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.contract import Decide, ModelRegistry
from taxi_fare.registry.in_folder.state import (
    locked,
    mirror,
    read_state,
    write_state,
)
from taxi_fare.registry.in_folder.versions import FolderVersions
from taxi_fare.registry.model_folder import seal
from taxi_fare.registry.records import HistoryEntry, RegistryState
from taxi_fare.registry.state import recorded_before


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
        with self.locked():
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

    @contextmanager
    def staging(self, model_id: str) -> Iterator[Path]:
        """Give a folder to write a version into."""
        with ExitStack() as stack:
            # Nobody may tidy up before the folder says that it is in use.
            with self.locked():
                staging = self.versions.staging(model_id)
                folder = stack.enter_context(staging)
            yield folder

    def commit(
        self,
        staged: Path,
        *,
        manifest: dict[str, Any],
        entry: HistoryEntry,
        expected_current: str | None,
        force: bool = False,
    ) -> HistoryEntry:
        """Publish a version and record the decision; see the contract."""
        seal(staged, manifest)
        with self.locked():
            state = self.read()
            done = recorded_before(
                state,
                entry=entry,
                expected_current=expected_current,
                force=force,
            )
            if done is not None:
                return done
            self.versions.publish(staged)
            self.write(state.after(entry))
        return entry

    def update(self, decide: Decide) -> RegistryState:
        """Record a decision that publishes nothing."""
        with self.locked():
            state = self.read()
            after = state.after(decide(state))
            self.write(after)
        return after

    @contextmanager
    def locked(self) -> Iterator[None]:
        """
        Keep other processes from changing the registry.

        Raises
        ------
        TemporaryError
            If another process holds it too long.
        """
        with locked(self._root, wait_seconds=self._settings.lock_wait_seconds):
            yield

    def write(self, state: RegistryState) -> None:
        """Replace the state, and make links and versions follow it."""
        write_state(self._root, state)
        self._tidy(state)

    def _tidy(self, state: RegistryState) -> None:
        mirror(self._root, state)
        kept = state.named(recent=self._settings.keep_versions)
        self.versions.remove_all_but(kept)
