"""What several do to a conversation at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg

from tests.support.waiting import until

Answer = TypeVar("Answer")

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def at_the_same_time(
    database_url: str, conversation_id: str | None, ask: Callable[[], Awaitable[Answer]], times: int = 2
) -> list[Answer]:
    """Ask several times at once: each statement has begun before any of them gets at the conversation."""
    with psycopg.connect(database_url) as connection, psycopg.connect(database_url, autocommit=True) as other:
        connection.execute("SELECT FROM chat_thread WHERE id = %s FOR UPDATE", [conversation_id])
        asked = [asyncio.ensure_future(ask()) for _ in range(times)]

        def all_wait() -> bool:
            row = other.execute(_WAITING).fetchone()
            return row is not None and row[0] >= times

        await until(all_wait)
        connection.rollback()
        return list(await asyncio.gather(*asked))
