"""One model under a fixed name, replaced at once."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.in_folder.state import locked, point_link
from taxi_fare.registry.in_folder.versions import FolderVersions
from taxi_fare.registry.model_folder import read_manifest, seal


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
        Read what explains the model.

        Returns
        -------
        dict or None
            None when there is no model yet.

        Raises
        ------
        RegistryConflictError
            If the name belongs to a folder, or the manifest is damaged.
        """
        if self.path.exists() and not self.path.is_symlink():
            raise RegistryConflictError(
                f"{self.path} is a folder.",
                expected="a link that train-legacy makes itself",
                remedy="move the folder away.",
            )
        return read_manifest(self.path) if self.path.exists() else None

    @contextmanager
    def staging(self, model_id: str) -> Iterator[Path]:
        """
        Give a folder to write the next model into.

        Yields
        ------
        Path
            An empty folder; removed at the end unless it was published.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            # Nobody may tidy up before the folder says that it is in use.
            with self._locked():
                staging = self._versions.staging(model_id)
                folder = stack.enter_context(staging)
            yield folder

    def publish(self, staged: Path, manifest: dict[str, Any]) -> None:
        """
        Make the staged model the one that the name stands for.

        The model before it is kept until the next one, for whoever is
        reading it.

        Raises
        ------
        RegistryConflictError
            If another process is writing for too long.
        """
        seal(staged, manifest)
        with self._locked():
            before = self.path.resolve().name if self.path.exists() else ""
            name = self._versions.publish(staged)
            point_link(self.path, Path(self._root.name) / name)
            self._versions.remove_all_but({name, before})

    def _locked(self) -> AbstractContextManager[None]:
        wait_seconds = self._settings.lock_wait_seconds
        return locked(self._root, wait_seconds=wait_seconds)
