"""The ChatKit server: keeps what is said, and has the agent answer."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, Final

from agents import Agent, RunHooks
from agents.items import ModelResponse, TResponseInputItem
from agents.result import RunResultStreaming
from agents.run_context import RunContextWrapper
from agents.tool import Tool
from agents.tool_context import ToolContext
from chatkit.agents import AgentContext, stream_agent_response
from chatkit.errors import CustomStreamError
from chatkit.server import ChatKitServer
from chatkit.store import NotFoundError
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    EndOfTurnItem,
    HiddenContextItem,
    NonStreamingReq,
    Page,
    ProgressUpdateEvent,
    SDKHiddenContextItem,
    StreamingReq,
    StreamOptions,
    TaskItem,
    Thread,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsRetryAfterItemReq,
    ThreadStreamEvent,
    UserMessageInput,
    UserMessageItem,
)
from openai.types.responses import ResponseReasoningItem
from pydantic import BaseModel

from app.agent.assistant import Assistant, explain_failure
from app.chat.approval import DeletionGuard, approved_ids
from app.chat.context import ChatContext
from app.chat.history import (
    agent_input,
    model_state,
    output_text,
    recorded_calls,
    stop_note,
    tool_record,
    user_text,
)
from app.chat.listed import ListedResponse, ListedThread
from app.chat.steps import approval_item, step_item
from app.chat.stop import TurnStop
from app.chat.store import MAX_PAGE, LeaseLost, PostgresStore, aware
from app.core import telemetry
from app.core.logging import get_logger
from app.services.once import tool_key

log = get_logger(__name__)

_TITLE_LENGTH: Final = 60
_CALLS_AT_ONCE: Final = 16
"""Tool calls of one model's answer that may be on their way when a process dies."""

_GRACE_SECONDS: Final = 12.0
"""Longer than the database layer gives a statement."""

_LOST: Final = "This conversation was taken over while I was out of reach. Please send your message again."
_FAILED: Final = "Something went wrong while I was answering. Your message is saved; please try again."


class TodoChatServer(ChatKitServer[ChatContext]):
    """Answers chat messages with the agent.

    Args:
        store: Where conversations are kept.
        assistant: Answers.
        history_limit: Latest items of a conversation that the assistant is shown.
        history_tokens: About how much of them.
        turn_timeout: Seconds after which an answer is given up.
        approvals: Whether deleting several tasks needs the user's approval.
    """

    def __init__(
        self,
        store: PostgresStore,
        assistant: Assistant,
        *,
        history_limit: int,
        history_tokens: int,
        turn_timeout: float,
        approvals: bool,
    ) -> None:
        super().__init__(store)
        self._store = store
        self._assistant = assistant
        self._history_limit = history_limit
        self._history_tokens = history_tokens
        self._turn_timeout = turn_timeout
        self._approvals = approvals

    def get_stream_options(self, thread: ThreadMetadata, context: ChatContext) -> StreamOptions:
        """A turn can be stopped when it has a name to be stopped by."""
        return StreamOptions(allow_cancel=context.idempotency_key is not None)

    def stream(self, request: StreamingReq, context: ChatContext) -> AsyncIterator[bytes]:
        """Run a request that is answered with server-sent events."""
        # ChatKit's own `process` builds its request parser anew each time, which takes longer
        # than all the rest of a turn.
        return self._process_streaming(request, context)

    async def answer(self, request: NonStreamingReq, context: ChatContext) -> bytes:
        """Run a request that is answered with one JSON document."""
        return await self._process_non_streaming(request, context)

    async def _process_streaming_impl(
        self, request: StreamingReq, context: ChatContext
    ) -> AsyncGenerator[ThreadStreamEvent, None]:
        if isinstance(request, ThreadsRetryAfterItemReq):
            context.answers(request.params.item_id)
            context.known = True
        elif isinstance(request, ThreadsCreateReq | ThreadsAddUserMessageReq) and context.known:
            thread_id = context.thread.id if context.thread is not None else ""
            message = await self._store.load_item(thread_id, context.new_message_id(thread_id), context)
            if isinstance(message, UserMessageItem):
                thread = await self._store.load_thread(thread_id, context)
                async for event in self._repeat(request, thread, message, context):
                    yield event
                return
        elif isinstance(request, ThreadsAddUserMessageReq) and context.replaces is not None:
            replaced = await self._store.find_item(request.params.thread_id, context.replaces, context)
            if not isinstance(replaced, UserMessageItem):
                raise NotFoundError("The message that you changed isn't in this conversation any more.")
        async for event in super()._process_streaming_impl(request, context):
            yield event

    async def _repeat(
        self,
        request: StreamingReq,
        thread: ThreadMetadata,
        message: UserMessageItem,
        context: ChatContext,
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Send what was answered to a message already; go on with that if it had not come to its end."""
        if isinstance(request, ThreadsCreateReq):
            yield ThreadCreatedEvent(
                thread=self._to_thread_response(Thread(**thread.model_dump(), items=Page[ThreadItem]()))
            )
        yield ThreadItemDoneEvent(item=message)
        context.answers(message.id)
        items, over = await self._turn(thread, message, context)
        for item in items:
            if isinstance(item, TaskItem) or (over and isinstance(item, AssistantMessageItem)):
                yield ThreadItemDoneEvent(item=item)
            elif isinstance(item, AssistantMessageItem):
                # Cut off, or the way to an answer that never came: what was done stays, this is said anew.
                await self._store.delete_thread_item(thread.id, item.id, context)
        if over:
            yield _end_of_turn(thread)
            return
        async for event in self._process_events(thread, context, lambda: self.respond(thread, message, context)):
            yield event

    async def _turn(
        self, thread: ThreadMetadata, message: UserMessageItem, context: ChatContext
    ) -> tuple[list[ThreadItem], bool]:
        """What followed a message up to the next one, and whether nothing more is to come."""
        items: list[ThreadItem] = []
        after: str | None = message.id
        while after is not None:
            page = await self._store.load_thread_items(thread.id, after, MAX_PAGE, "asc", context)
            for item in page.data:
                # Complete, stopped by the user, or left behind by the user's next message.
                if isinstance(item, EndOfTurnItem | SDKHiddenContextItem | UserMessageItem):
                    return items, True
                items.append(item)
            after = page.after
        return items, False

    async def _build_user_message_item(
        self, input: UserMessageInput, thread: ThreadMetadata, context: ChatContext
    ) -> UserMessageItem:
        item = await super()._build_user_message_item(input, thread, context)
        context.answers(context.new_message_id(thread.id))
        context.title = context.title or _title(user_text(item))
        return item.model_copy(
            update={
                "id": context.new_message_id(thread.id),
                "created_at": dt.datetime.now(dt.UTC),
            }
        )

    def _to_thread_response(self, thread: ThreadMetadata | Thread) -> Thread:
        response = super()._to_thread_response(thread)
        response.created_at = aware(response.created_at)
        if isinstance(thread, ListedThread):
            return ListedResponse(**dict(response), updated_at=aware(thread.updated_at))
        return response

    async def respond(
        self,
        thread: ThreadMetadata,
        input_user_message: UserMessageItem | None,
        context: ChatContext,
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Stream the answer to the latest message; a failure is told in the chat, too."""
        if thread.title is None and input_user_message is not None:
            thread.title = context.title or _title(user_text(input_user_message))
        partial = _PartialAnswer()
        answering = _Answering(self._answer(thread, input_user_message, context), thread.id)
        late: TimeoutError | None = None
        try:
            for patience in (self._turn_timeout, _GRACE_SECONDS):
                try:
                    async for event in answering.events(patience):
                        partial.follow(event)
                        yield event
                        if isinstance(event, ThreadItemDoneEvent) and isinstance(event.item, TaskItem):
                            # Whoever asks for the next event has stored this one.
                            context.stop.end_call()
                    break
                except TimeoutError as error:
                    # What has begun is waited for a little longer, so that it is known what was done.
                    late = error
                    context.stop.request()
            if late is not None:
                raise late
            if context.lost:
                raise LeaseLost
            if context.stop.requested:
                await self._keep_stopped(thread, partial.item, context)
                return
        except LeaseLost:
            log.warning("chat.turn_lost", thread_id=thread.id)
            raise CustomStreamError(_LOST, allow_retry=True) from None
        except Exception as error:
            # The agent wraps what happens in a tool call.
            gone = next((e for e in (error, error.__cause__) if isinstance(e, NotFoundError)), None)
            if gone is not None:
                # It was deleted, or the message changed, meanwhile: there is no place for an answer.
                log.info("chat.turn_without_place", thread_id=thread.id)
                raise CustomStreamError(str(gone), allow_retry=False) from None
            told = explain_failure(error)
            log.error(
                "chat.turn_failed",
                thread_id=thread.id,
                error=type(error).__name__,
                exc_info=None if told else error,
            )
            if (cut_off := partial.item) is not None:
                yield ThreadItemDoneEvent(item=cut_off)
            yield self._say(thread, told or _FAILED, context)
        finally:
            await answering.close()
        yield _end_of_turn(thread)

    async def _answer(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: ChatContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        if context.known and message is not None:
            async for event in self._recover(thread, message, context):
                yield event
        history = await self._store.load_history(thread.id, self._history_limit, context)
        if message is not None and all(item.id != message.id for item in history):
            # A turn of many tool calls is gone on with.
            history.insert(0, message)
        if self._approvals and message is not None:
            context.guard = DeletionGuard(approved_ids(history, message, context.approval))
        agent_context: AgentContext[ChatContext] = AgentContext(
            thread=thread,
            store=self._store.for_agent,
            request_context=context,
        )
        result = await self._assistant.run(
            # In a thread: the lists of earlier turns are cut, which may be megabytes.
            await asyncio.to_thread(agent_input, history, max_tokens=self._history_tokens),
            context=agent_context,
            hooks=_ToolRecorder(self._store, self._assistant, thread, context),
        )
        ids = _OwnIds(self._store, thread, context)
        ending = asyncio.create_task(_cancel_when_stopped(result, context.stop))
        try:
            async for event in stream_agent_response(agent_context, result):
                yield ids.replace(event)
        finally:
            ending.cancel()
            result.cancel()
            # ChatKit leaves a task waiting for an event when the run fails: give it one, to end it.
            await agent_context.stream(ProgressUpdateEvent(text=""))

    async def _recover(
        self, thread: ThreadMetadata, message: UserMessageItem, context: ChatContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Go on where a process died: what it did is recorded first, and what was on its way settled."""
        items, _ = await self._turn(thread, message, context)
        calls = recorded_calls(items)
        recorded = {item.content.get("ordinal") for item in items if isinstance(item, HiddenContextItem)}
        calls += _CALLS_AT_ONCE
        # Of calls at the same time, a later one may be recorded and an earlier one not.
        unsettled = [ordinal for ordinal in range(calls) if ordinal not in recorded]
        done = await self._store.calls_of(message.id, context.user_id, unsettled)
        context.answers(message.id, calls=calls)
        for ordinal, request in sorted(done.items()):
            if ordinal in recorded:
                continue
            tool, arguments = request["tool"], request["arguments"]
            key = tool_key(message.id, ordinal)
            output = await self._assistant.tools.call(context.user_id, tool, arguments, key)
            log.info("chat.call_recovered", thread_id=thread.id, tool=tool)
            recorder = _ToolRecorder(self._store, self._assistant, thread, context)
            context.stop.expect_call()
            yield await recorder.record(ordinal, tool, json.dumps(arguments), output)

    async def _keep_stopped(
        self, thread: ThreadMetadata, said: AssistantMessageItem | None, context: ChatContext
    ) -> None:
        """Store the answer as far as it came, and that the user stopped it there."""
        if said is not None:
            context.unsaved.append(said)
        note_id = self._store.generate_item_id("sdk_hidden_context", thread, context)
        await self._store.add_thread_item(thread.id, stop_note(item_id=note_id, thread_id=thread.id), context)
        log.info("chat.turn_stopped", thread_id=thread.id)

    def _say(self, thread: ThreadMetadata, text: str, context: ChatContext) -> ThreadItemDoneEvent:
        return ThreadItemDoneEvent(
            item=AssistantMessageItem(
                id=self._store.generate_item_id("message", thread, context),
                thread_id=thread.id,
                created_at=dt.datetime.now(dt.UTC),
                content=[AssistantMessageContent(text=text)],
            )
        )

    async def handle_stream_cancelled(
        self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: ChatContext
    ) -> None:
        """Keep what was said so far when the process stops in the middle of an answer."""
        for item in pending_items:
            if isinstance(item, AssistantMessageItem) and any(p.text.strip() for p in item.content):
                await self._store.add_thread_item(thread.id, item, context)
        await self._store.flush(thread.id, context)

    def _serialize(self, obj: BaseModel) -> bytes:
        """ChatKit's own, but with what our items have more than its."""
        return obj.model_dump_json(
            by_alias=True, exclude_none=True, serialize_as_any=True, context={"exclude_metadata": True}
        ).encode()


def _end_of_turn(thread: ThreadMetadata) -> ThreadItemDoneEvent:
    """Tells the client, and whoever reads the conversation, that the answer is complete.

    Without it an answer that was cut off between two messages or steps looks like a whole one.
    """
    return ThreadItemDoneEvent(
        item=EndOfTurnItem(id=f"eot_{uuid.uuid4().hex}", thread_id=thread.id, created_at=dt.datetime.now(dt.UTC))
    )


async def _cancel_when_stopped(result: RunResultStreaming, stop: TurnStop) -> None:
    await stop.wait()
    await stop.between_calls()
    result.cancel()


class _Answering:
    """Runs a turn in a task of its own, for a limited time.

    A limit around the consumer's `yield` could end the consumer's own work instead (PEP 789).
    """

    def __init__(self, source: AsyncIterator[ThreadStreamEvent], thread_id: str) -> None:
        # One at a time: the turn goes on when its event has been stored.
        self._queue: asyncio.Queue[ThreadStreamEvent | None] = asyncio.Queue(maxsize=1)
        self._task = asyncio.create_task(self._pump(source, thread_id))

    async def _pump(self, source: AsyncIterator[ThreadStreamEvent], thread_id: str) -> None:
        try:
            with telemetry.turn(thread_id):
                async for event in source:
                    await self._queue.put(event)
                    await self._queue.join()
        finally:
            # Without waiting: whoever cancelled this reads no more.
            with contextlib.suppress(asyncio.QueueFull):
                self._queue.put_nowait(None)

    async def events(self, timeout: float) -> AsyncIterator[ThreadStreamEvent]:
        """The turn's events, those that weren't read yet.

        Args:
            timeout: Seconds until its time is up.

        Raises:
            TimeoutError: Its time is up.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            async with asyncio.timeout_at(deadline):
                event = await self._queue.get()
            if event is None:
                await self._task  # to raise what ended it
                return
            yield event
            self._queue.task_done()

    async def close(self) -> None:
        """End the turn, and wait for that."""
        self._task.cancel()
        done, _ = await asyncio.wait({self._task}, timeout=_GRACE_SECONDS)
        if done and not self._task.cancelled():
            self._task.exception()


class _ToolRecorder(RunHooks[Any]):
    """Stores every tool call with its outcome as soon as it is known, and shows it as a step."""

    def __init__(
        self, store: PostgresStore, assistant: Assistant, thread: ThreadMetadata, context: ChatContext
    ) -> None:
        self._store = store
        self._assistant = assistant
        self._thread = thread
        self._context = context

    async def on_llm_start(
        self,
        context: RunContextWrapper[Any],
        agent: Agent[Any],
        system_prompt: str | None,
        input_items: list[TResponseInputItem],
    ) -> None:
        self._end_model_call = telemetry.model_call()

    async def on_llm_end(self, context: RunContextWrapper[Any], agent: Agent[Any], response: ModelResponse) -> None:
        self._end_model_call()
        # What a model wants to remember of the conversation, in a form of its own.
        for item in response.output:
            if isinstance(item, ResponseReasoningItem) and item.encrypted_content:
                state = model_state(
                    item_id=self._store.generate_item_id("sdk_hidden_context", self._thread, self._context),
                    thread_id=self._thread.id,
                    state=item.encrypted_content,
                )
                # Goes with the answer: it is of no use before that.
                self._context.unsaved.append(state)

    async def on_tool_start(self, context: RunContextWrapper[Any], agent: Agent[Any], tool: Tool) -> None:
        # Another replica may have taken the request to stop a moment ago, or the conversation.
        if not self._assistant.tools.only_reads(tool.name) and not await self._store.may_act(self._context):
            self._context.stop.request()
        await self._context.stop.begin_call()
        self._context.begin_call(context)

    async def on_tool_end(self, context: RunContextWrapper[Any], agent: Agent[Any], tool: Tool, result: object) -> None:
        assert isinstance(context, ToolContext)
        ordinal = self._context.end_call(context)
        agent_context: AgentContext[ChatContext] = context.context
        step = await self.record(ordinal, tool.name, context.tool_arguments, output_text(result))
        await agent_context.stream(step)

    async def record(self, ordinal: int, tool: str, arguments: str, output: str) -> ThreadItemDoneEvent:
        """Store what a call did; returns the event that shows it."""
        guard = self._context.guard
        approval = guard.asked if guard is not None and output.startswith("Error: Not done yet") else None
        record = tool_record(
            item_id=self._store.generate_item_id("tool_call", self._thread, self._context),
            thread_id=self._thread.id,
            ordinal=ordinal,
            name=tool,
            arguments=arguments,
            output=output,
            approval=None if approval is None else approval.model_dump(),
        )
        step_id = self._store.generate_item_id("task", self._thread, self._context)
        if approval is not None:
            step = approval_item(item_id=step_id, thread_id=self._thread.id, approval=approval)
        else:
            step = step_item(item_id=step_id, thread_id=self._thread.id, tool=tool, arguments=arguments, output=output)
        await self._store.add_items(self._thread.id, [record, step], self._context)
        return ThreadItemDoneEvent(item=step)


class _OwnIds:
    """Gives the model's messages ids of our own: some providers send the same one every time."""

    def __init__(self, store: PostgresStore, thread: ThreadMetadata, context: ChatContext) -> None:
        self._new: Callable[[], str] = lambda: store.generate_item_id("message", thread, context)
        self._ids: dict[str, str] = {}

    def replace(self, event: ThreadStreamEvent) -> ThreadStreamEvent:
        """The event with its ids and times replaced."""
        match event:
            case ThreadItemAddedEvent(item=AssistantMessageItem() as item):
                self._ids[item.id] = self._new()
                return ThreadItemAddedEvent(item=self._own(item))
            case ThreadItemDoneEvent(item=AssistantMessageItem() as item):
                return ThreadItemDoneEvent(item=self._own(item))
            case ThreadItemUpdatedEvent():
                event.item_id = self._ids.get(event.item_id, event.item_id)
        return event

    def _own(self, item: AssistantMessageItem) -> AssistantMessageItem:
        own_id = self._ids.setdefault(item.id, self._new())
        return item.model_copy(update={"id": own_id, "created_at": dt.datetime.now(dt.UTC)})


class _PartialAnswer:
    """The message that is being streamed, as far as it has come."""

    def __init__(self) -> None:
        self._item: AssistantMessageItem | None = None

    @property
    def item(self) -> AssistantMessageItem | None:
        """The unfinished message, if it has any text."""
        if self._item is None or not any(part.text.strip() for part in self._item.content):
            return None
        return self._item

    def follow(self, event: ThreadStreamEvent) -> None:
        """Take in one more event."""
        match event:
            case ThreadItemAddedEvent(item=AssistantMessageItem() as item):
                self._item = item.model_copy(deep=True)
            case ThreadItemDoneEvent():
                self._item = None
            case ThreadItemUpdatedEvent(update=update) if self._item is not None:
                delta = getattr(update, "delta", None)
                if isinstance(delta, str):
                    if not self._item.content:
                        self._item.content.append(AssistantMessageContent(text=""))
                    self._item.content[-1].text += delta


def _title(text: str) -> str | None:
    line = " ".join(text.split())
    if len(line) > _TITLE_LENGTH:
        line = line[: _TITLE_LENGTH - 1].rstrip() + "…"
    return line or None
