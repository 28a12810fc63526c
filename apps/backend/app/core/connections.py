"""Connections that take their time: uvicorn's HTTP protocol with limits that it doesn't have.

Uvicorn waits for a request for ever, and keeps as many connections as there are. Here a request has to arrive
in time, an answer has to be taken, and where there are too many connections, those that ask for nothing at the
moment make room, the oldest first: the probes of Kubernetes get through whatever others hold open.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

MAX_HEAD_BYTES: Final = 64 * 1024
"""Request line and headers together; beyond it the answer is 431."""
_LEAST_BYTES_READ: Final = 64 * 1024
"""What has to be taken of an answer in a while: about 1 kB a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """How patient the server is.

    Attributes:
        connections: Most connections of the process.
        head_seconds: From the connection, or the first byte of a further request, to the end of the headers.
        body_seconds: From there to the end of the body.
        read_seconds: While of a longer answer, some is to be taken: 64 KiB, or what there is.
    """

    connections: int = 1_000
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    read_seconds: float = 60.0


class LimitedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        limits: ConnectionLimits,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = limits
        self._head_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._arriving = False

    @property
    def idle(self) -> bool:
        """Whether no whole request waits for its answer here."""
        return self._arriving or self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request, but not for ever; make room first where there are too many connections."""
        super().connection_made(transport)
        self._expect(self._limits.head_seconds)
        others = [other for other in self.connections if isinstance(other, LimitedProtocol) and other is not self]
        if len(others) >= self._limits.connections:
            # Sets keep no order, so look for the one that has waited longest for its deadline.
            leaving = min((other for other in others if other.idle), key=_waiting_since, default=self)
            leaving.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadlines."""
        self._arrived()
        self._stop_watching_reader()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """More of the answer waits here than is taken: it may wait for a while."""
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        """The answer is taken."""
        self._stop_watching_reader()
        super().resume_writing()

    def _watch_reader(self) -> None:
        self._stop_watching_reader()
        waiting = self.transport.get_write_buffer_size()
        self._reading = self.loop.call_later(self._limits.read_seconds, self._check_reader, waiting)

    def _check_reader(self, waited: int) -> None:
        """Leave who takes nothing. To close would be to wait until the rest is taken."""
        if waited - self.transport.get_write_buffer_size() < _LEAST_BYTES_READ:
            self.transport.abort()
        else:
            self._watch_reader()

    def _stop_watching_reader(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def on_message_begin(self) -> None:
        """A request begins to arrive."""
        super().on_message_begin()
        self._head_bytes = 0
        self._expect(self._limits.head_seconds)

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        if self._count(url):
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        if self._count(name, value):
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The request is known; its body may be on its way."""
        if self._head_bytes > MAX_HEAD_BYTES:
            return
        super().on_headers_complete()
        self._expect(self._limits.body_seconds)

    def on_message_complete(self) -> None:
        """The request is here."""
        self._arrived()
        if self.cycle is not None:
            super().on_message_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        if self.cycle is not None:
            super().on_body(body)

    def _count(self, *parts: bytes) -> bool:
        self._head_bytes += sum(len(part) for part in parts)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return False
        return True

    def _expect(self, seconds: float) -> None:
        self._arrived()
        self._arriving = True
        self._deadline = self.loop.call_later(seconds, self._refuse, HTTPStatus.REQUEST_TIMEOUT)

    def _arrived(self) -> None:
        self._arriving = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: HTTPStatus) -> None:
        """Say why, where an answer hasn't begun, and close."""
        self._arrived()
        if self.transport.is_closing():
            return
        answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if not answering:
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()


def _waiting_since(connection: LimitedProtocol) -> float:
    # A connection without a deadline is kept alive between requests: it goes first.
    return connection._deadline.when() if connection._deadline is not None else 0.0
