"""Follows an answer that somebody else's request began: from another tab, after a lost connection, at another replica."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final
from zoneinfo import ZoneInfo

from chatkit.store import NotFoundError
from chatkit.types import EndOfTurnItem, HiddenContextItem, SDKHiddenContextItem, ThreadItem, ThreadItemDoneEvent

from app.chat.context import ChatContext
from app.chat.store import MAX_PAGE, PostgresStore
from app.chat.turns import TurnRegistry
from app.core.problems import NotFound, Problem
from app.models.chat import TurnState

_POLL_SECONDS: Final = 1.0
_KEEP_ALIVE_SECONDS: Final = 15.0


class Following:
    """Tells what becomes of messages.

    Args:
        store: Where the conversations are.
        turns: Those that run in this process.
    """

    def __init__(self, store: PostgresStore, turns: TurnRegistry) -> None:
        self._store = store
        self._turns = turns

    async def state(self, user_id: str, thread_id: str) -> TurnState:
        """What becomes of the latest message of a conversation.

        Raises:
            NotFound: The user has no such conversation.
        """
        try:
            return await self._store.turn_state(thread_id, user_id)
        except NotFoundError as error:
            raise NotFound(str(error)) from None

    async def events(self, user_id: str, thread_id: str, *, after: str | None) -> AsyncIterator[bytes]:
        """Server-sent events of the answer, in ChatKit's form.

        Args:
            user_id: Whose conversation it is.
            thread_id: The conversation.
            after: The last item that is known; by default all from the latest message on.

        Raises:
            NotFound: The user has no such conversation.
        """
        state = await self.state(user_id, thread_id)
        live = self._turns.running_in(thread_id, user_id)
        if live is not None and after is None:
            return live
        return self._stored(user_id, thread_id, after, state)

    async def _stored(self, user_id: str, thread_id: str, after: str | None, state: TurnState) -> AsyncIterator[bytes]:
        """Items as they are written, wherever the turn runs."""
        context = ChatContext(user_id=user_id, timezone=ZoneInfo("UTC"))
        quiet_since = time.monotonic()
        if after is None and state.message_id is not None:
            yield _done(await self._store.load_item(thread_id, state.message_id, context))
            after = state.message_id
        while after is not None:
            try:
                page = await self._store.load_thread_items(thread_id, after, MAX_PAGE, "asc", context)
                over = state.state in {"idle", "interrupted"}
                for item in page.data:
                    after = item.id
                    if not isinstance(item, HiddenContextItem | SDKHiddenContextItem):
                        quiet_since = time.monotonic()
                        yield _done(item)
                if page.has_more:
                    continue
                if over or any(isinstance(item, EndOfTurnItem) for item in page.data):
                    return
                # Asked for before the next look, so that nothing that is written meanwhile is missed.
                if await self._stops_within(_POLL_SECONDS):
                    return  # the answer goes on elsewhere: the client comes back, and meets another replica
                state = await self._store.turn_state(thread_id, user_id)
            except (NotFoundError, Problem):
                return  # deleted, or out of reach: the client comes back
            if time.monotonic() - quiet_since >= _KEEP_ALIVE_SECONDS:
                quiet_since = time.monotonic()
                yield b": keep-alive\n\n"

    async def _stops_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._turns.stopping.wait()
        except TimeoutError:
            return False


def _done(item: ThreadItem) -> bytes:
    event = ThreadItemDoneEvent(item=item)
    return b"data: " + event.model_dump_json(by_alias=True, exclude_none=True, serialize_as_any=True).encode() + b"\n\n"
