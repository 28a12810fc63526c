"""Taking back what was done: the last step of a conversation first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.agent.offline.matching import TaskView
from app.agent.offline.phrasing import quoted
from app.agent.offline.state import Question, State, Step
from app.agent.offline.world import Plan, World


class Undoer:
    """Takes steps back that a conversation keeps.

    Args:
        state: What can be taken back.
        world: The user's tasks.
    """

    def __init__(self, state: State, world: World) -> None:
        self._state = state
        self._world = world

    def offer(self) -> str:
        """Ask whether to take the last step back."""
        self._keep_own()
        if not self._state.undo:
            return "What did I get wrong? There is nothing that I could undo; please say what you want."
        self._state.question = Question("undo")
        return f"Shall I undo that: {self._told(self._state.undo[-1])}? Please answer yes or no."

    def _keep_own(self) -> None:
        """What this message itself has done is the last step: "delete it, then undo"."""
        self._state.remember(self._world.steps)
        self._world.steps.clear()

    def only_added(self) -> bool:
        """Whether the last step put something on the list, so that nothing would come back."""
        self._keep_own()
        return bool(self._state.undo) and all(step.kind == "add" for step in self._state.undo[-1])

    def _told(self, steps: Sequence[Step]) -> str:
        kinds = {
            "add": "take the new task off the list",
            "delete": "bring the deleted task back",
            "complete": "open the task again",
            "reopen": "mark the task as done again",
            "change": "change the task back",
        }
        text = kinds[steps[-1].kind]
        return text if len(steps) == 1 else text.replace("task", f"{len(steps)} tasks")

    def undo(self) -> Plan:
        """Take the last step back."""
        self._keep_own()
        if not self._state.undo:
            return "There is nothing to undo in this conversation."
        steps, self._state.undo = self._state.undo[-1], self._state.undo[:-1]
        yield from self._world.load()
        answers = []
        done: list[str] = []
        for kind in ("change", "complete", "reopen", "delete", "add"):
            group = [step for step in reversed(steps) if step.kind == kind]
            if group:
                answers.append((yield from self._group(kind, group, done)))
        # What undoing changes is no change of its own to be taken back.
        self._world.steps.clear()
        self._state.recent = tuple(dict.fromkeys(done))
        self._state.last = "undo"
        return "\n".join(answer for answer in answers if answer) or "There was nothing left to undo."

    def _group(self, kind: str, steps: list[Step], done: list[str]) -> Plan:
        if kind == "delete":
            back = yield from self._world.restore([step.id for step in reversed(steps)])
            done.extend(task.id for task in back)
            return (
                f"Undone: {quoted([task.title for task in back])} {'is' if len(back) == 1 else 'are'} back on your list."
                if back
                else ""
            )
        tasks = self._world.pick([step.id for step in reversed(steps)])
        if not tasks:
            return ""
        titles = quoted([task.title for task in tasks])
        are = "is" if len(tasks) == 1 else "are"
        if kind == "add":
            yield from self._world.delete(tasks)
            return f"Undone: {titles} {are} off your list again."
        done.extend(task.id for task in tasks)
        if kind in ("complete", "reopen"):
            yield from self._world.set_completed(tasks, completed=kind == "reopen")
            return f"Undone: {titles} {are} {'open' if kind == 'complete' else 'done'} again."
        first: dict[str, dict[str, Any]] = {}
        for step in steps:
            # The latest comes first: of several changes of a field, what was there before them all stays.
            first.setdefault(step.id, {}).update(step.before)
        alike: dict[str, tuple[dict[str, Any], list[TaskView]]] = {}
        for task in tasks:
            alike.setdefault(repr(sorted(first[task.id].items())), (first[task.id], []))[1].append(task)
        for before, group in alike.values():
            # Only days and priorities can be given to several at once.
            single = before.keys() & {"title", "description"}
            for some in ([task] for task in group) if single else (group,):
                yield from self._world.update(some, **_restored(before))
        return f"Undone: {titles} {are} as before."


def _restored(before: dict[str, Any]) -> dict[str, Any]:
    """The arguments that set fields to what they were."""
    values: dict[str, Any] = {}
    for name, value in before.items():
        if name in ("due_date", "description") and value is None:
            values[f"clear_{name}"] = True
        else:
            values[name] = value
    return values
