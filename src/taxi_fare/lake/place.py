"""Where a lake is: a folder, or a place in an S3 store."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.files import replacing
from taxi_fare.core.settings import Settings
from taxi_fare.core.store.client import is_store_url, split_store_url
from taxi_fare.lake.in_store.place import StoreLake, StorePath

Lake = Path | StoreLake
LakePath = Path | StorePath


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
    Path or StoreLake
        It may hold nothing yet.

    Raises
    ------
    WrongUsageError
        If it is neither.

    Examples
    --------
    >>> lake_place("data/nyc-interim/yellow", load_settings())
    PosixPath('data/nyc-interim/yellow')
    """
    if is_store_url(text):
        split_store_url(text)
        return StoreLake(text, settings)
    if "://" in text and not text.startswith("file://"):
        raise WrongUsageError(
            f"The lake cannot be at an address that begins with"
            f" {text.split('://', maxsplit=1)[0]}://.",
            expected="a folder, or s3a://bucket/prefix",
            remedy="correct --data-base-path or DATA_BASE_PATH.",
        )
    return Path(text.removeprefix("file://"))


@contextmanager
def replacing_file(path: LakePath) -> Iterator[Path]:
    """
    Give a local path that becomes a file of a lake when the block succeeds.
    """
    if isinstance(path, Path):
        with replacing(path) as temporary:
            yield temporary
    else:
        with path.replacing() as temporary:
            yield temporary
