"""A model that needs no network: deterministic, and limited to the to-do list."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from agents.agent_output import AgentOutputSchemaBase
from agents.handoffs import Handoff
from agents.items import ModelResponse, TResponseInputItem, TResponseStreamEvent
from agents.model_settings import ModelSettings
from agents.models.interface import Model, ModelTracing
from agents.tool import Tool
from agents.usage import Usage
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
from openai.types.responses.response_prompt_param import ResponsePromptParam

from app.agent.offline.dates import Calendar
from app.agent.offline.planner import plan
from app.agent.offline.state import State
from app.agent.offline.world import ToolCall, ToolOutput

_TODAY: Final = re.compile(r"Today is \w+, (\d{4}-\d{2}-\d{2})(?:, in the user's time zone \(([\w/+-]{1,60})\))?")
_MAX_CHUNKS: Final = 12


@dataclass(slots=True)
class _Turn:
    """The latest message, with what its plan has had done so far.

    Attributes:
        message: What the user wrote.
        state: The state that the answer before left, if this model gave it.
        calls: Tools that were called since, with their outputs.
    """

    message: str
    state: str = ""
    calls: list[tuple[str, ToolOutput]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a turn.

    Attributes:
        text: What is said.
        state: What is remembered.
    """

    text: str
    state: str


class OfflineModel(Model):
    """Decides on the next tool call or the answer from the conversation alone.

    In a thread: to read a long list takes longer than other people's requests may wait.
    """

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None = None,
        conversation_id: str | None = None,
        prompt: ResponsePromptParam | None = None,
    ) -> ModelResponse:
        """The next step of the conversation."""
        output = _output(await asyncio.to_thread(next_step, system_instructions, input))
        return ModelResponse(output=list(output), usage=Usage(), response_id=None)

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None = None,
        conversation_id: str | None = None,
        prompt: ResponsePromptParam | None = None,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """The next step of the conversation, answers a few words at a time."""
        output = _output(await asyncio.to_thread(next_step, system_instructions, input))
        item = output[-1]
        assert not isinstance(item, ResponseReasoningItem)
        events = _Events()
        yield events.created()
        if isinstance(item, ResponseFunctionToolCall):
            yield events.item_added(item)
        else:
            for event in events.text(item):
                yield event
        yield events.item_done(item)
        yield events.completed(output)


def next_step(
    instructions: str | None,
    conversation: str | list[TResponseInputItem],
) -> ToolCall | Answer:
    """What to do next: call a tool, or answer.

    The plan of the latest message is run over the outputs that its calls have had so far. Earlier messages are not
    read: what they left to refer to is in the state that came with the answer to them.

    Args:
        instructions: The agent's; they name the user's current day.
        conversation: The items so far, ending with the user's message or a tool's output.
    """
    turn = _turn(conversation)
    state = State.load(turn.state)
    steps = plan(turn.message, _calendar(instructions), state)
    try:
        call = next(steps)
        for name, output in turn.calls:
            if name != call.name:
                # Another model handled this message in another way.
                break
            call = steps.send(output)
    except StopIteration as stop:
        return Answer(stop.value, state.dump())
    return call


def _calendar(instructions: str | None) -> Calendar:
    match = _TODAY.search(instructions or "")
    if match is None:
        return Calendar(dt.datetime.now(dt.UTC).date())
    return Calendar.of(dt.date.fromisoformat(match.group(1)), match.group(2))


def _turn(conversation: str | list[TResponseInputItem]) -> _Turn:
    """The latest message of a conversation and what came since; the state from just before it."""
    if isinstance(conversation, str):
        return _Turn(conversation)
    turn = _Turn("")
    state = ""
    names: dict[str, str] = {}
    for entry in conversation:
        item: dict[str, Any] = dict(entry)
        if item.get("role") == "user":
            turn, state = _Turn(_text(item.get("content")), state), ""
        elif item.get("type") == "reasoning":
            state = str(item.get("encrypted_content") or "")
        elif item.get("type") == "function_call":
            names[item["call_id"]] = item["name"]
        elif item.get("type") == "function_call_output":
            turn.calls.append((names.get(item["call_id"], ""), ToolOutput.parse(_text(item.get("output")))))
    return turn


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return str(content.get("text", ""))
    if isinstance(content, list):
        return "\n".join(_text(part) for part in content)
    return ""


def _output(
    step: ToolCall | Answer,
) -> list[ResponseFunctionToolCall | ResponseReasoningItem | ResponseOutputMessage]:
    if isinstance(step, ToolCall):
        return [
            ResponseFunctionToolCall(
                id=f"fc_{uuid.uuid4().hex}",
                type="function_call",
                call_id=f"call_{uuid.uuid4().hex}",
                name=step.name,
                arguments=json.dumps(step.arguments),
            )
        ]
    return [
        ResponseReasoningItem(id=f"rs_{uuid.uuid4().hex}", type="reasoning", summary=[], encrypted_content=step.state),
        ResponseOutputMessage(
            id=f"msg_{uuid.uuid4().hex}",
            type="message",
            role="assistant",
            status="completed",
            content=[ResponseOutputText(type="output_text", text=step.text, annotations=[])],
        ),
    ]


def _chunks(text: str) -> list[str]:
    words = re.findall(r"\S+\s*|\s+", text)
    size = max(1, -(-len(words) // _MAX_CHUNKS))
    return ["".join(words[i : i + size]) for i in range(0, len(words), size)]


class _Events:
    """Makes the events of one streamed response, numbered in order."""

    def __init__(self) -> None:
        self._number = -1

    def _next(self) -> int:
        self._number += 1
        return self._number

    @staticmethod
    def _response(output: list[Any]) -> Response:
        return Response(
            id="resp_offline",
            created_at=0,
            model="offline",
            object="response",
            output=output,
            tool_choice="auto",
            tools=[],
            parallel_tool_calls=False,
        )

    def created(self) -> TResponseStreamEvent:
        return ResponseCreatedEvent(type="response.created", sequence_number=self._next(), response=self._response([]))

    def item_added(self, item: ResponseFunctionToolCall | ResponseOutputMessage) -> TResponseStreamEvent:
        return ResponseOutputItemAddedEvent(
            type="response.output_item.added",
            sequence_number=self._next(),
            output_index=0,
            item=item,
        )

    def item_done(self, item: ResponseFunctionToolCall | ResponseOutputMessage) -> TResponseStreamEvent:
        return ResponseOutputItemDoneEvent(
            type="response.output_item.done",
            sequence_number=self._next(),
            output_index=0,
            item=item,
        )

    def completed(self, output: Sequence[Any]) -> TResponseStreamEvent:
        return ResponseCompletedEvent(
            type="response.completed",
            sequence_number=self._next(),
            response=self._response(list(output)),
        )

    def text(self, item: ResponseOutputMessage) -> list[TResponseStreamEvent]:
        """The message's opening, its text in pieces, and the closing of its only part."""
        part = item.content[0]
        assert isinstance(part, ResponseOutputText)
        place: dict[str, Any] = {"item_id": item.id, "output_index": 0, "content_index": 0}
        empty = ResponseOutputText(type="output_text", text="", annotations=[])
        events: list[TResponseStreamEvent] = [
            self.item_added(item.model_copy(update={"content": [], "status": "in_progress"})),
            ResponseContentPartAddedEvent(
                type="response.content_part.added",
                sequence_number=self._next(),
                part=empty,
                **place,
            ),
        ]
        events.extend(
            ResponseTextDeltaEvent(
                type="response.output_text.delta",
                sequence_number=self._next(),
                delta=chunk,
                logprobs=[],
                **place,
            )
            for chunk in _chunks(part.text)
        )
        events.append(
            ResponseTextDoneEvent(
                type="response.output_text.done",
                sequence_number=self._next(),
                text=part.text,
                logprobs=[],
                **place,
            )
        )
        events.append(
            ResponseContentPartDoneEvent(
                type="response.content_part.done",
                sequence_number=self._next(),
                part=part,
                **place,
            )
        )
        return events
