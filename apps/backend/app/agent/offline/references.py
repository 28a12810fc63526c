"""What a sentence speaks of: tasks by name, by number, by their state, or as "it" and "them"."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from app.agent.offline.dates import WEEKDAYS, Calendar
from app.agent.offline.lexicon import ARTICLES, CARDINALS, LIST_NOUNS, ORDINALS, TASK_NOUNS, closest, words
from app.agent.offline.slots import hints_at_priority, priority_of
from app.agent.offline.text import KEPT_PHRASES, Kind, Phrase, Token, split_at, strip_marks
from app.models.task import Priority


@dataclass(frozen=True, slots=True)
class Named:
    """A task by its name.

    Attributes:
        phrase: The name, with articles and without words such as "the task".
        parts: The names that it falls into, should it be several: "milk and eggs".
        either: Whether only one of them is meant: "milk or eggs".
    """

    phrase: Phrase
    parts: tuple[Phrase, ...] = ()
    either: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """Tasks by their numbers in the list; negative ones count from its end.

    Attributes:
        places: The numbers; (1, 2) for "the first two".
        where: Which part of the list is counted, if not all of what was shown.
    """

    places: tuple[int, ...]
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class Recent:
    """It, that one: the task spoken of last."""


@dataclass(frozen=True, slots=True)
class Shown:
    """They: the tasks that were shown, added or changed last.

    Attributes:
        count: How many there should be, if said.
    """

    count: int | None = None
    exceptions: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class LastAdded:
    """The one I just added."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class Other:
    """The other one."""


@dataclass(frozen=True, slots=True)
class Filter:
    """All tasks of a kind.

    Attributes:
        status: Which of them: open, done, or all.
        due_from: Due that day or later.
        due_to: Due that day or earlier.
        overdue: Due before today and open.
        dated: Whether they have a due date; None for either.
        priority: Only this one.
        text: Words of the title or the note, as they were said.
        exceptions: Not these.
        label: The words that tell which days are meant.
        one: Whether a single task is spoken of: "the one about milk".
    """

    status: str = "all"
    due_from: dt.date | None = None
    due_to: dt.date | None = None
    overdue: bool = False
    dated: bool | None = None
    priority: Priority | None = None
    text: Phrase | None = None
    exceptions: tuple[Reference, ...] = ()
    label: str = ""
    one: bool = False

    @property
    def narrow(self) -> bool:
        """Whether it leaves anything out."""
        return replace(self, exceptions=(), label="", one=False) != Filter()


ALL_TASKS: Final = Filter()
"""The whole list."""


@dataclass(frozen=True, slots=True)
class Several:
    """More than one of the above.

    Attributes:
        parts: Each of them.
        either: Whether only one of them is meant: "the first or the second".
    """

    parts: tuple[Reference, ...]
    either: bool = False


@dataclass(frozen=True, slots=True)
class Bare:
    """Nothing that tells which task: "the task"."""


Reference = Named | Places | Recent | Shown | LastAdded | Other | Filter | Several | Bare

_OPEN: Final = words(
    "open pending active remaining unfinished incomplete undone outstanding uncompleted todo to-do left unchecked unticked current"
)
_DONE: Final = words("done completed complete finished checked ticked closed accomplished ticked-off checked-off")
_LATE: Final = words("overdue late missed behind")
_LATE_ONLY: Final = words("overdue")
_EVERY: Final = words("all every everything each any whole entire both")
_EXCEPT: Final = words("except but excluding besides excepting bar minus")
_ABOUT: Final = words(
    "about with containing contain contains mentioning mention mentions regarding concerning called named for like including"
)
_GLUE: Final = ARTICLES | words(
    "of on in from that which what are is 's do does have has got i me and or at still currently already only just now yet "
    "ones one it be been to there so far due-date with - , . ? ! : please"
)
_SOME: Final = words("any anything something few couple half random several whichever oldest longest shortest")
_OF_THEM: Final = words("of them these those the my our task tasks todos items things ones others more")
_PRONOUNS_ONE: Final = words("it that this same")
_PRONOUNS_MANY: Final = words("them these those they both")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of a phrase as a filter.

    Attributes:
        filter: The filter.
        rest: Words that are no part of one.
        every: Whether "all" or the like was said.
        nouns: Whether tasks, or the list, were named as such.
    """

    filter: Filter
    rest: tuple[Token, ...]
    every: bool
    nouns: bool


@lru_cache(maxsize=KEPT_PHRASES)
def read_filter(phrase: Phrase, days: Calendar, extra: frozenset[str] = frozenset()) -> Reading:
    """Read words as a description of tasks.

    Args:
        phrase: Such as "all open tasks due this week except milk".
        days: The user's.
        extra: More words to pass over.
    """
    found = Filter()
    rest: list[Token] = []
    every = nouns = False
    at = 0
    passed = _GLUE | extra
    while at < len(phrase):
        token, key = phrase.tokens[at], phrase.key(at)
        if token.kind in (Kind.QUOTED, Kind.TITLE):
            rest.append(token)
            at += 1
            continue
        if (end := exception_at(phrase, at)) and (every or nouns or found.narrow or not rest):
            while further := exception_at(phrase, end):
                end = further
            left_out = parse_reference(phrase[end:], days)
            found = replace(found, exceptions=() if isinstance(left_out, Bare) else (left_out,))
            break
        moved, found = _read_one(phrase, at, days, found)
        if moved > at:
            at = moved
        elif (
            key in _ABOUT
            and at + 1 < len(phrase)
            and (key not in ("for", "with", "like") or not _undescribing(phrase, at))
        ):
            text = strip_marks(phrase[at + 1 :])
            for tail in (("in", "it"), ("in", "them"), ("in",), ("on",)):
                if text.keys[-len(tail) :] == tail and len(text) > len(tail):
                    text = text[: -len(tail)]
                    break
            if text.tokens and found.text is None:
                found = replace(found, text=text)
                break
            at += 1
        else:
            every |= key in _EVERY
            nouns |= key in TASK_NOUNS or key in LIST_NOUNS
            if not (key in _EVERY or key in TASK_NOUNS or key in LIST_NOUNS or key in passed):
                if key.isalpha() and closest(key, _SPELT) is not None:
                    nouns = True
                else:
                    rest.append(token)
            at += 1
    return Reading(found, tuple(rest), every, nouns)


_SPELT: Final = words("task tasks list items todos everything")


def _undescribing(phrase: Phrase, at: int) -> bool:
    """Whether "for me", "with them" follows, which describes no task."""
    return phrase.key(at + 1) in words("me us them it all my the list") and len(phrase) <= at + 2


def exception_at(phrase: Phrase, at: int) -> int:
    """Where the exception begins, after "except", "all but" or "apart from"; 0 if none is here."""
    key, after = phrase.key(at), phrase.key(at + 1)
    if (key in ("apart", "aside") and after == "from") or (key == "other" and after == "than"):
        return at + 2
    if key in ("not", "keep") and at > 0 and phrase.key(at - 1) in (",", "but"):
        return at + 1
    if key in _EXCEPT:
        return at + 2 if after in ("for", "not", "keep") else at + 1
    return 0


def _read_one(phrase: Phrase, at: int, days: Calendar, found: Filter) -> tuple[int, Filter]:
    """One word or group of words that says which tasks; the same place when there is none."""
    keys = phrase.keys[at : at + 4]
    key = keys[0]
    if key == "not" and len(keys) > 1 and (keys[1] in _DONE or keys[1:3] == ("yet", "done")):
        return at + (2 if keys[1] in _DONE else 3), replace(found, status="open")
    if keys[:3] == ("to", "be", "done") or keys[:3] == ("needs", "doing"):
        return at + len(keys[:3]), replace(found, status="open")
    if keys[:2] == ("to", "do"):
        return at + 2, replace(found, status="open" if found.status == "all" else found.status)
    if keys[:2] in (("past", "due"), ("past", "their")):
        return at + 2, replace(found, overdue=True)
    if key in _LATE or (len(key) > 5 and key not in _DONE | _OPEN and closest(key, _LATE_ONLY)):
        return at + 1, replace(found, overdue=True)
    if key in _DONE:
        return at + 1, replace(found, status="done")
    if key in _OPEN and not (key in ("todo", "to-do") and phrase.key(at + 1) in LIST_NOUNS):
        return at + 1, replace(found, status="open")
    no = 2 if keys[:2] in (("with", "no"), ("without", "a"), ("without", "any")) else int(key in ("without", "no"))
    if no and phrase.key(at + no) in ("due", "deadline", "date", "deadlines", "dates"):
        end = at + no + 1 + (phrase.key(at + no + 1) in ("date", "dates"))
        return end, replace(found, dated=False)
    if key in ("undated",):
        return at + 1, replace(found, dated=False)
    for size in (4, 3, 2, 1) if any(map(hints_at_priority, keys)) else ():
        if at + size > len(phrase):
            continue
        single = size == 1 and (phrase.key(at + 1) in TASK_NOUNS or phrase.key(at + 1) in ("", "?", "and"))
        level = priority_of(phrase[at : at + size], alone=single)
        if level is not None and phrase.key(at) not in words("to of on are is be and it the a"):
            return at + size, replace(found, priority=level)
    if key == "most" and phrase.key(at + 1) in ("important", "urgent"):
        return at + 2, replace(found, priority=Priority.HIGH)
    between = at + (key in ("is", "are"))
    between += phrase.key(between) == "due"
    if phrase.key(between) in ("between", "from") and (both := _between(phrase, between, days)) is not None:
        return both[0], replace(found, due_from=both[1], due_to=both[2], label=_said(phrase, at, both[0]))
    if key == "after" and (span := days.when(phrase, at + 1, anywhere=True)) is not None:
        return span.end, replace(
            found, due_from=span.day + dt.timedelta(days=1), label="after " + _said(phrase, at + 1, span.end)
        )
    span = days.when(phrase, at, anywhere=True)
    if span is not None:
        lead = at + (key in ("is", "are", "be"))
        lead += phrase.key(lead) == "due"
        until = phrase.key(lead) in ("by", "before", "until", "till")
        last = span.last
        if last is not None and phrase.key(lead) == "before":
            last -= dt.timedelta(days=1)
        first = None if until else span.first
        label = _said(phrase, at, span.end)
        if found.label and phrase.key(at - 1) in ("or", "and", "&", ","):
            joined = _joined_days(found, first, last)
            if joined is not None:
                return span.end, replace(found, due_from=joined[0], due_to=joined[1], label=f"{found.label} or {label}")
        return span.end, replace(found, due_from=first, due_to=last, label=label)
    if key == "due" and phrase.key(at + 1) == "date":
        return at + 2, replace(found, dated=True)
    if key in ("due", "deadline", "deadlines", "dated") and found.due_to is None:
        return at + 1, replace(found, dated=True)
    return at, found


def _between(phrase: Phrase, at: int, days: Calendar) -> tuple[int, dt.date, dt.date] | None:
    """The days of "between Monday and Friday" and "from Monday to Friday", and where they end."""
    start = days.when(phrase, at + 1, anywhere=True)
    if (
        start is None
        or start.first is None
        or phrase.key(start.end) not in ("and", "to", "until", "till", "-", "through")
    ):
        return None
    end = days.when(phrase, start.end + 1, anywhere=True)
    if end is None or end.last is None:
        return None
    last = end.last
    if last < start.first and phrase.key(end.end - 1) in WEEKDAYS:
        # The Friday after that Monday.
        last += dt.timedelta(days=7)
    return end.end, start.first, last


def _joined_days(found: Filter, first: dt.date | None, last: dt.date | None) -> tuple[dt.date, dt.date] | None:
    """The days of "today or tomorrow", where none lies between."""
    if found.due_from is None or found.due_to is None or first is None or last is None:
        return None
    if first > found.due_to + dt.timedelta(days=1) or found.due_from > last + dt.timedelta(days=1):
        return None
    return min(found.due_from, first), max(found.due_to, last)


def _said(phrase: Phrase, first: int, end: int) -> str:
    while first < end - 1 and phrase.key(first) in words("due on for by until till over during from at is are"):
        first += 1
    return phrase[first:end].raw().lower()


# -- References


@lru_cache(maxsize=KEPT_PHRASES)
def parse_reference(phrase: Phrase, days: Calendar) -> Reference:
    """What a phrase speaks of. Whether there are such tasks is for later."""
    if _below_zero(phrase):
        return Named(phrase)
    phrase = _trimmed(phrase)
    if not phrase.tokens or _unsaid(phrase, days):
        return Bare()
    return (
        _whole(phrase)
        or _pronoun(phrase, days)
        or _place(phrase, days)
        or _joined(phrase, days)
        or _described(phrase, days)
        or _by_name(phrase)
    )


def _below_zero(phrase: Phrase) -> bool:
    """Whether a number with a minus stands here, which is no place in a list."""
    return (
        len(phrase) == 2
        and phrase.key(0) in ("-", "–", "−")
        and phrase.tokens[0].end == phrase.tokens[1].start
        and _number(phrase.key(1)) is not None
    )


def _unsaid(phrase: Phrase, days: Calendar) -> bool:
    """Whether it isn't said which: two of them, half of my tasks, any one, something; the one after call mum."""
    if any(token.kind is not Kind.WORD for token in phrase.tokens[:1]):
        return False
    keys = phrase.keys
    if keys[0] in CARDINALS and keys[0] != "one" and len(keys) > 1 and set(keys[1:]) <= _OF_THEM:
        return True
    if set(keys) <= _SOME | _OF_THEM | ARTICLES and set(keys) & _SOME:
        return True
    at = next((i for i, key in enumerate(keys) if key in words("before after above below under")), 0)
    return (
        0 < at < len(keys) - 1
        and set(keys[:at]) <= ARTICLES | TASK_NOUNS
        and days.when(phrase, at + 1, anywhere=True) is None
    )


def _trimmed(phrase: Phrase) -> Phrase:
    """Without marks, politeness, and "from my list"."""
    phrase = strip_marks(phrase)
    if (phrase.key(0) == "either" and len(phrase) > 1) or (phrase.key(0) == "both" and phrase.find("and") > 1):
        phrase = phrase[1:]
    changed = True
    while changed and phrase.tokens:
        changed = False
        if len(phrase) > 1 and phrase.key(-1) in words("please thanks now then too already again instead anymore"):
            phrase, changed = strip_marks(phrase[:-1]), True
        if phrase.key(-1) in LIST_NOUNS and len(phrase) > 2:
            for size in (2, 3, 4, 5):
                if phrase.key(-size) in ("from", "off", "on", "in", "of", "out") and len(phrase) > size:
                    middle = set(phrase.keys[-size + 1 : -1])
                    if middle <= words("my the our your to do todo to-do task of from"):
                        phrase, changed = strip_marks(phrase[:-size]), True
                        break
    return phrase


def _whole(phrase: Phrase) -> Reference | None:
    token = phrase.tokens[0]
    return Named(phrase) if len(phrase) == 1 and token.kind in (Kind.QUOTED, Kind.TITLE) else None


def _pronoun(phrase: Phrase, days: Calendar) -> Reference | None:
    keys = tuple(key for key in phrase.keys if key not in ("just",))
    if not keys:
        return None
    if keys[0] in _PRONOUNS_ONE and all(key in TASK_NOUNS or key == "same" for key in keys[1:]):
        return Recent() if not (keys[-1].endswith("s") and len(keys) > 1) else Shown()
    if keys[:1] == ("the",) and len(keys) > 1 and keys[1] == "same":
        return Recent()
    if len(keys) > 1 and keys[0] in ("the", "that", "this") and keys[1] in ("other", "others", "rest"):
        return (
            Other()
            if keys[1] == "other" and len(keys) <= 3 and not keys[-1].endswith("s")
            else Shown(exceptions=(Recent(),))
        )
    just = [
        key
        for key in keys
        if key not in ARTICLES and key not in TASK_NOUNS and key not in ("what", "that", "i", "you", "we", "have")
    ]
    made = words(
        "added created made entered wrote put mentioned changed said add newest latest new recent most last named"
    )
    spoken = (
        bool(set(keys) & words("i you we")) or "newest" in keys or "latest" in keys or "new" in keys or "recent" in keys
    )
    if just and spoken and set(just) <= made and len(keys) <= 8:
        return LastAdded()
    many = [key for key in keys if key in _PRONOUNS_MANY]
    if many or keys in (("all",), ("the", "two"), ("the", "three"), ("all", "three"), ("all", "two")):
        left = [key for key in keys if key not in _PRONOUNS_MANY and key not in ("all", "of", "the", "each", "every")]
        number = 2 if "both" in keys else next((_number(key) for key in left if _number(key)), None)
        if all(key in TASK_NOUNS or _number(key) for key in left) and (many or number is not None):
            return Shown(number)
    cut = next((at for at in range(1, len(phrase)) if exception_at(phrase, at)), 0)
    if cut and set(phrase.keys[:cut]) & _PRONOUNS_MANY and set(phrase.keys[:cut]) <= _PRONOUNS_MANY | words("all of ,"):
        return Shown(exceptions=(parse_reference(phrase[exception_at(phrase, cut) :], days),))
    return None


def _range(word: str) -> tuple[int, int] | None:
    """The ends of "2-4"."""
    first, mark, last = word.partition("-")
    if not (mark and first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        return None
    ends = int(first[:6]), int(last[:6])
    return ends if 0 < ends[1] - ends[0] < 1_000 else None


def _number(word: str) -> int | None:
    """A number in words or digits, of a size that a list may have."""
    if word in CARDINALS and word not in ("few",):
        return CARDINALS[word]
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 6 else None


def _place(phrase: Phrase, days: Calendar) -> Reference | None:
    """The second one; 1, 2 and 4; tasks 2-4; the first two; the last one; the second overdue task."""
    keys = tuple(key for key in phrase.keys if key not in ("#", "'s", "very"))
    numbered = "#" in phrase.keys
    at = 0
    while at < len(keys) and (
        keys[at] in ARTICLES or keys[at] in ("number", "no", "nr", "numbers", "top", "of") or keys[at] in TASK_NOUNS
    ):
        if keys[at] == "top" or (keys[at] == "one" and at > 0 and keys[at - 1] in ("number", "no", "nr")):
            break
        if keys[at] in TASK_NOUNS and at > 0 and keys[at - 1] in TASK_NOUNS:
            return None
        at += 1
    rest = [key for key in keys[at:] if key not in words("and & , . plus then also")]
    if not rest:
        return None
    if rest[0] in ("first", "last", "top", "bottom", "next") and len(rest) > 1 and _number(rest[1]):
        number = min(_number(rest[1]) or 1, 1_000)
        if all(key in TASK_NOUNS or key in ("of", "them", "these", "those") for key in rest[2:]):
            ends = rest[0] in ("last", "bottom")
            return Places(tuple(range(-number, 0)) if ends else tuple(range(1, number + 1)))
    between = [key for key in keys[at:] if key in ("-", "–", "to", "through", "thru")]
    ranged = rest[0].split("-") if "-" in rest[0] else [key for key in rest if key not in between]
    if (
        (between or ("-" in rest[0] and len(rest) == 1))
        and len(ranged) == 2
        and all(key.isascii() and key.isdigit() and len(key) < 5 for key in ranged)
    ):
        first, last = int(ranged[0]), int(ranged[1])
        return Places(tuple(range(first, last + 1))) if 0 < last - first < 1_000 else None
    counted = len(rest) == 2 and not numbered and rest[0] not in ORDINALS and (_number(rest[0]) or 0) > 1
    places: list[int] = []
    index = 0
    while index < len(rest):
        key = rest[index]
        if key in ("last", "bottom"):
            places.append(-1)
        elif (span := _range(key)) is not None:
            places.extend(range(span[0], span[1] + 1))
        elif key == "top" and len(rest) <= 2:
            places.append(1)
        elif key in ORDINALS:
            if rest[index + 1 : index + 3] == ["to", "last"] or rest[index + 1 : index + 2] in (["last"], ["to-last"]):
                places.append(-ORDINALS[key])
                index += 2 if rest[index + 1] == "to" else 1
            else:
                places.append(ORDINALS[key])
        elif key.isascii() and key.isdigit():
            # Any longer number is no place, but it is one that was said.
            places.append(int(key) if len(key) <= 6 else 1_000_000)
        elif key in CARDINALS and (at > 0 or places) and key not in ("couple", "few", "one"):
            places.append(CARDINALS[key])
        elif key == "one" and at > 0 and keys[at - 1] in ("number", "task", "no", "nr", "item"):
            places.append(1)
        elif counted and key in TASK_NOUNS and key.endswith("s"):
            # "5 tasks" says how many, and not which.
            return Bare()
        elif places and (key in TASK_NOUNS or key in ("the", "my", "number", "no")):
            pass
        elif places and len(places) == 1 and not numbered:
            return _place_among(phrase, places[0], days)
        else:
            return None
        index += 1
    return Places(tuple(dict.fromkeys(places))) if places else None


def _place_among(phrase: Phrase, place: int, days: Calendar) -> Reference | None:
    """The first overdue task; the last completed one."""
    at = next((i for i, key in enumerate(phrase.keys) if key in ORDINALS or key in ("last", "bottom", "top")), -1)
    if at < 0:
        return None
    reading = read_filter(phrase[at + 1 :], days)
    if reading.rest or not reading.filter.narrow or reading.filter.text is not None:
        return None
    return Places((place,), reading.filter)


def _separators(phrase: Phrase) -> list[tuple[int, int]]:
    places, at = [], 0
    while at < len(phrase):
        end = at
        while phrase.key(end) in words(", and & plus also ; or then"):
            end += 1
        if end > at:
            places.append((at, end))
            at = end
        elif phrase.keys[at : at + 3] == ("as", "well", "as"):
            places.append((at, at + 3))
            at += 3
        else:
            at += 1
    return places


def _joined(phrase: Phrase, days: Calendar) -> Reference | None:
    """Several references, when each of them is one for sure."""
    places = _separators(phrase)
    if not places or next((True for at in range(len(phrase)) if exception_at(phrase, at)), False):
        return None
    parts = [parse_reference(part, days) for part in split_at(phrase, places)]
    if len(parts) < 2 or any(isinstance(part, Bare | Several) for part in parts):
        return None
    sure = [not isinstance(part, Named) or _whole(part.phrase) is not None for part in parts]
    if all(sure) or (any(sure) and all(not isinstance(part, Filter) for part in parts)):
        return Several(tuple(parts), either=_either(phrase, places))
    return None


def _either(phrase: Phrase, places: list[tuple[int, int]]) -> bool:
    return any("or" in phrase.keys[first:end] for first, end in places)


def _described(phrase: Phrase, days: Calendar) -> Reference | None:
    """All overdue tasks; everything about milk; today's tasks; everything except 2."""
    reading = read_filter(phrase, days)
    if reading.rest:
        return None
    found = reading.filter
    nouns = reading.nouns or phrase.key(-1) in ("ones", "one")
    if found.narrow:
        single = (
            found.text is not None
            and not reading.every
            and not any(key.endswith("s") for key in phrase.keys[: phrase.find(*_ABOUT)])
        )
        if found.text is not None and not (nouns or reading.every):
            return None
        if found.text is None and not (nouns or reading.every) and found.status == "all" and not found.overdue:
            # "today" alone is a day, "high" a priority.
            return found if phrase.key(-1) == "'s" or "due" in phrase.keys else None
        return replace(found, one=single)
    owned = bool({"my", "the"} & set(phrase.keys)) and bool(
        set(phrase.keys) & words("tasks todos to-dos items list things")
    )
    if reading.every or owned or found.exceptions:
        return found
    return Bare() if nouns else None


def _by_name(phrase: Phrase) -> Reference:
    """A name, without "the task" or "the … one" around it."""
    start, end = 0, len(phrase)
    if phrase.key(0) in ARTICLES and phrase.key(1) in TASK_NOUNS and len(phrase) > 2:
        start = 2
    elif phrase.key(0) in ("task", "todo", "to-do", "item", "reminder") and len(phrase) > 1:
        start = 1
    if start and phrase.key(start) in words("called named titled to about : for") and len(phrase) > start + 1:
        start += 1
    if not start and phrase.key(0) in ARTICLES and len(phrase) > 1:
        start = 1
    if end - start > 1 and phrase.key(-1) in words("task todo to-do item one reminder entry thing"):
        end -= 1
    name = strip_marks(phrase[start:end])
    places = _separators(name)
    parts = split_at(name, places)
    return Named(name, tuple(parts), either=_either(name, places)) if len(parts) > 1 else Named(name)
