"""Get a raw month from a folder or from a server."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from taxi_fare.core.addresses import (
    refuse_secret,
    require_clear_proxies,
    shown_address,
)
from taxi_fare.core.errors import (
    DataMissingError,
    DataRefusedError,
    NotPublishedError,
    WrongUsageError,
)
from taxi_fare.core.months import Month
from taxi_fare.core.sections import SourceSettings
from taxi_fare.lake.in_folder import FolderLake
from taxi_fare.lake.layout import months_in
from taxi_fare.lake.raw.download import OnBytes, RawRequest, download

_PREFIX = "yellow_tripdata_"
_SCHEMES = ("http", "https")


@dataclass(frozen=True)
class RawSource:
    """Where raw months come from."""

    place: Path | httpx.URL
    downloads: Path
    settings: SourceSettings

    def fetch(
        self, month: Month, on_bytes: OnBytes
    ) -> tuple[Sequence[Path], str]:
        """
        Return a month's raw files, and where they come from.

        A folder may hold it as the TLC names it, or as other programs lay
        out months (``lake/layout.py``); a server has one file.

        Raises
        ------
        NotPublishedError
            If the source does not have the month yet.
        DataMissingError
            If a folder lacks it but has later ones.
        DataRefusedError
            If a folder has it more than once, or not whole.
        TemporaryError
            If the source cannot be reached.
        """
        name = f"{_PREFIX}{month}.parquet"
        if isinstance(self.place, Path):
            return _in_folder(self.place, month)
        path = f"{self.place.path.rstrip('/')}/{name}"
        request = RawRequest(
            month=month,
            url=self.place.copy_with(path=path),
            final=self.downloads / name,
            settings=self.settings,
            on_bytes=on_bytes,
        )
        download(request)
        return [request.final], request.public_url


def raw_source(
    text: str | None, *, downloads: Path, settings: SourceSettings
) -> RawSource:
    """
    Understand the option ``--source``: a folder, or an http(s) address.

    Raises
    ------
    WrongUsageError
        If the text is neither.
    """
    text = text or settings.url
    refuse_secret(text, "The source of raw months")
    if "://" not in text:
        folder = Path(text)
        if not folder.is_dir():
            raise _no_source(text, "there is no such folder")
        return RawSource(folder, downloads, settings)
    try:
        url = http_address(text)
    except ValueError as error:
        raise _no_source(text, str(error)) from None
    return RawSource(url, downloads, settings)


def http_address(text: str) -> httpx.URL:
    """
    Understand an address that is to be fetched by the proxies there are.

    Raises
    ------
    ValueError
        If it is none; the message says why.
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise ValueError("that is no address") from None
    if url.scheme not in _SCHEMES or not url.host:
        raise ValueError("that is no http address")
    require_clear_proxies()
    return url


def _no_source(text: str, reason: str) -> WrongUsageError:
    return WrongUsageError(
        f"Raw months cannot come from {shown_address(text)!r}: {reason}.",
        expected="an existing folder, or an address like"
        " https://example.org/trip-data",
        remedy="correct --source, or leave it out for the TLC's address.",
    )


def _in_folder(folder: Path, month: Month) -> tuple[list[Path], str]:
    found = months_in(FolderLake(folder).files())
    places = found.get(month, [])
    # What lies deeper may be a copy, or another's.
    nearest = min((each.depth for each in places if each.parts), default=0)
    candidates = [
        each for each in places if each.parts and each.depth == nearest
    ]
    if len(candidates) > 1:
        raise DataRefusedError(
            f"The raw month {month} is in {folder} more than once:"
            f" {', '.join(each.place for each in candidates)}.",
            expected="one file, or one folder of parts",
            remedy="move away what is not the month.",
        )
    if candidates:
        [only] = candidates
        files = [part.location for part in only.parts]
        return files, str(folder / only.place)
    broken = [f"{each.place}: {each.problem}" for each in places]
    if broken:
        raise DataRefusedError(
            f"The raw month {month} cannot be read in {folder}:"
            f" {'; '.join(broken)}.",
            expected=f"a file {_PREFIX}{month}.parquet, or a folder of parts",
            remedy="bring it into that form, or ingest from the TLC without"
            " --source.",
        )
    raise _not_in_folder(folder, month, there=sorted(found))


def _not_in_folder(
    folder: Path, month: Month, *, there: Sequence[Month]
) -> DataMissingError:
    # Months come in order: a hole is not a month that is late.
    late = not any(each > month for each in there)
    kind = NotPublishedError if late else DataMissingError
    return kind(
        f"The raw month {month} is not in {folder}. Raw months that are"
        f" there: {', '.join(map(str, there)) or 'none'}.",
        expected=f"a file {_PREFIX}{month}.parquet",
        remedy="put it there, leave the month out, or ingest from the TLC"
        " without --source.",
    )
