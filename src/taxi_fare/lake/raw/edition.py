"""Which edition of a file a server offers, and which one is kept here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from taxi_fare.core.files import replacing, write_json
from taxi_fare.lake.raw.file import unusable_because


@dataclass(frozen=True)
class Edition:
    """What tells one edition of a file from another: bytes, validators."""

    length: int | None = None
    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, response: httpx.Response) -> "Edition":
        """Read it from an answer; the length of packed bytes says nothing."""
        told = response.headers
        packed = "Content-Encoding" in told
        length = "" if packed else told.get("Content-Length", "")
        return cls(
            int(length) if length.isdigit() else None,
            told.get("ETag"),
            told.get("Last-Modified"),
        )

    def is_same(self, other: "Edition") -> bool:
        """Tell whether two answers are about the same bytes."""
        pairs = zip(asdict(self).values(), asdict(other).values(), strict=True)
        told = [pair for pair in pairs if None not in pair]
        return bool(told) and all(mine == theirs for mine, theirs in told)

    def unless_same(self) -> dict[str, str]:
        """Return headers that ask for the file only if it has changed."""
        if self.etag:
            return {"If-None-Match": self.etag}
        if self.last_modified:
            return {"If-Modified-Since": self.last_modified}
        return {}


def kept_edition(final: Path, url: str) -> Edition | None:
    """
    Tell which edition of a file an earlier download has left.

    Returns
    -------
    Edition or None
        Only its length when the file was put there by hand; None when there
        is no usable one, or it comes from elsewhere.
    """
    if not final.is_file() or unusable_because(final):
        return None
    size = final.stat().st_size
    if not _told(final).exists():
        return Edition(length=size)
    try:
        document = json.loads(_told(final).read_bytes())
        if document.pop("url") != url:
            return None
        edition = Edition(**document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return edition if edition.length in {None, size} else None


@contextmanager
def keeping(edition: Edition, *, final: Path, url: str) -> Iterator[Path]:
    """Give a path whose file is kept, with its edition, on success."""
    with replacing(final) as part:
        yield part
        # No file is ever beside what was told of another one.
        _told(final).unlink(missing_ok=True)
    write_json(_told(final), {"url": url} | asdict(edition))


def _told(file: Path) -> Path:
    """Name of the file that keeps what the server told of another one."""
    return file.with_name(f"{file.name}.http.json")
