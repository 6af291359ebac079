"""Which version of a file a server offers, and how to ask for it."""

import re
from dataclasses import asdict, dataclass

import httpx

_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True)
class Version:
    """
    What a server says that tells one version of a file from another.

    Parameters
    ----------
    length : int, optional
        Bytes of the whole file.
    """

    length: int | None = None
    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, response: httpx.Response) -> "Version":
        """
        Read the version from an answer with a file, or with a part of one.
        """
        length = response.headers.get("Content-Length", "")
        if response.status_code == httpx.codes.PARTIAL_CONTENT:
            match = _content_range(response)
            length = match[2] if match else ""
        return cls(
            int(length) if length.isdigit() else None,
            response.headers.get("ETag"),
            response.headers.get("Last-Modified"),
        )

    def is_same(self, other: "Version") -> bool:
        """Tell whether two answers are about the same bytes."""
        mine, theirs = asdict(self), asdict(other)
        told = [
            name for name in mine if None not in (mine[name], theirs[name])
        ]
        return bool(told) and all(mine[name] == theirs[name] for name in told)

    def unless_same(self) -> dict[str, str]:
        """
        Return headers that ask for the file only if it has changed.

        Returns
        -------
        dict of str to str
            Empty when the server gave nothing to ask with.
        """
        if self.etag:
            return {"If-None-Match": self.etag}
        if self.last_modified:
            return {"If-Modified-Since": self.last_modified}
        return {}

    def range_from(self, position: int) -> dict[str, str]:
        """
        Return headers that ask for the rest of this very version.

        Returns
        -------
        dict of str to str
            Empty when the server gave nothing that If-Range may hold: a weak
            ETag does not promise the same bytes (RFC 9110, 13.1.5).
        """
        strong = self.etag if not (self.etag or "").startswith("W/") else None
        validator = strong or self.last_modified
        if not validator:
            return {}
        return {"Range": f"bytes={position}-", "If-Range": validator}


def range_start(response: httpx.Response) -> int | None:
    """
    Tell where the body of an answer belongs in the file.

    Returns
    -------
    int or None
        Position of its first byte; None when the server does not tell.
    """
    match = _content_range(response)
    return int(match[1]) if match else None


def _content_range(response: httpx.Response) -> re.Match[str] | None:
    return _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
