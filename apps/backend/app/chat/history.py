"""Between stored thread items and the agent's input."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any, Final

from agents.items import TResponseInputItem
from chatkit.types import (
    AssistantMessageItem,
    HiddenContextItem,
    SDKHiddenContextItem,
    ThreadItem,
    UserMessageItem,
)

_TOOL_RECORD: Final = "tool_call"
_MODEL_STATE: Final = "model_state"
_MAX_OLD_OUTPUT: Final = 2_000
"""Characters of a tool's answer that later turns are shown."""

_BRIEF: Final = ("id", "title", "completed", "due_date", "priority")
_STOPPED: Final = "(The user stopped me here. I don't go on with that request unless asked to.)"


def tool_record(
    *,
    item_id: str,
    thread_id: str,
    ordinal: int,
    name: str,
    arguments: str,
    output: str,
    approval: dict[str, Any] | None = None,
) -> HiddenContextItem:
    """The stored form of a tool call and its outcome; never sent to the browser.

    The call's id is the item's: those of some providers repeat.
    """
    return HiddenContextItem(
        id=item_id,
        thread_id=thread_id,
        created_at=dt.datetime.now(dt.UTC),
        content={
            "kind": _TOOL_RECORD,
            "call_id": item_id,
            "ordinal": ordinal,
            "name": name,
            "arguments": arguments,
            "output": output,
            **({} if approval is None else {"approval": approval}),
        },
    )


def model_state(*, item_id: str, thread_id: str, state: str) -> HiddenContextItem:
    """What a model remembers of the conversation, in a form of its own; never sent to the browser."""
    return HiddenContextItem(
        id=item_id,
        thread_id=thread_id,
        created_at=dt.datetime.now(dt.UTC),
        content={"kind": _MODEL_STATE, "state": state},
    )


def stop_note(*, item_id: str, thread_id: str) -> SDKHiddenContextItem:
    """Tells the model that the user stopped its answer; never sent to the browser.

    Without it, the next turn might go on with what was stopped. It goes when the answer is asked
    for again.
    """
    return SDKHiddenContextItem(id=item_id, thread_id=thread_id, created_at=dt.datetime.now(dt.UTC), content=_STOPPED)


def user_text(item: UserMessageItem) -> str:
    """What the user wrote, after what they quote: every line of that begins with `> `."""
    text = " ".join(part.text for part in item.content).strip()
    if not item.quoted_text:
        return text
    quote = "\n".join(f"> {line}" for line in item.quoted_text.splitlines())
    return f"{quote}\n\n{text}"


def assistant_text(item: AssistantMessageItem) -> str:
    """What the assistant answered."""
    return "\n".join(part.text for part in item.content)


def agent_input(items: Iterable[ThreadItem], *, max_tokens: int) -> list[TResponseInputItem]:
    """The conversation as the agent takes it, from its first user message on.

    What is old goes first where it is too much: lists of earlier turns are cut to their first tasks, then whole
    earlier turns are left out. The latest message with all that belongs to it stays, and what a model remembers.

    Args:
        items: The latest items, the oldest first.
        max_tokens: About how much a model is sent.
    """
    turns: list[list[Any]] = []
    for item in items:
        if isinstance(item, UserMessageItem):
            turns.append([{"role": "user", "content": user_text(item)}])
        elif turns:
            turns[-1] += _converted(item)
    for turn in turns[:-1]:
        for entry in turn:
            if entry.get("type") == "function_call_output":
                entry["output"] = shortened(entry["output"], _MAX_OLD_OUTPUT)
    left = max_tokens
    kept: list[list[Any]] = []
    for turn in reversed(turns):
        left -= sum(_tokens(entry) for entry in turn)
        if left < 0 and kept:
            if len(kept) == 1:
                # Of a turn with thousands of tasks, what was asked and can be undone is still known.
                kept.insert(0, _said(turn))
            break
        kept.insert(0, turn)
    return [entry for turn in kept for entry in turn]


def _said(turn: list[Any]) -> list[Any]:
    """A turn without its tool calls, where a model has left something to remember in it."""
    states = [entry for entry in turn if entry.get("type") == "reasoning"]
    return [entry for entry in turn if "role" in entry or entry is states[-1]] if states else []


def _converted(item: ThreadItem) -> list[Any]:
    if isinstance(item, AssistantMessageItem):
        return [{"role": "assistant", "content": assistant_text(item)}]
    if isinstance(item, SDKHiddenContextItem):
        # As the assistant's words: not every model takes a system message in the middle.
        return [{"role": "assistant", "content": item.content}]
    if isinstance(item, HiddenContextItem) and _is(item, _MODEL_STATE):
        return [{"type": "reasoning", "id": item.id, "summary": [], "encrypted_content": item.content["state"]}]
    if isinstance(item, HiddenContextItem) and _is(item, _TOOL_RECORD):
        record: dict[str, Any] = item.content
        call_id = item.id
        return [
            {
                "type": "function_call",
                "call_id": call_id,
                "name": record["name"],
                "arguments": record["arguments"],
            },
            {"type": "function_call_output", "call_id": call_id, "output": record["output"]},
        ]
    return []


def recorded_calls(items: Iterable[ThreadItem]) -> int:
    """How many tool calls a turn has behind it, by their ordinals."""
    records = [item.content for item in items if isinstance(item, HiddenContextItem) and _is(item, _TOOL_RECORD)]
    return max((record.get("ordinal", index) + 1 for index, record in enumerate(records)), default=0)


def shortened(output: str, limit: int) -> str:
    """A tool's answer cut to a length in characters; a list of tasks stays one, of the first tasks only."""
    if len(output) <= limit:
        return output
    try:
        answer = json.loads(output)
    except ValueError:
        answer = None
    tasks = answer.get("tasks") if isinstance(answer, dict) else None
    if not isinstance(tasks, list):
        return f"{output[:limit]} […]"
    kept: list[Any] = []
    length = 0
    for task in tasks:
        brief = {name: task[name] for name in _BRIEF if name in task} if isinstance(task, dict) else task
        length += len(json.dumps(brief, ensure_ascii=False)) + 1
        if length > limit:
            break
        kept.append(brief)
    return json.dumps({**answer, "tasks": kept, "omitted": len(tasks) - len(kept)}, ensure_ascii=False)


def _tokens(entry: dict[str, Any]) -> int:
    """About how many tokens an entry takes: three bytes each, and a few for its frame."""
    text = entry.get("content") or f"{entry.get('name', '')}{entry.get('arguments', '')}{entry.get('output', '')}"
    return len(str(text).encode(errors="replace")) // 3 + 8


def _is(item: HiddenContextItem, kind: str) -> bool:
    return isinstance(item.content, dict) and item.content.get("kind") == kind


def output_text(result: object) -> str:
    """A tool's result as the text that a model is shown."""
    if isinstance(result, str):
        return result
    if isinstance(result, dict) and isinstance(result.get("text"), str):
        return str(result["text"])
    if isinstance(result, list):
        return "\n".join(output_text(part) for part in result)
    return json.dumps(result, default=str)
