"""Conversations of one user, for the REST API; the chat itself writes them."""

from __future__ import annotations

import uuid
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app.core.database import Database
from app.core.pagination import cursor_moment, decode_cursor, encode_cursor
from app.core.problems import Conflict, NotFound, Unprocessable
from app.models.chat import (
    NOBODY,
    ChatItem,
    ChatThread,
    ChatTicket,
    ConversationCreate,
    ConversationPage,
    ConversationRead,
    ConversationUpdate,
    Message,
    MessagePage,
)
from app.models.task import utc_now

_ORDER = "-updated_at"
_MESSAGE_ORDER = "position"
_ROLES = {"user_message": "user", "assistant_message": "assistant"}


_BUSY: Final = sa.or_(
    sa.func.coalesce(col(ChatThread.lease_until) > sa.func.now(), sa.false()),
    sa.exists().where(col(ChatTicket.thread_id) == col(ChatThread.id), col(ChatTicket.expires_at) > sa.func.now()),
).label("busy")

_IS_ASIDE: Final = "left(id, 4) = 'was_'"
"""Tells what a message has replaced from conversations that were deleted; see `aside_id`."""

_DELETE: Final = sa.text(
    f"""
    WITH gone AS (
        UPDATE chat_thread
        SET user_id = :nobody, deleted_user_id = user_id, deleted_at = now(), lease_owner = NULL, lease_until = NULL
        WHERE id = :id AND user_id = :user_id RETURNING id
    )
    SELECT EXISTS (SELECT 1 FROM gone)
        OR EXISTS (SELECT 1 FROM chat_thread WHERE id = :id AND deleted_user_id = :user_id AND NOT {_IS_ASIDE})
    """  # noqa: S608 - put together from constants
)
# Its place in the list is that of its last change, which this is none of.
_RESTORE: Final = sa.text(
    f"""
    UPDATE chat_thread SET user_id = deleted_user_id, deleted_user_id = NULL, deleted_at = NULL
    WHERE id = :id AND deleted_user_id = :user_id AND NOT {_IS_ASIDE}
    RETURNING id, title, created_at, updated_at
    """  # noqa: S608
)
# The turn that answers the message ends: it has its conversation no more. What a message has replaced was there before
# it, and so has smaller positions. The conversation is locked first, as by whoever replaces something in it.
_REVERT: Final = sa.text(
    """
    WITH locked AS (
        SELECT id FROM chat_thread WHERE id = :id AND user_id = :user_id FOR UPDATE
    ), message AS (
        SELECT chat_item.position FROM chat_item JOIN locked ON locked.id = chat_item.thread_id
        WHERE chat_item.id = :message_id
            AND EXISTS (SELECT 1 FROM chat_thread WHERE id = :aside AND deleted_user_id = :user_id)
        FOR UPDATE OF chat_item
    ), followed AS (
        SELECT 1 FROM chat_item JOIN message ON chat_item.position > message.position
        WHERE chat_item.thread_id = :id AND chat_item.type = 'user_message'
    ), thread AS (
        UPDATE chat_thread SET lease_owner = NULL, lease_until = NULL, updated_at = now() FROM message
        WHERE chat_thread.id = :id AND NOT EXISTS (SELECT 1 FROM followed) RETURNING message.position
    ), swapped AS (
        UPDATE chat_item SET thread_id = CASE chat_item.thread_id WHEN :id THEN :aside ELSE :id END FROM thread
        WHERE (chat_item.thread_id = :aside AND chat_item.position < thread.position)
            OR (chat_item.thread_id = :id AND chat_item.position >= thread.position)
    )
    SELECT EXISTS (SELECT 1 FROM followed) AS followed, EXISTS (SELECT 1 FROM thread) OR EXISTS (
        SELECT 1 FROM chat_item JOIN chat_thread ON chat_thread.id = chat_item.thread_id
        WHERE chat_item.id = :message_id AND chat_item.thread_id = :aside AND chat_thread.deleted_user_id = :user_id
    ) AS reverted
    """
)


def aside_id(message_id: str) -> str:
    """The deleted conversation that has what a message has replaced, for as long as one can be brought back."""
    return f"was_{message_id}"


async def delete_conversation(database: Database, user_id: str, conversation_id: str) -> bool:
    """Delete a conversation, so that nobody has it until it is brought back; end the turn that runs in it.

    Returns:
        False where the user has none, and has deleted none, with this id.
    """
    parameters = {"id": conversation_id, "user_id": user_id, "nobody": NOBODY}
    for _ in range(2):  # a statement doesn't see what another one has done while it waited for that
        if await database.scalar(_DELETE, parameters):
            return True
    return False


class ConversationService:
    """Reads and changes conversations.

    Args:
        database: Where the conversations are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, user_id: str, new: ConversationCreate) -> ConversationRead:
        """Add an empty conversation and return it."""
        now = utc_now()
        row = {
            "id": f"thr_{uuid.uuid4().hex}",
            "user_id": user_id,
            "title": new.title,
            "created_at": now,
            "updated_at": now,
        }

        await self._database.execute(insert(ChatThread).values(row).on_conflict_do_nothing())
        return ConversationRead.model_validate(row)

    async def get(self, user_id: str, conversation_id: str) -> ConversationRead:
        """One conversation.

        Raises:
            NotFound: There is none with this id that belongs to the user.
        """
        statement = sa.select(ChatThread, _BUSY).where(*_owned(user_id, conversation_id))
        return _found(await self._database.one(statement))

    async def update(self, user_id: str, conversation_id: str, changes: ConversationUpdate) -> ConversationRead:
        """Rename a conversation and return it.

        Raises:
            NotFound: There is none with this id that belongs to the user.
        """
        return _found(
            await self._database.one(
                sa.update(ChatThread)
                .where(*_owned(user_id, conversation_id))
                .values(title=changes.title, updated_at=utc_now())
                .returning(ChatThread, _BUSY)
            )
        )

    async def delete(self, user_id: str, conversation_id: str) -> None:
        """Delete a conversation with its messages; again is no error, as an answer may have been lost.

        Raises:
            NotFound: The user never had it, or it is gone for good.
        """
        if not await delete_conversation(self._database, user_id, conversation_id):
            raise NotFound("There is no such conversation.")

    async def restore(self, user_id: str, conversation_id: str) -> ConversationRead:
        """Bring a deleted conversation back with its messages; one that isn't deleted stays as it is.

        Raises:
            NotFound: The user never had it, or it is gone for good.
        """
        row = await self._database.one(_RESTORE, {"id": conversation_id, "user_id": user_id})
        return await self.get(user_id, conversation_id) if row is None else _found(row)

    async def revert(self, user_id: str, conversation_id: str, message_id: str) -> None:
        """Have what a message has replaced in its place again; again is no error.

        Raises:
            NotFound: The user has no such message, or it has replaced nothing, or that is gone for good.
            Conflict: The user has said something after it, which would be lost.
        """
        aside = aside_id(message_id)
        parameters = {"id": conversation_id, "user_id": user_id, "message_id": message_id, "aside": aside}
        for _ in range(2):  # as above
            row = await self._database.one(_REVERT, parameters)
            if row is not None and row.reverted:
                return
            if row is not None and row.followed:
                raise Conflict("You have gone on since, so that can't be undone.")
        raise NotFound("There is nothing that this message has replaced.")

    async def list(self, user_id: str, *, limit: int = 50, cursor: str | None = None) -> ConversationPage:
        """One page of the user's conversations, the latest first.

        Raises:
            Unprocessable: The cursor does not belong to this list.
        """
        statement = sa.select(ChatThread, _BUSY).where(col(ChatThread.user_id) == user_id)
        if cursor is not None:
            (value,), row_id = decode_cursor(cursor, _ORDER)
            here = sa.tuple_(col(ChatThread.updated_at), col(ChatThread.id))
            moment = sa.literal(cursor_moment(value), sa.DateTime(timezone=True))
            statement = statement.where(here < sa.tuple_(moment, sa.literal(row_id, sa.Text)))
        statement = statement.order_by(sa.desc(col(ChatThread.updated_at)), sa.desc(col(ChatThread.id))).limit(
            limit + 1
        )

        rows = await self._database.all(statement)
        page = rows[:limit]
        return ConversationPage(
            items=[ConversationRead.model_validate(row) for row in page],
            next_cursor=encode_cursor(_ORDER, [page[-1].updated_at.isoformat()], page[-1].id)
            if len(rows) > limit
            else None,
        )

    async def messages(
        self, user_id: str, conversation_id: str, *, limit: int = 50, cursor: str | None = None
    ) -> MessagePage:
        """One page of a conversation's messages, the oldest first.

        Raises:
            NotFound: There is none with this id that belongs to the user.
            Unprocessable: The cursor does not belong to this list.
        """
        await self.get(user_id, conversation_id)
        statement = sa.select(ChatItem).where(
            col(ChatItem.thread_id) == conversation_id, col(ChatItem.type).in_(_ROLES)
        )
        if cursor is not None:
            (value,), _ = decode_cursor(cursor, _MESSAGE_ORDER)
            if not isinstance(value, int) or not 0 <= value < 2**63:
                raise Unprocessable("The cursor is not one that this list returned.")
            statement = statement.where(col(ChatItem.position) > value)
        statement = statement.order_by(col(ChatItem.position)).limit(limit + 1)

        rows = await self._database.all(statement)
        page = rows[:limit]
        return MessagePage(
            items=[_message(row) for row in page],
            next_cursor=encode_cursor(_MESSAGE_ORDER, [page[-1].position], page[-1].id) if len(rows) > limit else None,
        )


def _owned(user_id: str, conversation_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (col(ChatThread.id) == conversation_id, col(ChatThread.user_id) == user_id)


def _found(row: sa.Row[Any] | None) -> ConversationRead:
    if row is None:
        raise NotFound("There is no such conversation.")
    return ConversationRead.model_validate(row)


def _message(row: sa.Row[Any]) -> Message:
    text = "\n".join(str(part.get("text", "")) for part in row.data.get("content", []))
    return Message.model_validate({"id": row.id, "role": _ROLES[row.type], "text": text, "created_at": row.created_at})
