"""The details around a title: day, time, priority, note, repetition.

They are taken from the ends of a phrase, a word at a time, so that what stands in the middle of a title stays there.
Used for what is said to the assistant and for lines that are typed in at once (`quick_add`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from app.agent.offline.dates import WEEKDAYS, Calendar, Span
from app.agent.offline.lexicon import (
    PRIORITIES,
    PRIORITY_NOUNS,
    closest,
    title_verb,
    words,
)
from app.agent.offline.text import KEPT_PHRASES, Kind, Phrase, Token, strip_marks
from app.models.task import Priority

_POLITE_TAILS: Final = (
    ("thank", "you"),
    ("for", "me"),
    ("as", "well"),
    ("to", "it"),
    ("please",),
    ("thanks",),
    ("thx",),
    ("too",),
    ("ok",),
    ("okay",),
    ("then",),
)
_LIST_WORDS: Final = words("list lists todos to-dos tasks todo to-do agenda backlog")
_URGENT: Final = words("urgent urgently asap important critical")
_MAX_DAY_WORDS: Final = 9
_PLACES: Final = words("about with for at from regarding re in to")
_BEFORE_IMPORTANT: Final = words("is are be as most very something what so more really how not the an and or")
_SWAPPED: Final = {"".join(sorted(name)): value for name, value in PRIORITIES.items() if len(name) > 3 or name == "low"}
"""Priorities by their letters in order, for "hgih"."""
_PRIORITY_WORDS: Final = (
    frozenset((*PRIORITIES, *PRIORITY_NOUNS)) | _URGENT | words("! not no whenever first second 1 p0 p1 p2 p3 p4 prio1")
)
_LONGEST_LEVEL: Final = max(map(len, PRIORITIES))
_OPENING: Final = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Slots:
    """What was said of a task beside its title.

    Attributes:
        due: The day that it is due.
        clear_due: Whether it is to have no day.
        shift: By how much its day is to move, as a number and a unit.
        priority: How much it matters.
        step: Whether the priority is to go one step down (-1) or up (1).
        note: A description.
        repeat: The words of a repetition, which tasks don't have.
        time: A time of day, which tasks don't have either.
    """

    due: dt.date | None = None
    clear_due: bool = False
    shift: tuple[int, str] | None = None
    priority: Priority | None = None
    step: int = 0
    note: str | None = None
    repeat: str = ""
    time: str = ""

    def __bool__(self) -> bool:
        return self != Slots()


NO_SLOTS: Final = Slots()
"""Nothing was said beside the title."""


@dataclass(frozen=True, slots=True)
class Understood:
    """Words that were understood as a detail.

    Attributes:
        kind: Which detail: "date" or "priority".
        start: Where they begin in the text.
        end: Where they end in the text.
    """

    kind: str
    start: int
    end: int


@dataclass(slots=True)
class Parts:
    """A phrase that is being taken apart.

    Attributes:
        phrase: What is left of it.
        slots: What was taken so far.
        time: The time of day that was said with the day.
        understood: The words of days and priorities.
    """

    phrase: Phrase
    slots: Slots = field(default_factory=Slots)
    time: str = ""
    understood: list[Understood] = field(default_factory=list)

    def title(self) -> str:
        """What is left of the phrase, with the time of day at its end."""
        text = clean_title(Phrase(self.phrase.text, self.phrase.tokens))
        if text and self.time and self.time.casefold() not in text.casefold():
            text = f"{text} {self.time}"
        return text

    def see(self, kind: str, words: Phrase) -> None:
        """Keep where a detail was said."""
        self.understood.append(Understood(kind, words.tokens[0].start, words.tokens[-1].end))


def take_slots(phrase: Phrase, days: Calendar, *, notes: bool = True) -> Parts:
    """Take the details off a title.

    Args:
        phrase: The title with its details.
        days: The user's.
        notes: Whether a note is taken off as well.
    """
    parts = Parts(phrase)
    if notes:
        _take_note(parts)
    while _take_tail(parts, days) or _take_lead(parts, days):
        if not parts.phrase.tokens:
            break
    if parts.slots.due is None:
        _take_middle(parts, days)
    _see_repetition(parts, days)
    return parts


def clean_title(phrase: Phrase) -> str:
    """A title as it is kept: what was typed, without marks at its ends."""
    phrase = _unpaired(strip_marks(phrase, ",.;:-–—|"))
    if len(phrase) == 1 and phrase.tokens[0].kind is Kind.QUOTED:
        return phrase.tokens[0].inner
    text = phrase.raw().strip()
    end = phrase.tokens[-1].end if phrase.tokens else 0
    # An abbreviation keeps its point.
    if text and phrase.text[end : end + 1] == "." and "." in phrase.tokens[-1].key:
        text += "."
    return text


def _unpaired(phrase: Phrase) -> Phrase:
    """Without brackets at the ends that lack their other half."""
    keys = phrase.keys
    if keys and keys[-1] in _OPENING and keys.count(keys[-1]) > keys.count(_OPENING[keys[-1]]):
        return strip_marks(phrase[:-1], ",.;:-–—")
    if keys and keys[0] in ("(", "[") and keys.count(keys[0]) > keys.count(")" if keys[0] == "(" else "]"):
        return strip_marks(phrase[1:], ",.;:-–—")
    if len(keys) > 1 and keys[-1] in ("(", "["):
        return phrase[:-1]
    return phrase


# -- From the end


def _take_tail(parts: Parts, days: Calendar) -> bool:
    phrase = parts.phrase
    last = phrase.key(-1)
    if last == "." and _take_day_tail(parts, days):
        return True
    if last in ",;:.-–—" and last and phrase.tokens[-1].kind is Kind.MARK:
        parts.phrase = phrase[:-1]
        return True
    if last == ")" and "(" in phrase.keys[-_MAX_DAY_WORDS:]:
        opening = len(phrase) - 1 - phrase.keys[::-1].index("(")
        inside = take_slots(phrase[opening + 1 : -1], days)
        if (level := priority_of(inside.phrase)) is not None:
            inside.slots = replace(inside.slots, priority=level)
            inside.see("priority", inside.phrase)
            inside.phrase = phrase[:0]
        if inside.slots and not inside.phrase.tokens and opening > 0:
            _merge(parts, inside)
            parts.phrase = phrase[:opening]
            return True
        return False
    return _take_politeness(parts) or _take_list(parts) or _take_priority_tail(parts) or _take_day_tail(parts, days)


def _take_politeness(parts: Parts) -> bool:
    for tail in _POLITE_TAILS:
        if len(parts.phrase) > len(tail) and parts.phrase.keys[-len(tail) :] == tail:
            parts.phrase = parts.phrase[: -len(tail)]
            return True
    return False


def _take_list(parts: Parts) -> bool:
    """To my list; on the to-do list; to my todos."""
    phrase = parts.phrase
    if phrase.key(-1) not in _LIST_WORDS:
        return False
    for size in range(2, 7):
        if len(phrase) <= size:
            return False
        keys = phrase.keys[-size:]
        if keys[0] in ("to", "on", "onto", "in", "into"):
            middle = set(keys[1:-1])
            owned = bool(middle & words("my the our your")) or middle & words("to do todo task tasks") or size == 2
            if owned and middle <= words("my the our your to do todo to-do task tasks shopping - grocery"):
                parts.phrase = phrase[:-size]
                return True
            return False
    return False


def _take_priority_tail(parts: Parts) -> bool:
    phrase = parts.phrase
    if parts.slots.priority is not None or not any(map(hints_at_priority, phrase[-7:].keys)):
        return False
    for size in range(min(7, len(phrase) - 1), 0, -1):
        if phrase.tokens[-size].kind in (Kind.QUOTED, Kind.TITLE):
            continue
        found = priority_of(phrase[-size:], alone=False)
        if found is None:
            continue
        before = phrase.key(-size - 1)
        if size == 1 and phrase.key(-1) in _URGENT and before in _BEFORE_IMPORTANT:
            return False
        parts.slots = replace(parts.slots, priority=found)
        parts.see("priority", phrase[-size:])
        parts.phrase = phrase[:-size]
        return True
    return False


def priority_of(phrase: Phrase, *, alone: bool = True) -> Priority | None:
    """The priority that the whole phrase stands for.

    Args:
        phrase: Such as "with high priority", "!high", "p1", "urgent".
        alone: Whether a single word such as "high" is enough.
    """
    keys = list(strip_marks(phrase, ",.;:-–—").keys)
    while keys and (keys[0] in words("with at as of on to be is are make it a an the having and set")):
        keys.pop(0)
    marks = [key for key in keys if key == "!"]
    if marks and len(marks) == len(keys):
        return Priority.HIGH if alone or len(marks) > 1 else None
    tagged = bool(keys) and keys[0] in ("!", "#", "[", "(")
    keys = [key for key in keys if key not in words("! # : [ ] ( ) - =")]
    while len(keys) > 1 and keys[0] in words("very super really so quite extremely more"):
        keys.pop(0)
    if len(keys) > 1 and keys[0] == "not":
        return Priority.LOW if keys[1] in _URGENT or keys[1:] == ["that", "important"] else None
    if keys in (["no", "rush"], ["no", "hurry"], ["not", "urgent"], ["whenever"]):
        return Priority.LOW
    if len(keys) == 1:
        word = keys[0]
        if word in ("p1", "prio1", "p0"):
            return Priority.HIGH
        if word == "p2":
            return Priority.MEDIUM
        if word in ("p3", "p4"):
            return Priority.LOW
        if word in _URGENT:
            return Priority.HIGH
        if alone or tagged:
            return _level(word)
        for ending in ("-priority", "-prio"):
            if word.endswith(ending):
                return PRIORITIES.get(word.removesuffix(ending))
        return None
    if (len(keys) == 2 and keys[1] in PRIORITY_NOUNS) or (len(keys) == 2 and closest(keys[1], PRIORITY_NOUNS)):
        return _level(keys[0]) or {"first": Priority.HIGH, "1": Priority.HIGH, "second": Priority.MEDIUM}.get(keys[0])
    if len(keys) in (2, 3) and keys[0] in PRIORITY_NOUNS and (len(keys) == 2 or keys[1] in ("is", "to", "level")):
        by_number = {"1": Priority.HIGH, "2": Priority.MEDIUM, "3": Priority.LOW}
        return _level(keys[-1]) or by_number.get(keys[-1])
    return None


@lru_cache(maxsize=KEPT_PHRASES)
def hints_at_priority(word: str) -> bool:
    """Whether a word may be part of one; phrases without such a word have none."""
    return word in _PRIORITY_WORDS or word.endswith(("-priority", "-prio")) or _level(word) is not None


def _level(word: str) -> Priority | None:
    if word in PRIORITIES:
        return PRIORITIES[word]
    return _SWAPPED.get("".join(sorted(word))) if 2 < len(word) <= _LONGEST_LEVEL else None


def _take_day_tail(parts: Parts, days: Calendar, *, before_time: bool = False) -> bool:
    phrase = parts.phrase
    if parts.slots.due is not None or parts.slots.clear_due:
        return False
    if len(phrase) > 3 and phrase.keys[-3:] in (
        ("no", "due", "date"),
        ("without", "due", "date"),
        ("without", "a", "date"),
    ):
        parts.phrase = phrase[:-3]
        parts.see("date", phrase[-3:])
        parts.slots = replace(parts.slots, clear_due=True)
        return True
    for size in range(min(_MAX_DAY_WORDS, len(phrase)), 0, -1):
        start = len(phrase) - size
        span = days.when(phrase, start)
        if span is None or span.end != len(phrase):
            continue
        if start > 0 and _belongs_to_title(phrase, start):
            continue
        parts.slots = replace(parts.slots, due=span.day)
        parts.time = parts.time or span.time
        parts.see("date", phrase[start:])
        if start > 1 and phrase.key(start - 1) in ("starting", "beginning"):
            start -= 1
        parts.phrase = phrase[:start]
        return True
    if before_time:
        return False
    # "tomorrow at 5pm" was tried above; a time alone stays, and a day may stand before it.
    for size in (4, 3, 2, 1):
        start = len(phrase) - size
        clock = days.time(phrase, start) if start > 0 else None
        if clock is not None and clock[0] == len(phrase) and not parts.time:
            rest = Parts(phrase[:start], parts.slots)
            if _take_day_tail(rest, days, before_time=True):
                parts.phrase, parts.slots, parts.time = rest.phrase, rest.slots, clock[1]
                parts.understood += rest.understood
                parts.see("date", phrase[start:])
                return True
    return False


def _belongs_to_title(phrase: Phrase, start: int) -> bool:
    """Whether a day at the end is what the title speaks of: "the sun", "every Monday", "3 to 10 March"."""
    before = phrase.key(start - 1)
    if phrase.key(start) in ("sun", "sat", "wed", "mar", "may", "mon") and before in ("the", "a", "in", "to", "of"):
        return True
    return before in words(
        "every each of about not like than per called named say until between last since from a an freaky black good casual bloody super"
    )


# -- From the beginning


def _take_lead(parts: Parts, days: Calendar) -> bool:
    phrase = parts.phrase
    if phrase.key(0) in words(", ; : - – — . |") and phrase.tokens:
        parts.phrase = phrase[1:]
        return True
    for size in range(min(4, len(phrase) - 2), 0, -1):
        if phrase.key(size) in (":", "-", "–", "]", ")", "!") and parts.slots.priority is None:
            found = priority_of(phrase[:size])
            if found is not None:
                parts.slots = replace(parts.slots, priority=found)
                parts.see("priority", phrase[:size])
                parts.phrase = phrase[size + 1 :]
                return True
    if (
        parts.slots.priority is None
        and phrase.key(0) in ("!", "urgent", "important", "asap", "urgently")
        and len(phrase) > 2
    ):
        size = 2 if phrase.key(0) == "!" else 1
        found = priority_of(phrase[:size], alone=False)
        if found is not None and (size == 2 or title_verb(phrase.key(1))):
            parts.slots = replace(parts.slots, priority=found)
            parts.see("priority", phrase[:size])
            parts.phrase = phrase[size:]
            return True
    if parts.slots.due is None and len(phrase) > 1:
        span = days.when(phrase, 0)
        if span is not None and span.end < len(phrase) and _leads(phrase, span):
            parts.slots = replace(parts.slots, due=span.day)
            parts.time = parts.time or span.time
            parts.see("date", phrase[: span.end])
            parts.phrase = phrase[span.end :]
            return True
    return False


def _leads(phrase: Phrase, span: Span) -> bool:
    """Whether a day at the beginning is when, and not what: "tomorrow call mum", but "Sunday roast"."""
    after = phrase.key(span.end)
    if after in (":", ",", "-", "–", "—") or phrase.key(0) in ("on", "by", "at", "in", "due", "until"):
        return True
    if after == "to":
        return title_verb(phrase.key(span.end + 1))
    return title_verb(after) and phrase.key(0) not in ("may", "sun", "sat", "mar", "second", "the")


# -- Elsewhere


def _take_middle(parts: Parts, days: Calendar) -> None:
    """Tomorrow in "call mum tomorrow about the party"."""
    phrase = parts.phrase
    for at in range(1, min(len(phrase) - 1, 40)):
        word = phrase.key(at)
        plain = word in ("tomorrow", "today", "tonight", "tmrw")
        led = word in ("on", "next") and (phrase.key(at + 1) in WEEKDAYS or phrase.key(at + 1) == "next")
        if not (plain or led) or phrase.key(at - 1) in words("the of about to for until after 's"):
            continue
        span = days.when(phrase, at)
        if span is not None and span.end < len(phrase) and phrase.key(span.end) in _PLACES and span.exact:
            parts.slots = replace(parts.slots, due=span.day)
            parts.time = parts.time or span.time
            parts.see("date", phrase[at : span.end])
            parts.phrase = Phrase(
                phrase.text[: phrase.tokens[at].start] + phrase.text[phrase.tokens[span.end].start :],
                _moved(phrase, at, span.end),
            )
            return


def _moved(phrase: Phrase, first: int, end: int) -> tuple[Token, ...]:
    """The tokens without some in the middle, placed as in the text without them."""
    gap = phrase.tokens[end].start - phrase.tokens[first].start
    after = (replace(token, start=token.start - gap, end=token.end - gap) for token in phrase.tokens[end:])
    return (*phrase.tokens[:first], *after)


def _take_note(parts: Parts) -> None:
    """With note: …; (note: …); description: …."""
    phrase = parts.phrase
    for at in range(1, min(len(phrase) - 1, 60)):
        if phrase.key(at) not in ("note", "notes", "description", "details"):
            continue
        colon = phrase.key(at + 1) == ":"
        led = phrase.key(at - 1) in ("with", "(", ",", "and") or phrase.keys[at - 2 : at] in (
            ("with", "the"),
            ("with", "a"),
        )
        quoted = phrase.tokens[at + 1].kind is Kind.QUOTED
        saying = phrase.key(at + 1) in ("saying", "that")
        if not led or not (colon or quoted or saying):
            continue
        text = strip_marks(phrase[at + (1 if quoted else 3 if phrase.key(at + 1) == "that" else 2) :], ",;")
        first = at - 1 - (phrase.key(at - 1) in ("the", "a"))
        if text.key(-1) == ")" and "(" not in text.keys:
            text = text[:-1]
        if text.tokens and first > 0:
            parts.slots = replace(parts.slots, note=clean_title(text))
            parts.phrase = phrase[:first]
        return


def _see_repetition(parts: Parts, days: Calendar) -> None:
    """Every Monday; each day; daily: stays in the words, and the first time is when it is due."""
    phrase = parts.phrase
    for at, token in enumerate(phrase.tokens[:60]):
        following = phrase.key(at + 1)
        if token.key in ("every", "each") and token.kind is Kind.WORD:
            if following in ("other", "second", "2", "two", "3", "three"):
                end = at + 3
            elif following in WEEKDAYS or following in words("day week month year morning evening night weekday weekend afternoon"):  # fmt: skip
                end = at + 2
            else:
                continue
            text = phrase[at:end].raw()
            parts.slots = replace(parts.slots, repeat=text)
            if parts.slots.due is None:
                span = days.when(Phrase(phrase.text, phrase.tokens[at + 1 : end]), 0) if following in WEEKDAYS else None
                day = span.day if span is not None else None
                if following in ("day", "morning", "evening", "night", "afternoon"):
                    day = days.today
                if day is not None:
                    parts.slots = replace(parts.slots, due=day)
                    parts.see("date", phrase[at:end])
            return
    if phrase.key(-1) in ("daily", "weekly", "monthly", "yearly", "annually") and len(phrase) > 1:
        parts.slots = replace(parts.slots, repeat=phrase[-1:].raw())


def _merge(parts: Parts, inside: Parts) -> None:
    own, more = parts.slots, inside.slots
    parts.slots = replace(
        own, due=own.due or more.due, priority=own.priority or more.priority, note=own.note or more.note
    )
    parts.time = parts.time or inside.time
    parts.understood += inside.understood
