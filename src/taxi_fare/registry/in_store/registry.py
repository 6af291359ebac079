"""A model registry in an S3 store: changes are compared and swapped."""

import logging
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from taxi_fare.core.errors import EnvironmentLackError, TemporaryError
from taxi_fare.core.registry_files import VERSIONS
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.contract import Decide, ModelRegistry, Recorded
from taxi_fare.registry.in_store.objects import StoreObjects
from taxi_fare.registry.in_store.state import Seen, StoreState
from taxi_fare.registry.in_store.versions import (
    UPLOADS,
    StoreVersions,
    scratch_folder,
    tidying,
)
from taxi_fare.registry.records import HistoryEntry, RegistryState

_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 2.0
_logger = logging.getLogger(__name__)


class _OvertakenError(Exception):
    """Another process has changed the registry in between."""


class StoreRegistry(ModelRegistry):
    """
    A registry below an address of an S3 store.

    Whoever replaces ``model_registry.json`` names the ETag that was read: one
    of several processes succeeds, the others read again and decide again. A
    version is uploaded before the state names it, and removed only after the
    state has given it up (``pruned``), which is for good: nobody removes what
    another process makes current at that moment. Every method raises
    EnvironmentLackError when the store cannot be reached, and those that
    write when it keeps no conditions.
    """

    versions: StoreVersions

    def __init__(
        self, objects: StoreObjects, settings: RegistrySettings
    ) -> None:
        self.versions = StoreVersions(objects)
        self._state = StoreState(objects, self.versions)
        self._objects = objects
        self._settings = settings
        # Versions that the state names, or may name: an answer can get lost.
        self._named: set[str] = set()

    def recover(self) -> None:
        """Create what is missing; tidy up after killed processes."""
        self._state.require_conditions()
        self._state.create()
        seen = self._state.read()
        state = seen.state
        known = {entry.model_id for entry in state.history}
        hours = self._settings.abandoned_after_hours
        for name in self.versions.abandoned(UPLOADS, hours=hours):
            self.versions.remove_upload(name)
        left = self.versions.abandoned(VERSIONS, hours=hours)
        left -= known | set(state.pruned)
        if left:
            state = state.giving_up(left)
            if not self._state.replace(seen, state):
                return  # the registry is in use; there will be another time
        self._remove(state.pruned)

    def read(self) -> RegistryState:
        """Read the state."""
        return self._state.read().state

    def exists(self) -> bool:
        """Tell whether there is a registry."""
        return self._state.read().e_tag is not None

    @contextmanager
    def staging(self, model_id: str) -> Iterator[Path]:
        """Give a folder; what was uploaded of it goes with it."""
        folder = scratch_folder()
        staged = folder / model_id
        staged.mkdir()
        try:
            yield staged
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with tidying():
                self.versions.remove_upload(model_id)
                if model_id not in self._named:
                    self.versions.remove([model_id])

    def update(self, decide: Decide) -> RegistryState:
        """Record a decision that publishes nothing."""
        self._state.require_conditions()
        return super().update(decide)

    def _record(self, decide: Decide) -> Recorded:
        seconds = self._settings.lock_wait_seconds
        retrying = Retrying(
            retry=retry_if_exception_type(_OvertakenError),
            stop=stop_after_delay(seconds),
            # Random, so that losers do not meet again.
            wait=wait_random_exponential(
                _FIRST_WAIT_SECONDS, max=_LONGEST_WAIT_SECONDS
            ),
            reraise=True,
        )
        try:
            return retrying(self._attempt, decide)
        except _OvertakenError:
            raise TemporaryError(
                f"Other processes have changed {self._objects.url} each time"
                f" within {seconds:g} seconds.",
                expected="a moment in which nobody else does",
                remedy="run the command again; nothing was recorded.",
            ) from None

    def _attempt(self, decide: Decide) -> Recorded:
        seen = self._state.read()
        entry = decide(seen.state)
        if entry in seen.state.history:
            return seen.state, entry
        after = seen.state.after(entry)
        recent = self._settings.keep_versions
        after = after.giving_up(after.recorded() - after.named(recent=recent))
        if self._replace(seen, after=after, entry=entry):
            self._remove(set(after.pruned) - set(seen.state.pruned))
            return after, entry
        now = self._state.read().state
        if entry in now.history:
            # An answer got lost on its way: our own change is there.
            return now, entry
        self._named.discard(entry.model_id)
        raise _OvertakenError

    def _remove(self, given_up: Collection[str]) -> None:
        with tidying():
            self.versions.remove(given_up)

    def _replace(
        self, seen: Seen, *, after: RegistryState, entry: HistoryEntry
    ) -> bool:
        # Until there is an answer, the new state may have been written.
        self._named.add(entry.model_id)
        try:
            return self._state.replace(seen, after)
        except EnvironmentLackError:
            _logger.warning(
                "Whether %s was recorded is not known: run the same command"
                " again, it finds out",
                entry.model_id,
            )
            raise
