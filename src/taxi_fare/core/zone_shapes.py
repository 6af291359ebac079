"""The shapes of the taxi zones, where they were fetched."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from taxi_fare.core.checkout import project_file
from taxi_fare.core.zones import zones

SHAPES_FILE = "data/taxi_zones.geojson"
ZONE = "zone"
Ring: TypeAlias = list[tuple[float, float]]


def shapes_file() -> Path | None:
    """Find the file of the shapes."""
    return project_file(SHAPES_FILE)


def read_rings(file: Path) -> Mapping[int, list[Ring]]:
    """
    Read the outlines of zones.

    Parameters
    ----------
    file : Path
        GeoJSON, whose features have the property ``zone``: its number.

    Returns
    -------
    mapping of int to list of ring
        By zone: one outline for each part of it, and for each hole in it;
        longitude and latitude in degrees.

    Raises
    ------
    ValueError
        If it is of another shape.
    """
    try:
        document = json.loads(file.read_text("utf-8"))
        found = {
            int(each["properties"][ZONE]): _rings(each["geometry"])
            for each in document["features"]
        }
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"{file}: no GeoJSON of taxi zones") from error
    return {number: found[number] for number in zones() if number in found}


def _rings(geometry: Mapping[str, Any]) -> list[Ring]:
    parts = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        parts = [parts]
    return [
        [(float(point[0]), float(point[1])) for point in ring]
        for part in parts
        for ring in part
    ]
