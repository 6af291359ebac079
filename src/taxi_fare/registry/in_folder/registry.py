"""The model registry: one JSON file that holds the truth."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from taxi_fare.core.errors import TemporaryError
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.contract import Decide, ModelRegistry
from taxi_fare.registry.in_folder.state import (
    STATE_FILE,
    VERSIONS,
    locked,
    mirror,
    read_state,
    write_state,
)
from taxi_fare.registry.in_folder.versions import Versions
from taxi_fare.registry.model_folder import seal
from taxi_fare.registry.records import HistoryEntry, RegistryState


class RegistryChangedError(TemporaryError):
    """Another model became current since the decision was taken."""


def recorded_before(
    state: RegistryState,
    *,
    entry: HistoryEntry,
    expected_current: str | None,
    force: bool,
) -> HistoryEntry | None:
    """
    Check that a decision still holds.

    Raises
    ------
    RegistryChangedError
        If another model is current now.
    """
    if not force and (done := state.find_run(entry.run_key)):
        return done
    if state.current != expected_current:
        raise RegistryChangedError(
            f"The current model is {state.current}.",
            expected=f"still {expected_current}, which this one was"
            " compared with",
            remedy="run the command again.",
        )
    return None


class Registry(ModelRegistry):
    """
    A registry in a folder of this machine.

    Every change is one replacement of ``model_registry.json`` under a lock.
    Versions are published before it and pruned after it, and the links
    ``current`` and ``candidate`` are made from it, so that a process killed
    anywhere leaves the old state or the new one.
    """

    versions: Versions

    def __init__(self, root: Path, settings: RegistrySettings) -> None:
        self._root = root
        self._settings = settings
        self.versions = Versions(root / VERSIONS)

    def recover(self) -> None:
        """
        Create what is missing, and tidy up after processes that were killed.

        Raises
        ------
        TemporaryError
            If it is locked too long.
        RegistryConflictError
            If its files contradict each other.
        """
        (self._root / VERSIONS).mkdir(parents=True, exist_ok=True)
        with self.locked():
            state = self.read()
            if not (self._root / STATE_FILE).exists():
                # From now on, versions without this file are a contradiction.
                write_state(self._root, state)
            self._tidy(state)

    def read(self) -> RegistryState:
        """
        Read the state.

        Returns
        -------
        RegistryState
            Slots and history; empty when nothing was recorded yet.

        Raises
        ------
        RegistryConflictError
            If the file is damaged, or missing while there are versions.
        """
        return read_state(self._root)

    @contextmanager
    def staging(self, model_id: str) -> Iterator[Path]:
        """
        Give a folder to write a version into.

        Yields
        ------
        Path
            An empty folder; removed at the end unless it was committed.
        """
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
        """
        Publish a version and record the decision about it, in one step.

        Raises
        ------
        RegistryChangedError
            If another model is current now.
        """
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
        """
        Record a decision that publishes nothing.

        Raises
        ------
        TemporaryError
            If another process holds the lock too long.
        """
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
