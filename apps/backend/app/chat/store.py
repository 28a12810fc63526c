"""ChatKit's store on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Final

import sqlalchemy as sa
from chatkit.store import NotFoundError, Store, StoreItemType
from chatkit.types import Attachment, EndOfTurnItem, HiddenContextItem, Page, TaskItem, ThreadItem, ThreadMetadata
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from app.chat.context import ChatContext
from app.core.database import Database
from app.core.problems import Unprocessable
from app.models.chat import ChatItem, ChatThread
from app.models.task import utc_now

MAX_PAGE: Final = 100
LEASE_SECONDS: Final = 15

_STOP_LIFETIME: Final = dt.timedelta(hours=1)
"""Longer than any turn takes."""

_ITEM: Final[TypeAdapter[ThreadItem]] = TypeAdapter(ThreadItem)
_PREFIXES: Final[dict[str, str]] = {
    "thread": "thr",
    "message": "msg",
    "tool_call": "tc",
    "workflow": "wf",
    "task": "tsk",
    "attachment": "atc",
    "sdk_hidden_context": "shcx",
}

# Types of items that tell of a tool call.
_LASTING_TYPES: Final = (HiddenContextItem.model_fields["type"].default, TaskItem.model_fields["type"].default)
# Types of items that are for people and their clients only.
_SHOWN_TYPES: Final = (TaskItem.model_fields["type"].default, EndOfTurnItem.model_fields["type"].default)

# The statements of every chat turn are written out: building them anew each time costs more than
# running them.
_ADD_ITEM: Final = sa.text(
    """
    INSERT INTO chat_item (id, thread_id, type, data, created_at)
    SELECT :id, chat_thread.id, :type, :data, :created_at
    FROM chat_thread WHERE chat_thread.id = :thread_id AND chat_thread.user_id = :user_id
    ON CONFLICT (id) DO UPDATE SET data = excluded.data, type = excluded.type
    WHERE chat_item.thread_id = :thread_id
    RETURNING id
    """
).bindparams(sa.bindparam("data", type_=JSONB), sa.bindparam("created_at", type_=sa.DateTime(timezone=True)))
_LEASE_IS_FREE: Final = (
    "(chat_thread.lease_until IS NULL OR chat_thread.lease_until < now() OR chat_thread.lease_owner = :owner)"
)
_LEASE: Final = sa.text(
    f"""
    UPDATE chat_thread SET lease_owner = :owner, lease_until = now() + :lease
    WHERE id = :id AND user_id = :user_id AND {_LEASE_IS_FREE}
    RETURNING id
    """  # noqa: S608 - put together from constants
).bindparams(sa.bindparam("lease", type_=sa.Interval))
_CREATE_LEASED: Final = sa.text(
    f"""
    INSERT INTO chat_thread (id, user_id, lease_owner, lease_until)
    VALUES (:id, :user_id, :owner, now() + :lease)
    ON CONFLICT (id) DO UPDATE SET lease_owner = :owner, lease_until = now() + :lease
    WHERE chat_thread.user_id = :user_id AND {_LEASE_IS_FREE}
    RETURNING id
    """  # noqa: S608 - put together from constants
).bindparams(sa.bindparam("lease", type_=sa.Interval))
_RELEASE: Final = sa.text(
    """
    UPDATE chat_thread SET lease_owner = NULL, lease_until = NULL, updated_at = now()
    WHERE id = :id AND lease_owner = :owner
    """
)

_ADD_STOP: Final = sa.text(
    """
    WITH outdated AS (DELETE FROM chat_stop WHERE requested_at < now() - :lifetime)
    INSERT INTO chat_stop (user_id, key) VALUES (:user_id, :key) ON CONFLICT DO NOTHING
    """
).bindparams(sa.bindparam("lifetime", type_=sa.Interval))
_IS_STOPPED: Final = sa.text("SELECT 1 FROM chat_stop WHERE user_id = :user_id AND key = :key")


def aware(moment: dt.datetime) -> dt.datetime:
    """The same moment in UTC; ChatKit makes its times without a zone, in local time."""
    return moment.astimezone(dt.UTC)


class PostgresStore(Store[ChatContext]):
    """Threads and items of the caller; those of other users do not exist for it.

    Args:
        database: Where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def generate_thread_id(self, context: ChatContext) -> str:
        """A new thread's id."""
        return context.new_thread_id()

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: ChatContext) -> str:
        """A new item's id."""
        return f"{_PREFIXES[item_type]}_{uuid.uuid4().hex}"

    async def load_thread(self, thread_id: str, context: ChatContext) -> ThreadMetadata:
        """A thread without its items."""
        row = await self._database.one(sa.select(ChatThread).where(*_owned(thread_id, context)))
        if row is None:
            raise _no_thread()
        return _metadata(row)

    async def save_thread(self, thread: ThreadMetadata, context: ChatContext) -> None:
        """Change a thread.

        Threads are made when they are reserved for their first turn. Saving one never makes it, or
        a thread that was deleted during a turn would come back.
        """
        data = thread.model_dump(mode="json", include={"status", "metadata", "allowed_image_domains"})
        statement = (
            sa.update(ChatThread)
            .where(*_owned(thread.id, context))
            .values(title=thread.title, data=data, updated_at=utc_now())
            .returning(col(ChatThread.id))
        )
        if await self._database.scalar(statement) is None:
            raise _no_thread()

    async def load_threads(
        self, limit: int, after: str | None, order: str, context: ChatContext
    ) -> Page[ThreadMetadata]:
        """A page of the caller's threads, by the time of their last change."""
        limit = _page_size(limit)
        descending = order == "desc"
        key = sa.tuple_(col(ChatThread.updated_at), col(ChatThread.id))
        statement = sa.select(ChatThread).where(col(ChatThread.user_id) == context.user_id)
        if after is not None:
            anchor = sa.select(col(ChatThread.updated_at), col(ChatThread.id)).where(*_owned(after, context)).subquery()
            position = sa.select(anchor.c.updated_at, anchor.c.id).scalar_subquery()
            statement = statement.where(key < position if descending else key > position)
        direction = sa.desc if descending else sa.asc
        statement = statement.order_by(direction(col(ChatThread.updated_at)), direction(col(ChatThread.id))).limit(
            limit + 1
        )

        rows = await self._database.all(statement)
        page = rows[:limit]
        more = len(rows) > limit
        return Page(
            data=[_metadata(row) for row in page],
            has_more=more,
            after=page[-1].id if more else None,
        )

    async def delete_thread(self, thread_id: str, context: ChatContext) -> None:
        """Remove a thread with its items."""
        statement = sa.delete(ChatThread).where(*_owned(thread_id, context)).returning(col(ChatThread.id))

        if await self._database.scalar(statement) is None:
            raise _no_thread()

    async def load_thread_items(
        self,
        thread_id: str,
        after: str | None,
        limit: int,
        order: str,
        context: ChatContext,
    ) -> Page[ThreadItem]:
        """A page of a thread's items, in the order they were added, or from the latest back."""
        limit = _page_size(limit)
        descending = order == "desc"
        statement = _items(thread_id, context)
        if after is not None:
            anchor = (
                sa.select(col(ChatItem.position))
                .where(col(ChatItem.id) == after, col(ChatItem.thread_id) == thread_id)
                .scalar_subquery()
            )
            position = col(ChatItem.position)
            statement = statement.where(position < anchor if descending else position > anchor)
        direction = sa.desc if descending else sa.asc
        statement = statement.order_by(direction(col(ChatItem.position))).limit(limit + 1)

        rows = [row.data for row in await self._database.all(statement)]
        if not rows:
            await self.load_thread(thread_id, context)
        page = [_ITEM.validate_python(row) for row in rows[:limit]]
        more = len(rows) > limit
        return Page(data=page, has_more=more, after=page[-1].id if more else None)

    async def load_history(self, thread_id: str, limit: int, context: ChatContext) -> list[ThreadItem]:
        """The latest items of a thread that the assistant is told of, the oldest first."""
        position = col(ChatItem.position)
        statement = _items(thread_id, context).where(col(ChatItem.type).not_in(_SHOWN_TYPES))
        rows = await self._database.all(statement.order_by(position.desc()).limit(limit))
        return [_ITEM.validate_python(row.data) for row in reversed(rows)]

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: ChatContext) -> None:
        """Add an item, or replace the one with its id."""
        created_at = aware(item.created_at)
        data = item.model_dump(mode="json")
        data["created_at"] = created_at.isoformat()
        parameters = {
            "id": item.id,
            "thread_id": thread_id,
            "user_id": context.user_id,
            "type": item.type,
            "data": data,
            "created_at": created_at,
        }
        try:
            saved = await self._database.scalar(_ADD_ITEM, parameters)
        except IntegrityError:  # the thread was deleted at this moment
            saved = None
        if saved is None:
            raise _no_thread()

    async def save_item(self, thread_id: str, item: ThreadItem, context: ChatContext) -> None:
        """Replace an item, or add it."""
        await self.add_thread_item(thread_id, item, context)

    async def load_item(self, thread_id: str, item_id: str, context: ChatContext) -> ThreadItem:
        """One item."""
        item = await self.find_item(thread_id, item_id, context)
        if item is None:
            raise NotFoundError("There is no such message.")
        return item

    async def find_item(self, thread_id: str, item_id: str, context: ChatContext) -> ThreadItem | None:
        """One item, or None."""
        statement = _items(thread_id, context).where(col(ChatItem.id) == item_id)

        data = await self._database.scalar(statement)
        return None if data is None else _ITEM.validate_python(data)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: ChatContext) -> None:
        """Remove an item, unless it tells of a tool call.

        What a tool has done stays done when an answer is generated again, so its record and the step
        that shows it stay too: the model goes on from there and does not do the same thing twice.
        """
        thread = sa.select(col(ChatThread.id)).where(*_owned(thread_id, context))
        statement = sa.delete(ChatItem).where(
            col(ChatItem.id) == item_id,
            col(ChatItem.thread_id).in_(thread),
            col(ChatItem.type).not_in(_LASTING_TYPES),
        )

        await self._database.execute(statement)

    async def save_attachment(self, attachment: Attachment, context: ChatContext) -> None:
        """Attachments are not offered, so there is none to save."""
        raise _no_attachments()

    async def load_attachment(self, attachment_id: str, context: ChatContext) -> Attachment:
        """Attachments are not offered, so there is none to load."""
        raise _no_attachments()

    async def delete_attachment(self, attachment_id: str, context: ChatContext) -> None:
        """Attachments are not offered, so there is none to delete."""
        raise _no_attachments()

    async def acquire_lease(self, thread_id: str, owner: str, context: ChatContext, *, create: bool) -> bool:
        """Reserve a thread for one turn, across all replicas.

        The lease ends by itself when it is not renewed, so a replica that was killed holds a
        thread up for a few seconds only.

        Args:
            thread_id: The thread.
            owner: Names the turn.
            context: The request's.
            create: Make the thread when it does not exist.

        Returns:
            Whether the thread is reserved for `owner` now.
        """
        parameters = {
            "id": thread_id,
            "user_id": context.user_id,
            "owner": owner,
            "lease": dt.timedelta(seconds=LEASE_SECONDS),
        }
        statement = _CREATE_LEASED if create else _LEASE
        return await self._database.scalar(statement, parameters) is not None

    async def release_lease(self, thread_id: str, owner: str) -> None:
        """Free a thread, and move it to the top of the list."""
        await self._database.execute(_RELEASE, {"id": thread_id, "owner": owner})

    async def add_stop(self, user_id: str, key: str) -> None:
        """Note that the user's turn with this idempotency key is to end, for whichever replica runs it."""
        await self._database.execute(_ADD_STOP, {"user_id": user_id, "key": key, "lifetime": _STOP_LIFETIME})

    async def is_stopped(self, context: ChatContext) -> bool:
        """Whether the user asked for the end of this turn, at any replica."""
        if context.idempotency_key is None:
            return False
        parameters = {"user_id": context.user_id, "key": context.idempotency_key}
        return await self._database.scalar(_IS_STOPPED, parameters) is not None


def _owned(thread_id: str, context: ChatContext) -> tuple[sa.ColumnElement[bool], ...]:
    return (col(ChatThread.id) == thread_id, col(ChatThread.user_id) == context.user_id)


def _items(thread_id: str, context: ChatContext) -> sa.Select[tuple[dict[str, Any]]]:
    return (
        sa.select(col(ChatItem.data))
        .join(ChatThread, col(ChatThread.id) == col(ChatItem.thread_id))
        .where(*_owned(thread_id, context))
    )


def _metadata(row: sa.Row[Any]) -> ThreadMetadata:
    return ThreadMetadata.model_validate({**row.data, "id": row.id, "title": row.title, "created_at": row.created_at})


def _page_size(limit: int) -> int:
    return max(1, min(limit, MAX_PAGE))


def _no_thread() -> NotFoundError:
    return NotFoundError("There is no such conversation.")


def _no_attachments() -> Unprocessable:
    return Unprocessable("This chat does not take attachments.")
