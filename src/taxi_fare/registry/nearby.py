"""Registries near a place that has none: what somebody may have meant."""

from difflib import get_close_matches
from pathlib import Path

from taxi_fare.core.registry_files import STATE_FILE
from taxi_fare.core.settings import Settings
from taxi_fare.registry.in_store.objects import StoreObjects

# What is looked into; more would make somebody wait for a typing error.
_AT_MOST = 10
_PATTERNS = (f"*/{STATE_FILE}", f"*/*/{STATE_FILE}")


def registries_near(folder: Path) -> list[str]:
    """Find registries above a folder, and below its parent that is there."""
    above = [each for each in folder.parents if (each / STATE_FILE).is_file()]
    parent = next(each for each in (folder, *folder.parents) if each.is_dir())
    below = [
        found.parent
        for pattern in _PATTERNS
        for found in sorted(parent.glob(pattern))
    ]
    return [str(each) for each in (*above, *below)]


def registries_beside(url: str, settings: Settings) -> list[str]:
    """Find registries in an S3 store that are beside an address."""
    above, _, name = url.rstrip("/").rpartition("/")
    if above.endswith("/"):  # of s3a://bucket, which has nothing above it
        above, name = url.rstrip("/"), ""
    objects = StoreObjects(above, settings)
    close = get_close_matches(name, objects.folders(), n=_AT_MOST, cutoff=0)
    return [
        f"{above}/{each}"
        for each in close
        if objects.get(f"{each}/{STATE_FILE}") is not None
    ]
