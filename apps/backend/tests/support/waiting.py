"""Waits for what happens when it happens, so that a busy machine changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

_LIMIT_SECONDS: Final = 30.0


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition.

    Args:
        condition: Asked again and again, without side effects.

    Raises:
        TimeoutError: It hasn't come true within half a minute.
    """
    async with asyncio.timeout(_LIMIT_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)
