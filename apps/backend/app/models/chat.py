"""Conversations: the tables behind the ChatKit store and what the REST API returns of them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.core.text import Title
from app.models.task import utc_now

MAX_CONVERSATION_TITLE = 200
ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
IDEMPOTENCY_KEY_PATTERN = r"^[\x21-\x7e]{1,200}$"

NOBODY = ""
"""No token is taken whose subject is empty."""

DELETED_CONVERSATIONS = dt.timedelta(hours=24)
"""How long a deleted conversation can be brought back."""


class ChatThread(SQLModel, table=True):
    """A conversation of one user.

    A deleted one belongs to `NOBODY`, so that no statement about a user's conversations finds it, those of an earlier
    version among them, which knows nothing of deletions and may run beside this one.
    """

    __tablename__ = "chat_thread"

    id: str = Column(primary_key=True, sa_type=sa.Text)
    user_id: str = Column(sa_type=sa.Text)
    title: str | None = Column(default=None, sa_type=sa.Text)
    data: dict[str, Any] = Column(default_factory=dict, sa_type=JSONB)
    created_at: dt.datetime = Column(
        default_factory=utc_now,
        sa_type=sa.DateTime(timezone=True),
    )
    updated_at: dt.datetime = Column(
        default_factory=utc_now,
        sa_type=sa.DateTime(timezone=True),
    )
    lease_owner: str | None = Column(default=None, sa_type=sa.Text)
    lease_until: dt.datetime | None = Column(
        default=None,
        sa_type=sa.DateTime(timezone=True),
    )
    deleted_at: dt.datetime | None = Column(
        default=None,
        sa_type=sa.DateTime(timezone=True),
    )
    deleted_user_id: str | None = Column(default=None, sa_type=sa.Text)


class ChatItem(SQLModel, table=True):
    """One item of a conversation, in ChatKit's own JSON."""

    __tablename__ = "chat_item"

    id: str = Column(primary_key=True, sa_type=sa.Text)
    thread_id: str = Column(sa_type=sa.Text, foreign_key="chat_thread.id", ondelete="CASCADE")
    position: int | None = Column(default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(always=True)))
    type: str = Column(sa_type=sa.Text)
    data: dict[str, Any] = Column(sa_type=JSONB)
    created_at: dt.datetime = Column(
        default_factory=utc_now,
        sa_type=sa.DateTime(timezone=True),
    )


class ChatStop(SQLModel, table=True):
    """A user's wish that a turn ends; kept for a while, as the turn may run, or yet begin, in any replica."""

    __tablename__ = "chat_stop"

    user_id: str = Column(primary_key=True, sa_type=sa.Text)
    key: str = Column(primary_key=True, sa_type=sa.Text)
    requested_at: dt.datetime = Column(
        default_factory=utc_now,
        sa_type=sa.DateTime(timezone=True),
    )


class ChatTicket(SQLModel, table=True):
    """A message's place in the queue of its conversation; gone when its turn begins, or its process has died."""

    __tablename__ = "chat_ticket"

    position: int | None = Column(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    )
    thread_id: str = Column(sa_type=sa.Text, foreign_key="chat_thread.id", ondelete="CASCADE")
    owner: str = Column(sa_type=sa.Text)
    expires_at: dt.datetime = Column(sa_type=sa.DateTime(timezone=True))


class StopRequest(BaseModel):
    """Names the turn to end."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"idempotency_key": "9a7c1f0e"}})

    idempotency_key: str = Field(
        pattern=IDEMPOTENCY_KEY_PATTERN, description="The key that the turn's message was sent with."
    )


ConversationTitle = Annotated[Title, Field(min_length=1, max_length=MAX_CONVERSATION_TITLE, examples=["Shopping"])]


class ConversationCreate(BaseModel):
    """A new, empty conversation."""

    model_config = ConfigDict(extra="forbid")

    title: ConversationTitle | None = None


class ConversationUpdate(BaseModel):
    """Changes to a conversation."""

    model_config = ConfigDict(extra="forbid")

    title: ConversationTitle


class ConversationRead(BaseModel):
    """A conversation without its messages."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": "thr_5f2b1c9e8d7a4b3c9f0e1d2c3b4a5968",
                "title": "Shopping",
                "created_at": "2030-01-30T09:00:00Z",
                "updated_at": "2030-01-30T09:01:00Z",
            }
        },
    )

    id: str
    title: str | None
    created_at: dt.datetime
    updated_at: dt.datetime
    busy: bool = Field(default=False, description="Whether a message is being answered, or waits for that.")


TurnStateName = Literal["running", "waiting", "idle", "interrupted"]


class TurnState(BaseModel):
    """What becomes of the latest message of a conversation."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "state": "running",
                "message_id": "msg_5f2b1c9e8d7a4b3c9f0e1d2c3b4a5968",
                "started_at": "2030-01-30T09:00:00Z",
                "waiting": 0,
            }
        }
    )

    state: TurnStateName = Field(
        description="`running`: it is being answered, at whichever replica. `waiting`: messages wait in the queue. "
        "`idle`: it was answered to its end, or there is none. `interrupted`: its answer has no end, and none is to come."
    )
    message_id: str | None = Field(description="The latest message of the user.")
    started_at: dt.datetime | None = Field(description="When that was taken in.")
    waiting: int = Field(description="Messages in the queue.")


class ConversationPage(BaseModel):
    """One page of conversations, the latest first."""

    items: list[ConversationRead]
    next_cursor: str | None


class Message(BaseModel):
    """A message of the user or the assistant."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "msg_5f2b1c9e8d7a4b3c9f0e1d2c3b4a5968",
                "role": "user",
                "text": "add buy milk",
                "created_at": "2030-01-30T09:00:00Z",
            }
        }
    )

    id: str
    role: Literal["user", "assistant"]
    text: str
    created_at: dt.datetime


class MessagePage(BaseModel):
    """One page of messages, the oldest first."""

    items: list[Message]
    next_cursor: str | None
