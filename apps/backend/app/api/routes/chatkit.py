"""The ChatKit protocol: one endpoint, JSON or server-sent events out."""

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
from fastapi import APIRouter, Depends, Request, Response, status
from fastapi.responses import StreamingResponse
from pydantic import Field, TypeAdapter, ValidationError

from app.api.deps import (
    ERROR_RESPONSES,
    NOT_FOUND_RESPONSE,
    IdentityDep,
    ResourcesDep,
    limit_api_rate,
)
from app.api.errors import invalid_params
from app.api.timezones import time_zone
from app.chat.context import ApprovalAnswer, ChatContext
from app.core.problems import NotFound, TooManyRequests, Unprocessable
from app.core.resources import Resources
from app.models.chat import IDEMPOTENCY_KEY_PATTERN, StopRequest
from app.models.task import TaskSort

router = APIRouter(tags=["chat"], dependencies=[Depends(limit_api_rate)], responses=ERROR_RESPONSES)

MAX_MESSAGE_LENGTH: Final = 8_000
STREAM_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""No cache keeps a stream, and no proxy such as nginx holds it back."""

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
_KEY: Final = re.compile(IDEMPOTENCY_KEY_PATTERN)
_EXAMPLE: Final = {
    "type": "threads.create",
    "params": {
        "input": {
            "content": [{"type": "input_text", "text": "add buy milk"}],
            "attachments": [],
            "inference_options": {},
        }
    },
    "metadata": {"idempotency_key": "9a7c1f0e", "timezone": "Europe/Berlin"},
}


@router.post(
    "/chatkit",
    summary="Chat",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events for requests that run a turn, else JSON",
            "content": {"text/event-stream": {}, "application/json": {}},
        },
        **NOT_FOUND_RESPONSE,
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/ChatKitReq"},
                    "example": _EXAMPLE,
                }
            },
        }
    },
)
async def chatkit(request: Request, identity: IdentityDep, resources: ResourcesDep) -> Response:
    """Speaks OpenAI's ChatKit protocol.

    A message that is sent again with the same `metadata.idempotency_key` (or Idempotency-Key
    header) is not run twice: the answer is sent again. `metadata.timezone` (an IANA name) decides
    what "today" means; it is UTC otherwise. A turn goes on when the client disconnects; one that was
    sent with a key is ended by `POST /chatkit/stop`.
    """
    body = await request.body()
    parsed = _parse(body)
    if isinstance(parsed, _NOT_OFFERED):
        raise Unprocessable(
            f"{parsed.type} is not offered: this chat has text messages only, no attachments or widgets."
        )
    context = ChatContext(
        user_id=identity.user_id,
        timezone=_timezone(parsed.metadata),
        idempotency_key=_idempotency_key(request, parsed.metadata),
        task_sort=_task_sort(parsed.metadata),
        approval=_approval(parsed.metadata),
    )
    try:
        if is_streaming_req(parsed):
            return await _stream(parsed, context, resources)
        result = await resources.chat.answer(parsed, context)
    except NotFoundError as error:
        raise NotFound(str(error)) from None
    return Response(result, media_type="application/json")


@router.post("/chatkit/stop", status_code=status.HTTP_204_NO_CONTENT, summary="Stop an answer")
async def stop(request: StopRequest, identity: IdentityDep, resources: ResourcesDep) -> None:
    """Ends the caller's turn with this idempotency key, wherever it runs.

    From this answer on, the turn begins no further tool call. What was said and done stays in the
    conversation, and the turn's stream ends. A key stays stopped: sending its message again runs
    nothing. It is no error when there is no such turn, or when it has ended.
    """
    await resources.turns.request_stop(identity.user_id, request.idempotency_key)


async def _stream(parsed: StreamingReq, context: ChatContext, resources: Resources) -> Response:
    wait = resources.chat_limiter.take(context.user_id)
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
    events = await resources.turns.start(
        lambda: resources.chat.stream(parsed, context),
        thread_id=thread_id,
        create=create,
        context=context,
        message_id=message_id,
        digest=_digest(parsed),
    )
    return StreamingResponse(
        events,
        media_type="text/event-stream",
        headers=STREAM_HEADERS,
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


def _idempotency_key(request: Request, metadata: dict[str, Any]) -> str | None:
    key = request.headers.get("Idempotency-Key") or metadata.get("idempotency_key")
    if key is None:
        return None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Unprocessable("The idempotency key must be 1 to 200 printable characters.")
    return key
