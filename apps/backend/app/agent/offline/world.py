"""The user's list as far as a plan has seen it, and the tools that change it."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.agent.offline.matching import TaskView
from app.agent.offline.page_order import page_order
from app.agent.offline.state import Step
from app.models.task import MAX_IDS

_PAGE: Final = 1_000
_MAX_PAGES: Final = 10
_FEW: Final = 100
_MAX_CHANGES: Final = 22
"""Calls that a message may take, with one left for its answer (`agent_max_turns`)."""
_SEARCHED_WORDS, _SEARCHED_LENGTH = 20, 200  # list_tasks takes no more


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the plan needs made."""

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


class ToolFailure(Exception):
    """A tool could not do what it was asked; the text is for the user."""


Plan = Generator[ToolCall, ToolOutput, str]
"""Yields calls one at a time, is sent the output of each, and returns the answer."""
Calls = Generator[ToolCall, ToolOutput, dict[str, Any]]
Views = Generator[ToolCall, ToolOutput, list[TaskView]]


@dataclass(slots=True)
class World:
    """The list during one message.

    Attributes:
        tasks: All tasks in the order in which they are counted, once they were asked for. Notes are left out.
        steps: What this message has changed so far.
        places: The tasks that numbers count when no list was shown: those that the user sees where the page shows
            a selection, else those of the beginning as the page shows them; and what was added since.
    """

    tasks: list[TaskView] | None = None
    steps: list[Step] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    def load(self) -> Views:
        """All tasks."""
        if self.tasks is not None:
            return self.tasks
        listed: list[dict[str, Any]] = []
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            result = yield from _call("list_tasks", limit=_PAGE, brief=True, cursor=cursor)
            listed.extend(result["tasks"])
            cursor = result["next_cursor"]
            if cursor is None:
                break
        # A plan may have added tasks before it looked.
        self.tasks = found = [TaskView.of(task) for task in listed]
        page: Sequence[str] = result.get("on_screen", ())
        if not page and "page_order" in result:
            page = page_order(listed, result["page_order"])
        self.places = [task.id for task in (self.pick(page) or found)]
        return found

    def search(self, text: str) -> Views:
        """Tasks whose title or note has the words."""
        some = " ".join(text.split()[:_SEARCHED_WORDS])[:_SEARCHED_LENGTH]
        result = yield from _call("list_tasks", limit=_PAGE, brief=True, search=some)
        return self.pick([str(task["id"]) for task in result["tasks"]])

    def whole(self, task: TaskView) -> Generator[ToolCall, ToolOutput, TaskView]:
        """A task with its note."""
        result = yield from _call("get_task", task_id=task.id)
        return TaskView.of(result["task"])

    def with_notes(self, tasks: Sequence[TaskView]) -> Views:
        """Tasks with their notes."""
        found: list[TaskView] = []
        for task in tasks:
            whole = yield from self.whole(task)
            found.append(whole)
        return found

    def get(self, task_id: str) -> TaskView | None:
        """A task of the list that is loaded."""
        return next((task for task in self.tasks or () if task.id == task_id), None)

    def pick(self, ids: Sequence[str]) -> list[TaskView]:
        """Those of the tasks that still exist, in the order given."""
        by_id = {task.id: task for task in self.tasks or ()}
        return [by_id[task_id] for task_id in ids if task_id in by_id]

    def add(self, **details: Any) -> Generator[ToolCall, ToolOutput, TaskView]:
        """Add a task."""
        result = yield from _call("add_task", **details)
        task = TaskView.of(result["task"])
        if self.tasks is not None:
            self.tasks.append(task)
            self.places.append(task.id)
        self.steps.append(Step("add", task.id))
        return task

    def set_completed(self, tasks: Sequence[TaskView], *, completed: bool) -> Views:
        """Complete or reopen tasks; of several, those that are gone meanwhile are left out."""
        before = {task.id: task for task in tasks}
        done: list[TaskView] = []
        for ids in _at_once(before):
            if len(before) == 1:
                result = yield from _call("complete_task", task_id=ids[0], completed=completed)
                changed = [TaskView.of(result["task"])]
            else:
                result = yield from _call("complete_tasks", ids=ids, completed=completed)
                changed = [TaskView.of(task) for task in result["tasks"]]
            kind = "complete" if completed else "reopen"
            self.steps.extend(Step(kind, task.id) for task in changed if before[task.id].completed != completed)
            self._replace(changed)
            done.extend(changed)
        return _ordered(done, tasks)

    def delete(self, tasks: Sequence[TaskView]) -> Views:
        """Delete tasks; of several, those that are gone meanwhile are left out."""
        done: list[TaskView] = []
        for ids in _at_once([task.id for task in tasks]):
            if len(tasks) == 1:
                result = yield from _call("delete_task", task_id=ids[0])
                gone = [TaskView.of(result["deleted"])]
            else:
                result = yield from _call("delete_tasks", ids=ids)
                gone = [TaskView.of(task) for task in result["deleted"]]
            gone_ids = {task.id for task in gone}
            self.tasks = [task for task in self.tasks or () if task.id not in gone_ids]
            # By its title one of a few is asked for: "undo deleting the milk".
            few = len(tasks) <= _FEW
            self.steps.extend(Step("delete", task.id, {"title": task.title} if few else {}) for task in gone)
            done.extend(gone)
        return _ordered(done, tasks)

    def restore(self, ids: Sequence[str]) -> Views:
        """Bring deleted tasks back."""
        back: list[TaskView] = []
        for some in _at_once(ids):
            result = yield from _call("restore_tasks", ids=some)
            back.extend(TaskView.of(task) for task in result["tasks"])
        if self.tasks is not None:
            self.tasks.extend(back)
        return back

    def update(self, tasks: Sequence[TaskView], **values: Any) -> Views:
        """Give tasks the same new values; None leaves a field as it is, `clear_…` empties it."""
        before = {task.id: _fields(task) for task in tasks}
        names = {name.removeprefix("clear_") for name, value in values.items() if value is not None}
        done: list[TaskView] = []
        for ids in _at_once(before):
            if len(before) == 1:
                result = yield from _call("update_task", task_id=ids[0], **values)
                changed = [TaskView.of(result["task"])]
            else:
                result = yield from _call("update_tasks", ids=ids, **values)
                changed = [TaskView.of(task) for task in result["tasks"]]
            for task in changed:
                self.steps.append(Step("change", task.id, {name: before[task.id][name] for name in names}))
            self._replace(changed)
            done.extend(changed)
        return _ordered(done, tasks)

    def changes_left(self) -> int:
        """How many calls a message may still take for changes, after those that have read the list."""
        return _MAX_CHANGES - max(1, -(-len(self.tasks or ()) // _PAGE))

    def _replace(self, changed: Sequence[TaskView]) -> None:
        if self.tasks is not None:
            by_id = {task.id: task for task in changed}
            self.tasks = [by_id.get(task.id, task) for task in self.tasks]


def _at_once(ids: Iterable[str]) -> Iterator[list[str]]:
    """As many ids as one call takes."""
    some = list(ids)
    for start in range(0, len(some), MAX_IDS):
        yield some[start : start + MAX_IDS]


def _ordered(changed: list[TaskView], asked: Sequence[TaskView]) -> list[TaskView]:
    """What came back, in the order in which it was spoken of."""
    place = {task.id: index for index, task in enumerate(asked)}
    return sorted(changed, key=lambda task: place[task.id])


def _fields(task: TaskView) -> dict[str, Any]:
    return {
        "title": task.title,
        "description": task.description,
        "due_date": task.due_date,
        "priority": task.priority,
    }


def _call(name: str, **arguments: Any) -> Calls:
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
