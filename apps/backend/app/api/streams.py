"""Answers that are streamed."""

from __future__ import annotations

from typing import Final

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.core.streams import OpenStream

_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""No cache keeps a stream, and no proxy such as nginx holds it back."""


class EventStream(StreamingResponse):
    """Server-sent events. The stream counts as open until its client has all of it, or has left.

    Args:
        stream: What is sent.
    """

    def __init__(self, stream: OpenStream) -> None:
        super().__init__(stream.events, media_type="text/event-stream", headers=_HEADERS)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stream.close()
