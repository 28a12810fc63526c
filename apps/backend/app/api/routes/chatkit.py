"""The ChatKit protocol: one endpoint, JSON or server-sent events out."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends, Request, Response, status

from app.api.deps import (
    ERROR_RESPONSES,
    NOT_FOUND_RESPONSE,
    IdentityDep,
    ResourcesDep,
    limit_api_rate,
)
from app.api.streams import EventStream
from app.models.chat import StopRequest

router = APIRouter(tags=["chat"], dependencies=[Depends(limit_api_rate)], responses=ERROR_RESPONSES)

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
    what "today" means; it is UTC otherwise. `metadata.replaces` of a `threads.add_user_message` names a
    message of the user in that conversation: the new one stands in its place, and in that of all that
    followed. A turn goes on when the client disconnects; one that was sent with a key is ended by
    `POST /chatkit/stop`.
    """
    body = await request.body()
    parts = await resources.chat.get()
    answer = await parts.protocol.answer(body, identity.user_id, request.headers.get("Idempotency-Key"))
    if isinstance(answer, bytes):
        return Response(answer, media_type="application/json")
    return EventStream(answer)


@router.post("/chatkit/stop", status_code=status.HTTP_204_NO_CONTENT, summary="Stop an answer")
async def stop(request: StopRequest, identity: IdentityDep, resources: ResourcesDep) -> None:
    """Ends the caller's turn with this idempotency key, wherever it runs.

    From this answer on, the turn begins no further tool call. What was said and done stays in the
    conversation, and the turn's stream ends. A key stays stopped: sending its message again runs
    nothing. It is no error when there is no such turn, or when it has ended.
    """
    parts = await resources.chat.get()
    await parts.turns.request_stop(identity.user_id, request.idempotency_key)
