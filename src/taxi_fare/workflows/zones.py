"""What is known of the taxi zones, besides their names."""

from dataclasses import dataclass
from pathlib import Path

import httpx

from taxi_fare.core.addresses import refuse_secret
from taxi_fare.core.errors import DataMissingError, WrongUsageError
from taxi_fare.core.sections import SourceSettings
from taxi_fare.core.usage import note_read, note_written
from taxi_fare.core.zone_shapes import SHAPES_FILE
from taxi_fare.lake.raw.source import http_address
from taxi_fare.lake.zone_shapes import download_shapes, keep_shapes


@dataclass(frozen=True)
class FetchedShapes:
    """The shapes that were kept."""

    file: Path
    source: str
    zones: int


def fetch_shapes(
    source: str | None, settings: SourceSettings
) -> FetchedShapes:
    """
    Fetch the shapes of the zones, and keep them for the app.

    Parameters
    ----------
    source : str or None
        An archive, by its path or address; None for the TLC's.

    Raises
    ------
    DataMissingError
        If there is no such file.
    """
    text = source or settings.zones_url
    refuse_secret(text, "--source")
    if "://" in text:
        archive = download_shapes(_address(text), settings)
    else:
        archive = _read(Path(text))
    note_read(text)
    file = Path(SHAPES_FILE)
    file.parent.mkdir(parents=True, exist_ok=True)
    count = keep_shapes(archive, file)
    note_written(file)
    return FetchedShapes(file.absolute(), text, count)


def _address(text: str) -> httpx.URL:
    try:
        return http_address(text)
    except ValueError as error:
        raise WrongUsageError(
            f"--source {text!r} cannot be fetched: {error}.",
            expected="a file, or an address with http:// or https://",
            remedy="correct it, or leave it out for the TLC's.",
        ) from None


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise DataMissingError(
            f"There is no file {file}.",
            expected="the archive taxi_zones.zip of the TLC",
            remedy="correct --source, or leave it out for the TLC's.",
        )
    return file.read_bytes()
