"""ChatKit's store on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Final

import sqlalchemy as sa
from chatkit.store import NotFoundError, Store, StoreItemType
from chatkit.types import Attachment, HiddenContextItem, Page, ThreadItem, ThreadMetadata
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.chat.context import ChatContext
from app.core.database import Database
from app.core.problems import Unprocessable
from app.models.chat import ChatItem, ChatThread
from app.models.task import utc_now

MAX_PAGE: Final = 100
LEASE_SECONDS: Final = 15

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

    def generate_item_id(
        self, item_type: StoreItemType, thread: ThreadMetadata, context: ChatContext
    ) -> str:
        """A new item's id."""
        return f"{_PREFIXES[item_type]}_{uuid.uuid4().hex}"

    async def load_thread(self, thread_id: str, context: ChatContext) -> ThreadMetadata:
        """A thread without its items."""

        async def work(session: AsyncSession) -> ChatThread | None:
            return await session.scalar(sa.select(ChatThread).where(*_owned(thread_id, context)))

        row = await self._database.run(work)
        if row is None:
            raise _no_thread()
        return _metadata(row)

    async def save_thread(self, thread: ThreadMetadata, context: ChatContext) -> None:
        """Add a thread, or change the caller's own."""
        values = {
            "id": thread.id,
            "user_id": context.user_id,
            "title": thread.title,
            "data": thread.model_dump(
                mode="json", include={"status", "metadata", "allowed_image_domains"}
            ),
            "created_at": aware(thread.created_at),
            "updated_at": utc_now(),
        }
        changed = {key: values[key] for key in ("title", "data", "updated_at")}
        statement = (
            insert(ChatThread)
            .values(values)
            .on_conflict_do_update(
                index_elements=["id"],
                set_=changed,
                where=col(ChatThread.user_id) == context.user_id,
            )
            .returning(col(ChatThread.id))
        )

        async def work(session: AsyncSession) -> str | None:
            return await session.scalar(statement)

        if await self._database.run(work) is None:
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
            anchor = (
                sa.select(col(ChatThread.updated_at), col(ChatThread.id))
                .where(*_owned(after, context))
                .subquery()
            )
            position = sa.select(anchor.c.updated_at, anchor.c.id).scalar_subquery()
            statement = statement.where(key < position if descending else key > position)
        direction = sa.desc if descending else sa.asc
        statement = statement.order_by(
            direction(col(ChatThread.updated_at)), direction(col(ChatThread.id))
        ).limit(limit + 1)

        async def work(session: AsyncSession) -> list[ChatThread]:
            return list(await session.scalars(statement))

        rows = await self._database.run(work)
        page = rows[:limit]
        more = len(rows) > limit
        return Page(
            data=[_metadata(row) for row in page],
            has_more=more,
            after=page[-1].id if more else None,
        )

    async def delete_thread(self, thread_id: str, context: ChatContext) -> None:
        """Remove a thread with its items."""
        statement = (
            sa.delete(ChatThread).where(*_owned(thread_id, context)).returning(col(ChatThread.id))
        )

        async def work(session: AsyncSession) -> str | None:
            return await session.scalar(statement)

        if await self._database.run(work) is None:
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

        async def work(session: AsyncSession) -> list[dict[str, Any]]:
            rows = list(await session.scalars(statement))
            if not rows and await session.scalar(
                sa.select(col(ChatThread.id)).where(*_owned(thread_id, context))
            ) is None:
                raise _no_thread()
            return rows

        rows = await self._database.run(work)
        page = [_ITEM.validate_python(row) for row in rows[:limit]]
        more = len(rows) > limit
        return Page(data=page, has_more=more, after=page[-1].id if more else None)

    async def add_thread_item(
        self, thread_id: str, item: ThreadItem, context: ChatContext
    ) -> None:
        """Add an item, or replace the one with its id."""
        data = item.model_dump(mode="json")
        data["created_at"] = aware(item.created_at).isoformat()
        row = (
            sa.select(
                sa.literal(item.id),
                col(ChatThread.id),
                sa.literal(item.type),
                sa.literal(data, type_=ChatItem.__table__.c.data.type),  # type: ignore[attr-defined]
                sa.literal(aware(item.created_at), sa.DateTime(timezone=True)),
            )
            .where(*_owned(thread_id, context))
        )
        add = insert(ChatItem).from_select(["id", "thread_id", "type", "data", "created_at"], row)
        statement = add.on_conflict_do_update(
            index_elements=["id"],
            set_={"data": add.excluded.data, "type": add.excluded.type},
            where=col(ChatItem.thread_id) == thread_id,
        ).returning(col(ChatItem.id))

        async def work(session: AsyncSession) -> str | None:
            return await session.scalar(statement)

        try:
            saved = await self._database.run(work)
        except IntegrityError:  # the thread was deleted meanwhile
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

    async def find_item(
        self, thread_id: str, item_id: str, context: ChatContext
    ) -> ThreadItem | None:
        """One item, or None."""
        statement = _items(thread_id, context).where(col(ChatItem.id) == item_id)

        async def work(session: AsyncSession) -> dict[str, Any] | None:
            return await session.scalar(statement)

        data = await self._database.run(work)
        return None if data is None else _ITEM.validate_python(data)

    async def delete_thread_item(
        self, thread_id: str, item_id: str, context: ChatContext
    ) -> None:
        """Remove an item, unless it records a tool call.

        What a tool has done stays done when an answer is generated again, so its record stays too:
        the model then goes on from it and does not do the same thing twice.
        """
        thread = sa.select(col(ChatThread.id)).where(*_owned(thread_id, context))
        statement = sa.delete(ChatItem).where(
            col(ChatItem.id) == item_id,
            col(ChatItem.thread_id).in_(thread),
            col(ChatItem.type) != HiddenContextItem.model_fields["type"].default,
        )

        async def work(session: AsyncSession) -> None:
            await session.execute(statement)

        await self._database.run(work)

    async def save_attachment(self, attachment: Attachment, context: ChatContext) -> None:
        """Attachments are not offered, so there is none to save."""
        raise _no_attachments()

    async def load_attachment(self, attachment_id: str, context: ChatContext) -> Attachment:
        """Attachments are not offered, so there is none to load."""
        raise _no_attachments()

    async def delete_attachment(self, attachment_id: str, context: ChatContext) -> None:
        """Attachments are not offered, so there is none to delete."""
        raise _no_attachments()

    async def acquire_lease(
        self, thread_id: str, owner: str, context: ChatContext, *, create: bool
    ) -> bool:
        """Reserve a thread for one turn, across all replicas.

        The lease ends by itself when it is not renewed, so a replica that was killed holds a
        thread up for a few seconds only.

        Args:
            create: Make the thread when it does not exist.

        Returns:
            Whether the thread is reserved for `owner` now.
        """
        until = sa.func.now() + dt.timedelta(seconds=LEASE_SECONDS)
        free = sa.or_(
            col(ChatThread.lease_until).is_(None),
            col(ChatThread.lease_until) < sa.func.now(),
            col(ChatThread.lease_owner) == owner,
        )
        statement: Any
        if create:
            statement = (
                insert(ChatThread)
                .values(
                    id=thread_id, user_id=context.user_id, lease_owner=owner, lease_until=until
                )
                .on_conflict_do_update(
                    index_elements=["id"],
                    set_={"lease_owner": owner, "lease_until": until},
                    where=sa.and_(col(ChatThread.user_id) == context.user_id, free),
                )
                .returning(col(ChatThread.id))
            )
        else:
            statement = (
                sa.update(ChatThread)
                .where(*_owned(thread_id, context), free)
                .values(lease_owner=owner, lease_until=until)
                .returning(col(ChatThread.id))
            )

        async def work(session: AsyncSession) -> bool:
            return await session.scalar(statement) is not None

        return await self._database.run(work)

    async def release_lease(self, thread_id: str, owner: str) -> None:
        """Free a thread, and move it to the top of the list."""
        statement = (
            sa.update(ChatThread)
            .where(col(ChatThread.id) == thread_id, col(ChatThread.lease_owner) == owner)
            .values(lease_owner=None, lease_until=None, updated_at=utc_now())
        )

        async def work(session: AsyncSession) -> None:
            await session.execute(statement)

        await self._database.run(work)


def _owned(thread_id: str, context: ChatContext) -> tuple[sa.ColumnElement[bool], ...]:
    return (col(ChatThread.id) == thread_id, col(ChatThread.user_id) == context.user_id)


def _items(thread_id: str, context: ChatContext) -> sa.Select[tuple[dict[str, Any]]]:
    return (
        sa.select(col(ChatItem.data))
        .join(ChatThread, col(ChatThread.id) == col(ChatItem.thread_id))
        .where(*_owned(thread_id, context))
    )


def _metadata(row: ChatThread) -> ThreadMetadata:
    return ThreadMetadata.model_validate(
        {**row.data, "id": row.id, "title": row.title, "created_at": row.created_at}
    )


def _page_size(limit: int) -> int:
    return max(1, min(limit, MAX_PAGE))


def _no_thread() -> NotFoundError:
    return NotFoundError("There is no such conversation.")


def _no_attachments() -> Unprocessable:
    return Unprocessable("This chat does not take attachments.")
