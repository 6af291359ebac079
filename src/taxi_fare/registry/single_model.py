"""One model under a fixed name, replaced at once."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.in_folder.refusals import telling_refusals
from taxi_fare.registry.in_folder.state import (
    locked,
    point_link,
    require_link,
)
from taxi_fare.registry.in_folder.versions import FolderVersions
from taxi_fare.registry.model_folder import read_manifest, seal
from taxi_fare.registry.tidying import tidying


class SingleModel:
    """
    A model that the next one replaces, without slots and history.

    The name is a link to a version in a hidden folder beside it: a folder
    cannot be replaced in one step, a link can.
    """

    def __init__(self, path: Path, settings: RegistrySettings) -> None:
        self.path = path
        self._settings = settings
        self._root = path.with_name(f".{path.name}")
        self._versions = FolderVersions(self._root)

    def manifest(self) -> dict[str, Any] | None:
        """
        Read what explains the model; None when there is none yet.

        Raises
        ------
        RegistryConflictError
            If the name belongs to a folder, or the manifest is damaged.
        """
        require_link(self.path, maker="train-legacy")
        return read_manifest(self.path) if self.path.exists() else None

    def staging(self, model_id: str) -> AbstractContextManager[Path]:
        """Give an empty folder, removed at the end unless it is published."""
        with telling_refusals(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
        return self._versions.staging(model_id, lock=self._locked())

    def publish(self, staged: Path, manifest: dict[str, Any]) -> None:
        """
        Make the staged model the one that the name stands for.

        The model before it is kept until the next one, for whoever is
        reading it.

        Raises
        ------
        TemporaryError
            If another process is writing for too long.
        """
        with telling_refusals(self._root):
            seal(staged, manifest)
            with self._locked():
                require_link(self.path, maker="train-legacy")
                before = self.path.resolve().name if self.path.exists() else ""
                name = self._versions.publish(staged)
                point_link(self.path, Path(self._root.name) / name)
                with tidying():
                    self._versions.tidy(
                        kept={name, before}, known=(), grace_hours=0
                    )

    def _locked(self) -> AbstractContextManager[None]:
        wait_seconds = self._settings.lock_wait_seconds
        return locked(self._root, wait_seconds=wait_seconds)
