"""All that is kept of one user, and what is kept for a time only."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Final

import sqlalchemy as sa

from app.core.config import Settings
from app.core.database import Database
from app.core.logging import get_logger
from app.core.problems import Problem
from app.models.task import utc_now

log = get_logger(__name__)

_KEYS_DAYS: Final = 7
"""How long a key is remembered: longer than any client sends a request again."""

_ROUND_SECONDS: Final = 3600.0

_ERASE: Final = sa.text(
    """
    WITH threads AS (DELETE FROM chat_thread WHERE user_id = :user_id),
        stops AS (DELETE FROM chat_stop WHERE user_id = :user_id),
        keys AS (DELETE FROM idempotency WHERE user_id = :user_id)
    DELETE FROM task WHERE user_id = :user_id
    """
)
_EXPIRE: Final = sa.text(
    """
    WITH tasks AS (DELETE FROM task WHERE deleted_at < :tasks),
        keys AS (DELETE FROM idempotency WHERE created_at < :keys),
        tickets AS (DELETE FROM chat_ticket WHERE expires_at < :tickets)
    DELETE FROM chat_thread WHERE updated_at < :threads
    """
).bindparams(
    *(sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("tasks", "keys", "tickets", "threads"))
)


class AccountService:
    """Erases what is kept of a user.

    Args:
        database: Where it is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase(self, user_id: str) -> None:
        """Remove all tasks, conversations and keys of a user for good. What signs the user in is the front end's."""
        await self._database.execute(_ERASE, {"user_id": user_id})


class Housekeeping:
    """Removes what is older than it is kept for, once an hour; any number of replicas may do so.

    Args:
        database: Where it is kept.
        settings: Say for how long.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    async def run(self) -> None:
        """Go round until cancelled."""
        while True:
            await asyncio.sleep(_ROUND_SECONDS)
            try:
                await self.expire()
            except Problem as problem:
                log.warning("housekeeping.postponed", reason=problem.detail)
            except Exception as error:
                log.error("housekeeping.failed", exc_info=error)

    async def expire(self) -> None:
        """Go round once."""
        now = utc_now()
        retention = self._settings.chat_retention_days
        await self._database.execute(
            _EXPIRE,
            {
                "tasks": now - dt.timedelta(days=self._settings.deleted_tasks_days),
                "keys": now - dt.timedelta(days=_KEYS_DAYS),
                "tickets": now - dt.timedelta(hours=1),
                "threads": now - dt.timedelta(days=retention) if retention else dt.datetime.min.replace(tzinfo=dt.UTC),
            },
        )
