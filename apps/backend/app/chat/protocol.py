"""The ChatKit protocol, as far as it is offered here: reads requests, and has them answered."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from chatkit.store import NotFoundError
from chatkit.types import (
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    ChatKitReq,
    InputTranscribeReq,
    ItemsFeedbackReq,
    ItemsListReq,
    StreamingReq,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsRetryAfterItemReq,
    ThreadsSyncCustomActionReq,
    ThreadsUpdateReq,
    is_streaming_req,
)
from pydantic import Field, TypeAdapter, ValidationError

from app.chat.context import ApprovalAnswer, ChatContext
from app.chat.server import TodoChatServer
from app.chat.turns import TurnRegistry
from app.core.problems import NotFound, TooManyRequests, Unprocessable, invalid_params
from app.core.ratelimit import RateLimiter
from app.core.streams import OpenStream, OpenStreams
from app.core.timezones import time_zone
from app.models.chat import ID_PATTERN, IDEMPOTENCY_KEY_PATTERN, ConversationTitle
from app.models.task import TaskSort

MAX_MESSAGE_LENGTH: Final = 8_000

_NOT_OFFERED: Final = (
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    InputTranscribeReq,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsCustomActionReq,
    ThreadsSyncCustomActionReq,
)
_Offered = Annotated[
    ThreadsCreateReq
    | ThreadsAddUserMessageReq
    | ThreadsRetryAfterItemReq
    | ThreadsGetByIdReq
    | ThreadsListReq
    | ThreadsUpdateReq
    | ThreadsDeleteReq
    | ItemsListReq
    | ItemsFeedbackReq,
    Field(discriminator="type"),
]
_REQUEST: Final[TypeAdapter[ChatKitReq]] = TypeAdapter(ChatKitReq)
# In what a person typed, a backslash before "u0000" is escaped: that is text like any other.
_NUL: Final = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")
_TITLE: Final[TypeAdapter[str]] = TypeAdapter(ConversationTitle)
_KEY: Final = re.compile(IDEMPOTENCY_KEY_PATTERN)
_ITEM_ID: Final = re.compile(ID_PATTERN)
_TASK_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# More than anybody counts through.
_MAX_ON_SCREEN: Final = 50


class ChatKitProtocol:
    """Answers requests of the protocol.

    Args:
        server: Answers them.
        turns: Runs those that take a turn of the conversation.
        limiter: Counts the latter.
        streams: Counts those whose answers are being sent.
    """

    def __init__(self, server: TodoChatServer, turns: TurnRegistry, limiter: RateLimiter, streams: OpenStreams) -> None:
        self._server = server
        self._turns = turns
        self._limiter = limiter
        self._streams = streams

    async def answer(self, body: bytes, user_id: str, key: str | None) -> bytes | OpenStream:
        """The answer: JSON, or server-sent events of requests that take a turn.

        Args:
            body: The request, in JSON.
            user_id: Who sent it.
            key: The Idempotency-Key header.

        Raises:
            Unprocessable: It is no request that is offered.
            NotFound: It names something that the user hasn't got.
            TooManyRequests: The user sends messages too fast, or has too many answers open.
        """
        parsed = _parse(body)
        if isinstance(parsed, _NOT_OFFERED):
            raise Unprocessable(
                f"{parsed.type} is not offered: this chat has text messages only, no attachments or widgets."
            )
        context = ChatContext(
            user_id=user_id,
            timezone=_timezone(parsed.metadata),
            idempotency_key=_idempotency_key(key, parsed.metadata),
            task_sort=_task_sort(parsed.metadata),
            on_screen=_on_screen(parsed.metadata),
            approval=_approval(parsed.metadata),
            replaces=_replaces(parsed),
        )
        if isinstance(parsed, ThreadsUpdateReq):
            parsed.params.title = _title(parsed.params.title)
        try:
            if is_streaming_req(parsed):
                return await self._stream(parsed, context)
            return await self._server.answer(parsed, context)
        except NotFoundError as error:
            raise NotFound(str(error)) from None

    async def _stream(self, parsed: StreamingReq, context: ChatContext) -> OpenStream:
        wait = self._limiter.take(context.user_id)
        if wait > 0:
            raise TooManyRequests("You are sending messages faster than I can answer.", retry_after_seconds=wait)
        if isinstance(parsed, ThreadsCreateReq | ThreadsAddUserMessageReq):
            _check_message(parsed)
        create = isinstance(parsed, ThreadsCreateReq)
        thread_id = context.new_thread_id() if isinstance(parsed, ThreadsCreateReq) else parsed.params.thread_id
        if isinstance(parsed, ThreadsRetryAfterItemReq):
            message_id = parsed.params.item_id
        else:
            message_id = context.new_message_id(thread_id)
        # What is wrong with a request is an error before the stream starts, not an event within it.
        return await self._streams.open(
            context.user_id,
            lambda: self._turns.start(
                lambda: self._server.stream(parsed, context),
                thread_id=thread_id,
                create=create,
                context=context,
                message_id=message_id,
                digest=_digest(parsed),
            ),
        )


def request_schemas() -> dict[str, Any]:
    """JSON schemas of the protocol's requests, for the OpenAPI document."""
    schema = TypeAdapter[_Offered](_Offered).json_schema(ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = schema.pop("$defs")
    return {**schemas, "ChatKitReq": schema}


def _parse(body: bytes) -> ChatKitReq:
    if _NUL.search(body):
        raise Unprocessable("The request must not contain NUL characters.")
    try:
        return _REQUEST.validate_json(body)
    except ValidationError as error:
        raise Unprocessable(
            "This is not a request of the ChatKit protocol.",
            extra={"errors": invalid_params([dict(item) for item in error.errors()])},
        ) from None


def _title(title: str) -> str:
    """A conversation's title, with the rules of the REST API."""
    try:
        return _TITLE.validate_python(title)
    except ValidationError as error:
        raise Unprocessable(
            "This is no title of a conversation.",
            extra={"errors": invalid_params([{**item, "loc": ("params", "title")} for item in error.errors()])},
        ) from None


def _check_message(request: ThreadsCreateReq | ThreadsAddUserMessageReq) -> None:
    message = request.params.input
    if message.attachments:
        raise Unprocessable("This chat does not take attachments.")
    length = sum(len(part.text) for part in message.content) + len(message.quoted_text or "")
    if length > MAX_MESSAGE_LENGTH:
        raise Unprocessable(f"A message may have at most {MAX_MESSAGE_LENGTH} characters.")
    if not any(part.text.strip() for part in message.content):
        raise Unprocessable("The message is empty.")


def _digest(request: StreamingReq) -> str:
    """Says whether two messages are the same."""
    if not isinstance(request, ThreadsCreateReq | ThreadsAddUserMessageReq):
        return ""
    message = request.params.input
    parts = [*(part.text for part in message.content), message.quoted_text or ""]
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()


def _task_sort(metadata: dict[str, Any]) -> TaskSort | None:
    """The order in which the page shows the tasks; one that isn't known is left aside."""
    try:
        return TaskSort(str(metadata.get("task_sort")))
    except ValueError:
        return None


def _on_screen(metadata: dict[str, Any]) -> tuple[str, ...]:
    """The tasks that the page shows, where it shows a selection; what is no task's id is left aside."""
    ids = metadata.get("on_screen")
    if not isinstance(ids, list):
        return ()
    return tuple(item for item in ids[:_MAX_ON_SCREEN] if isinstance(item, str) and _TASK_ID.fullmatch(item))


def _timezone(metadata: dict[str, Any]) -> ZoneInfo:
    name = metadata.get("timezone")
    return time_zone(name if isinstance(name, str) else None, "metadata.timezone")


def _approval(metadata: dict[str, Any]) -> ApprovalAnswer | None:
    answer = metadata.get("approval")
    if answer is None:
        return None
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), str):
        raise Unprocessable('metadata.approval must be {"id": "apr_…", "approved": true or false}.')
    return ApprovalAnswer(id=answer["id"], approved=answer.get("approved") is True)


def _replaces(request: ChatKitReq) -> str | None:
    message_id = request.metadata.get("replaces")
    if message_id is None:
        return None
    if not isinstance(message_id, str) or not _ITEM_ID.fullmatch(message_id):
        raise Unprocessable("metadata.replaces must be the id of a message.")
    if not isinstance(request, ThreadsAddUserMessageReq):
        raise Unprocessable("Only a message of a conversation can stand in the place of another one.")
    return message_id


def _idempotency_key(header: str | None, metadata: dict[str, Any]) -> str | None:
    key = header or metadata.get("idempotency_key")
    if key is None:
        return None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Unprocessable("The idempotency key must be 1 to 200 printable characters.")
    return key
