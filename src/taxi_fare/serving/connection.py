"""A connection whose headers come in time, and are not without end."""

from asyncio import TimerHandle, Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from taxi_fare.core.sections import ServingSettings

# Bytes of a line beside its name and value.
_AROUND = len(": \r\n")


class Connection(HttpToolsProtocol):
    """
    The server's own, with two limits that it has for another parser alone.

    Who connects and says nothing, or half a header, would keep a connection
    for ever: what comes after the header the gate limits.

    Parameters
    ----------
    limits : ServingSettings
        How long a header may be, and take.
    """

    def __init__(self, *, limits: ServingSettings, **besides: Any) -> None:
        super().__init__(**besides)
        self._limits = limits
        self._deadline: TimerHandle | None = None
        self._has_begun = False
        self._size = self._unparsed = 0

    def connection_made(  # type: ignore[override]
        self, transport: Transport
    ) -> None:
        """Wait for the first header."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Refuse a header that goes on and on."""
        goes_on = self._has_begun
        super().data_received(data)
        # Where a header begins, the end of a body may be before it.
        if goes_on and self._has_begun:
            self._unparsed += len(data)
            if self._unparsed > self._limits.header_max_bytes:
                self._refuse("The header is too long.")

    def on_message_begin(self) -> None:
        """Wait for the rest of a header."""
        self._has_begun, self._size, self._unparsed = True, 0, 0
        if self._deadline is None:
            self._wait()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count what came at once; the parser tells it as a bad request."""
        self._size += len(name) + len(value) + _AROUND
        if self._size > self._limits.header_max_bytes:
            raise ValueError("the header is too long")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request over."""
        self._has_begun = False
        self._wait_no_more()
        super().on_headers_complete()

    def _wait(self) -> None:
        seconds = self._limits.header_seconds
        self._deadline = self.loop.call_later(seconds, self._end)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self) -> None:
        self._deadline = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait()  # The one before is being answered.
        elif self._has_begun:
            self._refuse("The header did not come in time.")
        else:
            self.transport.close()

    def _refuse(self, why: str) -> None:
        self._has_begun = False
        if not self.transport.is_closing():
            self.send_400_response(why)
