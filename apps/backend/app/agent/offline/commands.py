"""What people ask for, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.agent.offline.references import ALL_TASKS, Filter, Reference
from app.agent.offline.slots import NO_SLOTS, Slots


class Deed(StrEnum):
    """What can be done to tasks that are on the list."""

    COMPLETE = "complete"
    REOPEN = "reopen"
    DELETE = "delete"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Add:
    """Add a task.

    Attributes:
        title: Empty when it was not said.
        slots: Its details.
        offer: Whether nobody asked for it in so many words: a bare "bread".
        foreign: Whether its words are not English.
        more: Whether it goes on from what was said before: "and eggs".
        implied: Whether it only follows from what was said: "I should call mum". Then it isn't added twice.
    """

    title: str
    slots: Slots = NO_SLOTS
    offer: bool = False
    foreign: bool = False
    more: bool = False
    implied: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Do:
    """Complete, reopen or delete tasks.

    Attributes:
        deed: Which of them.
        target: The tasks.
        sure: Whether it was said in so many words; "I don't need the milk anymore" was not.
        told: Whether it was told as a fact ("I bought milk"), which may be about no task at all.
        title: What the sentence would be called as a task of its own, if nothing on the list fits.
    """

    deed: Deed
    target: Reference
    sure: bool = True
    told: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Change tasks.

    Attributes:
        target: The tasks.
        slots: New details.
        title: A new title; empty when one is wanted but wasn't said.
        instead: Whether the new title only replaces what the task was called by: "change milk to oat milk".
        sure: As of `Do`.
        loose: Whether the new title may as well be none: "make it shorter". It is asked about unless it looks like one.
        bare: Whether only details were said: "tomorrow". After a list they ask for another one.
    """

    target: Reference
    slots: Slots = NO_SLOTS
    title: str | None = None
    instead: bool = False
    sure: bool = True
    loose: bool = False
    bare: bool = False


class Sort(StrEnum):
    """Orders in which a list is shown."""

    PLACE = ""
    DUE = "due date"
    PRIORITY = "priority"
    TITLE = "title"
    NEWEST = "newest first"


@dataclass(frozen=True, slots=True)
class Show:
    """Show or count tasks."""

    where: Filter = ALL_TASKS
    sort: Sort = Sort.PLACE
    count: bool = False
    day: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """What should I do first?"""


class Fact(StrEnum):
    """What can be asked about one task."""

    DONE = "done"
    DUE = "due"
    PRIORITY = "priority"
    ALL = "all"
    EXISTS = "exists"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question about one task."""

    fact: Fact
    target: Reference


@dataclass(frozen=True, slots=True)
class Again:
    """Do the same for another task, or show the same for other days.

    Attributes:
        target: The other task.
        where: The other days.
        following: Whether only "and" was said, which goes on with the message just before and with no other.
    """

    target: Reference | None = None
    where: Filter | None = None
    following: bool = False


@dataclass(frozen=True, slots=True)
class Pick:
    """A task is named, and nothing said about it: an answer, or half a sentence."""

    target: Reference


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back the last change.

    Attributes:
        sure: Whether it was said in so many words; "that's wrong" was not.
        back: Whether something is to come back, which taking off the list what was added isn't.
    """

    sure: bool = True
    back: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """Yes, no, or a word that needs no more than a word."""

    kind: str


@dataclass(frozen=True, slots=True)
class Say:
    """Say something and do nothing."""

    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not understood."""

    text: str
    foreign: bool = False


Command = Add | Do | Change | Show | Next | Ask | Again | Pick | Undo | Reply | Say | Unknown
