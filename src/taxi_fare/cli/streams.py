"""Standard output and error as they are found: closed, full, not UTF-8."""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from taxi_fare.core.errors import TaxiFareError

# As shells count: 128 and the number of SIGPIPE.
PIPE_CLOSED = 141
_OUT, _ERR = 1, 2


def take_streams() -> None:
    """
    Make both streams ones that cannot surprise a command.

    A descriptor that is closed would be the next file's, and what is printed
    would go into it: it becomes the null device. A letter that the encoding
    lacks is replaced. What cannot be written ends the command, on stdout, or
    is dropped, on stderr.
    """
    _open_closed()
    # Of a test or a notebook they are not ours.
    if sys.stdout is sys.__stdout__:
        sys.stdout = _anew(_Result, _OUT, sys.stdout, errors="replace")
    if sys.stderr is sys.__stderr__:
        errors = "backslashreplace"
        sys.stderr = _anew(_Log, _ERR, sys.stderr, errors=errors)


def _open_closed() -> None:
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _ERR:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def _anew(
    kind: type[io.TextIOWrapper],
    descriptor: int,
    stream: TextIO | None,
    *,
    errors: str,
) -> TextIO:
    """Make a stream of another kind; of a closed one Python has none."""
    if not isinstance(stream, io.TextIOWrapper):
        raw = os.fdopen(descriptor, "wb", closefd=False)
        return kind(raw, encoding="utf-8", errors=errors)
    encoding, at_once = stream.encoding, stream.write_through
    lines = stream.line_buffering or kind is _Log
    return kind(
        stream.detach(),
        encoding=encoding,
        errors=errors,
        line_buffering=lines,
        write_through=at_once,
    )


class _Result(io.TextIOWrapper):
    """Standard output: a command whose result is lost has not ended well."""

    def write(self, text: str) -> int:
        """Write, or end the command."""
        if text == "":
            # So Typer asks what kind of stream it is, and would not listen
            # where even nothing cannot be written.
            return 0
        with self._told():
            return super().write(text)

    def flush(self) -> None:
        """Flush, or end the command."""
        with self._told():
            super().flush()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            _discard(_OUT)
            if error.errno == errno.EPIPE:
                # Whoever reads has seen enough: `| head` is no error.
                raise SystemExit(PIPE_CLOSED) from None
            raise TaxiFareError(
                "The result cannot be written to standard output:"
                f" {error.strerror}.",
                remedy="send it elsewhere; what the command did besides is"
                " done.",
            ) from None


class _Log(io.TextIOWrapper):
    """Standard error: nobody reads it, and the work goes on."""

    def write(self, text: str) -> int:
        """Write, or drop it."""
        try:
            return super().write(text)
        except OSError:
            _discard(_ERR)
            return len(text)

    def flush(self) -> None:
        """Flush, or drop it."""
        try:
            super().flush()
        except OSError:
            _discard(_ERR)


def _discard(descriptor: int) -> None:
    """Let what is left in a buffer go nowhere when Python ends."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)
