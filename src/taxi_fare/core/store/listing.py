"""What a place in an S3 store holds."""

from dataclasses import dataclass
from datetime import datetime

from obstore.exceptions import InvalidPathError
from obstore.store import S3Store

from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.settings import Settings
from taxi_fare.core.store.client import store_errors


@dataclass(frozen=True)
class StoredObject:
    """An object of a listing; its size is in bytes."""

    key: str
    modified: datetime
    size: int


def list_objects(
    store: S3Store, prefix: str | None = None, *, url: str, settings: Settings
) -> list[StoredObject]:
    """
    List the objects of a registry.

    Raises
    ------
    EnvironmentLackError
        If the store cannot be reached or refuses.
    RegistryConflictError
        If an object has a name that none of ours ever has.
    """
    with store_errors(url, settings):
        try:
            return [
                StoredObject(each["path"], each["last_modified"], each["size"])
                for batch in store.list(prefix)
                for each in batch
            ]
        except InvalidPathError as error:
            told = str(error).partition("\n\n")[0]
            raise RegistryConflictError(
                f"{url} holds what no registry writes: {ascii(told)[1:-1]}",
                expected="nothing but what `taxi-fare train` has written",
                remedy="remove that object.",
            ) from None
