"""Which files are a month, told by the names in a listing alone."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Generic, Protocol, TypeVar

from taxi_fare.core.months import Month

_PARQUET = ".parquet"
# Where Spark and Hadoop keep what they have not finished.
_UNFINISHED = frozenset({"_temporary", "__magic"})
_SHOWN_NAMES = 3
_YEAR = r"(?<!\d)(?P<year>(?:19|20)\d\d)"
_MONTH = r"[-_/ ]?(?:[a-z]*month=?|m=?)?(?P<month>0?[1-9]|1[0-2])(?![-_]?\d)"
# 2023/02, 2023/2, year=2023/month=2, 2023-02, 202302, 2023/02.parquet,
# yellow_tripdata_2023-02.parquet; at most two folders below the place.
_DATED = re.compile(
    rf"(?P<above>(?:[^/]*/){{0,2}}?)[^/]*?{_YEAR}{_MONTH}[^/]*", re.IGNORECASE
)
# Of a large disk, only what may be months is listed.
_DEPTH = 2
_DEPTH_OF_A_YEAR = 6
# The TLC's files of other cabs, which may lie beside.
_OTHER_CABS = re.compile(r"green|fhv", re.IGNORECASE)


class Listed(Protocol):
    """What a listing names; a folder that is not listed ends in a slash."""

    @property
    def key(self) -> str:
        """Its path below the place."""

    @property
    def problem(self) -> str:
        """Why it cannot be opened; empty where it can."""


File = TypeVar("File", bound=Listed)


@dataclass(frozen=True)
class Found(Generic[File]):
    """
    What a listing has of one month in one place.

    Parameters
    ----------
    place : str
        The folder or file, such as ``2023/02``.
    depth : int
        How many folders it lies below the place that was listed.
    parts : tuple
        The parquet files to read; empty where there is a problem.
    problem : str
        Why there is nothing to read; empty where there is.
    """

    place: str
    depth: int
    parts: tuple[File, ...]
    problem: str = ""


def months_in(files: Iterable[File]) -> dict[Month, list[Found[File]]]:
    """Find each month that a listing names, in every place of it."""
    places: dict[tuple[Month, str, int], list[File]] = defaultdict(list)
    for file in files:
        dated = _DATED.match(file.key)
        if dated and not _is_hidden(dated[0]) and not _is_other(dated[0]):
            month = Month(f"{dated['year']}-{int(dated['month']):02}")
            depth = dated["above"].count("/")
            places[month, dated[0], depth].append(file)
    found: dict[Month, list[Found[File]]] = defaultdict(list)
    for (month, place, depth), below in sorted(places.items(), key=_by_name):
        parts, problem = _table(place, below)
        found[month].append(Found(place, depth, parts, problem))
    return dict(found)


def _by_name(item: tuple[tuple[Month, str, int], object]) -> tuple[Month, str]:
    return item[0][:2]


def _table(place: str, files: Sequence[File]) -> tuple[tuple[File, ...], str]:
    """Return the parts of the one table of a place, or why there is none."""
    if [file.key for file in files] == [place]:
        if is_parquet(place):
            return tuple(files), ""
        return (), f"{place} is a file, and no {_PARQUET}"
    tables: dict[str, list[File]] = defaultdict(list)
    others = []
    for file in files:
        name = file.key.removeprefix(f"{place}/")
        if _UNFINISHED & set(name.split("/")):
            return (), f"{name.strip('/')} is what a writer has not finished"
        if file.problem and name.endswith("/"):
            return (), f"{name} {file.problem}"
        if file.problem and not name:
            return (), f"{place} {file.problem}"
        path = PurePosixPath(name)
        if name and is_parquet(path.name) and not _is_hidden(name):
            tables[str(path.parent)].append(file)
        elif is_parquet(path.name) or not _is_hidden(name):
            others.append(name)
    return _only(tables, others)


def _only(
    tables: dict[str, list[File]], others: Sequence[str]
) -> tuple[tuple[File, ...], str]:
    if not tables:
        found = _names([name for name in others if name])
        return (), f"no parquet file in its folder{found and f', but {found}'}"
    if len(tables) > 1:
        places = ("the folder itself" if x == "." else x for x in tables)
        return (), f"parquet files in more than one place: {_names(places)}"
    [(folder, parts)] = tables.items()
    if folder != "." and ("/" in folder or not is_parquet(folder)):
        return (), f"its parquet files lie deeper, in {folder}"
    return tuple(parts), ""


def may_hold_months(folder: str) -> bool:
    """Tell by its key whether to look into a folder of a lake."""
    depth = folder.count("/") + 1
    if _is_hidden(folder) or depth > _DEPTH_OF_A_YEAR:
        return False
    return depth <= _DEPTH or re.search(_YEAR, folder) is not None


def is_year(folder: str) -> bool:
    """Tell whether a folder of a lake holds the months of a year."""
    return re.fullmatch(rf"[^/]*{_YEAR}", folder) is not None


def is_parquet(name: str) -> bool:
    """Tell by its name, in any case, whether a file is a parquet file."""
    return name.lower().endswith(_PARQUET)


def _names(names: Iterable[str]) -> str:
    every = sorted(names)
    more = [f"{len(every) - _SHOWN_NAMES} more"]
    shown = every[:_SHOWN_NAMES]
    return ", ".join(shown + (more if len(every) > len(shown) else []))


def _is_hidden(key: str) -> bool:
    """Tell what Spark passes over too."""
    return any(part[:1] in {".", "_"} for part in key.split("/") if part)


def _is_other(key: str) -> bool:
    return _OTHER_CABS.search(key) is not None
