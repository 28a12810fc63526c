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


def _sse(event: ErrorEvent) -> bytes:
    return b"data: " + event.model_dump_json(exclude_none=True).encode() + b"\n\n"


def _error(message: str, *, allow_retry: bool = True) -> bytes:
    return _sse(ErrorEvent(code="custom", message=message, allow_retry=allow_retry))


class TurnRegistry:
    """The turns that run in this process.

    A turn goes on when its client has gone, so nothing that was asked for is lost; the client
    finds the answer in the thread. Turns of one thread run one after the other, across replicas.

    Args:
        store: Where threads are reserved.
        wait_seconds: How long a turn waits for the one before it.
    """

    def __init__(self, store: PostgresStore, *, wait_seconds: float = 2.0 * LEASE_SECONDS) -> None:
        self._store = store
        self._wait_seconds = wait_seconds
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> int:
        """Turns under way."""
        return len(self._tasks)

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
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return _listen(queue)

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
        try:
            if not await self._acquire(thread_id, owner, context, create=create):
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
            queue.put_nowait(None)

    async def _acquire(self, thread_id: str, owner: str, context: ChatContext, *, create: bool) -> bool:
        deadline = asyncio.get_running_loop().time() + self._wait_seconds
        pause = _POLL_SECONDS
        while not await self._store.acquire_lease(thread_id, owner, context, create=create):
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(pause)
            pause = min(_MAX_POLL_SECONDS, pause * 1.5)
        return True

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
        tasks = set(self._tasks)
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
