"""What a conversation leaves to refer to: one small object, kept with the conversation.

The model hands it out with each answer and is given it back with the next message, as models of OpenAI's Responses API
do with their encrypted reasoning. So no earlier message is ever read again.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from typing import Any, Final

from app.agent.offline.commands import Deed
from app.agent.offline.slots import NO_SLOTS, Slots
from app.models.task import Priority

_VERSION: Final = 1
MAX_SHOWN: Final = 100
"""Tasks of a list that are shown, and can be spoken of by number."""
_MAX_UNDO: Final = 5
_MAX_UNDO_STEPS: Final = 10_000
"""As many as one message changes: all tasks that a plan sees."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something to be done to tasks once it is clear which.

    Attributes:
        deed: What.
        slots: New details.
        title: A new title; empty when it is still to be said.
        instead: As of `Change`.
    """

    deed: Deed
    slots: Slots = NO_SLOTS
    title: str | None = None
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is open.

    Attributes:
        kind: "confirm" wants yes or no; "which" one of the tasks; "title" what to add; "rename" the new title;
            "details" what to change; "add" whether to add; "undo" whether to take back; "what" what to do with the tasks.
        ids: The tasks it is about.
        action: What is done with them.
        adds: Titles and details to be added.
    """

    kind: str
    ids: tuple[str, ...] = ()
    action: Action | None = None
    adds: tuple[tuple[str, Slots], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One change, as it can be taken back.

    Attributes:
        kind: "add", "delete", "complete", "reopen" or "change".
        id: The task.
        before: The task before.
    """

    kind: str
    id: str
    before: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """The state of a conversation.

    Attributes:
        shown: The list shown last, by its numbers.
        recent: The tasks spoken of last.
        added: The tasks added last, in a row.
        question: What was asked.
        undo: What can be taken back, the latest last.
        last: What was done last: "add", "show", or a deed.
        action: The action done last, to be done again.
        scope: The status of the list shown last.
    """

    shown: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    question: Question | None = None
    undo: tuple[tuple[Step, ...], ...] = ()
    last: str = ""
    action: Action | None = None
    scope: str = "all"

    def remember(self, steps: list[Step]) -> None:
        """Keep what a message has changed, to be taken back."""
        if steps:
            self.undo = (*self.undo, tuple(steps[:_MAX_UNDO_STEPS]))[-_MAX_UNDO:]

    def dump(self) -> str:
        """As JSON."""
        value = {
            "version": _VERSION,
            **_plain(asdict(replace(self, undo=()))),
            "undo": [_runs(group) for group in self.undo],
        }
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> State:
        """From JSON. What can't be read, such as another version's, is an empty state: nothing to refer to."""
        try:
            value = json.loads(text)
            if value.pop("version") != _VERSION:
                return cls()
            return cls(
                shown=tuple(value["shown"]),
                recent=tuple(value["recent"]),
                added=tuple(value["added"]),
                question=_question(value["question"]),
                undo=tuple(tuple(_steps(group)) for group in value["undo"]),
                last=str(value["last"]),
                action=_action(value["action"]),
                scope=str(value["scope"]),
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()


def _runs(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Steps of one kind in a row together: thousands of tasks are moved to one day."""
    return [
        {"kind": kind, "ids": [step.id for step in run], "before": before}
        for (kind, before), run in groupby(steps, key=lambda step: (step.kind, step.before))
    ]


def _steps(runs: Iterable[dict[str, Any]]) -> Iterator[Step]:
    """The steps again; an earlier version wrote each with its own id."""
    for run in runs:
        for task_id in run["ids"] if "ids" in run else (run["id"],):
            yield Step(str(run["kind"]), str(task_id), dict(run["before"]))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _slots(value: dict[str, Any]) -> Slots:
    due, priority, shift = value.pop("due"), value.pop("priority"), value.pop("shift")
    return replace(
        Slots(**value),
        due=dt.date.fromisoformat(due) if due else None,
        priority=Priority(priority) if priority else None,
        shift=(int(shift[0]), str(shift[1])) if shift else None,
    )


def _action(value: dict[str, Any] | None) -> Action | None:
    if value is None:
        return None
    return Action(Deed(value["deed"]), _slots(value["slots"]), value["title"], bool(value["instead"]))


def _question(value: dict[str, Any] | None) -> Question | None:
    if value is None:
        return None
    adds = tuple((str(title), _slots(slots)) for title, slots in value["adds"])
    return Question(str(value["kind"]), tuple(value["ids"]), _action(value["action"]), adds)
