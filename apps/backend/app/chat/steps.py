"""What the agent did, as the user is shown it: one line for each tool call, such as "Added: buy milk"."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

from chatkit.types import CustomTask, TaskItem

_TITLE_LENGTH: Final = 200
_VERBS: Final = {
    "add_task": "Added",
    "update_task": "Changed",
    "complete_task": "Completed",
    "delete_task": "Deleted",
}


def step_item(*, item_id: str, thread_id: str, tool: str, arguments: str, output: str) -> TaskItem:
    """The item that tells of a tool call, in the order in which calls happened.

    Args:
        item_id: Id of the new item.
        thread_id: Conversation that it belongs to.
        tool: The tool's name.
        arguments: Its arguments, as JSON.
        output: What it answered: JSON, or a text that begins with "Error:".
    """
    return TaskItem(
        id=item_id,
        thread_id=thread_id,
        created_at=dt.datetime.now(dt.UTC),
        task=CustomTask(title=step_title(tool, arguments, output), status_indicator="complete"),
    )


def step_title(tool: str, arguments: str, output: str) -> str:
    """The one line that tells what a tool call did."""
    if output.startswith("Error:"):
        return _shorten(f"Not done: {output.removeprefix('Error:').strip()}")
    answer = _object(output)
    task = answer.get("task", answer.get("deleted"))
    title = task.get("title") if isinstance(task, dict) else None
    if tool == "list_tasks":
        tasks = answer.get("tasks")
        count = len(tasks) if isinstance(tasks, list) else 0
        return f"Looked at the list: {count} {'task' if count == 1 else 'tasks'}"
    verb = _VERBS.get(tool, tool.replace("_", " ").capitalize())
    if tool == "complete_task" and _object(arguments).get("completed") is False:
        verb = "Reopened"
    return _shorten(f"{verb}: {title}") if isinstance(title, str) else verb


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _shorten(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= _TITLE_LENGTH else f"{line[: _TITLE_LENGTH - 1]}…"
