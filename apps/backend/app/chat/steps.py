"""What the agent did, as the user is shown it: one line for each tool call, such as "Added: buy milk"."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final, Literal

from chatkit.types import CustomTask, Task, TaskItem
from pydantic import BaseModel

from app.models.task import FieldValue

_TITLE_LENGTH: Final = 200
_MAX_TITLES: Final = 20

Action = Literal["add", "update", "complete", "reopen", "delete", "restore"]

_ACTIONS: Final[dict[str, Action]] = {
    "add_task": "add",
    "update_task": "update",
    "update_tasks": "update",
    "complete_task": "complete",
    "complete_tasks": "complete",
    "delete_task": "delete",
    "delete_tasks": "delete",
    "restore_tasks": "restore",
}
_VERBS: Final[dict[Action, str]] = {
    "add": "Added",
    "update": "Changed",
    "complete": "Completed",
    "reopen": "Reopened",
    "delete": "Deleted",
    "restore": "Brought back",
}


class Effect(BaseModel):
    """What a tool call changed, for a page that offers to undo it.

    Attributes:
        action: What happened to the tasks.
        task_ids: The tasks that it happened to.
        titles: Their titles, twenty at most.
        before: What the fields were that have changed, by the task's id; None where that isn't known.
        after: What has been made of them.
    """

    action: Action
    task_ids: list[str]
    titles: list[str]
    before: dict[str, dict[str, FieldValue]] | None = None
    after: dict[str, FieldValue] | None = None


class Approval(BaseModel):
    """A question to the user before something is done.

    Attributes:
        id: Names the question in the answer's `metadata.approval`.
        action: What is to be done.
        task_ids: The tasks that it is about.
        titles: Their titles, twenty at most.
    """

    id: str
    action: Literal["delete"] = "delete"
    task_ids: list[str]
    titles: list[str]


class StepItem(TaskItem):
    """ChatKit's item for a step, with what a page needs to undo or to approve it."""

    task: Task
    effect: Effect | None = None
    approval: Approval | None = None


def step_item(*, item_id: str, thread_id: str, tool: str, arguments: str, output: str) -> StepItem:
    """The item that tells of a tool call, in the order in which calls happened.

    Args:
        item_id: Id of the new item.
        thread_id: Conversation that it belongs to.
        tool: The tool's name.
        arguments: Its arguments, as JSON.
        output: What it answered: JSON, or a text that begins with "Error:".
    """
    return StepItem(
        id=item_id,
        thread_id=thread_id,
        created_at=dt.datetime.now(dt.UTC),
        task=CustomTask(title=step_title(tool, arguments, output), status_indicator="complete"),
        effect=effect_of(tool, arguments, output),
    )


def approval_item(*, item_id: str, thread_id: str, approval: Approval) -> StepItem:
    """The item that asks the user whether something may be done."""
    count = len(approval.task_ids)
    named = ", ".join(approval.titles[:5]) + (", …" if count > len(approval.titles[:5]) else "")
    title = _shorten(f"Needs your approval: delete {count} tasks: {named}")
    return StepItem(
        id=item_id,
        thread_id=thread_id,
        created_at=dt.datetime.now(dt.UTC),
        task=CustomTask(title=title, status_indicator="none"),
        approval=approval,
    )


def effect_of(tool: str, arguments: str, output: str) -> Effect | None:
    """What a tool call changed, or None where it changed nothing."""
    action = _action(tool, arguments)
    if action is None or output.startswith("Error:"):
        return None
    # One that was like that before is none that something has happened to.
    tasks = [task for task in _tasks(output) if task.get("before") != {}]
    if not tasks:
        return None
    titles = [str(task.get("title")) for task in tasks[:_MAX_TITLES]]
    effect = Effect(action=action, task_ids=[str(task.get("id")) for task in tasks], titles=titles)
    before = {str(task.get("id")): task["before"] for task in tasks if task.get("before")}
    if before:
        effect.before = before
        effect.after = {name: task[name] for task in tasks for name in task.get("before") or ()}
    return effect


def step_title(tool: str, arguments: str, output: str) -> str:
    """The one line that tells what a tool call did."""
    if output.startswith("Error:"):
        return _shorten(f"Not done: {output.removeprefix('Error:').strip()}")
    tasks = _tasks(output)
    if tool == "list_tasks":
        return f"Looked at the list: {_count(len(tasks))}"
    action = _action(tool, arguments)
    verb = _VERBS[action] if action is not None else tool.replace("_", " ").capitalize()
    if tool.endswith("_tasks") and len(tasks) != 1:
        return f"{verb}: {_count(len(tasks))}"
    return _named(verb, tasks)


def _named(verb: str, tasks: list[dict[str, Any]]) -> str:
    title = tasks[0].get("title") if tasks else None
    return _shorten(f"{verb}: {title}") if isinstance(title, str) else verb


def _count(number: int) -> str:
    return f"{number} {'task' if number == 1 else 'tasks'}"


def _action(tool: str, arguments: str) -> Action | None:
    action = _ACTIONS.get(tool)
    if action == "complete" and _object(arguments).get("completed") is False:
        return "reopen"
    return action


def _tasks(output: str) -> list[dict[str, Any]]:
    """The tasks in a tool's answer, whichever form it has."""
    answer = _object(output)
    for name in ("task", "deleted", "tasks"):
        found = answer.get(name)
        if isinstance(found, dict):
            return [found]
        if isinstance(found, list):
            return [task for task in found if isinstance(task, dict)]
    return []


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _shorten(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= _TITLE_LENGTH else f"{line[: _TITLE_LENGTH - 1]}…"
