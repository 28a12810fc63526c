"""What the ChatKit server and store know of a request."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from chatkit.types import ThreadItem, ThreadMetadata

from app.chat.stop import TurnStop
from app.models.task import TaskSort
from app.services.once import tool_key

if TYPE_CHECKING:
    from app.agent.tools import TaskTools
    from app.chat.approval import DeletionGuard


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAnswer:
    """What the user answered when asked for an approval.

    Attributes:
        id: The approval's.
        approved: Whether the user agrees.
    """

    id: str
    approved: bool


@dataclass(slots=True, kw_only=True)
class ChatContext:
    """One chat request.

    Attributes:
        user_id: From the verified token.
        timezone: The user's, for "today" and "tomorrow".
        idempotency_key: Names the message across repeated sendings of it, when the client gave one.
        task_sort: The order in which the user sees the tasks, for lists that the assistant asks for without one.
        on_screen: Ids of the tasks that the user sees, in order, where the page shows a selection.
        approval: The answer to a question of the turn before.
        replaces: The message in whose place this one stands, and in that of all that followed.
        stop: How the user ends the turn; needs an idempotency key.
        owner: Names the turn: what it writes, it writes only while the conversation is reserved for it.
        thread: The conversation, once it is reserved.
        created: Whether this request made the conversation, so that there is nothing in it to read.
        known: Whether the message was there before this request.
        title: The title that the conversation has, or gets with the message.
        lost: Whether the conversation was given to another turn, as this one was not heard of for too long.
        finished: Whether the end of the turn is written and the conversation free again.
        writing: Held while items are written, as their order is that of the conversation.
        unsaved: Items that are written with the next that must be, to spare statements.
        guard: Keeps a model from deleting what the user did not agree to.
        saved: Ids of items that were written already when ChatKit gets to see them.
    """

    user_id: str
    timezone: ZoneInfo
    idempotency_key: str | None = None
    task_sort: TaskSort | None = None
    on_screen: tuple[str, ...] = ()
    approval: ApprovalAnswer | None = None
    replaces: str | None = None
    stop: TurnStop = field(default_factory=TurnStop, init=False)
    owner: str = field(default_factory=lambda: uuid.uuid4().hex, init=False)
    thread: ThreadMetadata | None = field(default=None, init=False)
    created: bool = field(default=False, init=False)
    known: bool = field(default=False, init=False)
    title: str | None = field(default=None, init=False)
    lost: bool = field(default=False, init=False)
    finished: bool = field(default=False, init=False)
    unsaved: list[ThreadItem] = field(default_factory=list, init=False)
    writing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    guard: DeletionGuard | None = field(default=None, init=False)
    saved: set[str] = field(default_factory=set, init=False)
    _thread_id: str | None = field(default=None, init=False)
    _message_id: str | None = field(default=None, init=False)
    _calls: int = field(default=0, init=False)
    _ordinals: dict[int, int] = field(default_factory=dict, init=False)

    @property
    def today(self) -> dt.date:
        """The user's current day."""
        return dt.datetime.now(self.timezone).date()

    @property
    def message_id(self) -> str | None:
        """The id of the message that is answered, once it is known."""
        return self._message_id

    def new_thread_id(self) -> str:
        """The id for this request's new thread: the same one for the same idempotency key."""
        if self._thread_id is None:
            self._thread_id = f"thr_{self._stable('thread') or uuid.uuid4().hex}"
        return self._thread_id

    def new_message_id(self, thread_id: str) -> str:
        """The id for the user's message: the same one for the same key and thread."""
        if self._message_id is None:
            self._message_id = f"msg_{self._stable('message', thread_id) or uuid.uuid4().hex}"
        return self._message_id

    def answers(self, message_id: str, *, calls: int = 0) -> None:
        """Say which message is answered, and how many tool calls that has taken so far."""
        self._message_id = message_id
        self._calls = calls

    @property
    def list_order(self) -> str | None:
        """The order in which the user sees the tasks."""
        return None if self.task_sort is None else self.task_sort.value

    def begin_call(self, call: object) -> None:
        """A tool call gets its ordinal."""
        self._ordinals[id(call)] = self._calls
        self._calls += 1

    def end_call(self, call: object) -> int:
        """A tool call has ended; returns its ordinal."""
        return self._ordinals.pop(id(call))

    def call_key(self, call: object) -> str | None:
        """What makes a tool call that is repeated after a crash the same call."""
        ordinal = self._ordinals.get(id(call))
        return None if ordinal is None or self._message_id is None else tool_key(self._message_id, ordinal)

    async def refusal(self, tool: str, arguments: dict[str, Any], tools: TaskTools) -> str | None:
        """Why a tool call may not be carried out."""
        if self.guard is None:
            return None
        return await self.guard.refusal(self.user_id, tool, arguments, tools)

    def _stable(self, *scope: str) -> str | None:
        if self.idempotency_key is None:
            return None
        parts = "\0".join((*scope, self.user_id, self.idempotency_key))
        return hashlib.sha256(parts.encode()).hexdigest()[:32]
