"""A task list in memory, behind the same tools as the MCP server's."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from dataclasses import dataclass, field
from typing import Any, Final

from app.agent.offline.dates import Calendar
from app.agent.offline.planner import plan
from app.agent.offline.state import State
from app.agent.offline.world import ToolCall, ToolOutput
from app.models.task import MAX_IDS

Changes = dict[str, Any]
"""By title: "added" or what an added task has beside its title, "deleted", or the changed fields."""
DONE: Final[Changes] = {"completed": True}
OPEN: Final[Changes] = {"completed": False}


@dataclass(slots=True)
class TaskList:
    """One user's list and conversation.

    Attributes:
        today: The user's day.
        tasks: The tasks, the oldest first.
        calls: Every call that was made.
    """

    today: dt.date
    tasks: list[dict[str, Any]] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    state: str = ""
    _gone: dict[str, dict[str, Any]] = field(default_factory=dict)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def put(
        self,
        title: str,
        *,
        due: dt.date | None = None,
        priority: str = "medium",
        completed: bool = False,
        description: str | None = None,
    ) -> dict[str, Any]:
        """Add a task, as the page does."""
        task = {
            "id": f"00000000-0000-4000-8000-{next(self._ids):012}",
            "title": title.strip(),
            "completed": completed,
            "due_date": due.isoformat() if due else None,
            "priority": priority,
            "description": description,
        }
        self.tasks.append(task)
        return task

    def say(self, message: str) -> str:
        """Say something, and return the answer. The state goes through its stored form, as it does between messages."""
        state = State.load(self.state)
        steps = plan(message, Calendar(self.today), state)
        try:
            call = next(steps)
            while True:
                self.calls.append(call)
                call = steps.send(self._answer(call))
        except StopIteration as stop:
            self.state = state.dump()
            answer: str = stop.value
            return answer

    def titles(self) -> list[str]:
        """The titles, the oldest first."""
        return [task["title"] for task in self.tasks]

    def snapshot(self) -> list[dict[str, Any]]:
        """The list as it is now."""
        return [dict(task) for task in self.tasks]

    def _answer(self, call: ToolCall) -> ToolOutput:
        try:
            return ToolOutput(getattr(self, f"_{call.name}")(**call.arguments))
        except LookupError:
            return ToolOutput(None, f"Error: Error executing tool {call.name}: There is no such task.")

    def _get(self, task_id: str) -> dict[str, Any]:
        for task in self.tasks:
            if task["id"] == task_id:
                return task
        raise LookupError(task_id)

    def _some(self, ids: list[str]) -> list[dict[str, Any]]:
        assert 0 < len(ids) <= MAX_IDS
        return [task for task in self.tasks if task["id"] in ids]

    def _add_task(self, title: str, due_date: str | None = None, **details: Any) -> dict[str, Any]:
        assert 0 < len(title) <= 200
        day = dt.date.fromisoformat(due_date) if due_date else None
        return {"task": dict(self.put(title, due=day, **details))}

    def _list_tasks(
        self, limit: int = 100, cursor: str | None = None, search: str = "", brief: bool = False
    ) -> dict[str, Any]:
        assert limit <= 1_000
        start = int(cursor or 0)
        fitting = [
            task
            for task in self.tasks
            if all(word in f"{task['title']} {task['description']}".casefold() for word in search.casefold().split())
        ]
        more = start + limit < len(fitting)
        hidden = {"description": None} if brief else {}
        page = [{**task, **hidden} for task in fitting[start : start + limit]]
        return {"tasks": page, "truncated": more, "next_cursor": str(start + limit) if more else None}

    def _get_task(self, task_id: str) -> dict[str, Any]:
        return {"task": dict(self._get(task_id))}

    def _update_task(
        self, task_id: str, *, clear_due_date: bool = False, clear_description: bool = False, **values: Any
    ) -> dict[str, Any]:
        task = self._get(task_id)
        task.update(values)
        if clear_due_date:
            task["due_date"] = None
        if clear_description:
            task["description"] = None
        return {"task": dict(task)}

    def _update_tasks(self, ids: list[str], *, clear_due_date: bool = False, **values: Any) -> dict[str, Any]:
        assert set(values) <= {"due_date", "priority"}
        assert values or clear_due_date
        for task in self._some(ids):
            task.update(values, **({"due_date": None} if clear_due_date else {}))
        return {"tasks": [dict(task) for task in self._some(ids)]}

    def _complete_task(self, task_id: str, completed: bool = True) -> dict[str, Any]:
        self._get(task_id)["completed"] = completed
        return {"task": dict(self._get(task_id))}

    def _complete_tasks(self, ids: list[str], completed: bool = True) -> dict[str, Any]:
        for task in self._some(ids):
            task["completed"] = completed
        return {"tasks": [dict(task) for task in self._some(ids)]}

    def _delete_task(self, task_id: str) -> dict[str, Any]:
        return {"deleted": self._remove(self._get(task_id))}

    def _delete_tasks(self, ids: list[str]) -> dict[str, Any]:
        return {"deleted": [self._remove(task) for task in self._some(ids)]}

    def _remove(self, task: dict[str, Any]) -> dict[str, Any]:
        self._gone[task["id"]] = {**task, "place": self.tasks.index(task)}
        self.tasks.remove(task)
        return dict(task)

    def _restore_tasks(self, ids: list[str]) -> dict[str, Any]:
        assert 0 < len(ids) <= MAX_IDS
        back = []
        for task_id in ids:
            if task_id in self._gone:
                task = self._gone.pop(task_id)
                self.tasks.insert(task.pop("place"), task)
                back.append(dict(task))
        return {"tasks": back}


def became(user: TaskList, *messages: str) -> tuple[Changes, str]:
    """What the last message does, and the answer to it."""
    for message in messages[:-1]:
        user.say(message)
    before = {task["id"]: task for task in user.snapshot()}
    answer = user.say(messages[-1])
    after = {task["id"]: task for task in user.snapshot()}
    found: Changes = {}
    for key, task in after.items():
        if key not in before:
            said = {name: task[name] for name in _DETAILS if task[name] not in (None, "medium", False)}
            found[task["title"]] = said or "added"
    for key, task in before.items():
        if key not in after:
            found[task["title"]] = "deleted"
        elif after[key] != task:
            found[task["title"]] = {name: after[key][name] for name in task if after[key][name] != task[name]}
    return found, answer


_DETAILS: Final = ("completed", "due_date", "priority", "description")


def listed(answer: str) -> list[str]:
    """The titles of a list in an answer, in its order."""
    return re.findall(r"^\d+\. [⬜✅] (.*?)(?: \((?:due|high).*)?$", answer, re.MULTILINE)
