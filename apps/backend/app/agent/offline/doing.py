"""Commands to tasks that are on the list: complete, reopen, delete, change."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from app.agent.offline.commands import Change, Command, Deed, Do, Say, Undo
from app.agent.offline.dates import Calendar, count
from app.agent.offline.lexicon import (
    ARTICLES,
    CHANGE,
    COMPLETE,
    DELETE,
    LOOSE_DELETE,
    REOPEN,
    closest,
    words,
)
from app.agent.offline.references import (
    Bare,
    Filter,
    Places,
    Recent,
    Reference,
    Shown,
    exception_at,
    parse_reference,
)
from app.agent.offline.slots import Slots, clean_title, priority_of, take_slots
from app.agent.offline.text import Kind, Phrase, strip_marks
from app.models.task import Priority

_DONE: Final = words("done complete completed finish finished checked ticked off closed")
_UNDONE: Final = words(
    "undone incomplete uncompleted unfinished open pending active todo to-do unchecked unticked outstanding"
)
_TICKS: Final = ("✓", "✔", "✅", "☑")
_FIELDS: Final = {
    **dict.fromkeys(("title", "name", "text", "wording"), "title"),
    **dict.fromkeys(("priority", "prio", "importance", "urgency"), "priority"),
    **dict.fromkeys(("date", "deadline", "due"), "due"),
    **dict.fromkeys(("note", "notes", "description", "details", "comment"), "note"),
}
_POSTPONE: Final = words("postpone push delay shift defer reschedule move snooze extend bring")
_TO: Final = words("to for until till by as on into due")
_VERBS: Final = frozenset(
    COMPLETE
    | DELETE
    | REOPEN
    | CHANGE - words("put get give take call bring fix set move make star bump swap turn snooze")
)


def doing(clause: Phrase, days: Calendar) -> Command | None:
    """What a clause wants done to tasks, or None when it begins with no such verb."""
    first = clause.key(0)
    if clause.tokens[0].kind is Kind.MARK:
        if first in _TICKS and len(clause) > 1:
            return Do(Deed.COMPLETE, parse_reference(clause[1:], days))
        return None
    if clause.tokens[0].kind is not Kind.WORD:
        return None
    sure = True
    verb = first
    if not (
        verb in COMPLETE | DELETE | REOPEN | CHANGE | LOOSE_DELETE
        or verb in words("close check undo restore done completed finished off")
    ):
        near = closest(verb, _VERBS) or ({"ad": "add", "rmv": "remove"}.get(verb))
        if near is None or near == "add" or len(clause) < 2:
            return None
        verb, sure = near, near not in DELETE
    rest = clause[1:]
    if verb in DELETE or (clause.starts("get", "rid", "of")):
        if clause.starts("get", "rid", "of"):
            rest = clause[3:]
        return _deletion(rest, days, sure=sure)
    if (
        verb in ("take", "strike", "cross", "throw", "clear")
        and rest.key(0) in ("off", "out", "away")
        and len(rest) > 1
    ):
        return Do(Deed.COMPLETE if verb == "cross" else Deed.DELETE, parse_reference(rest[1:], days))
    if (found := _completion(verb, rest, clause, days, sure=sure)) is not None:
        return found
    if verb in REOPEN or verb in ("restore", "undo") or (verb == "open" and rest.key(-1) == "again"):
        rest = rest[:-1] if rest.key(-1) in ("again", "back") else rest
        return Do(Deed.REOPEN, parse_reference(rest, days), title="undo" if verb in ("restore", "undo") else "")
    if verb in CHANGE and (change := _change(verb, rest, clause, days)) is not None:
        return change
    if verb in LOOSE_DELETE:
        return _loose_deletion(verb, rest, clause, days)
    return None


# -- Completing


def _completion(verb: str, rest: Phrase, clause: Phrase, days: Calendar, *, sure: bool) -> Command | None:
    if verb in ("done", "completed", "finished") and rest.key(0) in ("with", ":", "-") and len(rest) > 1:
        return Do(Deed.COMPLETE, parse_reference(rest[1:], days))
    if verb in ("done", "completed", "finished") and not strip_marks(rest).tokens:
        return Do(Deed.COMPLETE, Bare())
    if verb in ("finish", "complete"):
        if rest.key(0) in ("with", "up", "off") and len(rest) > 1:
            rest = rest[1:]
        return Do(Deed.COMPLETE, parse_reference(_off(rest), days), title=clause.raw() if len(rest) else "", sure=sure)
    if verb in ("tick", "cross"):
        if rest.key(0) in ("off", "out"):
            rest = rest[1:]
        return Do(Deed.COMPLETE, parse_reference(_off(rest), days), sure=sure)
    if verb == "close":
        if rest.key(0) == "out":
            rest = rest[1:]
        return Do(Deed.COMPLETE, parse_reference(rest, days), title=clause.raw())
    if verb == "check":
        if rest.key(0) == "off" and len(rest) > 1:
            return Do(Deed.COMPLETE, parse_reference(rest[1:], days))
        if "off" in rest.keys[-4:]:
            return Do(Deed.COMPLETE, parse_reference(_off(rest), days))
        target = parse_reference(rest, days)
        if isinstance(target, Places | Recent | Shown):
            return Do(Deed.COMPLETE, target)
        if isinstance(target, Filter | Bare):
            return None
        # To check something may be an errand of its own.
        return Do(Deed.COMPLETE, target, sure=False, title=clause.raw())
    if verb in words("mark set make flag move put change update get label"):
        return _marked(verb, rest, days)
    return None


def _narrows(rest: Phrase, at: int) -> bool:
    """Whether an exception or a relative clause begins here, after the state."""
    if rest.tokens[at].kind is not Kind.WORD or rest.key(at - 1) not in _DONE | _UNDONE | {","}:
        return False
    return bool(exception_at(rest, at)) or (
        rest.key(at) in ("that", "which") and rest.key(at + 1) in words("is are has have")
    )


def _off(rest: Phrase) -> Phrase:
    """Without the "off" of "cross milk off (my list)"."""
    at = next((i for i in range(len(rest) - 1, max(-1, len(rest) - 6), -1) if rest.key(i) in ("off", "out")), -1)
    return rest[:at] if at > 0 else rest


def _marked(verb: str, rest: Phrase, days: Calendar) -> Command | None:
    """Mark … (as) done; mark as done: …; set … back to open; mark … off."""
    rest = strip_marks(rest)
    cut = next((i for i in range(1, len(rest)) if _narrows(rest, i)), 0)
    if cut and (found := _marked(verb, rest[:cut], days)) is not None and isinstance(found, Do):
        # "Mark everything done except the report": what narrows it belongs to the tasks.
        size = next((i for i in range(cut, 0, -1) if parse_reference(rest[:i], days) == found.target), 0)
        if size:
            return replace(found, target=parse_reference(rest.without(size, cut), days))
        return replace(found, sure=False)
    # The words of the state come first: "mark as done buy milk".
    at = 1 if rest.key(0) in ("as", "off") else 0
    if (at or rest.key(0) in ("done", "complete", "completed")) and verb in ("mark", "flag", "set", "check"):
        if rest.key(0) == "off" and len(rest) > 1:
            return Do(Deed.COMPLETE, parse_reference(rest[1:], days))
        state = rest.key(at)
        if state in _DONE or state in _UNDONE or (state == "not" and rest.key(at + 1) in _DONE):
            deed = Deed.COMPLETE if state in _DONE else Deed.REOPEN
            after = rest[at + (2 if state == "not" else 1) :]
            return Do(deed, parse_reference(after, days))
    end = len(rest)
    while rest.key(end - 1) in ("again", "now", "please", "already", "today", "thanks") and end > 1:
        end -= 1
    state = rest.key(end - 1)
    if end < 1 or (state not in _DONE and state not in _UNDONE):
        return None
    start = end - 1
    if rest.keys[end - 2 : end] == ("to", "do"):
        start, state = end - 2, "open"
    negated = rest.key(start - 1) in ("not", "un") and start > 0
    if negated:
        start -= 1
    while start > 0 and rest.key(start - 1) in words("as to be being back is are it's now status"):
        start -= 1
    linked = start < end - 1 - negated
    if verb in ("move", "put", "get", "change", "update", "label") and not linked:
        return None
    if state == "off" and verb not in ("mark", "get"):
        return None
    deed = Deed.REOPEN if negated or state in _UNDONE else Deed.COMPLETE
    if state in ("open", "active", "pending") and not linked and verb not in ("mark", "set"):
        return None
    target = rest[:start]
    if target.key(-1) == "'s":
        target = target[:-1]
    return Do(deed, parse_reference(target, days))


# -- Deleting


def _deletion(rest: Phrase, days: Calendar, *, sure: bool = True) -> Command:
    cleared = _cleared(rest, days)
    if cleared is not None:
        return cleared
    return Do(Deed.DELETE, parse_reference(rest, days), sure=sure)


def _cleared(rest: Phrase, days: Calendar) -> Command | None:
    """Remove the due date from pay rent; delete pay rent's deadline; remove the note of …."""
    at = next((i for i in range(min(6, len(rest))) if rest.key(i) in _FIELDS and rest.tokens[i].kind is Kind.WORD), -1)
    if at < 0:
        return None
    field = _FIELDS[rest.key(at)]
    end = at + 1 + (rest.key(at) == "due" and rest.key(at + 1) == "date")
    if (
        set(rest.keys[:at]) <= ARTICLES | words("due high low")
        and rest.key(end) in ("from", "of", "for", "on")
        and len(rest) > end + 1
    ):
        target = parse_reference(rest[end + 1 :], days)
    elif at > 1 and rest.key(at - 1) == "'s" and end == len(rest):
        target = parse_reference(rest[: at - 1], days)
    elif at > 2 and rest.key(at - 2) == "'s" and rest.key(at - 1) == "due" and end == len(rest):
        target = parse_reference(rest[: at - 2], days)
    elif set(rest.keys[:at]) <= ARTICLES and end == len(rest):
        target = Recent()
    else:
        return None
    if field == "due":
        return Change(target, Slots(clear_due=True))
    if field == "priority":
        return Change(target, Slots(priority=Priority.MEDIUM))
    if field == "note":
        return Change(target, Slots(note=""))
    return None


def _loose_deletion(verb: str, rest: Phrase, clause: Phrase, days: Calendar) -> Command | None:
    """Verbs that delete when a task of that name is there, and begin an errand otherwise."""
    off = next((i for i in range(1, len(rest)) if rest.key(i) in ("off", "out") and i >= len(rest) - 5), -1)
    if verb in ("take", "get", "strike"):
        if off > 0 and (off == len(rest) - 1 or rest.key(-1) in ("list", "lists", "todos", "there")) and verb != "get":
            return Do(Deed.DELETE, parse_reference(rest[:off], days), title=clause.raw())
        return None
    if verb in ("clear", "empty", "wipe", "clean"):
        if rest.key(0) in ("out", "up", "off"):
            rest = rest[1:]
        if set(rest.keys) <= words(
            "my the our whole entire to do todo to-do task list lists tasks todos all everything of it"
        ):
            return Do(Deed.DELETE, Filter()) if rest.tokens else Do(Deed.DELETE, Bare())
        cleared = _cleared(rest, days)
        if cleared is not None:
            return cleared
        target = parse_reference(rest, days)
        return Do(Deed.DELETE, target, title=clause.raw()) if verb != "clean" or isinstance(target, Filter) else None
    if verb in words("forget scratch cancel drop kill bin lose ditch chuck"):
        if rest.key(0) == "about" and len(rest) > 1:
            rest = rest[1:]
        if rest.key(0) == "off" or not rest.tokens:
            return None
        cleared = _cleared(rest, days)
        if cleared is not None:
            return cleared
        if rest.key(0) in ("it", "that", "this") and len(rest) == 1:
            # Taken back or deleted? That is asked.
            return Undo(sure=False) if verb == "scratch" else Do(Deed.DELETE, Recent(), sure=False)
        if verb == "forget" and rest.key(0) in ("what", "i", "you", "everything"):
            return Undo(sure=False)
        return Do(Deed.DELETE, parse_reference(rest, days), title=clause.raw())
    return None


# -- Changing


def _change(verb: str, rest: Phrase, clause: Phrase, days: Calendar) -> Command | None:
    rest = strip_marks(rest)
    if not rest.tokens:
        return Change(Bare(), title="") if verb in ("rename", "edit", "change", "update") else None
    if verb in ("rename", "retitle", "reword"):
        return _rename(rest, days)
    if (found := _field(verb, rest, days)) is not None:
        return found
    if verb in ("prioritise", "prioritize", "bump", "star") or (verb == "raise" and "priority" not in rest.keys):
        target = rest[:-1] if rest.key(-1) in ("up", "top") else rest
        if verb == "bump" and (moved := _moved(target, days)) is not None:
            return moved
        if target.key(-1) == "to" or target.keys[-2:] == ("to", "the"):
            target = target[: target.find("to")]
        return Change(parse_reference(target, days), Slots(priority=Priority.HIGH), sure=verb != "bump")
    if verb in ("deprioritise", "deprioritize"):
        return Change(parse_reference(rest, days), Slots(priority=Priority.LOW))
    if verb in ("swap", "replace", "turn"):
        return _replaced(verb, rest, days)
    if verb in ("fix", "correct", "capitalise", "capitalize") or (
        verb in ("edit", "modify", "update", "change") and not set(rest.keys) & _TO
    ):
        return _edited(verb, rest, clause, days)
    if verb in _POSTPONE or (verb == "put" and rest.find("off", "back") > 0):
        moved = _moved(rest, days)
        if moved is not None:
            return moved
    if verb in words("set make mark flag label give change update edit modify move turn get put correct"):
        return _set(verb, rest, days)
    if verb in _POSTPONE and verb not in ("move", "bring", "push"):
        bare = rest[:-1] if rest.key(-1) in ("it", "back") and len(rest) > 1 else rest
        return Change(parse_reference(bare, days))
    return None


def _rename(rest: Phrase, days: Calendar) -> Command:
    if (
        set(rest.keys[:3]) & words("title name")
        and rest.key(0) in ("the", "title", "name")
        and (of := rest.find("of", "for")) > 0
    ):
        rest = rest[of + 1 :]
    cut = _cut(rest, "to", "into", "as", "=", ">")
    if cut < 0:
        return Change(parse_reference(rest, days), title="")
    return Change(parse_reference(rest[:cut], days), title=clean_title(rest[cut + 1 :]))


def _cut(phrase: Phrase, *marks: str) -> int:
    """Where the new value begins; after a title of the list or a quotation, should there be one."""
    known = next((i for i, t in enumerate(phrase.tokens) if t.kind in (Kind.TITLE, Kind.QUOTED)), 0)
    for start in (known + 1, 1):
        for at in range(start, len(phrase)):
            if phrase.key(at) in marks and phrase.tokens[at].kind is not Kind.QUOTED:
                return at
    return -1


def _field(verb: str, rest: Phrase, days: Calendar) -> Command | None:
    """Set the due date of X to Y; change X's priority to Y; lower the priority of X; give X high priority."""
    at = next((i for i in range(min(12, len(rest))) if rest.key(i) in _FIELDS and rest.tokens[i].kind is Kind.WORD), -1)
    if at < 0:
        return None
    field = _FIELDS[rest.key(at)]
    if rest.key(at) == "due" and rest.key(at + 1) != "date":
        return None
    end = at + 1 + (rest.key(at) == "due")
    if rest.key(end) in ("of", "for", "on", "from") and set(rest.keys[:at]) <= ARTICLES | words("due up down"):
        cut = _cut(rest[end + 1 :], "to", "as", "=", ":", "for", "into")
        body = rest[end + 1 :]
        target, value = (body[:cut], body[cut + 1 :]) if cut > 0 else _tail_value(field, body, days)
        return _fielded(verb, field, parse_reference(target, days), value, days)
    if at > 1 and (rest.key(at - 1) == "'s" or rest.keys[at - 2 : at] == ("'s", "due")):
        owner = rest[: at - 1] if rest.key(at - 1) == "'s" else rest[: at - 2]
        value = rest[end:]
        if value.key(0) in ("to", "as", "=", ":", "is"):
            value = value[1:]
        return _fielded(verb, field, parse_reference(owner, days), value, days)
    if set(rest.keys[:at]) <= words("the its it's his her due 's") and (
        rest.key(end) in ("to", "as", "=", "") or field == "due"
    ):
        value = rest[end + 1 :] if rest.key(end) in ("to", "as", "=") else rest[end:]
        return _fielded(verb, field, Recent(), value, days)
    return None


def _tail_value(field: str, body: Phrase, days: Calendar) -> tuple[Phrase, Phrase]:
    """The new value without a "to" before it: "set priority of call mum low"."""
    for size in range(1, min(8, len(body))):
        tail = body[-size:]
        if field == "priority" and priority_of(tail) is not None:
            return body[:-size], tail
        if field == "due" and (span := days.when(body, len(body) - size)) is not None and span.end == len(body):
            return body[:-size], tail
    return body, body[:0]


def _fielded(verb: str, field: str, target: Reference, value: Phrase, days: Calendar) -> Command | None:
    if field == "title":
        return Change(target, title=clean_title(value))
    if field == "note":
        return Change(target, Slots(note=clean_title(value))) if value.tokens else None
    if field == "priority":
        level = priority_of(value) if value.tokens else None
        if level is None and not value.tokens:
            step = (
                -1
                if verb in ("lower", "decrease", "reduce", "drop")
                else 1
                if verb in ("raise", "increase", "bump")
                else 0
            )
            return (
                Change(target, Slots(step=step)) if step else Say("Which priority should it have: high, medium or low?")
            )
        if level is None:
            taken = take_slots(value, days)
            level = taken.slots.priority
        return (
            Change(target, Slots(priority=level))
            if level
            else Say("I know three priorities: high, medium and low. Which one should it be?")
        )
    slots = _day_slots(value, days)
    return (
        Change(target, slots)
        if slots
        else Say("I don't know that day. When should it be due? For example: on Friday, or 15 March.")
    )


def _day_slots(value: Phrase, days: Calendar) -> Slots:
    if value.keys in (("none",), ("nothing",), ("never",), ("no", "date"), ("no", "due", "date")):
        return Slots(clear_due=True)
    span = days.when(value, 0) if value.tokens else None
    if span is not None and span.end >= len(value):
        return Slots(due=span.day)
    taken = take_slots(value, days)
    return taken.slots if not taken.phrase.tokens else Slots()


def _moved(rest: Phrase, days: Calendar) -> Command | None:
    """Postpone the report by a week; push pay rent back two days; move it to Friday; bring it forward to today."""
    for at in range(len(rest)):
        counted = count(rest, at)
        if counted is None or at == 0:
            continue
        number, unit, end = counted
        first, sign = at, 1
        while first > 0 and rest.key(first - 1) in words("by back forward out for ahead later another off up"):
            sign = -1 if rest.key(first - 1) in ("forward", "ahead", "up") else sign
            first -= 1
        if rest.key(end) in ("earlier", "sooner", "forward", "before"):
            sign, end = -1, end + 1
        elif rest.key(end) in ("later", "back", "more", "out", "further"):
            end += 1
        if end < len(rest) or rest.key(first - 1) in ("in", "to", "until", "till", "due", "within"):
            continue
        target = rest[:first] if first else rest[:0]
        return Change(_target(target, days), Slots(shift=(sign * number, unit)))
    for at in range(1, len(rest)):
        if rest.tokens[at].kind is Kind.QUOTED:
            continue
        led = rest.key(at) in words("to until till for as into off")
        after = led and rest.key(at + 1) == "after"
        span = days.when(rest, at + 1 + after, anywhere=True) if led else days.when(rest, at)
        if span is not None and after and span.last is not None:
            # "Until after the weekend"
            span = replace(span, due=span.last + dt.timedelta(days=1))
        if span is not None and span.end == len(rest):
            end = at
            while end > 0 and rest.key(end - 1) in words("back forward out off ahead over to until till for up due on"):
                end -= 1
            return Change(_target(rest[:end], days), Slots(due=span.day, time=span.time))
    return None


def _target(phrase: Phrase, days: Calendar) -> Reference:
    return parse_reference(phrase, days) if strip_marks(phrase).tokens else Recent()


def _set(verb: str, rest: Phrase, days: Calendar) -> Command | None:
    """Make it due Friday and high priority; set call mum for tomorrow; change milk to oat milk; make that oat milk."""
    while rest.key(-1) in ("instead", "rather") and len(rest) > 1:
        rest = rest[:-1]
    if verb == "make" and rest.key(0) in ("it", "that", "this") and len(rest) > 1:
        span = days.when(rest[1:], 0)
        if span is not None and span.end == len(rest) - 1:
            return Change(Recent(), Slots(due=span.day, time=span.time))
        hour = days.time(rest, 2 if rest.key(1) == "at" else 1)
        if hour is not None and hour[0] == len(rest):
            return Say("Tasks have a day but no time; say it in the title if you want to keep it.")
        if set(rest.keys) & words("every each daily weekly monthly yearly recurring repeating repeat recur"):
            return Say("I can't repeat tasks. Say when it is due next, for example: on Monday.")
    if rest.keys[-2:-1] in (("less",), ("more",)) and rest.key(-1) in ("important", "urgent") and len(rest) > 2:
        return Change(parse_reference(rest[:-2], days), Slots(step=-1 if rest.key(-2) == "less" else 1))
    cut = _cut(rest, "to", "into")
    if (
        verb in ("change", "update", "edit", "modify", "correct", "turn")
        or (verb in ("make", "set", "move") and cut > 0)
    ) and cut > 0:
        return _set_to(verb, rest[:cut], rest[cut + 1 :], days)
    head, slots, clock = _details(rest, days)
    if slots:
        if clock:
            slots = replace(slots, time=clock)
        while head.key(-1) in words("as to be a an for with is due on by and have at") and len(head) > 0:
            head = head[:-1]
        if not strip_marks(head).tokens:
            return None
        return Change(parse_reference(head, days), slots)
    if verb == "make" and rest.key(0) in ("it", "that", "this") and len(rest) > 1:
        return Change(Recent(), title=clean_title(rest[1:]), instead=True, loose=True)
    if verb in ("change", "update", "edit", "modify"):
        return _edited(verb, rest, rest, days)
    return None


def _set_to(verb: str, head: Phrase, value: Phrase, days: Calendar) -> Command | None:
    if value.keys[:1] in (("say",), ("read",), ("be",)) and len(value) > 1:
        value = value[1:]
    if (slots := _only_details(value, days)) is not None:
        return Change(parse_reference(head, days), slots)
    if (len(value) <= 2 and "priority" in value.keys) or not value.tokens:
        return Say("I know three priorities: high, medium and low. Which one should it be?")
    if verb in ("set", "move"):
        return None
    dated = any(days.when(value, at, anywhere=True) is not None for at in range(len(value)))
    return Change(parse_reference(head, days), title=clean_title(value), instead=True, loose=dated)


def _only_details(value: Phrase, days: Calendar) -> Slots | None:
    """Day and priority, in either order, where a value has nothing else: "high priority tomorrow", but no "high tide"."""
    level = priority_of(value)
    if level is not None:
        return Slots(priority=level)
    joined = value.find("and")
    if 0 < joined < len(value) - 1:
        first, second = _only_details(value[:joined], days), _only_details(value[joined + 1 :], days)
        if first is not None and second is not None:
            return replace(first, due=first.due or second.due, priority=first.priority or second.priority)
    taken = take_slots(value, days)
    left, slots, clock = taken.phrase, taken.slots, taken.time
    if left.tokens:
        left, slots, clock = _details(value, days)
        level = priority_of(left) if slots.priority is None else None
        if level is not None:
            left, slots = left[:0], replace(slots, priority=level)
    if not slots or strip_marks(left).tokens:
        return None
    return replace(slots, time=clock) if clock else slots


def _details(rest: Phrase, days: Calendar) -> tuple[Phrase, Slots, str]:
    """Takes days and priorities from the end, also several joined by "and"."""
    taken = take_slots(rest, days)
    slots, phrase, clock = taken.slots, taken.phrase, taken.time
    for _ in range(3):
        while phrase.key(-1) in words("and , with a an as to for due be"):
            phrase = phrase[:-1]
        for size in (4, 3, 2, 1):
            level = priority_of(phrase[-size:]) if len(phrase) > size and slots.priority is None else None
            if level is not None and phrase.key(-size) not in ("the",):
                phrase, slots = phrase[:-size], replace(slots, priority=level)
                break
        more = take_slots(phrase, days)
        if not more.slots:
            break
        slots = replace(
            slots,
            due=slots.due or more.slots.due,
            priority=slots.priority or more.slots.priority,
            clear_due=slots.clear_due or more.slots.clear_due,
        )
        phrase, clock = more.phrase, clock or more.time
    return phrase, replace(slots, repeat="", note=None), clock


def _replaced(verb: str, rest: Phrase, days: Calendar) -> Command | None:
    cut = _cut(rest, "with", "by", "for", "to", "into")
    if cut < 0 or cut + 1 >= len(rest):
        return None
    target = parse_reference(rest[:cut], days)
    return Change(target, title=clean_title(rest[cut + 1 :]), instead=True, sure=verb != "turn")


def _edited(verb: str, rest: Phrase, clause: Phrase, days: Calendar) -> Command | None:
    """Edit task 2; fix the typo in buy milk: what is to change isn't said."""
    if verb in ("capitalise", "capitalize"):
        return Say("I can't change the case of letters by myself; rename the task and say how it should be written.")
    if (
        rest.key(0) in ("the", "a", "my", "that")
        and rest.find("typo", "spelling", "mistake", "error") > 0
        and (at := rest.find("in", "of", "on")) > 0
    ):
        return Change(parse_reference(rest[at + 1 :], days), title="")
    if verb in ("fix", "correct"):
        return None
    target = parse_reference(rest, days)
    return Change(target, title="") if not isinstance(target, Filter) else None
