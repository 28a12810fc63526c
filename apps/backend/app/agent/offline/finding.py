"""Which tasks a reference stands for: by name, place or kind, or as what was shown or spoken of just before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from app.agent.offline.commands import Deed
from app.agent.offline.dates import Calendar
from app.agent.offline.grammar import understand
from app.agent.offline.lexicon import lemmas
from app.agent.offline.matching import TaskView, content, find, has_words
from app.agent.offline.phrasing import quoted
from app.agent.offline.references import (
    Bare,
    Filter,
    LastAdded,
    Named,
    Other,
    Places,
    Recent,
    Reference,
    Several,
    Shown,
)
from app.agent.offline.state import State
from app.agent.offline.text import Phrase
from app.agent.offline.world import ToolCall, ToolOutput, World


@dataclass(frozen=True, slots=True)
class Found:
    """The tasks that a reference stands for.

    Attributes:
        tasks: The tasks.
        certain: Whether they were named, or counted in what was shown.
        many: Whether several were spoken of; otherwise they are candidates for one.
        missing: What is to be said about those that weren't found.
        counted: Whether the numbers or names of each were said.
        whole: Whether all words of the name are in the title.
    """

    tasks: tuple[TaskView, ...] = ()
    certain: bool = False
    many: bool = False
    missing: str = ""
    counted: bool = False
    whole: bool = False


class Finder:
    """Finds what is spoken of in the list as it is now.

    Args:
        today: The user's day.
        state: What was shown and spoken of before.
        world: The user's tasks.
    """

    def __init__(self, today: dt.date, state: State, world: World) -> None:
        self._today = today
        self._state = state
        self._world = world

    def resolve(self, target: Reference, *, deed: Deed | None = None) -> Generator[ToolCall, ToolOutput, Found]:
        """The tasks that a reference stands for; `deed` tells apart those of one name."""
        tasks = yield from self._world.load()
        match target:
            case Named():
                return self._by_name(target, tasks, deed)
            case Places(places, where):
                return self._at(places, where, tasks)
            case Recent():
                recent = self._world.pick(self._state.recent)
                return Found((recent[-1],), certain=True) if recent else Found()
            case LastAdded():
                added = self._world.pick(self._state.added) or ([tasks[-1]] if tasks else [])
                return Found(tuple(added[-1:]), certain=bool(self._state.added))
            case Shown():
                return self._shown(target, tasks)
            case Other():
                return self._other(tasks)
            case Filter():
                lost = [name for e in target.exceptions for name in self._lost(e, tasks)]
                if lost:
                    # What is to be kept isn't known: all the others aren't, either.
                    return Found(missing=f"I can't find {quoted(lost)}, so I leave everything as it is.")
                found = list(self.matching(target, tasks))
                equal = find(target.text, tasks).equal if target.text is not None and target.one else ()
                if len(found) == 1 and equal == tuple(found):
                    return Found(tuple(found), certain=True)
                return Found(tuple(found), many=not target.one)
            case Several(parts, either):
                found_all = yield from self._several(parts, deed)
                return replace(found_all, certain=False, many=False) if either else found_all
            case Bare():
                return Found()

    def _by_name(self, target: Named, tasks: list[TaskView], deed: Deed | None) -> Found:
        match = find(target.phrase, tasks)
        equal = match.equal
        if len(equal) > 1 and deed in (Deed.COMPLETE, Deed.REOPEN):
            # Done and open tasks of one name are told apart by what is to be done.
            equal = tuple(t for t in equal if t.completed != (deed is Deed.COMPLETE)) or equal[:1]
        if equal:
            return Found(equal, certain=len(equal) == 1, counted=True)
        if target.parts:
            each = [find(part, tasks) for part in target.parts]
            if all(len(m.equal) == 1 for m in each):
                named = tuple(dict.fromkeys(m.equal[0] for m in each))
                if target.either:
                    return Found(named)
                return Found(named, certain=True, many=True, counted=True)
            hits = [m.equal[0] for m in each if len(m.equal) == 1]
            if hits:
                lost = [part.raw() for part, m in zip(target.parts, each, strict=True) if len(m.equal) != 1]
                return Found(
                    tuple(dict.fromkeys(hits)), many=True, missing=f"I can't find a task called {quoted(lost)}."
                )
        return Found(match.near, whole=len(match.near) == 1 and _holds(target.phrase, match.near[0]))

    def _at(self, places: tuple[int, ...], where: Filter | None, tasks: list[TaskView]) -> Found:
        if where is not None:
            on_page = {task_id: index for index, task_id in enumerate(self._world.places)}
            found = [task.id for task in self.matching(where, tasks)]
            base = sorted(found, key=lambda task_id: on_page.get(task_id, len(on_page)))
        else:
            base = list(self._state.shown) or self._world.places
        if not base:
            return Found(missing="Your list is empty.")
        ids: list[str] = []
        for place in places:
            index = place - 1 if place > 0 else len(base) + place
            if place == 0 or not 0 <= index < len(base):
                many = "is only 1 task" if len(base) == 1 else f"are only {len(base)} tasks"
                return Found(missing=f"There {many} on the list, so there is no number {abs(place)}.")
            ids.append(base[index])
        picked = self._world.pick(list(dict.fromkeys(ids)))
        if not picked:
            return Found(missing="That task is not on your list any more.")
        if where is None and self._state.last == "add" and len(self._state.recent) > 1:
            # "The second one" just after three were added: most likely of these, and so it is asked about.
            meant = self.within(Places(places), self._world.pick(self._state.recent))
            if meant and meant != picked:
                return Found(tuple(meant), many=len(places) > 1)
        return Found(tuple(picked), certain=True, many=len(places) > 1, counted=True)

    def _shown(self, target: Shown, tasks: list[TaskView]) -> Found:
        groups = (self._state.recent, self._state.shown, self._state.added[-(target.count or 20) :])
        if self._state.last == "show":
            groups = (self._state.shown, self._state.recent, self._state.added)
        elif self._state.last == "add":
            added = self._state.added[-(target.count or 20) :]
            # "Them" are more than the one that was added last.
            last = self._state.recent if len(self._state.recent) > 1 else added
            groups = (last, added, self._state.shown)
        for group in groups:
            found = self._world.pick(group)
            each = [self.within(e, found) for e in target.exceptions]
            if found and not all(e or isinstance(x, Recent) for e, x in zip(each, target.exceptions, strict=True)):
                # What is to be kept isn't among them, so what is meant isn't certain.
                return Found()
            left_out = [task for some in each for task in some]
            if any(isinstance(e, Recent) for e in target.exceptions):
                left_out += self._world.pick(self._state.recent)
            left = [task for task in found if task not in left_out]
            if (
                left
                and (target.count is None or target.count == len(left))
                and (target.count or len(group) > 1 or group is groups[0])
            ):
                return Found(tuple(left), certain=True, many=True)
        return Found()

    def _other(self, tasks: list[TaskView]) -> Found:
        base = self._world.pick(self._state.shown) or tasks
        recent = set(self._state.recent[-1:])
        left = [task for task in base if task.id not in recent]
        if len(left) != 1:
            left = [task for task in left if not task.completed]
        return Found(tuple(left)) if recent and len(left) <= 6 else Found()

    def _several(self, parts: tuple[Reference, ...], deed: Deed | None) -> Generator[ToolCall, ToolOutput, Found]:
        found: list[TaskView] = []
        certain, missing = True, ""
        for part in parts:
            one = yield from self.resolve(part, deed=deed)
            if not one.tasks or (len(one.tasks) > 1 and not one.many):
                certain = False
                named = part.phrase.raw() if isinstance(part, Named) else "that"
                missing = one.missing or f'I can\'t tell which task "{named}" is.'
                continue
            certain = certain and one.certain
            found.extend(one.tasks)
        return Found(tuple(dict.fromkeys(found)), certain=certain, many=True, missing=missing, counted=True)

    def within(self, target: Reference, tasks: Sequence[TaskView]) -> list[TaskView]:
        """The tasks that are meant, of a few that were shown."""
        match target:
            case Places(places, None):
                picked = [
                    tasks[p - 1 if p > 0 else len(tasks) + p] for p in places if p and -len(tasks) <= p <= len(tasks)
                ]
                return list(dict.fromkeys(picked)) if len(picked) == len(places) else []
            case Shown(count, exceptions):
                left = [task for task in tasks if not any(task in self.within(e, tasks) for e in exceptions)]
                return left if count is None or count == len(left) else []
            case Named(name, parts):
                match = find(name, tasks)
                found = list(
                    match.equal or (match.near if len(match.near) == 1 and _holds(name, match.near[0]) else ())
                )
                if not found and parts:
                    each = [self.within(Named(part), tasks) for part in parts]
                    found = [task for group in each for task in group] if all(len(group) == 1 for group in each) else []
                return found
            case Several(parts_):
                each = [self.within(part, tasks) for part in parts_]
                return [task for group in each for task in group] if all(each) else []
            case Filter():
                return (
                    list(self.matching(target, tasks))
                    if target.narrow or target.exceptions or target == Filter()
                    else []
                )
            case Recent() if len(tasks) == 1:
                return list(tasks)
            case _:
                return []

    def matching(self, where: Filter, tasks: Sequence[TaskView]) -> list[TaskView]:
        """The tasks of a kind, in the order in which they come."""
        left_out = [task for e in where.exceptions for task in self._left_out(e, tasks)]
        found = []
        for task in tasks:
            due = dt.date.fromisoformat(task.due_date) if task.due_date else None
            dated = where.due_from is not None or where.due_to is not None
            if (
                (where.status != "all" and task.completed != (where.status == "done"))
                or (where.overdue and (task.completed or due is None or due >= self._today))
                or (where.dated is not None and (due is not None) != where.dated)
                or (dated and due is None)
                or (where.due_from is not None and due is not None and due < where.due_from)
                or (where.due_to is not None and due is not None and due > where.due_to)
                or (where.priority is not None and task.priority != where.priority.value)
                or (where.text is not None and not has_words(where.text, task))
                or task in left_out
            ):
                continue
            found.append(task)
        return found

    def _lost(self, target: Reference, tasks: Sequence[TaskView]) -> list[str]:
        """The names and numbers of an exception that no task has."""
        match target:
            case Named(name, parts) if parts and not find(name, tasks).equal:
                return [lost for part in parts for lost in self._lost(Named(part), tasks)]
            case Several(parts_):
                return [lost for part in parts_ for lost in self._lost(part, tasks)]
            case Named(name):
                return [] if self._left_out(target, tasks) else [name.raw()]
            case Places(places, None):
                base = self._world.pick(self._state.shown) or list(tasks)
                return [f"number {abs(p)}" for p in places if not p or not -len(base) <= p <= len(base)]
            case _:
                return []

    def _left_out(self, target: Reference, tasks: Sequence[TaskView]) -> list[TaskView]:
        match target:
            case Named(name, parts):
                match = find(name, tasks)
                each = [task for part in parts for task in self._left_out(Named(part), tasks)]
                # "Except calls" keeps all with that word.
                return list(match.equal) or each or list(match.near) or [t for t in tasks if has_words(name, t)]
            case Several(parts_):
                return [task for part in parts_ for task in self._left_out(part, tasks)]
            case Places(places):
                base = self._world.pick(self._state.shown) or list(tasks)
                return [base[p - 1 if p > 0 else p] for p in places if p and -len(base) <= p <= len(base)]
            case Filter():
                return self.matching(target, tasks)
            case Recent():
                return self._world.pick(self._state.recent[-1:])
            case _:
                return []


def _holds(name: Phrase, task: TaskView) -> bool:
    """Whether all words of a name are in the title."""
    have = set(content(understand(task.title, Calendar(dt.date(2000, 1, 1))).phrase))
    return set(content(name)) <= have or bool(
        {form for word in content(name)[:1] for form in lemmas(word)} & have and set(content(name)[1:]) <= have
    )
