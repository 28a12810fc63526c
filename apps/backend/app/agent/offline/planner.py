"""Carries commands out by asking for tool calls, and words the answer.

A plan is a generator: it yields one tool call at a time, is sent that call's output, and returns
the answer. It keeps no state of its own between messages. What was listed or changed before is
found by running the plans of the conversation's earlier messages over their recorded outputs.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Final

from app.agent.offline.language import (
    MAX_COMMANDS,
    Add,
    Answer,
    Change,
    Command,
    Complete,
    Delete,
    Every,
    Incomplete,
    Named,
    Positions,
    Recent,
    Reference,
    Reopen,
    Show,
    SmallTalk,
    Unknown,
    parse,
)

_SIMILAR: Final = 0.78
"""Least likeness of a misspelt title to the one meant."""

_EXAMPLES: Final = (
    'I can look after your to-do list. Try "add buy milk tomorrow", "what\'s on my list?", '
    '"mark the second one done", "rename buy milk to buy oat milk", "make it high priority" or '
    '"delete that task".'
)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the plan needs made."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """What a call returned: its result, or the error's text."""

    result: dict[str, Any] | None
    error: str = ""

    @classmethod
    def parse(cls, text: str) -> ToolOutput:
        """Read the output as the agent loop hands it to a model."""
        try:
            value = json.loads(text)
        except ValueError:
            return cls(None, text.strip() or "the tool gave no answer")
        if isinstance(value, dict):
            return cls(value)
        return cls(None, text.strip())


@dataclass(frozen=True, slots=True)
class TaskView:
    """What the plan knows of a task."""

    id: str
    title: str
    completed: bool
    due_date: str | None
    priority: str

    @classmethod
    def of(cls, task: dict[str, Any]) -> TaskView:
        """Read a task from a tool's result."""
        return cls(
            id=str(task["id"]),
            title=str(task["title"]),
            completed=bool(task["completed"]),
            due_date=task.get("due_date"),
            priority=str(task["priority"]),
        )


@dataclass(slots=True)
class Conversation:
    """What earlier messages left to refer to.

    Attributes:
        shown: The numbered list shown last.
        recent: The task spoken of last.
        pending: Tasks whose deletion waits for a yes.
    """

    shown: list[TaskView] = field(default_factory=list)
    recent: TaskView | None = None
    pending: list[TaskView] = field(default_factory=list)


Plan = Generator[ToolCall, ToolOutput, str]
_Targets = Generator[ToolCall, ToolOutput, "list[TaskView] | str"]


class ToolFailure(Exception):
    """A tool could not do what it was asked; the text is for the user."""


def plan(message: str, today: dt.date, conversation: Conversation) -> Plan:
    """The plan for one message. Updates `conversation` as it goes."""
    parsed = parse(message, today)
    answers: list[str] = []
    pending, conversation.pending = conversation.pending, []
    for command in parsed.commands:
        try:
            answer = yield from _carry_out(command, today, conversation, pending)
        except ToolFailure as failure:
            answer = f"That didn't work: {failure}"
        answers.append(answer)
    if parsed.truncated:
        answers.append(f"I stopped after {MAX_COMMANDS} commands; please send the rest again.")
    separator = "\n\n" if any("\n" in answer for answer in answers) else "\n"
    return separator.join(dict.fromkeys(answers))


def _carry_out(command: Command, today: dt.date, conversation: Conversation, pending: list[TaskView]) -> Plan:
    match command:
        case Add():
            return (yield from _add(command, today, conversation))
        case Show():
            return (yield from _show(command, today, conversation))
        case Complete(target):
            return (yield from _set_completed(target, conversation, completed=True))
        case Reopen(target):
            return (yield from _set_completed(target, conversation, completed=False))
        case Delete(target):
            return (yield from _delete(target, conversation))
        case Change():
            return (yield from _change(command, today, conversation))
        case Answer(yes):
            return (yield from _answer(yes, conversation, pending))
        case SmallTalk(kind):
            return _SMALL_TALK[kind]
        case Incomplete(question):
            return question
        case Unknown():
            return f"Sorry, I can't help with that. {_EXAMPLES}"


_SMALL_TALK: Final = {
    "greeting": f"Hello! {_EXAMPLES}",
    "thanks": "You're welcome!",
    "goodbye": "Goodbye! Your tasks are safe here.",
    "help": _EXAMPLES,
}


def _call(name: str, **arguments: Any) -> Generator[ToolCall, ToolOutput, dict[str, Any]]:
    given = {key: value for key, value in arguments.items() if value is not None}
    output = yield ToolCall(name, given)
    if output.result is None:
        raise ToolFailure(_readable(output.error))
    return output.result


def _readable(error: str) -> str:
    """An error without the wrapping that the tool layers put around it."""
    for marker in ("Error executing tool ", "Error: "):
        if marker in error:
            error = error.split(marker, 1)[1].split(": ", 1)[-1]
    return error[:300].rstrip(".") + "."


def _add(command: Add, today: dt.date, conversation: Conversation) -> Plan:
    result = yield from _call(
        "add_task",
        title=command.title,
        description=command.description,
        due_date=command.due.isoformat() if command.due else None,
        priority=command.priority.value if command.priority else None,
    )
    task = TaskView.of(result["task"])
    conversation.recent = task
    return f'Added "{task.title}" to your list{_details(task, today)}.'


def _show(command: Show, today: dt.date, conversation: Conversation) -> Plan:
    result = yield from _call(
        "list_tasks",
        status=command.scope,
        search=command.search,
        priority=command.priority.value if command.priority else None,
        due_from=command.due_from.isoformat() if command.due_from else None,
        due_to=command.due_to.isoformat() if command.due_to else None,
    )
    tasks = [TaskView.of(task) for task in result["tasks"]]
    kind = " ".join(
        word
        for word in (
            command.scope if command.scope != "all" else "",
            f"{command.priority.value}-priority" if command.priority else "",
        )
        if word
    )
    about = f' matching "{command.search}"' if command.search else ""
    period = f" {command.period}" if command.period else ""
    noun = f"{kind} {'task' if len(tasks) == 1 else 'tasks'}".strip()
    if not tasks:
        if noun == "tasks" and not about and not period:
            return 'Your list is empty. Say "add buy milk" to start it.'
        return f"You have no {noun}{period}{about}."
    conversation.shown = tasks
    if len(tasks) == 1:
        conversation.recent = tasks[0]
    more = "more than " if result.get("truncated") else ""
    heading = f"You have {more}{len(tasks)} {noun}{period}{about}"
    if command.count_only:
        done = sum(task.completed for task in tasks)
        detail = f", {done} of them done" if done and command.scope == "all" else ""
        return f"{heading}{detail}."
    return f"{heading}:\n\n{_numbered(tasks, today)}"


def _numbered(tasks: list[TaskView], today: dt.date) -> str:
    return "\n".join(
        f"{index}. {'✅' if task.completed else '⬜'} {task.title}{_details(task, today)}"
        for index, task in enumerate(tasks, start=1)
    )


def _details(task: TaskView, today: dt.date) -> str:
    details = []
    if task.due_date:
        details.append(f"due {_day(task.due_date, today)}")
    if task.priority != "medium":
        details.append(f"{task.priority} priority")
    return f" ({', '.join(details)})" if details else ""


def _day(iso: str, today: dt.date) -> str:
    day = dt.date.fromisoformat(iso)
    names = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    name = names.get((day - today).days)
    if name:
        return name
    year = f" {day.year}" if day.year != today.year else ""
    return f"{day:%a} {day.day} {day:%b}{year}"


def _set_completed(target: Reference, conversation: Conversation, *, completed: bool) -> Plan:
    tasks = yield from _resolve(
        target,
        conversation,
        prefer=lambda task: task.completed != completed,
        verb="complete" if completed else "reopen",
    )
    if isinstance(tasks, str):
        return tasks
    if isinstance(target, Every):
        tasks = [task for task in tasks if task.completed != completed]
        if not tasks:
            return "Everything is done already." if completed else "No task is done yet."
    changed: list[str] = []
    for task in tasks:
        result = yield from _call("complete_task", task_id=task.id, completed=completed)
        conversation.recent = TaskView.of(result["task"])
        changed.append(conversation.recent.title)
    verb = "done" if completed else "not done"
    return f"Marked {_quoted(changed)} as {verb}."


def _delete(target: Reference, conversation: Conversation) -> Plan:
    tasks = yield from _resolve(target, conversation, verb="delete")
    if isinstance(tasks, str):
        return tasks
    if isinstance(target, Every) and target.scope != "done":
        conversation.pending = tasks
        count = "1 task" if len(tasks) == 1 else f"{len(tasks)} tasks"
        return f"This deletes {count} for good. Are you sure? Answer yes or no."
    return (yield from _delete_all(tasks, conversation))


def _delete_all(tasks: list[TaskView], conversation: Conversation) -> Plan:
    deleted: list[str] = []
    for task in tasks:
        result = yield from _call("delete_task", task_id=task.id)
        deleted.append(str(result["deleted"]["title"]))
        if conversation.recent is not None and conversation.recent.id == task.id:
            conversation.recent = None
    return f"Deleted {_quoted(deleted)}."


def _answer(yes: bool, conversation: Conversation, pending: list[TaskView]) -> Plan:
    if not pending:
        return "All right. What shall I do with your list?" if yes else "All right."
    if not yes:
        return "All right, nothing was deleted."
    return (yield from _delete_all(pending, conversation))


def _change(command: Change, today: dt.date, conversation: Conversation) -> Plan:
    tasks = yield from _resolve(command.target, conversation, verb="change")
    if isinstance(tasks, str):
        return tasks
    if command.title is not None and len(tasks) > 1:
        return f"I can give a new title to one task only. Which one of {_quoted([t.title for t in tasks])}?"
    answers: list[str] = []
    for task in tasks:
        result = yield from _call(
            "update_task",
            task_id=task.id,
            title=command.title,
            description=command.description,
            due_date=command.due.isoformat() if command.due else None,
            clear_due_date=True if command.clear_due else None,
            priority=command.priority.value if command.priority else None,
        )
        changed = TaskView.of(result["task"])
        conversation.recent = changed
        answers.append(_changed(command, task, changed, today))
    return "\n".join(answers)


def _changed(command: Change, before: TaskView, after: TaskView, today: dt.date) -> str:
    if command.title is not None:
        return f'Renamed "{before.title}" to "{after.title}".'
    if command.due is not None and after.due_date is not None:
        return f'"{after.title}" is now due {_day(after.due_date, today)}.'
    if command.clear_due:
        return f'"{after.title}" has no due date any more.'
    if command.priority is not None:
        return f'"{after.title}" now has {after.priority} priority.'
    return f'Added a note to "{after.title}".'


def _quoted(titles: list[str]) -> str:
    quoted = [f'"{title}"' for title in titles]
    if len(quoted) == 1:
        return quoted[0]
    return ", ".join(quoted[:-1]) + " and " + quoted[-1]


def _list_all() -> Generator[ToolCall, ToolOutput, list[TaskView]]:
    result = yield from _call("list_tasks", status="all")
    return [TaskView.of(task) for task in result["tasks"]]


def _resolve(
    target: Reference,
    conversation: Conversation,
    *,
    verb: str,
    prefer: Callable[[TaskView], bool] = lambda task: True,
) -> _Targets:
    """The tasks a reference stands for, or a question when that is not clear."""
    match target:
        case Recent():
            if conversation.recent is not None:
                return [conversation.recent]
            if len(conversation.shown) == 1:
                return conversation.shown
            return (yield from _ask_which(verb, conversation))
        case Positions(places):
            tasks = conversation.shown
            if not tasks:
                tasks = conversation.shown = yield from _list_all()
            return _at(places, tasks)
        case Every(scope):
            tasks = yield from _list_all()
            if scope != "all":
                tasks = [task for task in tasks if task.completed == (scope == "done")]
            if not tasks:
                return "There are no such tasks." if scope != "all" else "Your list is empty."
            return tasks
        case Named(text):
            return (yield from _by_name(text, verb, conversation, prefer))


def _at(places: tuple[int, ...], tasks: list[TaskView]) -> list[TaskView] | str:
    if not tasks:
        return "Your list is empty."
    found: list[TaskView] = []
    for place in places:
        index = place - 1 if place > 0 else len(tasks) + place
        if place == 0 or not 0 <= index < len(tasks):
            many = "is only 1 task" if len(tasks) == 1 else f"are only {len(tasks)} tasks"
            return f"There {many} on the list, so there is no number {abs(place)}."
        if tasks[index] not in found:
            found.append(tasks[index])
    return found


def _by_name(
    text: str,
    verb: str,
    conversation: Conversation,
    prefer: Callable[[TaskView], bool],
) -> _Targets:
    tasks = yield from _list_all()
    if len(tasks) >= 100 and not any(_same(task.title, text) for task in tasks):
        result = yield from _call("list_tasks", search=text[:200])
        tasks = [TaskView.of(task) for task in result["tasks"]] or tasks
    matches = find_by_title(text, tasks)
    preferred = [task for task in matches if prefer(task)]
    matches = preferred or matches
    if not matches:
        return f'I can\'t find a task called "{text}".' + (
            ' Ask "what\'s on my list?" to see them all.' if tasks else " Your list is empty."
        )
    if len({task.title.casefold() for task in matches}) == 1 and len(matches) > 1:
        # The same title twice: the oldest is as good as any.
        matches = matches[:1]
    if len(matches) > 1:
        conversation.shown = matches
        lines = "\n".join(f"{i}. {task.title}" for i, task in enumerate(matches, start=1))
        return f"Which one do you want to {verb}?\n\n{lines}"
    return matches


def _same(left: str, right: str) -> bool:
    return left.casefold().strip(" .!?") == right.casefold().strip(" .!?")


def find_by_title(text: str, tasks: list[TaskView]) -> list[TaskView]:
    """Tasks whose title is the text, or else contains it, or its words, or is nearly it."""
    wanted = text.casefold().strip(" .!?")
    words = set(wanted.split()) - {"the", "a", "an", "my", "to", "task"}
    tests: tuple[Callable[[str], bool], ...] = (
        lambda title: title == wanted,
        lambda title: wanted in title,
        lambda title: bool(words) and words <= set(title.split()),
        lambda title: len(title) > 3 and title in wanted,
        lambda title: difflib.SequenceMatcher(None, title, wanted).ratio() >= _SIMILAR,
    )
    for test in tests:
        found = [task for task in tasks if test(task.title.casefold().strip(" .!?"))]
        if found:
            return found
    return []


def _ask_which(verb: str, conversation: Conversation) -> Generator[ToolCall, ToolOutput, str]:
    tasks = yield from _list_all()
    if not tasks:
        return "Your list is empty."
    conversation.shown = tasks
    lines = "\n".join(f"{i}. {task.title}" for i, task in enumerate(tasks, start=1))
    return f"Which task do you want to {verb}?\n\n{lines}"
