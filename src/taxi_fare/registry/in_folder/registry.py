"""A model registry in a folder: one JSON file that holds the truth."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.registry_files import STATE_FILE, VERSIONS
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.contract import Decide, ModelRegistry, Recorded
from taxi_fare.registry.in_folder.refusals import telling_refusals
from taxi_fare.registry.in_folder.state import (
    is_mirrored,
    locked,
    mirror,
    read_state,
    require_changeable,
    write_state,
)
from taxi_fare.registry.in_folder.versions import FolderVersions
from taxi_fare.registry.records import RegistryState
from taxi_fare.registry.tidying import tidying


class FolderRegistry(ModelRegistry):
    """
    A registry in a folder of this machine.

    Every change is one replacement of ``model_registry.json`` under a lock.
    What could make it fail is looked at before; versions are published before
    it and pruned after it, and the links ``current`` and ``candidate`` are
    made from it, so that a process killed anywhere leaves the old state or
    the new one, and one that ends with an error the old.
    """

    versions: FolderVersions

    def __init__(self, root: Path, settings: RegistrySettings) -> None:
        self._root = root
        self._settings = settings
        self.versions = FolderVersions(root / VERSIONS)

    def recover(self) -> None:
        """Create what is missing; tidy up after killed processes."""
        with telling_refusals(self._root):
            (self._root / VERSIONS).mkdir(parents=True, exist_ok=True)
            with self._locked():
                state = read_state(self._root)
                require_changeable(self._root)
                if not (self._root / STATE_FILE).exists():
                    # From now on, versions without it are a contradiction.
                    write_state(self._root, state)
                self._tidy(state)

    def read(self) -> RegistryState:
        """Read the state, and mend links that do not follow it."""
        with telling_refusals(self._root):
            state = read_state(self._root)
            if not is_mirrored(self._root, state):
                self._mend()
        return state

    def exists(self) -> bool:
        """Tell whether there is a registry."""
        self.read()
        return (self._root / STATE_FILE).is_file()

    @contextmanager
    def staging(self, model_id: str) -> Iterator[Path]:
        """Give a folder to write a version into."""
        with telling_refusals(self._root):
            staged = self.versions.staging(model_id, lock=self._locked())
            with staged as folder:
                try:
                    yield folder
                finally:
                    self._take_back(model_id)

    def _record(self, decide: Decide) -> Recorded:
        with telling_refusals(self._root), self._locked():
            state = read_state(self._root)
            require_changeable(self._root)
            entry = decide(state)
            if entry in state.history:
                return state, entry
            after = state.after(entry)
            write_state(self._root, after)
            self._tidy(after)
        return after, entry

    def _locked(
        self, wait_seconds: float | None = None
    ) -> AbstractContextManager[None]:
        usual = self._settings.lock_wait_seconds
        wait = usual if wait_seconds is None else wait_seconds
        return locked(self._root, wait_seconds=wait)

    def _mend(self) -> None:
        """Make the links anew, where nobody is writing and this may."""
        with suppress(OSError, TaxiFareError), self._locked(wait_seconds=0):
            mirror(self._root, read_state(self._root))

    def _take_back(self, model_id: str) -> None:
        """Remove a version that was published and could not be recorded."""
        with tidying():
            state = read_state(self._root)
            if model_id not in state.recorded():
                self.versions.remove(model_id)

    def _tidy(self, state: RegistryState) -> None:
        with tidying():
            mirror(self._root, state)
        with tidying():
            self.versions.tidy(
                kept=state.named(recent=self._settings.keep_versions),
                known=state.recorded(),
                grace_hours=self._settings.abandoned_after_hours,
            )
