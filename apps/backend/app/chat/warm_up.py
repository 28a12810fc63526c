"""What the first answer after a start would wait for, done before somebody asks."""

from __future__ import annotations

import asyncio
from typing import Final

from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageItem,
    InferenceOptions,
    Thread,
    ThreadCreatedEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadUpdatedEvent,
    UserMessageItem,
)
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseContentPartAddedEvent,
    ResponseContentPartDoneEvent,
    ResponseCreatedEvent,
    ResponseFunctionToolCall,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseReasoningItem,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
)
from pydantic import BaseModel

#: What every answer is made of, whichever model gives it; parts before wholes.
TYPES: Final[tuple[type[BaseModel], ...]] = (
    # the model's
    ResponseFunctionToolCall,
    ResponseOutputText,
    ResponseReasoningItem,
    ResponseOutputMessage,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
    ResponseContentPartAddedEvent,
    ResponseContentPartDoneEvent,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    Response,
    ResponseCreatedEvent,
    ResponseCompletedEvent,
    # the chat's
    InferenceOptions,
    UserMessageItem,
    AssistantMessageContent,
    AssistantMessageItem,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    ThreadMetadata,
    Thread,
    ThreadItemAddedEvent,
    ThreadItemUpdatedEvent,
    ThreadItemDoneEvent,
    ThreadCreatedEvent,
    ThreadUpdatedEvent,
)


async def warm_up() -> None:
    """Build the types of an answer, which their libraries build when they are first used.

    That takes a quarter of a second of CPU, twice as long in a pod's half a core. It is done a type at a time, so
    that requests are answered in between.
    """
    for kind in TYPES:
        kind.model_rebuild()
        await asyncio.sleep(0)
