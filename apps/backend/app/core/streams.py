"""Streams that are open, counted per user in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from app.core.problems import ServiceUnavailable, TooManyRequests

_RETRY_SECONDS: Final = 5
"""Streams end with their answers, which take seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStream:
    """A stream that counts until it is closed.

    Attributes:
        events: What is sent.
        close: To be called once, however the stream ends.
    """

    events: AsyncIterator[bytes]
    close: Callable[[], None]


class OpenStreams:
    """Lets a user open so many streams, and the users together fewer than there may be connections.

    An open stream holds a connection, for minutes where a model thinks for long. Each replica counts for itself.

    Args:
        per_user: Most streams of one user; 0 allows any number.
        total: Most streams of all users, so that connections are left for everything else, the probes first.
    """

    def __init__(self, *, per_user: int, total: int) -> None:
        self._per_user = per_user
        self._total = total
        self._open: Counter[str] = Counter()

    def of(self, user_id: str) -> int:
        """Streams that a user has open."""
        return self._open[user_id]

    async def open(self, user_id: str, begin: Callable[[], Awaitable[AsyncIterator[bytes]]]) -> OpenStream:
        """Begin a stream.

        Args:
            user_id: Who asks for it.
            begin: Begins it, which may fail; isn't called where there are too many.

        Raises:
            TooManyRequests: The user has too many open.
            ServiceUnavailable: All users together have.
        """
        if 0 < self._per_user <= self._open[user_id]:
            raise TooManyRequests(
                f"You have {self._per_user} answers open at once; wait for one to end.",
                retry_after_seconds=_RETRY_SECONDS,
            )
        if self._open.total() >= self._total:
            raise ServiceUnavailable("Too many answers are being given at once.", retry_after_seconds=_RETRY_SECONDS)

        def close() -> None:
            self._open[user_id] -= 1
            if self._open[user_id] == 0:
                del self._open[user_id]

        self._open[user_id] += 1
        try:
            return OpenStream(events=await begin(), close=close)
        except BaseException:
            close()
            raise
