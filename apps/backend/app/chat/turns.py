"""Runs chat turns apart from the connections that asked for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Final

from chatkit.store import NotFoundError
from chatkit.types import ErrorEvent

from app.chat.context import ChatContext
from app.chat.store import LEASE_SECONDS, Place, PostgresStore
from app.core.logging import get_logger
from app.core.problems import Problem

log = get_logger(__name__)

_KEEP_ALIVE_SECONDS: Final = 15.0
_POLL_SECONDS: Final = 0.25
"""How often the first in a queue asks whether the turn before, at another replica, is over."""

_TICK_SECONDS: Final = 1.0
"""How often a process renews what its turns have reserved, and learns which are stopped: one statement for all."""

_WRITE_SECONDS: Final = 2.0
"""How long turns that were ended may take to write what was said, and to free their conversations."""


def _sse(event: ErrorEvent) -> bytes:
    return b"data: " + event.model_dump_json(exclude_none=True).encode() + b"\n\n"


def _error(message: str, *, allow_retry: bool = True) -> bytes:
    return _sse(ErrorEvent(code="custom", message=message, allow_retry=allow_retry))


class Turn:
    """One turn, and what it has said so far, for any number of listeners.

    Attributes:
        thread_id: The conversation.
        context: The request's.
        reserved: Whether the conversation is reserved for it, so that it runs.
        renewed_at: When its reservation was last known to hold, by the monotonic clock.
    """

    def __init__(self, thread_id: str, context: ChatContext) -> None:
        self.thread_id = thread_id
        self.context = context
        self.reserved = False
        self.renewed_at = time.monotonic()
        self._events: list[bytes] = []
        self._over = False
        self._news = asyncio.Event()

    def say(self, event: bytes) -> None:
        """Add an event."""
        self._events.append(event)
        self._wake()

    def end(self) -> None:
        """Nothing more is to come."""
        self._over = True
        self._wake()

    def interrupt(self) -> None:
        """End in good order as the process stops, so that the client can send again."""
        if not self._over:
            self.say(_error("The service is restarting. Your message is saved; please send it again."))
            self.end()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def listen(self) -> AsyncIterator[bytes]:
        """The events from the beginning, as they come, with signs of life between them."""
        said = 0
        while True:
            while said < len(self._events):
                said += 1
                yield self._events[said - 1]
            if self._over:
                return
            news = self._news
            try:
                async with asyncio.timeout(_KEEP_ALIVE_SECONDS):
                    await news.wait()
            except TimeoutError:
                yield b": keep-alive\n\n"


class TurnRegistry:
    """The turns that run in this process.

    A turn goes on when its client has gone, so nothing that was asked for is lost; the client
    finds the answer in the thread. A lost connection and a user who has had enough look the same
    from here, so stopping is a request of its own, which names the turn by its idempotency key: it
    works at any replica, for a turn whose connection is lost, and never meets the turn after.
    Turns of one thread run one after the other, in the order in which their messages arrived,
    across replicas.

    Args:
        store: Where threads are reserved.
        wait_seconds: How long a turn waits for those before it.

    Attributes:
        stopping: Set when the process was told to stop: nothing more is to be followed here.
    """

    def __init__(self, store: PostgresStore, *, wait_seconds: float = 150.0) -> None:
        self._store = store
        self._wait_seconds = wait_seconds
        self._turns: dict[asyncio.Task[None], Turn] = {}
        self._queues: dict[str, dict[int, asyncio.Event]] = {}
        self._ticking: asyncio.Task[None] | None = None
        self.stopping = asyncio.Event()

    @property
    def running(self) -> int:
        """Turns under way."""
        return len(self._turns)

    async def start(
        self,
        events: Callable[[], AsyncIterator[bytes]],
        *,
        thread_id: str,
        create: bool,
        context: ChatContext,
        message_id: str | None,
        digest: str,
    ) -> AsyncIterator[bytes]:
        """Start a turn, or have it wait for those before it, and return its server-sent events.

        Args:
            events: Begins the turn, which runs as it is iterated.
            thread_id: The thread it belongs to.
            create: Whether the thread is new.
            context: The request's.
            message_id: The id that the message has, or gets.
            digest: Says whether two messages under one key are the same.

        Raises:
            NotFoundError: There is no such thread.
            Unprocessable: Another message was sent under this key.
        """
        place = await self._store.open_turn(thread_id, context, create=create, message_id=message_id, digest=digest)
        turn = Turn(thread_id, context)
        task = asyncio.create_task(self._run(turn, events, place, message_id, digest))
        self._turns[task] = turn
        task.add_done_callback(self._turns.pop)
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick())
        return turn.listen()

    def running_in(self, thread_id: str, user_id: str) -> AsyncIterator[bytes] | None:
        """What the turn of a user's thread says, from its beginning, if it runs in this process."""
        for turn in self._turns.values():
            if (turn.thread_id, turn.context.user_id) == (thread_id, user_id) and turn.reserved:
                return turn.listen()
        return None

    async def request_stop(self, user_id: str, key: str) -> None:
        """End a turn of the user: no further tool call begins, and what was said so far is kept.

        Returns when that is certain, wherever the turn runs; its end follows within a second or two, or
        when a tool call under way has ended.

        Args:
            user_id: Whose turn it is.
            key: The idempotency key of its message.
        """
        await self._store.add_stop(user_id, key)
        for turn in self._turns.values():
            if (turn.context.user_id, turn.context.idempotency_key) == (user_id, key):
                turn.context.stop.request()
                self._wake(turn.thread_id)

    async def _run(
        self,
        turn: Turn,
        events: Callable[[], AsyncIterator[bytes]],
        place: Place,
        message_id: str | None,
        digest: str,
    ) -> None:
        context, thread_id = turn.context, turn.thread_id
        try:
            try:
                if not place.reserved and not await self._wait(turn, place.position or 0, message_id, digest):
                    if not context.stop.requested:
                        turn.say(_error("This conversation is still busy with your messages before this one."))
                    return
                turn.reserved = True
                if not context.stop.requested or context.known:
                    async for event in events():
                        turn.say(event)
            except asyncio.CancelledError:
                # The client hears of it at once, however long the database takes to note it.
                turn.interrupt()
                raise
            finally:
                await self._leave(turn)
        except asyncio.CancelledError:
            turn.interrupt()
            raise
        except NotFoundError as error:
            turn.say(_error(str(error), allow_retry=False))
        except Problem as problem:
            turn.say(_error(problem.detail))
        except Exception as error:
            log.error("chat.turn_broken", thread_id=thread_id, exc_info=error)
            turn.say(_error("Something went wrong. Please try again."))
        finally:
            turn.end()
            self._wake(thread_id)

    async def _leave(self, turn: Turn) -> None:
        """Write what is left to be written, and let the next turn begin."""
        context = turn.context
        if context.finished:
            return
        try:
            if context.unsaved and not context.lost:
                await self._store.flush(turn.thread_id, context)
            await self._store.release(turn.thread_id, context)
        except (Problem, NotFoundError) as error:
            # It ends by itself when nobody renews it.
            log.warning("chat.lease_not_released", thread_id=turn.thread_id, error=type(error).__name__)

    async def _wait(self, turn: Turn, position: int, message_id: str | None, digest: str) -> bool:
        """Wait in the thread's queue, which is in the database and so the same for all replicas.

        Only the first of this process asks there, from time to time; it is woken when a turn of this process ends.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._wait_seconds
        queue = self._queues.setdefault(turn.thread_id, {})
        woken = queue[position] = asyncio.Event()
        try:
            while not turn.context.stop.requested and loop.time() < deadline:
                first = min(queue) == position
                woken.clear()
                if first and await self._store.acquire(
                    turn.thread_id, position, turn.context, message_id=message_id, digest=digest
                ):
                    turn.renewed_at = time.monotonic()
                    return True
                try:
                    async with asyncio.timeout_at(min(deadline, loop.time() + (_POLL_SECONDS if first else 5.0))):
                        await woken.wait()
                except TimeoutError:
                    continue
            return False
        finally:
            del queue[position]
            if not queue:
                del self._queues[turn.thread_id]
            self._wake(turn.thread_id)

    def _wake(self, thread_id: str) -> None:
        for woken in self._queues.get(thread_id, {}).values():
            woken.set()

    async def _tick(self) -> None:
        """Renew reservations and notice stops, for all turns at once, as long as there are any."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            turns = list(self._turns.values())
            if not turns:
                return
            try:
                held, stopped = await self._store.renew([turn.context for turn in turns])
            except Exception as error:
                # Whatever it is: who renews no more lets others take over what runs here.
                unexpected = None if isinstance(error, Problem) else error
                log.warning("chat.leases_not_renewed", turns=len(turns), exc_info=unexpected)
                held, stopped = None, set()
            now = time.monotonic()
            for turn in turns:
                self._note(turn, held, stopped, now)

    def _note(self, turn: Turn, held: set[str] | None, stopped: set[str], now: float) -> None:
        context = turn.context
        if context.owner in stopped:
            context.stop.request()
            self._wake(turn.thread_id)
        if not turn.reserved or context.finished:
            return  # it waits, or is over
        if held is not None and context.owner in held:
            turn.renewed_at = now
        elif held is not None or now - turn.renewed_at > LEASE_SECONDS:
            # Another may have it, so this one must do nothing more.
            context.lost = True
            context.stop.request()

    async def stop(self, timeout: float) -> None:
        """Let running turns finish, and end those that take too long.

        Args:
            timeout: Seconds to wait before ending them.
        """
        self.stopping.set()
        tasks = set(self._turns)
        if not tasks:
            return
        _, unfinished = await asyncio.wait(tasks, timeout=timeout)
        for task in unfinished:
            task.cancel()
        if unfinished:
            log.warning("chat.turns_ended", count=len(unfinished))
            # Their clients have been told; what is left is to be written.
            await asyncio.wait(unfinished, timeout=_WRITE_SECONDS)
