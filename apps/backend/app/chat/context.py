"""What the ChatKit server and store know of a request."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from app.chat.stop import TurnStop


@dataclass(slots=True, kw_only=True)
class ChatContext:
    """One chat request.

    Attributes:
        user_id: From the verified token.
        timezone: The user's, for "today" and "tomorrow".
        idempotency_key: Names the message across repeated sendings of it, when the client gave one.
        stop: How the user ends the turn; needs an idempotency key.
    """

    user_id: str
    timezone: ZoneInfo
    idempotency_key: str | None = None
    stop: TurnStop = field(default_factory=TurnStop, init=False)
    _thread_id: str | None = field(default=None, init=False)

    @property
    def today(self) -> dt.date:
        """The user's current day."""
        return dt.datetime.now(self.timezone).date()

    def new_thread_id(self) -> str:
        """The id for this request's new thread: the same one for the same idempotency key."""
        if self._thread_id is None:
            self._thread_id = f"thr_{self._stable('thread') or uuid.uuid4().hex}"
        return self._thread_id

    def new_message_id(self, thread_id: str) -> str:
        """The id for the user's message: the same one for the same key and thread."""
        return f"msg_{self._stable('message', thread_id) or uuid.uuid4().hex}"

    def _stable(self, *scope: str) -> str | None:
        if self.idempotency_key is None:
            return None
        parts = "\0".join((*scope, self.user_id, self.idempotency_key))
        return hashlib.sha256(parts.encode()).hexdigest()[:32]
