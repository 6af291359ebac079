"""Objects below one address of an S3 store, with conditional writes."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from obstore.exceptions import AlreadyExistsError, PreconditionError

from taxi_fare.core.settings import Settings
from taxi_fare.core.store.client import open_store, store_errors
from taxi_fare.core.store.listing import StoredObject, list_objects

if TYPE_CHECKING:  # a name for type checkers only
    from obstore import PutMode

# A version has about forty small objects: the way there and back counts.
AT_ONCE = 8
_IN_A_FOLDER = 2


class StoreObjects:
    """
    What is below an address.

    Every method raises EnvironmentLackError when the store cannot be reached
    or refuses.
    """

    def __init__(self, url: str, settings: Settings) -> None:
        self.url = url.rstrip("/")
        self._store = open_store(url, settings)
        self._settings = settings

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Read an object's content and ETag; None when there is none."""
        try:
            with store_errors(self.url, self._settings):
                answer = self._store.get(key)
                return bytes(answer.bytes()), answer.meta["e_tag"] or ""
        except FileNotFoundError:
            return None

    def put(self, key: str, content: bytes) -> None:
        """Write an object that nobody else writes."""
        with store_errors(self.url, self._settings):
            self._store.put(key, content)

    def put_new(self, key: str, content: bytes) -> bool:
        """Write an object unless there is one (``If-None-Match: *``)."""
        return self._put_if(key, content=content, mode="create")

    def put_over(self, key: str, *, content: bytes, e_tag: str) -> bool:
        """Replace an object unless it has changed (``If-Match``)."""
        return self._put_if(key, content=content, mode={"e_tag": e_tag})

    def _put_if(self, key: str, *, content: bytes, mode: "PutMode") -> bool:
        try:
            with store_errors(self.url, self._settings):
                self._store.put(key, content, mode=mode)
        except (AlreadyExistsError, PreconditionError):
            return False
        return True

    def below(self, prefix: str) -> list[StoredObject]:
        """List objects."""
        return list_objects(
            self._store, prefix, url=self.url, settings=self._settings
        )

    def folders(self) -> list[str]:
        """List what is directly below, without what is in it."""
        with store_errors(self.url, self._settings):
            found = self._store.list_with_delimiter()["common_prefixes"]
        return [PurePosixPath(each).name for each in found]

    def by_folder(self, prefix: str) -> dict[str, list[StoredObject]]:
        """List objects by the folder that they are in."""
        found: dict[str, list[StoredObject]] = defaultdict(list)
        for each in self.below(prefix):
            parts = PurePosixPath(each.key).parts
            # Hadoop leaves an empty object for the folder itself.
            if len(parts) > _IN_A_FOLDER:
                found[parts[1]].append(each)
        return found

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; one that is not there is no error."""
        paths = list(keys)
        if paths:
            with store_errors(self.url, self._settings):
                self._store.delete(paths)
