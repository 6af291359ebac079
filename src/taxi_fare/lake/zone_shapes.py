"""Fetch the TLC's shapes of the taxi zones, and keep them simplified."""

import json
import zipfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas
import httpx

from taxi_fare.core.errors import (
    DataMissingError,
    DataRefusedError,
    TemporaryError,
)
from taxi_fare.core.files import replacing
from taxi_fare.core.sections import SourceSettings
from taxi_fare.core.zone_shapes import ZONE
from taxi_fare.core.zones import zones
from taxi_fare.lake.raw.client import http_client
from taxi_fare.lake.raw.retries import (
    InterruptedAttemptError,
    answer_of,
    retrying,
)

_NUMBER = "LocationID"
_DEGREES = "EPSG:4326"
# In feet, as the TLC draws: less than a pixel of a map of the city.
_TOLERANCE_FEET = 250.0
_DIGITS = 5
# The TLC's archive is one megabyte.
_MOST = 50_000_000


def download_shapes(url: httpx.URL, settings: SourceSettings) -> bytes:
    """
    Fetch the archive.

    Raises
    ------
    DataMissingError
        If there is none at this address.
    TemporaryError
        If it cannot be had within the attempts.
    """
    longest = settings.longest_wait_seconds
    with http_client(url, timeout_seconds=settings.timeout_seconds) as client:
        try:
            return bytes(
                retrying(settings)(_attempt, client, url, longest_wait=longest)
            )
        except InterruptedAttemptError as error:
            raise TemporaryError(
                f"{url} could not be fetched: {error}.",
                expected="the TLC's archive of the zones' shapes",
                remedy="check the network and run the command again; or give"
                " an archive as --source.",
            ) from error


def _attempt(
    client: httpx.Client, url: httpx.URL, *, longest_wait: float
) -> bytes:
    found = BytesIO()
    try:
        with client.stream("GET", url) as response:
            if response.status_code != httpx.codes.OK:
                answer = answer_of(response, longest_wait=longest_wait)
                raise DataMissingError(
                    f"{url} could not be fetched: {answer}.",
                    expected="the TLC's archive of the zones' shapes",
                    remedy="look for taxi_zones.zip on the TLC's page of trip"
                    " records, and give its address, or the file, as"
                    " --source.",
                )
            for chunk in response.iter_bytes():
                found.write(chunk)
                if found.tell() > _MOST:
                    raise _refused("it is larger than 50 MB")
    except httpx.RequestError as error:
        kind = type(error).__name__
        raise InterruptedAttemptError(f"{kind}: {error}") from error
    return found.getvalue()


def keep_shapes(archive: bytes, to: Path) -> int:
    """
    Write the shapes of an archive as GeoJSON, whole or not at all.

    Parameters
    ----------
    to : Path
        The file to write or replace: degrees, a feature for each zone.

    Returns
    -------
    int
        How many zones have a shape.

    Raises
    ------
    DataRefusedError
        If it is no archive of the zones' shapes.
    """
    shapes = _read(archive)
    shapes["geometry"] = shapes.geometry.simplify_coverage(_TOLERANCE_FEET)
    # A zone of several islands is there once for each.
    whole = shapes.dissolve(by=_NUMBER).to_crs(_DEGREES)
    features = [
        {
            "type": "Feature",
            "properties": {ZONE: int(number)},
            "geometry": _rounded(shape.__geo_interface__),
        }
        for number, shape in whole.geometry.items()
    ]
    document = {"type": "FeatureCollection", "features": features}
    with replacing(to) as temporary:
        temporary.write_text(json.dumps(document), encoding="utf-8")
    return len(features)


def _read(archive: bytes) -> geopandas.GeoDataFrame:
    with TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(BytesIO(archive)) as found:
                if sum(each.file_size for each in found.infolist()) > _MOST:
                    raise _refused("what it holds is larger than 50 MB")
                found.extractall(folder)
        except (zipfile.BadZipFile, OSError) as error:
            raise _refused(f"it is no zip archive ({error})") from error
        files = sorted(Path(folder).rglob("*.shp"))
        if len(files) != 1:
            raise _refused(f"it has {len(files)} shape files")
        try:
            shapes = geopandas.read_file(files[0])
        except Exception as error:  # of GDAL's, whichever it is
            raise _refused(
                f"{type(error).__name__}: {error!s:.200}"
            ) from error
    return _of_zones(shapes)


def _of_zones(found: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    if _NUMBER not in found or found.crs is None:
        raise _refused(f"it has no {_NUMBER}, or does not say where it lies")
    found = found[found[_NUMBER].isin([*zones()])]
    if found.empty:
        raise _refused("none of its shapes is of a taxi zone")
    return found[[_NUMBER, "geometry"]]


def _rounded(value: object) -> object:
    """Round all coordinates: a metre is enough."""
    match value:
        case float():
            return round(value, _DIGITS)
        case tuple() | list():
            return [_rounded(each) for each in value]
        case dict():
            return {name: _rounded(each) for name, each in value.items()}
    return value


def _refused(reason: str) -> DataRefusedError:
    return DataRefusedError(
        f"The shapes of the zones cannot be used: {reason}.",
        expected="taxi_zones.zip as the TLC publishes it: a shape file with"
        f" {_NUMBER}",
        remedy="save it from the TLC's page of trip records, and give it as"
        " --source.",
    )
