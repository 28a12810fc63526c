"""REST: conversations of the caller and their messages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response, status

from app.api.deps import (
    CONFLICT_RESPONSE,
    ERROR_RESPONSES,
    NOT_FOUND_RESPONSE,
    IdentityDep,
    ResourcesDep,
    limit_api_rate,
)
from app.api.streams import EventStream
from app.models.chat import (
    ID_PATTERN,
    ConversationCreate,
    ConversationPage,
    ConversationRead,
    ConversationUpdate,
    MessagePage,
    TurnState,
)

router = APIRouter(
    prefix="/api/conversations",
    tags=["conversations"],
    dependencies=[Depends(limit_api_rate)],
    responses=ERROR_RESPONSES,
)

ConversationId = Annotated[str, Path(pattern=ID_PATTERN)]
MessageId = Annotated[str, Path(pattern=ID_PATTERN)]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=2_000, description="`next_cursor` of the page before.")]


@router.get("", summary="List conversations")
async def list_conversations(
    identity: IdentityDep, resources: ResourcesDep, limit: Limit = 50, cursor: Cursor = None
) -> ConversationPage:
    """A page of the caller's conversations, the latest first."""
    return await resources.conversations.list(identity.user_id, limit=limit, cursor=cursor)


@router.post("", status_code=status.HTTP_201_CREATED, summary="Start a conversation")
async def create_conversation(
    new: ConversationCreate, identity: IdentityDep, resources: ResourcesDep, response: Response
) -> ConversationRead:
    """Adds an empty conversation; messages go to /chatkit with its id as thread."""
    conversation = await resources.conversations.create(identity.user_id, new)
    response.headers["Location"] = f"/api/conversations/{conversation.id}"
    return conversation


@router.get("/{conversation_id}", summary="Get a conversation", responses=NOT_FOUND_RESPONSE)
async def get_conversation(
    conversation_id: ConversationId, identity: IdentityDep, resources: ResourcesDep
) -> ConversationRead:
    """One conversation of the caller, without its messages."""
    return await resources.conversations.get(identity.user_id, conversation_id)


@router.patch("/{conversation_id}", summary="Rename a conversation", responses=NOT_FOUND_RESPONSE)
async def update_conversation(
    conversation_id: ConversationId,
    changes: ConversationUpdate,
    identity: IdentityDep,
    resources: ResourcesDep,
) -> ConversationRead:
    """Changes the title."""
    return await resources.conversations.update(identity.user_id, conversation_id, changes)


@router.delete(
    "/{conversation_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Delete a conversation",
    responses=NOT_FOUND_RESPONSE,
)
async def delete_conversation(conversation_id: ConversationId, identity: IdentityDep, resources: ResourcesDep) -> None:
    """Deletes the conversation with all its messages. It can be brought back for 24 hours; again is no error."""
    await resources.conversations.delete(identity.user_id, conversation_id)


@router.post("/{conversation_id}/restore", summary="Bring a conversation back", responses=NOT_FOUND_RESPONSE)
async def restore_conversation(
    conversation_id: ConversationId, identity: IdentityDep, resources: ResourcesDep
) -> ConversationRead:
    """Brings a deleted conversation back with all its messages; one that isn't deleted stays as it is."""
    return await resources.conversations.restore(identity.user_id, conversation_id)


@router.get("/{conversation_id}/turn", summary="Is a message being answered?", responses=NOT_FOUND_RESPONSE)
async def get_turn(conversation_id: ConversationId, identity: IdentityDep, resources: ResourcesDep) -> TurnState:
    """What becomes of the latest message, at whichever replica it is answered."""
    parts = await resources.chat.get()
    return await parts.following.state(identity.user_id, conversation_id)


@router.get(
    "/{conversation_id}/turn/events",
    summary="Follow an answer",
    response_class=Response,
    responses={
        200: {"description": "Events of the ChatKit protocol", "content": {"text/event-stream": {}}},
        **NOT_FOUND_RESPONSE,
    },
)
async def follow_turn(
    conversation_id: ConversationId,
    identity: IdentityDep,
    resources: ResourcesDep,
    after: Annotated[
        str | None, Query(pattern=ID_PATTERN, description="The last item that is known; all by default.")
    ] = None,
) -> Response:
    """The answer to the latest message: what there is of it, and what is to come, at whichever replica.

    Ends with the answer. A client that lost its stream comes back with the last finished item that it has.
    """
    parts = await resources.chat.get()
    stream = await resources.streams.open(
        identity.user_id, lambda: parts.following.events(identity.user_id, conversation_id, after=after)
    )
    return EventStream(stream)


@router.get("/{conversation_id}/messages", summary="List messages", responses=NOT_FOUND_RESPONSE)
async def list_messages(
    conversation_id: ConversationId,
    identity: IdentityDep,
    resources: ResourcesDep,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> MessagePage:
    """A page of what user and assistant said, the oldest first."""
    return await resources.conversations.messages(identity.user_id, conversation_id, limit=limit, cursor=cursor)


@router.post(
    "/{conversation_id}/messages/{message_id}/revert",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Take the change of a message back",
    responses={**NOT_FOUND_RESPONSE, **CONFLICT_RESPONSE},
)
async def revert_message(
    conversation_id: ConversationId, message_id: MessageId, identity: IdentityDep, resources: ResourcesDep
) -> None:
    """Brings back what a message has replaced, itself and its answer in turn being gone; possible for 24 hours.

    A message replaces another one, and all that followed that, where it was sent to /chatkit with the other's id as
    `metadata.replaces`. What the assistant did with tasks stays done. Again is no error. Where the user has said something
    after it, nothing is brought back.
    """
    await resources.conversations.revert(identity.user_id, conversation_id, message_id)
