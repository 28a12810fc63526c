"""How a user ends a turn."""

from __future__ import annotations

import asyncio


class TurnStop:
    """Ends a turn between two tool calls.

    A call that has begun is waited for and recorded, so that the history tells of everything that
    was done; one that hasn't never does.
    """

    def __init__(self) -> None:
        self._requested = asyncio.Event()
        self._calls = 0
        self._between_calls = asyncio.Event()
        self._between_calls.set()

    @property
    def requested(self) -> bool:
        """Whether the user has asked for it."""
        return self._requested.is_set()

    def request(self) -> None:
        """Let no more tool call begin."""
        self._requested.set()

    async def wait(self, timeout: float | None = None) -> bool:
        """Wait for the request.

        Args:
            timeout: Seconds to wait for; as long as it takes when None.

        Returns:
            Whether it was made.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._requested.wait()
        except TimeoutError:
            return False
        return True

    async def begin_call(self) -> None:
        """Announce a tool call; after a request this doesn't return, as the run is about to be cancelled."""
        if self.requested:
            await asyncio.get_running_loop().create_future()
        self.expect_call()

    def expect_call(self) -> None:
        """Announce what a call did that was made before; its end is told like any other's."""
        self._calls += 1
        self._between_calls.clear()

    def end_call(self) -> None:
        """Tell that what a tool call did is in the history."""
        self._calls -= 1
        if self._calls == 0:
            self._between_calls.set()

    async def between_calls(self) -> None:
        """Wait until everything that was done is in the history."""
        await self._between_calls.wait()
