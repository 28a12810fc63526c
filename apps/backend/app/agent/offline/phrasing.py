"""The words of the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from app.agent.offline.commands import Deed, Show
from app.agent.offline.matching import TaskView
from app.agent.offline.state import MAX_SHOWN
from app.agent.offline.talk import ENGLISH, EXAMPLES, WHAT_I_DO

UNKNOWN: Final = f"Sorry, I didn't understand that; I only look after your to-do list. {EXAMPLES}"
FOREIGN: Final = f"{ENGLISH} {EXAMPLES}"
REPLIES: Final = {
    "greeting": f"Hello! {WHAT_I_DO}",
    "thanks": "You're welcome!",
    "goodbye": "Goodbye, see you! Your tasks are safe here.",
    "okay": "All right.",
    "yes": "All right. What shall I do with your list?",
    "no": "All right, I leave everything as it is.",
    "laugh": "Glad to hear it. What shall I do with your list?",
}
VERBS: Final = {Deed.COMPLETE: "mark as done", Deed.REOPEN: "open again", Deed.DELETE: "delete", Deed.CHANGE: "change"}
_MAX_QUOTED: Final = 12


def quoted(titles: Sequence[str]) -> str:
    """Titles in a sentence: "a", "b" and "c"."""
    shown = [f'"{title}"' for title in titles[:_MAX_QUOTED]]
    if len(titles) > _MAX_QUOTED:
        return ", ".join(shown) + f" and {len(titles) - _MAX_QUOTED} more"
    if len(shown) == 1:
        return shown[0]
    return ", ".join(shown[:-1]) + " and " + shown[-1]


def day_name(day: dt.date, today: dt.date) -> str:
    """A day as people say it: tomorrow, Fri 5 Mar."""
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((day - today).days)
    if near:
        return near
    year = f" {day.year}" if day.year != today.year else ""
    return f"{day:%a} {day.day} {day:%b}{year}"


def due_name(task: TaskView, today: dt.date) -> str:
    """The day of a task that has one."""
    return day_name(dt.date.fromisoformat(task.due_date), today) if task.due_date else ""


def details(task: TaskView, today: dt.date) -> str:
    """Day and priority in brackets, after the title."""
    parts = []
    if task.due_date:
        late = not task.completed and dt.date.fromisoformat(task.due_date) < today
        parts.append(f"due {due_name(task, today)}" + (", overdue" if late else ""))
    if task.priority != "medium":
        parts.append(f"{task.priority} priority")
    return f" ({', '.join(parts)})" if parts else ""


def numbered(tasks: Sequence[TaskView], today: dt.date) -> str:
    """A list, with numbers to speak of."""
    lines = [
        f"{place}. {'✅' if task.completed else '⬜'} {task.title}{details(task, today)}"
        for place, task in enumerate(tasks[:MAX_SHOWN], start=1)
    ]
    if len(tasks) > MAX_SHOWN:
        lines.append(f"… and {len(tasks) - MAX_SHOWN} more")
    return "\n".join(lines)


def tasks_word(number: int) -> str:
    """1 task, 2 tasks."""
    return "1 task" if number == 1 else f"{number} tasks"


def described(show: Show) -> tuple[str, str]:
    """The words before and after "tasks" that say which are shown."""
    where = show.where
    before = {"open": "open ", "done": "done ", "all": ""}[where.status]
    if where.priority is not None:
        before += f"{where.priority.value} priority "
    after = ""
    if where.overdue:
        after += " overdue"
    elif where.dated is False:
        after += " without a due date"
    elif where.due_to is not None or where.due_from is not None:
        until = where.due_from is None and not where.label.startswith("before ")
        after += f" due {'until ' if until else ''}{where.label}" if where.label else " due then"
    elif where.dated:
        after += " with a due date"
    if where.text is not None:
        after += f' matching "{where.text.raw()}"'
    return before, after


def which(deed: Deed, tasks: Sequence[TaskView], today: dt.date) -> str:
    """Asks for one of several tasks."""
    return f"Which one do you want to {VERBS[deed].replace('mark as done', 'complete')}?\n\n{numbered(tasks, today)}"
