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
from app.models.chat import DELETED_CONVERSATIONS
from app.models.task import utc_now

log = get_logger(__name__)

_KEYS_DAYS: Final = 7
"""How long a key is remembered: longer than any client sends a request again."""

_ROUND_SECONDS: Final = 3600.0

_ERASE: Final = sa.text(
    """
    WITH threads AS (DELETE FROM chat_thread WHERE user_id = :user_id),
        deleted_threads AS (
            DELETE FROM chat_thread WHERE deleted_at IS NOT NULL AND deleted_user_id = :user_id
        ),
        stops AS (DELETE FROM chat_stop WHERE user_id = :user_id),
        keys AS (DELETE FROM idempotency WHERE user_id = :user_id)
    DELETE FROM task WHERE user_id = :user_id
    """
)
_AT_ONCE: Final = 500
"""Rows of a table that one statement removes: with a conversation go its messages."""


def _expire(table: str, column: str) -> sa.TextClause:
    """Removes some of the rows that are too old; its value is how many."""
    return sa.text(
        f"""
        WITH expired AS (SELECT ctid FROM {table} WHERE {column} < :until LIMIT :at_once FOR UPDATE SKIP LOCKED),
            gone AS (DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM expired)) RETURNING 1)
        SELECT count(*) FROM gone
        """  # noqa: S608 - both names are written below
    ).bindparams(sa.bindparam("until", type_=sa.DateTime(timezone=True)))


_EXPIRE: Final = {
    "tasks": _expire("task", "deleted_at"),
    "keys": _expire("idempotency", "created_at"),
    "tickets": _expire("chat_ticket", "expires_at"),
    "deleted_threads": _expire("chat_thread", "deleted_at"),
    "threads": _expire("chat_thread", "updated_at"),
}


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
        """Go round once. Some rows at a time: of a backlog, one statement would come to no end in its time."""
        now = utc_now()
        ages = {
            "tasks": dt.timedelta(days=self._settings.deleted_tasks_days),
            "keys": dt.timedelta(days=_KEYS_DAYS),
            "tickets": dt.timedelta(hours=1),
            "deleted_threads": DELETED_CONVERSATIONS,
        }
        if self._settings.chat_retention_days:
            ages["threads"] = dt.timedelta(days=self._settings.chat_retention_days)
        for kind, age in ages.items():
            removed = _AT_ONCE
            while removed == _AT_ONCE:
                removed = await self._database.scalar(_EXPIRE[kind], {"until": now - age, "at_once": _AT_ONCE})
