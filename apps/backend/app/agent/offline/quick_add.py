"""One line that says a task: "call mum tomorrow p1". The details are read; nothing is added."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from app.agent.offline.dates import Calendar
from app.agent.offline.slots import Slots, Understood, take_slots
from app.agent.offline.text import normalise, tokenize


@dataclass(frozen=True, slots=True)
class QuickAdd:
    """A line, understood.

    Attributes:
        title: What is left without the details; the whole line, when nothing would be.
        slots: The details.
        understood: Which words they were taken from, in order, as places in the line.
    """

    title: str
    slots: Slots
    understood: tuple[Understood, ...] = ()


def quick_add(line: str, days: Calendar) -> QuickAdd:
    """Read one line.

    A note stays in the title, as does a time of day: tasks have a day only.

    Args:
        line: As it was typed.
        days: The user's.
    """
    text, places = _plain(line)
    parts = take_slots(tokenize(text), days, notes=False)
    title = parts.title()
    if not title:
        return QuickAdd(text, Slots())
    understood = sorted(
        (Understood(seen.kind, places[seen.start], places[seen.end - 1] + 1) for seen in parts.understood),
        key=lambda seen: seen.start,
    )
    return QuickAdd(title, parts.slots, tuple(understood))


def _plain(line: str) -> tuple[str, list[int]]:
    """A line with plain blanks and composed letters, and where each of its characters stood."""
    text: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(line):
        end = at + 1
        while end < len(line) and unicodedata.combining(line[end]):
            end += 1
        # A letter and its accents are one; what can't be seen is a blank, or nothing.
        seen = line[at:end]
        piece = seen if seen.isascii() and seen.isprintable() else normalise(f".{seen}.")[1:-1].replace("\n", " ")
        if piece != " " or (text and text[-1] != " "):
            text.extend(piece)
            places.extend(min(at + i, end - 1) for i in range(len(piece)))
        at = end
    while text and text[-1] == " ":
        text.pop()
        places.pop()
    return "".join(text), places
