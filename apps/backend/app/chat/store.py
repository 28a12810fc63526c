"""ChatKit's store on PostgreSQL."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from chatkit.store import NotFoundError, Store, StoreItemType
from chatkit.types import (
    AssistantMessageItem,
    Attachment,
    EndOfTurnItem,
    HiddenContextItem,
    Page,
    SDKHiddenContextItem,
    TaskItem,
    ThreadItem,
    ThreadMetadata,
    UserMessageItem,
)
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from app.chat.context import ChatContext
from app.chat.listed import ListedThread
from app.chat.steps import StepItem
from app.core.database import Database
from app.core.logging import get_logger
from app.core.pagination import cursor_moment, decode_cursor, encode_cursor
from app.core.problems import ServiceUnavailable, Unprocessable
from app.models.chat import NOBODY, ChatItem, ChatThread, TurnState, TurnStateName
from app.models.task import utc_now
from app.services.conversations import aside_id, delete_conversation
from app.services.once import settle_calls

log = get_logger(__name__)

MAX_PAGE: Final = 100
LEASE_SECONDS: Final = 15

_FINISH_SECONDS: Final = 60.0
"""How long the end of a turn is tried to be written while the database is away."""

_LAST_POSITION: Final = 2**63 - 1
_THREAD_ORDER: Final = "updated_at"

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

_STEP_TYPES: Final = (TaskItem.model_fields["type"].default,)
# Types of items that tell of a tool call.
_LASTING_TYPES: Final = (HiddenContextItem.model_fields["type"].default, TaskItem.model_fields["type"].default)
# Types of items after which a turn has nothing more to say.
_END_TYPES: Final = (
    EndOfTurnItem.model_fields["type"].default,
    SDKHiddenContextItem.model_fields["type"].default,
)
# Types of items that are for people and their clients only.
_SHOWN_TYPES: Final = (TaskItem.model_fields["type"].default, EndOfTurnItem.model_fields["type"].default)

# The statements of every chat turn are written out: building them anew each time costs more than
# running them. Each does as much as it can, as each is a round trip.
_LEASE_IS_FREE: Final = (
    "(chat_thread.lease_until IS NULL OR chat_thread.lease_until < now() OR chat_thread.lease_owner = :owner)"
)
_NOBODY_BEFORE: Final = """
    NOT EXISTS (
        SELECT 1 FROM chat_ticket
        WHERE thread_id = :id AND expires_at > now() AND owner <> :owner AND position < :position
    )
"""
_IS_KNOWN: Final = "EXISTS (SELECT 1 FROM chat_item WHERE id = :message_id AND thread_id = :id)"
_IS_SAME: Final = """
    coalesce((SELECT digest FROM idempotency WHERE user_id = :user_id AND key = :key), :digest) = :digest
"""
_IS_STOPPED: Final = "EXISTS (SELECT 1 FROM chat_stop WHERE user_id = :user_id AND key = :stop_key)"
_PARAMETERS: Final = (
    sa.bindparam("stop_key", type_=sa.Text),
    sa.bindparam("lease", type_=sa.Interval),
    sa.bindparam("key", type_=sa.Text),
    sa.bindparam("digest", type_=sa.Text),
    sa.bindparam("message_id", type_=sa.Text),
    sa.bindparam("position", type_=sa.BigInteger),
)
_OPEN: Final = sa.text(
    f"""
    WITH thread AS (
        SELECT id, title, data, created_at FROM chat_thread WHERE id = :id AND user_id = :user_id
    ), claim AS (
        INSERT INTO idempotency (user_id, key, digest)
        SELECT :user_id, :key, :digest FROM thread WHERE CAST(:key AS text) IS NOT NULL
        ON CONFLICT DO NOTHING
    ), lease AS (
        UPDATE chat_thread SET lease_owner = :owner, lease_until = now() + :lease
        WHERE id = :id AND user_id = :user_id AND {_LEASE_IS_FREE} AND {_NOBODY_BEFORE} AND {_IS_SAME}
        RETURNING id
    ), ticket AS (
        INSERT INTO chat_ticket (thread_id, owner, expires_at)
        SELECT id, :owner, now() + :lease FROM thread WHERE NOT EXISTS (SELECT 1 FROM lease) AND {_IS_SAME}
        ON CONFLICT (owner) DO UPDATE SET expires_at = excluded.expires_at
        RETURNING position
    )
    SELECT thread.*, EXISTS (SELECT 1 FROM lease) AS reserved, (SELECT position FROM ticket) AS position,
        {_IS_KNOWN} AS known, {_IS_SAME} AS same, {_IS_STOPPED} AS stopped
    FROM thread
    """  # noqa: S608 - put together from constants
).bindparams(*_PARAMETERS)
_OPEN_NEW: Final = sa.text(
    f"""
    WITH claim AS (
        INSERT INTO idempotency (user_id, key, digest)
        SELECT :user_id, :key, :digest WHERE CAST(:key AS text) IS NOT NULL
        ON CONFLICT DO NOTHING RETURNING key
    )
    INSERT INTO chat_thread (id, user_id, lease_owner, lease_until)
    SELECT :id, :user_id, :owner, now() + :lease
    WHERE CAST(:key AS text) IS NULL OR EXISTS (SELECT 1 FROM claim)
    ON CONFLICT (id) DO NOTHING
    RETURNING id, title, data, created_at, {_IS_STOPPED} AS stopped
    """  # noqa: S608 - put together from constants
).bindparams(
    sa.bindparam("stop_key", type_=sa.Text),
    sa.bindparam("lease", type_=sa.Interval),
    sa.bindparam("key", type_=sa.Text),
    sa.bindparam("digest", type_=sa.Text),
)
_ACQUIRE: Final = sa.text(
    f"""
    WITH lease AS (
        UPDATE chat_thread SET lease_owner = :owner, lease_until = now() + :lease
        WHERE id = :id AND user_id = :user_id AND {_LEASE_IS_FREE} AND {_NOBODY_BEFORE}
        RETURNING id
    ), ticket AS (
        DELETE FROM chat_ticket WHERE owner = :owner AND EXISTS (SELECT 1 FROM lease)
    )
    SELECT id, title, data, created_at, EXISTS (SELECT 1 FROM lease) AS reserved,
        {_IS_KNOWN} AS known, {_IS_SAME} AS same, {_IS_STOPPED} AS stopped
    FROM chat_thread WHERE id = :id AND user_id = :user_id
    """  # noqa: S608 - put together from constants
).bindparams(*_PARAMETERS)
_RENEW: Final = sa.text(
    """
    WITH lease AS (
        UPDATE chat_thread SET lease_until = now() + :lease WHERE lease_owner = ANY(:owners) RETURNING lease_owner
    ), ticket AS (
        UPDATE chat_ticket SET expires_at = now() + :lease WHERE owner = ANY(:owners)
    )
    SELECT ARRAY(SELECT lease_owner FROM lease) AS held, ARRAY(
        SELECT wanted.owner FROM unnest(:owners, :users, :keys) AS wanted(owner, user_id, key)
        JOIN chat_stop ON chat_stop.user_id = wanted.user_id AND chat_stop.key = wanted.key
    ) AS stopped
    """
).bindparams(
    sa.bindparam("lease", type_=sa.Interval),
    *(sa.bindparam(name, type_=sa.ARRAY(sa.Text)) for name in ("owners", "users", "keys")),
)
_MAY_ACT: Final = sa.text(
    """
    SELECT coalesce(lease_owner = :owner, false) AS held,
        EXISTS (SELECT 1 FROM chat_stop WHERE user_id = :user_id AND key = :key) AS stopped
    FROM chat_thread WHERE id = :id
    """
).bindparams(sa.bindparam("key", type_=sa.Text))
_RELEASE: Final = sa.text(
    """
    WITH ticket AS (DELETE FROM chat_ticket WHERE owner = :owner)
    UPDATE chat_thread SET lease_owner = NULL, lease_until = NULL, updated_at = now()
    WHERE id = :id AND lease_owner = :owner
    """
)
# A turn writes only while the conversation is its own.
_MAY_WRITE: Final = "id = :thread_id AND user_id = :user_id AND (CAST(:owner AS text) IS NULL OR lease_owner = :owner)"
_INSERT_ITEMS: Final = """
    INSERT INTO chat_item (id, thread_id, type, data, created_at)
    SELECT item.id, thread.id, item.type, item.data, item.created_at
    FROM thread CROSS JOIN ROWS FROM (
        jsonb_to_recordset(:items) AS (id text, type text, data jsonb, created_at timestamptz)
    ) WITH ORDINALITY AS item(id, type, data, created_at, ordinal)
    ORDER BY item.ordinal
    ON CONFLICT (id) DO UPDATE SET data = excluded.data, type = excluded.type
    WHERE chat_item.thread_id = excluded.thread_id
    RETURNING id
"""
_ADD_ITEMS: Final = sa.text(
    f"WITH thread AS (SELECT id FROM chat_thread WHERE {_MAY_WRITE}) {_INSERT_ITEMS}"  # noqa: S608
).bindparams(sa.bindparam("items", type_=JSONB), sa.bindparam("owner", type_=sa.Text))
_ADD_MESSAGE: Final = sa.text(
    f"""
    WITH thread AS (
        UPDATE chat_thread SET title = coalesce(title, :title), updated_at = now() WHERE {_MAY_WRITE} RETURNING id
    ) {_INSERT_ITEMS}
    """  # noqa: S608
).bindparams(
    sa.bindparam("items", type_=JSONB), sa.bindparam("owner", type_=sa.Text), sa.bindparam("title", type_=sa.Text)
)
_REPLACE_MESSAGE: Final = sa.text(
    f"""
    WITH thread AS (
        UPDATE chat_thread SET updated_at = now() WHERE {_MAY_WRITE} RETURNING id
    ), replaced AS (
        SELECT chat_item.thread_id, chat_item.position FROM chat_item JOIN thread ON thread.id = chat_item.thread_id
        WHERE chat_item.id = :replaces AND NOT EXISTS (SELECT 1 FROM chat_item WHERE id = :message_id)
    ), aside AS (
        INSERT INTO chat_thread (id, user_id, deleted_user_id, deleted_at)
        SELECT :aside, :nobody, :user_id, now() FROM replaced
        ON CONFLICT (id) DO NOTHING
    ), moved AS (
        UPDATE chat_item SET thread_id = :aside FROM replaced
        WHERE chat_item.thread_id = replaced.thread_id AND chat_item.position >= replaced.position
    ) {_INSERT_ITEMS}
    """  # noqa: S608
).bindparams(
    sa.bindparam("items", type_=JSONB), sa.bindparam("owner", type_=sa.Text), sa.bindparam("aside", type_=sa.Text)
)
_ADD_LAST_ITEMS: Final = sa.text(
    f"""
    WITH thread AS (
        UPDATE chat_thread SET lease_owner = NULL, lease_until = NULL, updated_at = now() WHERE {_MAY_WRITE} RETURNING id
    ) {_INSERT_ITEMS}
    """  # noqa: S608
).bindparams(sa.bindparam("items", type_=JSONB), sa.bindparam("owner", type_=sa.Text))
_TURN_STATE: Final = sa.text(
    """
    SELECT coalesce(chat_thread.lease_until > now(), false) AS running,
        (SELECT count(*) FROM chat_ticket WHERE thread_id = chat_thread.id AND expires_at > now()) AS waiting,
        message.id AS message_id, message.created_at AS started_at,
        EXISTS (
            SELECT 1 FROM chat_item
            WHERE thread_id = chat_thread.id AND position > message.position AND type = ANY(:ends)
        ) AS ended
    FROM chat_thread LEFT JOIN LATERAL (
        SELECT id, position, created_at FROM chat_item
        WHERE thread_id = chat_thread.id AND type = 'user_message' ORDER BY position DESC LIMIT 1
    ) AS message ON true
    WHERE chat_thread.id = :id AND chat_thread.user_id = :user_id
    """
).bindparams(sa.bindparam("ends", type_=sa.ARRAY(sa.Text)))

_ADD_STOP: Final = sa.text(
    """
    WITH outdated AS (DELETE FROM chat_stop WHERE requested_at < now() - :lifetime)
    INSERT INTO chat_stop (user_id, key) VALUES (:user_id, :key) ON CONFLICT DO NOTHING
    """
).bindparams(sa.bindparam("lifetime", type_=sa.Interval))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message stands.

    Attributes:
        reserved: Whether its turn may begin.
        position: Its place in the queue otherwise.
    """

    reserved: bool
    position: int | None


class LeaseLost(Exception):
    """The conversation was given to another turn."""


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

    @property
    def for_agent(self) -> Store[ChatContext]:
        """This store for the length of a run of the agent."""
        return TurnStore(self._database)

    def generate_thread_id(self, context: ChatContext) -> str:
        """A new thread's id."""
        return context.new_thread_id()

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: ChatContext) -> str:
        """A new item's id."""
        return f"{_PREFIXES[item_type]}_{uuid.uuid4().hex}"

    async def load_thread(self, thread_id: str, context: ChatContext) -> ThreadMetadata:
        """A thread without its items."""
        if context.thread is not None and context.thread.id == thread_id:
            return context.thread.model_copy(deep=True)
        row = await self._database.one(sa.select(ChatThread).where(*_owned(thread_id, context)))
        if row is None:
            raise _no_thread()
        return _metadata(row)

    async def save_thread(self, thread: ThreadMetadata, context: ChatContext) -> None:
        """Change a thread.

        Threads are made when they are reserved for their first turn. Saving one never makes it, or
        a thread that was deleted during a turn would come back.
        """
        if context.thread is not None and context.thread.id == thread.id and context.title == thread.title:
            return  # it has that title since it was reserved, or since its first message
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
            position = await self._place(after, context)
            statement = statement.where(key < position if descending else key > position)
        direction = sa.desc if descending else sa.asc
        statement = statement.order_by(direction(col(ChatThread.updated_at)), direction(col(ChatThread.id))).limit(
            limit + 1
        )

        rows = await self._database.all(statement)
        page = rows[:limit]
        more = len(rows) > limit
        return Page(
            data=[ListedThread(**dict(_metadata(row)), updated_at=row.updated_at) for row in page],
            has_more=more,
            after=encode_cursor(_THREAD_ORDER, [page[-1].updated_at.isoformat()], page[-1].id) if more else None,
        )

    async def _place(self, after: str, context: ChatContext) -> sa.ColumnElement[Any]:
        """Where a page of threads ends: a place in time, so that it doesn't move with the thread that was last."""
        if after.startswith(_PREFIXES["thread"]):
            row = await self._database.one(sa.select(ChatThread).where(*_owned(after, context)))
            if row is None:
                raise Unprocessable("There is no such conversation to go on from: ask for the first page again.")
            moment, thread_id = row.updated_at, after
        else:
            (value,), thread_id = decode_cursor(after, _THREAD_ORDER)
            moment = cursor_moment(value)
        return sa.tuple_(sa.literal(moment, sa.DateTime(timezone=True)), sa.literal(thread_id, sa.Text))

    async def delete_thread(self, thread_id: str, context: ChatContext) -> None:
        """Delete a thread with its items; again is no error, as an answer may have been lost."""
        if not await delete_conversation(self._database, context.user_id, thread_id):
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
        page = [_parsed(row) for row in rows[:limit]]
        more = len(rows) > limit
        return Page(data=page, has_more=more, after=page[-1].id if more else None)

    async def load_history(self, thread_id: str, limit: int, context: ChatContext) -> list[ThreadItem]:
        """The latest items of a thread that the assistant is told of, the oldest first."""
        if context.created:
            return []
        position = col(ChatItem.position)
        statement = _items(thread_id, context).where(col(ChatItem.type).not_in(_SHOWN_TYPES))
        rows = await self._database.all(statement.order_by(position.desc()).limit(limit))
        return [_parsed(row.data) for row in reversed(rows)]

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: ChatContext) -> None:
        """Add an item, or replace the one with its id.

        An answer is kept back until the end of its turn is written, with which it goes: whoever sends the message
        again before that gets the answer anew.
        """
        if item.id in context.saved:
            return
        if context.thread is None or context.thread.id != thread_id:
            await self._write(_ADD_ITEMS, thread_id, [item], context)
            return
        context.unsaved.append(item)
        if isinstance(item, AssistantMessageItem):
            return
        if isinstance(item, EndOfTurnItem):
            await self._finish(thread_id, context)
        else:
            await self.flush(thread_id, context, message=isinstance(item, UserMessageItem))

    async def add_items(self, thread_id: str, items: list[ThreadItem], context: ChatContext) -> None:
        """Add several items, after those that were kept back."""
        context.unsaved += items
        await self.flush(thread_id, context)
        context.saved.update(item.id for item in items)

    async def flush(self, thread_id: str, context: ChatContext, *, message: bool = False) -> None:
        """Write what was kept back."""
        async with context.writing:
            if context.unsaved:
                # One that could not be written goes with what comes next.
                message = message or any(isinstance(item, UserMessageItem) for item in context.unsaved)
                add_message = _ADD_MESSAGE if context.replaces is None else _REPLACE_MESSAGE
                await self._write_unsaved(add_message if message else _ADD_ITEMS, thread_id, context)

    async def _finish(self, thread_id: str, context: ChatContext) -> None:
        """Write the end of a turn, and free the conversation; wait for the database if need be."""
        deadline = time.monotonic() + _FINISH_SECONDS
        async with context.writing:
            while not context.finished:
                try:
                    await self._write_unsaved(_ADD_LAST_ITEMS, thread_id, context)
                    context.finished = True
                except ServiceUnavailable:
                    if time.monotonic() >= deadline:
                        raise
                    log.warning("chat.end_not_written_yet", thread_id=thread_id)
                    await asyncio.sleep(1.0)

    async def _write_unsaved(self, statement: sa.TextClause, thread_id: str, context: ChatContext) -> None:
        # What is kept back meanwhile goes with the next.
        items, context.unsaved = context.unsaved, []
        try:
            await self._write(statement, thread_id, items, context)
        except BaseException:
            context.unsaved = items + context.unsaved
            raise

    async def _write(
        self, statement: sa.TextClause, thread_id: str, items: list[ThreadItem], context: ChatContext
    ) -> None:
        rows = [_row(item) for item in items]
        mine = context.thread is not None and context.thread.id == thread_id
        parameters: dict[str, Any] = {
            "thread_id": thread_id,
            "user_id": context.user_id,
            "owner": context.owner if mine else None,
            "items": rows,
        }
        if statement is _ADD_MESSAGE:
            parameters["title"] = context.title
        if statement is _REPLACE_MESSAGE:
            message_id = next(item.id for item in items if isinstance(item, UserMessageItem))
            parameters |= {
                "replaces": context.replaces,
                "message_id": message_id,
                "aside": aside_id(message_id),
                "nobody": NOBODY,
            }
        try:
            saved = await self._database.all(statement, parameters)
        except IntegrityError:  # the thread was deleted at this moment
            saved = []
        if len(saved) < len(rows):
            await self._explain(thread_id, rows[-1]["id"], context)

    async def _explain(self, thread_id: str, item_id: str, context: ChatContext) -> None:
        """Why nothing was written.

        Raises:
            NotFoundError: There is no such thread, or what was to be written was replaced or taken back.
            LeaseLost: It is reserved for another turn.
        """
        there = sa.select(
            sa.exists().where(*_owned(thread_id, context)).label("thread"),
            sa.exists().where(col(ChatItem.id) == item_id, col(ChatItem.thread_id) == thread_id).label("item"),
            sa.exists().where(col(ChatItem.id) == item_id, col(ChatItem.thread_id) != thread_id).label("aside"),
        )
        row = await self._database.one(there)
        if row is None or not row.thread:
            raise _no_thread()
        if row.item:  # it was written, and the answer that said so got lost
            return
        context.lost = True
        if row.aside:
            raise NotFoundError("You have changed this message since, or taken that back.")
        raise LeaseLost

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
        return None if data is None else _parsed(data)

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

    async def open_turn(
        self, thread_id: str, context: ChatContext, *, create: bool, message_id: str | None, digest: str
    ) -> Place:
        """Take a message in: reserve its thread for its turn, or give it a place in the queue.

        Args:
            thread_id: The thread.
            context: The request's.
            create: Make the thread when it does not exist.
            message_id: The id that the message has, or gets.
            digest: Says whether two messages under one key are the same.

        Raises:
            NotFoundError: There is no such thread.
            Unprocessable: Another message was sent under this key.
        """
        parameters = self._parameters(thread_id, context, message_id, digest)
        if create:
            names = ("id", "user_id", "owner", "lease", "key", "digest", "stop_key")
            row = await self._database.one(_OPEN_NEW, {name: parameters[name] for name in names})
            if row is not None:
                context.thread, context.created = _metadata(row), True
                if row.stopped:
                    context.stop.request()
                return Place(reserved=True, position=None)
        row = await self._database.one(_OPEN, parameters)
        if row is None:
            raise _no_thread()
        self._take_in(row, context)
        return Place(reserved=row.reserved, position=row.position)

    async def acquire(
        self, thread_id: str, position: int, context: ChatContext, *, message_id: str | None, digest: str
    ) -> bool:
        """Reserve a thread for a turn that waits in its queue, if it is its turn.

        Raises:
            NotFoundError: The thread is gone.
            Unprocessable: Another message was sent under this key.
        """
        parameters = self._parameters(thread_id, context, message_id, digest)
        row = await self._database.one(_ACQUIRE, {**parameters, "position": position})
        if row is None:
            raise _no_thread()
        if row.reserved:
            self._take_in(row, context)
        return bool(row.reserved)

    @staticmethod
    def _parameters(thread_id: str, context: ChatContext, message_id: str | None, digest: str) -> dict[str, Any]:
        key = context.idempotency_key
        return {
            "id": thread_id,
            "user_id": context.user_id,
            "owner": context.owner,
            "lease": dt.timedelta(seconds=LEASE_SECONDS),
            "key": None if key is None else f"chat:{thread_id}:{key}",
            "stop_key": key,
            "digest": digest,
            "message_id": message_id,
            "position": _LAST_POSITION,
        }

    @staticmethod
    def _take_in(row: sa.Row[Any], context: ChatContext) -> None:
        if not row.same:
            raise Unprocessable("This idempotency key was used for another message. Use a new one for each.")
        context.thread = _metadata(row)
        context.title = row.title
        context.known = row.known
        if row.stopped:
            context.stop.request()

    async def renew(self, contexts: Sequence[ChatContext]) -> tuple[set[str], set[str]]:
        """Keep the reservations and places of all turns of this process, by one statement.

        Returns:
            Owners whose reservations hold, and owners whose turns were stopped at any replica.
        """
        parameters = {
            "lease": dt.timedelta(seconds=LEASE_SECONDS),
            "owners": [context.owner for context in contexts],
            "users": [context.user_id for context in contexts],
            "keys": [context.idempotency_key for context in contexts],
        }
        row = await self._database.one(_RENEW, parameters)
        return (set(row.held), set(row.stopped)) if row is not None else (set(), set())

    async def may_act(self, context: ChatContext) -> bool:
        """Whether the turn may still change something: it holds its thread, and nobody has stopped it."""
        thread = context.thread
        parameters = {
            "id": thread.id if thread is not None else "",
            "owner": context.owner,
            "user_id": context.user_id,
            "key": context.idempotency_key,
        }
        row = await self._database.one(_MAY_ACT, parameters)
        context.lost = context.lost or row is None or not row.held
        return row is not None and row.held and not row.stopped

    async def release(self, thread_id: str, context: ChatContext) -> None:
        """Free a thread, and move it to the top of the list; leave its queue."""
        await self._database.execute(_RELEASE, {"id": thread_id, "owner": context.owner})

    async def turn_state(self, thread_id: str, user_id: str) -> TurnState:
        """What becomes of the latest message of a thread.

        Raises:
            NotFoundError: There is no such thread.
        """
        row = await self._database.one(_TURN_STATE, {"id": thread_id, "user_id": user_id, "ends": list(_END_TYPES)})
        if row is None:
            raise _no_thread()
        if row.running:
            state: TurnStateName = "running"
        elif row.waiting:
            state = "waiting"
        else:
            state = "idle" if row.message_id is None or row.ended else "interrupted"
        return TurnState(state=state, message_id=row.message_id, started_at=row.started_at, waiting=row.waiting)

    async def calls_of(self, message_id: str, user_id: str, ordinals: Collection[int]) -> dict[int, dict[str, Any]]:
        """What was done for a message, by the ordinal of the call; none of these ordinals is done from now on.

        A call may still be on its way to the database, from a process that has died. This waits for it, or makes
        sure that it has no effect.

        Args:
            message_id: The message.
            user_id: Whose it is.
            ordinals: Those that may be on their way.
        """
        return await settle_calls(self._database, user_id, message_id, ordinals)

    async def add_stop(self, user_id: str, key: str) -> None:
        """Note that the user's turn with this idempotency key is to end, for whichever replica runs it."""
        await self._database.execute(_ADD_STOP, {"user_id": user_id, "key": key, "lifetime": _STOP_LIFETIME})


class TurnStore(PostgresStore):
    """The store as ChatKit's bridge to the agent sees it.

    It looks there for something of an earlier run to go on with: a workflow or a call of the client's. There is
    nothing of the kind here, so the statement is spared, and a workflow that a killed process has left is not ended
    by a run that knows nothing of it.
    """

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: ChatContext
    ) -> Page[ThreadItem]:
        """Nothing."""
        return Page()


def _owned(thread_id: str, context: ChatContext) -> tuple[sa.ColumnElement[bool], ...]:
    return (col(ChatThread.id) == thread_id, col(ChatThread.user_id) == context.user_id)


def _items(thread_id: str, context: ChatContext) -> sa.Select[tuple[dict[str, Any]]]:
    return (
        sa.select(col(ChatItem.data))
        .join(ChatThread, col(ChatThread.id) == col(ChatItem.thread_id))
        .where(*_owned(thread_id, context))
    )


def _parsed(data: dict[str, Any]) -> ThreadItem:
    # A step is ChatKit's task item with more in it.
    return StepItem.model_validate(data) if data["type"] in _STEP_TYPES else _ITEM.validate_python(data)


def _row(item: ThreadItem) -> dict[str, Any]:
    created_at = aware(item.created_at).isoformat()
    data = item.model_dump(mode="json", serialize_as_any=True)
    data["created_at"] = created_at
    return {"id": item.id, "type": item.type, "data": data, "created_at": created_at}


def _metadata(row: sa.Row[Any]) -> ThreadMetadata:
    return ThreadMetadata.model_validate({**row.data, "id": row.id, "title": row.title, "created_at": row.created_at})


def _page_size(limit: int) -> int:
    return max(1, min(limit, MAX_PAGE))


def _no_thread() -> NotFoundError:
    return NotFoundError("There is no such conversation.")


def _no_attachments() -> Unprocessable:
    return Unprocessable("This chat does not take attachments.")
