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
_STOPPED: Final = "(The user stopped me here. I don't go on with that request unless asked to.)"


def tool_record(
    *, item_id: str, thread_id: str, call_id: str, name: str, arguments: str, output: str
) -> HiddenContextItem:
    """The stored form of a tool call and its outcome; never sent to the browser."""
    return HiddenContextItem(
        id=item_id,
        thread_id=thread_id,
        created_at=dt.datetime.now(dt.UTC),
        content={
            "kind": _TOOL_RECORD,
            "call_id": call_id,
            "name": name,
            "arguments": arguments,
            "output": output,
        },
    )


def stop_note(*, item_id: str, thread_id: str) -> SDKHiddenContextItem:
    """Tells the model that the user stopped its answer; never sent to the browser.

    Without it, the next turn might go on with what was stopped. It goes when the answer is asked
    for again.
    """
    return SDKHiddenContextItem(id=item_id, thread_id=thread_id, created_at=dt.datetime.now(dt.UTC), content=_STOPPED)


def user_text(item: UserMessageItem) -> str:
    """What the user wrote."""
    text = " ".join(part.text for part in item.content).strip()
    return f"> {item.quoted_text}\n\n{text}" if item.quoted_text else text


def assistant_text(item: AssistantMessageItem) -> str:
    """What the assistant answered."""
    return "\n".join(part.text for part in item.content)


def agent_input(items: Iterable[ThreadItem]) -> list[TResponseInputItem]:
    """The conversation as the agent takes it, from its first user message on."""
    converted: list[Any] = []
    for item in items:
        if isinstance(item, UserMessageItem):
            converted.append({"role": "user", "content": user_text(item)})
        elif not converted:
            continue
        elif isinstance(item, AssistantMessageItem):
            converted.append({"role": "assistant", "content": assistant_text(item)})
        elif isinstance(item, SDKHiddenContextItem):
            # As the assistant's words: not every model takes a system message in the middle.
            converted.append({"role": "assistant", "content": item.content})
        elif isinstance(item, HiddenContextItem) and _is_tool_record(item):
            record: dict[str, str] = item.content
            call_id = record["call_id"]
            converted.append(
                {
                    "type": "function_call",
                    "call_id": call_id,
                    "name": record["name"],
                    "arguments": record["arguments"],
                }
            )
            converted.append({"type": "function_call_output", "call_id": call_id, "output": record["output"]})
    return converted


def _is_tool_record(item: HiddenContextItem) -> bool:
    return isinstance(item.content, dict) and item.content.get("kind") == _TOOL_RECORD


def output_text(result: object) -> str:
    """A tool's result as the text that a model is shown."""
    if isinstance(result, str):
        return result
    if isinstance(result, dict) and isinstance(result.get("text"), str):
        return str(result["text"])
    if isinstance(result, list):
        return "\n".join(output_text(part) for part in result)
    return json.dumps(result, default=str)
