"""What changes the versions of a registry in an S3 store."""

import logging
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from taxi_fare.core.errors import TaxiFareError, TemporaryError
from taxi_fare.core.registry_files import MANIFEST, VERSIONS
from taxi_fare.registry.in_store.objects import AT_ONCE, StoreObjects
from taxi_fare.registry.in_store.versions import UPLOADS

_logger = logging.getLogger(__name__)


def publish(objects: StoreObjects, *, staged: Path, name: str) -> None:
    """
    Make a sealed folder a version, its manifest last.

    Raises
    ------
    TemporaryError
        If there is such a version: it never changes.
    """
    folder = f"{VERSIONS}/{name}"
    paths = {
        f"{folder}/{path.relative_to(staged).as_posix()}": path
        for path in staged.rglob("*")
        if path.is_file()
    }
    key = f"{folder}/{MANIFEST}"
    manifest = paths.pop(key).read_bytes()

    def put(each: str) -> None:
        """Upload one file."""
        objects.put(each, paths[each].read_bytes())

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(put, paths))  # raises what went wrong
    if objects.put_new(key, manifest):
        return
    # When an answer gets lost, the client asks again, and finds its own.
    found = objects.get(key)
    if found is None or found[0] != manifest:
        raise TemporaryError(
            f"There is a version {name} already.",
            expected="a name that no other run uses",
            remedy="run the command again.",
        )


def remove(objects: StoreObjects, names: Collection[str]) -> None:
    """Remove versions, their manifest first, and what is left of them."""
    there = objects.by_folder(VERSIONS) if names else {}
    for name in set(names) & there.keys():
        manifest = f"{VERSIONS}/{name}/{MANIFEST}"
        keys = {each.key for each in there[name]}
        objects.delete(keys & {manifest})
        objects.delete(sorted(keys - {manifest}))


def remove_upload(objects: StoreObjects, name: str) -> None:
    """Remove what Spark's workers wrote."""
    found = objects.below(f"{UPLOADS}/{name}")
    objects.delete(each.key for each in found)


def remove_old_uploads(objects: StoreObjects, *, hours: float) -> None:
    """Remove what Spark's workers wrote for processes that were killed."""
    for name in abandoned(objects, folder=UPLOADS, hours=hours):
        remove_upload(objects, name)


def abandoned(objects: StoreObjects, *, folder: str, hours: float) -> set[str]:
    """Return what nobody has written to for long."""
    limit = datetime.now(UTC) - timedelta(hours=hours)
    return {
        name
        for name, found in objects.by_folder(folder).items()
        if max(each.modified for each in found) < limit
    }


@contextmanager
def tidying() -> Iterator[None]:
    """Go on when something cannot be removed: it is removed later."""
    try:
        yield
    except TaxiFareError as error:
        _logger.warning("Not tidied up yet: %s", error)
