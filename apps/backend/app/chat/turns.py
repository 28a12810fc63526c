"""Runs chat turns apart from the connections that asked for them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Final

from chatkit.store import NotFoundError
from chatkit.types import ErrorEvent

from app.chat.context import ChatContext
from app.chat.store import LEASE_SECONDS, PostgresStore
from app.core.logging import get_logger
from app.core.problems import Problem

log = get_logger(__name__)

_KEEP_ALIVE_SECONDS: Final = 15.0
_POLL_SECONDS: Final = 0.1
_MAX_POLL_SECONDS: Final = 1.0
_STOP_POLL_SECONDS: Final = 0.5


def _sse(event: ErrorEvent) -> bytes:
    return b"data: " + event.model_dump_json(exclude_none=True).encode() + b"\n\n"


def _error(message: str, *, allow_retry: bool = True) -> bytes:
    return _sse(ErrorEvent(code="custom", message=message, allow_retry=allow_retry))


class TurnRegistry:
    """The turns that run in this process.

    A turn goes on when its client has gone, so nothing that was asked for is lost; the client
    finds the answer in the thread. A lost connection and a user who has had enough look the same
    from here, so stopping is a request of its own, which names the turn by its idempotency key: it
    works at any replica, for a turn whose connection is lost, and never meets the turn after.
    Turns of one thread run one after the other, across replicas.

    Args:
        store: Where threads are reserved.
        wait_seconds: How long a turn waits for the one before it.
    """

    def __init__(self, store: PostgresStore, *, wait_seconds: float = 2.0 * LEASE_SECONDS) -> None:
        self._store = store
        self._wait_seconds = wait_seconds
        self._turns: dict[asyncio.Task[None], ChatContext] = {}

    @property
    def running(self) -> int:
        """Turns under way."""
        return len(self._turns)

    def start(
        self,
        events: AsyncIterator[bytes],
        *,
        thread_id: str,
        create: bool,
        context: ChatContext,
    ) -> AsyncIterator[bytes]:
        """Start a turn, and return its server-sent events.

        Args:
            events: Runs the turn as it is iterated.
            thread_id: The thread it belongs to.
            create: Whether the thread is new.
            context: The request's.
        """
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        task = asyncio.create_task(self._run(queue, events, thread_id=thread_id, create=create, context=context))
        self._turns[task] = context
        task.add_done_callback(self._turns.pop)
        return _listen(queue)

    async def request_stop(self, user_id: str, key: str) -> None:
        """End a turn of the user: no further tool call begins, and what was said so far is kept.

        Returns when that is certain, wherever the turn runs; its end follows within a second, or
        when a tool call under way has ended.

        Args:
            user_id: Whose turn it is.
            key: The idempotency key of its message.
        """
        await self._store.add_stop(user_id, key)
        for context in self._turns.values():
            if (context.user_id, context.idempotency_key) == (user_id, key):
                context.stop.request()

    async def _run(
        self,
        queue: asyncio.Queue[bytes | None],
        events: AsyncIterator[bytes],
        *,
        thread_id: str,
        create: bool,
        context: ChatContext,
    ) -> None:
        owner = uuid.uuid4().hex
        watch = asyncio.create_task(self._watch_for_stop(context))
        try:
            if not await self._acquire(thread_id, owner, context, create=create):
                if not context.stop.requested:
                    queue.put_nowait(_error("This conversation is still busy with your last message."))
                return
            renewal = asyncio.create_task(self._renew(thread_id, owner, context))
            try:
                async for event in events:
                    queue.put_nowait(event)
            finally:
                renewal.cancel()
                await self._store.release_lease(thread_id, owner)
        except asyncio.CancelledError:
            # The process stops: end the stream cleanly, so that the client can send again.
            queue.put_nowait(_error("The service is restarting. Your message is saved; please send it again."))
            raise
        except NotFoundError as error:
            queue.put_nowait(_error(str(error), allow_retry=False))
        except Problem as problem:
            queue.put_nowait(_error(problem.detail))
        except Exception as error:
            log.error("chat.turn_broken", thread_id=thread_id, exc_info=error)
            queue.put_nowait(_error("Something went wrong. Please try again."))
        finally:
            watch.cancel()
            queue.put_nowait(None)

    async def _acquire(self, thread_id: str, owner: str, context: ChatContext, *, create: bool) -> bool:
        deadline = asyncio.get_running_loop().time() + self._wait_seconds
        pause = _POLL_SECONDS
        while not await self._store.acquire_lease(thread_id, owner, context, create=create):
            if context.stop.requested or asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(pause)
            pause = min(_MAX_POLL_SECONDS, pause * 1.5)
        return True

    async def _watch_for_stop(self, context: ChatContext) -> None:
        """Notice what another replica was asked for."""
        while not await context.stop.wait(_STOP_POLL_SECONDS):
            try:
                if await self._store.is_stopped(context):
                    context.stop.request()
            except Problem:
                log.warning("chat.stop_not_checked")

    async def _renew(self, thread_id: str, owner: str, context: ChatContext) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            try:
                await self._store.acquire_lease(thread_id, owner, context, create=False)
            except Problem:
                log.warning("chat.lease_not_renewed", thread_id=thread_id)

    async def stop(self, timeout: float) -> None:
        """Let running turns finish, and end those that take too long.

        Args:
            timeout: Seconds to wait before ending them.
        """
        tasks = set(self._turns)
        if not tasks:
            return
        _, unfinished = await asyncio.wait(tasks, timeout=timeout)
        for task in unfinished:
            task.cancel()
        if unfinished:
            log.warning("chat.turns_ended", count=len(unfinished))
            await asyncio.wait(unfinished, timeout=1.0)


async def _listen(queue: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(_KEEP_ALIVE_SECONDS):
                event = await queue.get()
        except TimeoutError:
            yield b": keep-alive\n\n"
            continue
        if event is None:
            return
        yield event
