"""Answers that change nothing: lists, counts, what to begin with, and facts about one task."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from app.agent.offline.commands import Ask, Fact, Show, Sort
from app.agent.offline.finding import Finder
from app.agent.offline.matching import TaskView
from app.agent.offline.phrasing import described, details, due_name, numbered, tasks_word
from app.agent.offline.references import Filter, Named
from app.agent.offline.state import MAX_SHOWN, State
from app.agent.offline.text import strip_marks
from app.agent.offline.world import Plan, World

_ORDER: Final = {"high": 0, "medium": 1, "low": 2}


class Reader:
    """Tells of tasks, and remembers which were shown.

    Args:
        today: The user's day.
        state: Where it is kept what was shown.
        world: The user's tasks.
        finder: Finds what is asked about.
    """

    def __init__(self, today: dt.date, state: State, world: World, finder: Finder) -> None:
        self._today = today
        self._state = state
        self._world = world
        self._finder = finder

    def show(self, command: Show) -> Plan:
        """List tasks, or count them."""
        tasks = yield from self._world.load()
        found = self._sorted(self._finder.matching(command.where, tasks), command.sort)
        if not found and command.where.text is not None:
            # Not in a title: perhaps in a note.
            noted = yield from self._world.search(strip_marks(command.where.text).raw())
            found = self._finder.matching(replace(command.where, text=None), noted)
        before, after = described(command)
        if command.count:
            self._state.scope = command.where.status
            return self._counted(found, command, before, after)
        self._state.last, self._state.scope = "show", command.where.status
        self._state.shown = tuple(task.id for task in found[:MAX_SHOWN])
        self._state.recent = tuple(task.id for task in found) if len(found) == 1 else ()
        text = self._listing(found, tasks, before, after, command)
        late = [task for task in self._finder.matching(Filter(status="open", overdue=True), tasks) if task not in found]
        if command.day and late:
            text += f"\n\n{tasks_word(len(late)).capitalize()} from before {'is' if len(late) == 1 else 'are'} overdue."
        return text

    def _listing(self, found: list[TaskView], tasks: list[TaskView], before: str, after: str, command: Show) -> str:
        if not tasks:
            return "Your list is empty."
        if not found:
            if command.where.text is not None:
                text = strip_marks(command.where.text).raw()
                return f'You have no tasks matching "{text}".'
            return f"You have no {before}tasks{after}."
        number = f"1 {before}task" if len(found) == 1 else f"{len(found)} {before}tasks"
        return f"You have {number}{after}:\n\n{numbered(found, self._today)}"

    def _counted(self, found: list[TaskView], command: Show, before: str, after: str) -> str:
        number = f"1 {before}task" if len(found) == 1 else f"{len(found) or 'no'} {before}tasks"
        done = sum(task.completed for task in found)
        if command.where == Filter():
            return f"You have {number}, {done} of them done." if found else "Your list is empty."
        return f"You have {number}{after}."

    def _sorted(self, tasks: list[TaskView], sort: Sort) -> list[TaskView]:
        match sort:
            case Sort.DUE:
                return sorted(tasks, key=lambda task: (task.due_date or "9999-12-31", _ORDER[task.priority]))
            case Sort.PRIORITY:
                return sorted(tasks, key=lambda task: (_ORDER[task.priority], task.due_date or "9999-12-31"))
            case Sort.TITLE:
                return sorted(tasks, key=lambda task: task.title.casefold())
            case Sort.NEWEST:
                return tasks[::-1]
            case _:
                return tasks

    def next(self) -> Plan:
        """Name the task to begin with."""
        tasks = yield from self._world.load()
        left = [task for task in tasks if not task.completed]
        if not left:
            return "There is nothing left to do."
        pressing = [task for task in left if task.priority == "high"] or [
            task for task in left if task.due_date and task.due_date <= self._today.isoformat()
        ]
        order = sorted(pressing or left, key=lambda task: (task.due_date or "9999-12-31", _ORDER[task.priority]))
        first = order[0]
        self._state.recent, self._state.last = (first.id,), "show"
        self._state.shown = (first.id,)
        return f'I would start with "{first.title}"{details(first, self._today)}.'

    def ask(self, command: Ask) -> Plan:
        """Tell a fact about the tasks that are meant."""
        found = yield from self._finder.resolve(command.target)
        tasks = found.tasks
        if not tasks:
            if found.missing:
                return found.missing
            if isinstance(command.target, Named):
                name = command.target.phrase.raw()
                if command.fact is Fact.EXISTS:
                    return f'No, "{name}" is not on your list.'
                return f'There is no "{name}" on your list.'
            return "There is no such task on your list."
        self._state.recent = tuple(task.id for task in tasks) if len(tasks) == 1 else ()
        self._state.shown = tuple(task.id for task in tasks) if len(tasks) > 1 else self._state.shown
        if command.fact is Fact.ALL and len(tasks) == 1:
            tasks = ((yield from self._world.whole(tasks[0])),)
        return "\n".join(self._fact(command.fact, task, sure=found.certain) for task in tasks)

    def _fact(self, fact: Fact, task: TaskView, *, sure: bool) -> str:
        match fact:
            case Fact.DONE:
                if task.completed:
                    return f'Yes, "{task.title}" is done.' if sure else f'"{task.title}" is done.'
                return f'No, "{task.title}" is still open.' if sure else f'"{task.title}" is not done.'
            case Fact.DUE:
                if not task.due_date:
                    return f'"{task.title}" has no due date.'
                state = "was" if task.due_date < self._today.isoformat() else "is"
                return f'"{task.title}" {state} due {due_name(task, self._today)}.'
            case Fact.PRIORITY:
                return f'"{task.title}" has {task.priority} priority.'
            case Fact.EXISTS:
                return f'Yes, "{task.title}" is on your list{" and done" if task.completed else ""}{details(task, self._today)}.'
            case Fact.ALL:
                note = f"\nNote: {task.description}" if task.description else ""
                state = "done" if task.completed else "open"
                return f'"{task.title}" is {state}{details(task, self._today)}.{note}'
