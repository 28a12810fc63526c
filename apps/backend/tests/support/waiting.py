"""Waits for what happens when it happens, so that a busy machine changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import psycopg

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


def waits_for_a_lock(database_url: str, table: str) -> bool:
    """Whether a statement of this database waits for somebody else's lock on a table."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        # Not all locks of the server: tests beside these have databases, and locks, of their own.
        row = connection.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [table],
        ).fetchone()
    return row is not None and row[0] > 0
