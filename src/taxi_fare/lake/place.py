"""Where a lake is: a folder, or a place in an S3 store."""

from pathlib import Path

from taxi_fare.core.addresses import refuse_secret
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.settings import Settings
from taxi_fare.core.store.client import is_store_url, split_store_url
from taxi_fare.lake.in_folder import FolderFile, FolderLake, FoundFile
from taxi_fare.lake.in_store import StoreFile, StoreLake, StorePath

# Both have the same methods, and so have their files: nobody asks which it is.
Lake = FolderLake | StoreLake
LakePath = FolderFile | StorePath
# One that a listing found.
LakeFile = FoundFile | StoreFile
# What callers may give: a plain path is a lake in that folder.
AnyLake = Lake | Path


def lake_place(text: str, settings: Settings) -> Lake:
    """
    Understand the address of a lake.

    Parameters
    ----------
    text : str
        A folder, ``file://…``, or ``s3a://bucket/prefix``.
    settings : Settings
        How to reach the store.

    Returns
    -------
    FolderLake or StoreLake
        It may hold nothing yet.

    Raises
    ------
    WrongUsageError
        If it is neither.

    Examples
    --------
    >>> print(lake_place("data/nyc-interim/yellow", load_settings()))
    data/nyc-interim/yellow
    """
    refuse_secret(text, "The lake")
    if is_store_url(text):
        split_store_url(text)
        return StoreLake(text, settings)
    if "://" in text and not text.startswith("file://"):
        raise WrongUsageError(
            "The lake cannot be at an address of this kind.",
            expected="a folder, or s3a://bucket/prefix",
            remedy="correct --data-base-path or DATA_BASE_PATH.",
        )
    return FolderLake(Path(text.removeprefix("file://")))


def as_lake(place: AnyLake) -> Lake:
    """Take a plain path for a lake in that folder."""
    return FolderLake(place) if isinstance(place, Path) else place
