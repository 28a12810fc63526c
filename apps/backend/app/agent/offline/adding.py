"""Sentences that put something on the list."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.agent.offline.commands import Add, Change, Command, Say
from app.agent.offline.dates import Calendar
from app.agent.offline.lexicon import ARTICLES, LIST_NOUNS, PRIORITIES, TASK_NOUNS, title_verb, words
from app.agent.offline.references import parse_reference
from app.agent.offline.slots import Parts, Slots, clean_title, priority_of, take_slots
from app.agent.offline.text import Kind, Phrase, split_at, strip_marks

_VERBS: Final = words("add create insert enter append include jot record log schedule pencil new todo to-do")
_NOUNS: Final = (TASK_NOUNS - words("one ones stuff job jobs")) | words("note")
_HEADER: Final = ARTICLES | words(
    "new another more quick extra following few couple of two three four five all both just 2 3 4 5 6"
)
_CONNECTORS: Final = (
    ("to",),
    ("called",),
    ("named",),
    ("titled",),
    ("saying",),
    ("that", "says"),
    ("about",),
    ("for",),
    ("that", "i"),
    (":",),
    ("-",),
    ("–",),
)
_NEED: Final = (
    ("i", "need", "to"),
    ("i", "have", "to"),
    ("i", "have", "got", "to"),
    ("i", "got", "to"),
    ("i", "must"),
    ("i", "should"),
    ("i", "ought", "to"),
    ("i", "am", "supposed", "to"),
    ("i", "will", "need", "to"),
    ("i", "will", "have", "to"),
    ("i", "want", "to"),
    ("i", "would", "like", "to"),
    ("i", "am", "going", "to"),
    ("i", "still", "need", "to"),
    ("i", "still", "have", "to"),
    ("i", "also", "need", "to"),
    ("i", "also", "have", "to"),
    ("i", "really", "need", "to"),
    ("i", "really", "should"),
    ("we", "need", "to"),
    ("we", "have", "to"),
    ("we", "must"),
    ("we", "should"),
    ("got", "to"),
    ("need", "to"),
    ("have", "to"),
    ("must",),
    ("i", "need"),
    ("we", "need"),
    ("i", "also", "need"),
    ("we", "also", "need"),
    ("i", "still", "need"),
    ("we", "still", "need"),
    ("i", "also", "must"),
    ("i", "also", "should"),
    ("let", "me", "remember", "to"),
    ("help", "me", "remember", "to"),
    ("need",),
    ("remember", "to"),
    ("do", "not", "forget", "to"),
    ("do", "not", "forget", "about"),
    ("do", "not", "forget"),
    ("do", "not", "let", "me", "forget", "to"),
    ("do", "not", "let", "me", "forget", "about"),
    ("do", "not", "let", "me", "forget"),
    ("never", "forget", "to"),
    ("make", "sure", "i"),
    ("make", "sure", "to"),
    ("make", "sure", "that", "i"),
    ("i", "can", "not", "forget", "to"),
    ("i", "must", "not", "forget", "to"),
    ("i", "should", "not", "forget", "to"),
    ("note", "to", "self"),
    ("it", "is", "time", "to"),
    ("i", "am", "out", "of"),
    ("we", "are", "out", "of"),
)
_NO_ERRAND: Final = words(
    "say admit be know understand ask help go sleep pee think see stop tell thank agree apologise apologize warn confess hear wait "
    "talk sort filter undo use delete remove mark complete have like feel believe you"
)
"""After "I have to", these begin a remark rather than a task."""
_LONGEST_NAME: Final = 8
"""Words before "task" in which its name is looked for."""
_KNOWN: Final = words("all both the my our that this these those every each")
"""After "set" and "make", these begin the name of tasks that are there."""
_ALWAYS_ERRAND: Final = words("i remember do note make it never")
_SMALL_WORDS: Final = words(
    "with for to at from of in on about without by near if when until using via as that who because not like"
)


def adding(clause: Phrase, days: Calendar, *, listed: bool = False) -> list[Command] | None:
    """The tasks that a clause adds, or None when it is about something else."""
    found = _note(clause, days)
    if found is not None:
        return [found]
    rest = _after_verb(clause)
    if rest is None:
        need = _after_need(clause)
        if need is None:
            return None
        return [
            replace(command, implied=True) if isinstance(command, Add) else command
            for command in _tasks(need, Slots(), days)
        ]
    return _with_header(rest, days, listed=listed)


def question_for(slots: Slots) -> Add:
    """A task whose title is still to be said."""
    return Add("", slots)


def _after_verb(clause: Phrase) -> Phrase | None:
    """What follows "add", "remind me", "put … on my list" and the like."""
    key, after = clause.key(0), clause.key(1)
    if key in ("jot", "note", "write", "put") and after == "down":
        return _reminder(clause[2:])
    if key in ("pencil",) and after == "in":
        return clause[2:]
    if key in ("set", "make", "create") and _noun_at(clause, 1) and (key == "create" or after not in _KNOWN):
        return clause[1:]
    if key in ("remind", "remember") and after in ("me", "us") and len(clause) > 2:
        return _reminder(clause[2:])
    if key == "remind" and after in ("me", "us"):
        return clause[2:]
    if (key == "note" and after == ":") or (key == "note" and clause.starts("note", "that")):
        return _reminder(clause[1:] if after == "that" else clause[2:])
    if key in words("put get stick write throw place have") and len(clause) > 2:
        return _on_the_list(clause)
    if key in ("todo", "to-do", "task", "reminder", "new") and (
        after in words(": - task todo to-do reminder item") or key in ("todo", "to-do")
    ):
        if len(clause) > 1 and not (key in ("todo", "to-do") and after in ("list", "lists", "s")):
            return clause[1:] if key == "new" or after not in (":", "-") else clause[2:]
        return None
    if clause.starts("to", "do", ":"):
        return clause[3:]
    if key == "schedule" and len(clause) == 1:
        return None
    return clause[1:] if key in _VERBS and key not in ("todo", "to-do", "new") else None


def _noun_at(clause: Phrase, at: int) -> bool:
    """Whether "a (new, high priority) task" stands here."""
    for index in range(at, min(at + 7, len(clause))):
        key = clause.key(index)
        if key in _NOUNS and key not in ("things", "thing", "item", "items"):
            return index == at or clause.key(at) in _HEADER or clause.key(at) in PRIORITIES
        if key not in _HEADER and key not in PRIORITIES and key not in ("priority", "prio", "very"):
            return False
    return False


def _reminder(rest: Phrase) -> Phrase:
    """(tomorrow) to call mum; about the dentist; of Ann's birthday."""
    if rest.key(0) not in ("to", "about", "of", "that") or len(rest) < 2:
        return rest
    for lead in (("i", "have", "to"), ("i", "need", "to"), ("i", "must"), ("i", "should"), ("we", "have", "to")):
        if rest.key(0) == "that" and rest[1:].starts(*lead) and len(rest) > len(lead) + 1:
            return rest[len(lead) + 1 :]
    return rest[1:]


def _on_the_list(clause: Phrase) -> Phrase | None:
    """Put eggs on the list; put "ring Ann" down for tomorrow; get milk on there."""
    keys = clause.keys
    for at in range(len(keys) - 1, 1, -1):
        if keys[at] in ("list", "todos", "to-dos", "agenda") and set(keys[max(1, at - 5) : at]) & words(
            "on to in onto into"
        ):
            return clause[1:]
    there = next((i for i in range(2, len(keys)) if keys[i - 1 : i + 1] in (("on", "there"), ("on", "here"))), 0)
    if there > 2:
        return clause.without(there - 1, there + 1)[1:]
    down = clause.find("down")
    if keys[0] == "put" and down > 1 and keys[down + 1 : down + 2] in (("for",), ("as",), ()):
        return clause.without(down, down + 1)[1:]
    return None


def _after_need(clause: Phrase) -> Phrase | None:
    for lead in sorted(_NEED, key=len, reverse=True):
        if clause.starts(*lead) and len(clause) > len(lead):
            rest = clause[len(lead) :]
            if rest.key(0) in ("to", ":", "-", "that"):
                rest = rest[1:]
            first = rest.key(0)
            if (
                lead[-1] in ("to", "must", "should", "i")
                and lead[0] in ("i", "we", "have", "must", "need")
                and first in _NO_ERRAND
            ):
                meta = first in words(
                    "see tell ask talk sleep use stop have thank delete remove sort mark complete help be go"
                )
                if not meta or clause.find("you", "my", "list", "able", "say", "this") > 0 or len(rest) < 2:
                    return None
            if (
                lead[-1] == "need"
                and first in words("you help it this that a more")
                and (first != "a" or rest.key(1) in words("break hug hand minute moment vacation holiday drink"))
            ):
                return None
            if lead == ("have", "to") or lead == ("must",):
                return rest if title_verb(first) else None
            return rest
    return None


# -- Header and title


def _with_header(rest: Phrase, days: Calendar, *, listed: bool) -> list[Command]:
    """The tasks after the verb: "a high priority task for tomorrow: file taxes"."""
    rest = strip_marks(rest, ",;.–-—")
    if len(rest) > 3 and rest.keys[-3:-1] == ("as", "a") and rest.key(-1) in words("task todo to-do item reminder"):
        rest = rest[:-3]
    slots = Slots()
    at = 0
    while at < len(rest) and (
        rest.key(at) in _HEADER or rest.key(at) in PRIORITIES or rest.key(at) in ("priority", "prio")
    ):
        at += 1
    many = False
    noun = rest.key(at) in _NOUNS and not (
        at == 0
        and len(rest) > 1
        and rest.tokens[1].kind is Kind.WORD
        and rest.key(0) in ("things", "item", "thing", "note")
    )
    if noun and (at > 0 or rest.key(0) in words("task tasks todo todos to-do to-dos item items reminder reminders")):
        level = priority_of(_only_priority(rest[:at]))
        slots = Slots(priority=level)
        many = rest.key(at).endswith("s") or bool(set(rest.keys[:at]) & words("following these"))
        rest, slots = _after_noun(rest[at + 1 :], slots, days)
    elif rest.key(at) == ":" and at > 0 and set(rest.keys[:at]) <= _HEADER:
        many, rest = True, rest[at + 1 :]
    elif rest.key(0) == ":":
        rest = rest[1:]
    elif at > 0 and rest.key(at) == "" and set(rest.keys) <= _HEADER:
        return [] if listed else [Add("", slots)]
    elif rest.find(":") in (1, 2, 3) and rest.key(rest.find(":") - 1) == "list":
        # "Shopping list: apples, pears"
        many, rest = True, rest[rest.find(":") + 1 :]
    if rest.key(0) in ("to", "that") and len(rest) > 1 and not noun and title_verb(rest.key(1)):
        rest = rest[1:]
    if not rest.tokens:
        return [] if listed and many else [Add("", slots)]
    return _tasks(rest, slots, days, many=many)


def _only_priority(phrase: Phrase) -> Phrase:
    return Phrase(phrase.text, tuple(token for token in phrase.tokens if token.key not in _HEADER))


def _after_noun(rest: Phrase, slots: Slots, days: Calendar) -> tuple[Phrase, Slots]:
    """Past "for tomorrow to", ":", "called" and "to my list:"."""
    listed = rest.find("list", "lists")
    if (
        rest.key(0) in ("to", "on", "in", "onto")
        and 0 < listed <= 5
        and set(rest.keys[1:listed]) <= words("my the our to do todo to-do shopping task")
    ):
        rest = rest[listed + 1 :]
    span = days.when(rest, 0) if rest.tokens else None
    if span is not None and (span.end == len(rest) or rest.key(span.end) in words("to : , - called about that")):
        slots = replace(slots, due=span.day)
        rest = rest[span.end :]
    for lead in _CONNECTORS:
        if rest.starts(*lead) and (len(rest) > len(lead) or lead[0] in (":", "-")):
            rest = rest[len(lead) :]
            break
    return strip_marks(rest, ":,-–"), slots


def _tasks(rest: Phrase, slots: Slots, days: Calendar, *, many: bool = False) -> list[Command]:
    """One task, or several that are joined by commas and "and"."""
    parts = _split_titles(rest, days, many=many)
    if len(parts) == 1:
        return [_one(parts[0], slots, days)]
    tasks = [_one(part, slots, days) for part in parts]
    # A day at the very end may be meant for all; it is only certain for the last one.
    return list(tasks)


def _one(phrase: Phrase, slots: Slots, days: Calendar) -> Command:
    hour = days.time(strip_marks(phrase), 0)
    if hour is not None and hour[0] == len(strip_marks(phrase)):
        # "Remind me at 5": of what?
        return Add("", slots)
    if phrase.key(-1) == "instead" and len(phrase) > 1:
        phrase = phrase[:-1]
    taken = take_slots(phrase, days)
    merged = _merged(slots, taken)
    rest = taken.phrase
    if (
        rest.key(0) in ("to", "about", "of")
        and len(rest) > 1
        and (taken.slots.due or taken.time or title_verb(rest.key(1)))
    ):
        # "remind me tomorrow to call mum"
        rest = rest[1:]
        taken.phrase = rest
    elif (to := _timed(phrase, days)) is not None:
        inner = take_slots(to[0], days)
        title = inner.title()
        if to[1].casefold() not in title.casefold():
            title = f"{title} {to[1]}"
        return Add(title, replace(_merged(slots, inner), due=inner.slots.due or merged.due or days.today))
    title = taken.title()
    if not rest.tokens or not title.strip(" ,.;:!?-–—\"'()"):
        return Add("", merged)
    return Add(title, merged)


def _timed(phrase: Phrase, days: Calendar) -> tuple[Phrase, str] | None:
    """The task in "at 5pm to call the bank", and the time."""
    clock = days.time(phrase, 0) if phrase.key(0) in ("at", "around", "by", "@") else None
    if clock is None or phrase.key(clock[0]) not in ("to", "about", "that", ",", "i") or len(phrase) <= clock[0] + 1:
        return None
    return phrase[clock[0] + 1 :], clock[1]


def _merged(slots: Slots, taken: Parts) -> Slots:
    own = taken.slots
    return replace(own, due=own.due or slots.due, priority=own.priority or slots.priority)


def _split_titles(rest: Phrase, days: Calendar, *, many: bool) -> list[Phrase]:
    places: list[tuple[int, int]] = []
    strong = commas = bracketed = 0
    at = 0
    while at < len(rest):
        bracketed += (rest.key(at) == "(") - (rest.key(at) == ")")
        end = at
        while bracketed <= 0 and rest.key(end) in words(", and & then also plus ;"):
            end += 1
        if end > at and at > 0 and end < len(rest):
            places.append((at, end))
            commas += rest.key(at) == ","
        strong += rest.key(at) == ";"
        at = max(end, at + 1)
    if not places:
        return [rest]
    parts = split_at(rest, places)
    if any(_is_detail(part, days) for part in parts):
        # ", high priority, by Friday" are details, no titles.
        return _split_before_details(rest, parts, places, days, many=many)
    if len(parts) < 2:
        return [rest]
    if many or strong or all(_quoted(part) for part in parts):
        return parts
    if all(take_slots(part, days).slots.due for part in parts):
        # "Milk for today and eggs for tomorrow": each has a day of its own.
        return parts
    verbs = [title_verb(part.key(0)) and len(part) > 1 for part in parts]
    if all(verbs):
        return parts
    short = all(len(strip_marks(part)) <= 3 and not set(part.keys) & _SMALL_WORDS for part in parts)
    if commas and short and not verbs[0]:
        return parts
    return [rest]


def _split_before_details(
    rest: Phrase, parts: list[Phrase], places: list[tuple[int, int]], days: Calendar, *, many: bool
) -> list[Phrase]:
    titles = 0
    for part in parts:
        if _is_detail(part, days):
            break
        titles += 1
    if titles < 2:
        return [rest]
    cut = places[titles - 1][0]
    split = _split_titles(rest[:cut], days, many=many)
    if len(split) == 1:
        return [rest]
    # The details follow the last title.
    return [*split[:-1], Phrase(rest.text, (*split[-1].tokens, *rest.tokens[cut:]))]


def _is_detail(phrase: Phrase, days: Calendar) -> bool:
    """Whether nothing is left of a part for a title: "by Friday", "high priority"."""
    return priority_of(phrase, alone=False) is not None or not take_slots(phrase, days).phrase.tokens


def _quoted(phrase: Phrase) -> bool:
    return (
        bool(phrase.tokens)
        and strip_marks(phrase).tokens[:1] != ()
        and strip_marks(phrase).tokens[0].kind is Kind.QUOTED
    )


# -- Notes


def _note(clause: Phrase, days: Calendar) -> Command | None:
    """Add a note to call mum: ask about Sunday; add "two litres" to the notes of buy milk; describe it as …."""
    key = clause.key(0)
    if key == "describe":
        at = clause.find("as", "with", ":")
        if at > 1 and at + 1 < len(clause):
            return _noted(clause[1:at], clause[at + 1 :], days)
        return None
    if key not in words("add put attach write set change update edit append leave note"):
        return None
    if key in ("append", "attach"):
        to = next((i for i in range(len(clause) - 2, 1, -1) if clause.key(i) == "to"), -1)
        if to > 1 and not set(clause.keys[to + 1 :]) & LIST_NOUNS:
            return _noted(clause[to + 1 :], clause[1:to], days)
    if key == "add" and clause.key(1) == "to" and (noun := clause.find("task", "item", "todo")) > 2:
        text = clause[noun + 1 :]
        if noun <= _LONGEST_NAME and text.key(0) in ("that", ":", ",") and len(text) > 1:
            # "Add to the gym task that I need a towel"
            return _noted(clause[2:noun], text[1:], days)
    nouns = words("note notes description comment detail details remark")
    at = clause.find(*nouns)
    if at < 0 or (key == "note" and at == 0):
        return None
    if at <= 3 and set(clause.keys[1:at]) <= ARTICLES | words("another new more further short"):
        return _note_after(clause[at + 1 :], days)
    if key not in ("add", "put", "append", "write", "attach"):
        return None
    # "add milk to buy milk's description", "add milk as a note to buy milk"
    to = next((i for i in range(at, 0, -1) if clause.key(i) in ("to", "in", "as", "into")), -1)
    if to < 2:
        return None
    text, rest = clause[1:to], clause[to + 1 : at]
    if clause.key(to) == "as":
        return (
            _noted(clause[at + 2 :], text, days)
            if clause.key(at + 1) in ("to", "on", "for", "of") and len(clause) > at + 2
            else None
        )
    if clause.key(at + 1) in ("of", "for", "on") and len(clause) > at + 2:
        return _noted(clause[at + 2 :], text, days)
    if rest.key(-1) == "'s":
        rest = rest[:-1]
    return _noted(rest, text, days) if rest.tokens else None


def _note_after(rest: Phrase, days: Calendar) -> Command | None:
    if rest.key(0) in ("to", "on", "for", "of"):
        end = rest.find(":", "saying", "says", "-")
        if end < 0:
            end = rest.find("that", "to", start=1)
        if end < 0 and rest.tokens[-1].kind is Kind.QUOTED and len(rest) > 2:
            return _noted(rest[1:-1], rest[-1:], days)
        if end < 2 or end + 1 >= len(rest):
            if end < 0 and len(rest) > 1:
                return Say(
                    f"What should the note say? Please tell me in one go, such as: add a note to {rest[1:].raw()}: …"
                )
            return None
        target = rest[1:end]
        if target.key(-1) == "that":
            target = target[:-1]
        return _noted(target, rest[end + 1 :], days)
    if rest.key(0) == ":":
        rest = rest[1:]
    to = next((i for i in range(len(rest) - 1, 0, -1) if rest.key(i) in ("to", "on", "for")), -1)
    return _noted(rest[to + 1 :], rest[:to], days) if 0 < to < len(rest) - 1 else None


def _noted(target: Phrase, text: Phrase, days: Calendar) -> Command:
    return Change(parse_reference(target, days), Slots(note=clean_title(text)))
