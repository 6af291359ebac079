"""What every model registry can do, wherever it is kept."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from taxi_fare.core.usage import note_written
from taxi_fare.core.version_files import Damage
from taxi_fare.registry.model_folder import damaged_files, seal
from taxi_fare.registry.records import HistoryEntry, RegistryState
from taxi_fare.registry.state import recorded_before

# What is to become of a state; raises when nothing may.
Decide = Callable[[RegistryState], HistoryEntry]
# The state that came of it, and what its history holds of the decision.
Recorded = tuple[RegistryState, HistoryEntry]


class ModelVersions(Protocol):
    """The versions of a registry."""

    def names(self) -> set[str]:
        """Return the published versions."""

    def path(self, name: str) -> Path:
        """
        Return a folder of this machine that holds a version.

        It is empty or missing when the version was pruned.
        """

    def url(self, name: str) -> str | None:
        """
        Return where Spark's workers find a version.

        None when it is a folder, which a worker on another machine does not
        see.
        """

    def upload_url(self, name: str) -> str | None:
        """
        Return where Spark's workers may write what becomes a version.

        No version has this address; None as for ``url``.
        """

    def publish(self, staged: Path) -> str:
        """Make a staged folder the version of its name, which it returns."""

    def manifest(self, name: str) -> dict[str, Any]:
        """Read what explains a version."""

    def damaged_files(self, name: str) -> list[Damage]:
        """
        Compare the files of a version with its manifest.

        Raises
        ------
        IncompatibleModelError
            If it is of a layout that this release does not read.
        """
        return damaged_files(self.path(name))


class ModelRegistry(Protocol):
    """
    Versions of models, two slots, and the history of decisions.

    Attributes
    ----------
    versions : ModelVersions
        The models.

    Examples
    --------
    >>> registry = open_registry("models/registry", load_settings())
    >>> registry.read().current in registry.versions.names()
    True
    """

    versions: ModelVersions

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
            If it is damaged, or missing while there are versions.
        """

    def exists(self) -> bool:
        """
        Tell whether there is a registry.

        Returns
        -------
        bool
            Also for one that is empty, once it was made.

        Raises
        ------
        RegistryConflictError
            If it is damaged, or missing while there are versions.
        """

    def find_run(
        self, run_key: str, *, request_id: str | None = None
    ) -> HistoryEntry | None:
        """
        Find a run that did the same.

        Parameters
        ----------
        run_key : str
            Of the run that was asked for.
        request_id : str, optional
            Of the request that it must have been for.

        Returns
        -------
        HistoryEntry or None
            The latest of them.
        """
        return self.read().find_run(run_key, request_id=request_id)

    def staging(self, model_id: str) -> AbstractContextManager[Path]:
        """
        Give a folder of this machine to write a version into.

        Parameters
        ----------
        model_id : str
            The version that it is to become.

        Returns
        -------
        context manager of Path
            An empty folder; removed at the end unless it was committed.
        """

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

        Parameters
        ----------
        staged : Path
            From ``staging``, with the model in it.
        manifest : dict
            What explains the version.
        entry : HistoryEntry
            The decision.
        expected_current : str or None
            The version that the decision was taken against.
        force : bool, optional
            Whether a run that was recorded may be recorded again.

        Returns
        -------
        HistoryEntry
            What the history holds of this run.

        Raises
        ------
        RegistryChangedError
            If another model is current now.
        TemporaryError
            If other processes write for too long.
        """
        seal(staged, manifest)
        publish = cache(self.versions.publish)  # once, if asked again

        def decide(state: RegistryState) -> HistoryEntry:
            """Check that the decision still holds."""
            done = recorded_before(
                state,
                entry=entry,
                expected_current=expected_current,
                force=force,
            )
            if done is None:
                publish(staged)
            return done or entry

        recorded = self._record(decide)[1]
        if recorded is entry:
            self._note_written(entry.model_id)
        return recorded

    def update(self, decide: Decide) -> RegistryState:
        """
        Record a decision that publishes nothing.

        Parameters
        ----------
        decide : callable
            Says from the state what happens; it may be asked again, when
            another process was faster.

        Returns
        -------
        RegistryState
            The new state.

        Raises
        ------
        TemporaryError
            If other processes write for too long.
        """
        return self._record(decide)[0]

    def _note_written(self, model_id: str) -> None:
        place = self.versions.url(model_id) or self.versions.path(model_id)
        note_written(place, model_id)

    def _record(self, decide: Decide) -> Recorded:
        """Record a decision, unless the history holds it already."""
