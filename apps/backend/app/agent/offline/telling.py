"""Facts that people tell: what they have done, and what has become of a task."""

from __future__ import annotations

from typing import Final

from app.agent.offline.commands import Change, Command, Deed, Do, Say, Undo
from app.agent.offline.dates import Calendar
from app.agent.offline.lexicon import TITLE_VERBS, is_past, lemmas, words
from app.agent.offline.references import Bare, Named, Recent, Shown, exception_at, parse_reference
from app.agent.offline.slots import Slots, clean_title, priority_of, take_slots
from app.agent.offline.text import Kind, Phrase, strip_marks
from app.models.task import Priority

_ADVERBS: Final = words("just already finally now also actually even really have had got to ever yet all")
_DONE: Final = words("done complete completed finished checked ticked")
_EVERYTHING: Final = words("all everything everyone everybody anything anyone anybody nothing nobody none")
_UNDONE: Final = words("undone incomplete unfinished open pending uncompleted")
_FINISH: Final = words("finish complete do tick wrap")
_NOT_YET: Final = words("yet anymore any longer more still today now though")
_MISTAKE: Final = (
    "that is wrong|that was wrong|wrong|wrong one|wrong task|that was a mistake|that is a mistake|not that one|not that|not this one|"
    "i did not mean that|i did not mean it|i did not mean to|my mistake|oops|whoops|my bad|that is not right|that is not what i meant|"
    "that is not what i wanted|that is not what i said|that is not it|that was the wrong one|it was a mistake|scratch that|"
    "that is incorrect|not what i meant|you got it wrong|you got that wrong|i made a mistake|i meant something else|"
    "i did not|i have not|i have not yet|i have not done that|i have not done it|i did not do that|i did not do it"
)
_MISTAKES: Final = frozenset(tuple(text.split()) for text in _MISTAKE.split("|"))
_UNDOS: Final = frozenset(
    tuple(text.split())
    for text in [
        "undo",
        "undo that",
        "undo it",
        "undo this",
        "undo last",
        "undo the last",
        "undo please",
        "undo the last one",
        "undo the last action",
        "undo the last change",
        "undo my last change",
        "undo last action",
        "undo last change",
        "undo everything",
        "undo what you did",
        "undo the deletion",
        "undo delete",
        "undo the delete",
        "take that back",
        "take it back",
        "take this back",
        "revert",
        "revert that",
        "revert it",
        "revert this",
        "roll back",
        "roll it back",
        "rollback",
        "put it back",
        "put that back",
        "put them back",
        "put those back",
        "bring it back",
        "bring that back",
        "bring them back",
        "bring those back",
        "get it back",
        "get them back",
        "undelete",
        "undelete it",
        "undelete that",
        "undelete them",
        "restore it",
        "restore that",
        "restore them",
        "restore the task",
        "restore the deleted task",
        "restore the last one",
        "give it back",
        "change it back",
        "change that back",
        "set it back",
        "i want it back",
        "i want that back",
        "i want to undo",
        "i want to undo that",
        "reverse that",
        "reverse it",
        "go back",
        "undo the last thing",
        "undo all that",
        "undo all of that",
        "unadd that",
        "unadd it",
        "add it back",
        "add them back",
        "add that back",
        "i need it back",
    ]
)


_LAST: Final = words(
    "undo the last latest thing action change step one you i we did made just command that this it them both all everything my please"
)


_BACK: Final = words("back undelete restore")
_TIMES: Final = words("two three four five 2 3 4 5 twice times few couple")


def undoing(clause: Phrase) -> Command | None:
    """Undo, or a remark that something went wrong."""
    keys = tuple(key for key in clause.keys if key not in (",", ".", "!", "?", "…", "-"))
    if keys[:1] == ("undo",) and set(keys) & _TIMES and set(keys) <= _LAST | _TIMES | words("of changes actions steps"):
        return Say("I undo one thing at a time, the last one first. Say “undo” once for each.")
    if len(keys) == 3 and keys[0] == "add" and keys[1] in ("it", "that", "this", "them") and keys[2] == "again":
        return Undo(sure=False)
    fillers = words(
        "oops oh no wait please sorry hey ok okay ah argh damn can could you actually hmm whoops just thanks"
    )
    while len(keys) > 1 and keys[0] in fillers:
        keys = keys[1:]
    while len(keys) > 1 and keys[-1] in ("please", "thanks", "again", "now"):
        keys = keys[:-1]
    if keys in _UNDOS or (keys[:1] == ("undo",) and set(keys) <= _LAST):
        return Undo(back=bool(set(keys) & _BACK) and keys[0] not in ("take", "roll", "go", "change", "set"))
    if keys[:5] in (("i", "did", "not", "mean", "to"), ("i", "did", "not", "want", "to")) and len(keys) > 5:
        return Undo(sure=False)
    if keys[:2] in (("i", "meant"), ("i", "mean")) and len(keys) > 2:
        return Undo(sure=False)
    return Undo(sure=False) if keys in _MISTAKES else None


def telling(clause: Phrase, days: Calendar) -> Command | None:
    """What a fact means for the list, or None when the clause tells none."""
    clause = strip_marks(clause)
    while clause.key(-1) == "too" or clause.keys[-2:] == ("as", "well"):
        clause = clause[: -1 if clause.key(-1) == "too" else -2]
    if not clause.tokens:
        return None
    return (
        _not_needed(clause, days)
        or _not_done(clause, days)
        or _have_done(clause, days)
        or _state(clause, days)
        or _marked_at_the_end(clause, days)
        or _past_at_the_end(clause)
    )


def _have_done(clause: Phrase, days: Calendar) -> Command | None:
    """I bought the milk; just finished the report; paid rent; done with 1 and 3."""
    rest = clause
    person = rest.key(0) in ("i", "we")
    if person:
        rest = rest[1:]
    state = person and rest.key(0) in ("am", "are")
    while (rest.key(0) in ("have", "am", "are", "had") and person) or rest.key(0) in _ADVERBS - {
        "have",
        "got",
        "to",
        "had",
    }:
        rest = rest[1:]
    verb = rest.key(0)
    if rest.tokens and rest.tokens[0].kind is not Kind.WORD:
        return None
    if state and verb not in ("done", "finished", "through"):
        # "I'm bored" is how they feel.
        return None
    if verb in ("done", "finished", "through") and rest.key(1) == "with" and len(rest) > 2:
        return Do(Deed.COMPLETE, parse_reference(rest[2:], days))
    if not is_past(verb) or len(rest) < 2 or rest.key(1) in (":", "not"):
        return None
    base = lemmas(verb)
    if not person and (verb in TITLE_VERBS or base & words("be have need think say want like love")):
        # "read chapter 3" and "put it away" may be errands.
        return None
    if verb in ("done", "did", "had", "got") and not person and verb not in ("done", "did", "got"):
        return None
    objects = rest[1:]
    if base & _FINISH or ((verb == "ticked" or verb == "checked" or verb == "crossed") and "off" in objects.keys):
        if objects.key(0) in ("off", "up"):
            objects = objects[1:]
        target = parse_reference(_plain(objects), days)
        return Do(Deed.COMPLETE, target)
    if base & words(
        "be have love like hate think hope want need mean say feel know see tell ask add forget decide change lose"
    ) and not base & words("see tell ask change"):
        return None
    if _leaves_out(objects, days):
        # "I called everyone but mum": the one that is named is what isn't done.
        return Do(Deed.COMPLETE, Bare())
    return Do(Deed.COMPLETE, Named(_plain(rest)), told=True)


def _leaves_out(objects: Phrase, days: Calendar) -> bool:
    every = next((i for i, key in enumerate(objects.keys) if key in _EVERYTHING), -1)
    return every >= 0 and any(exception_at(objects, at) for at in range(every + 1, len(objects)))


def _plain(phrase: Phrase) -> Phrase:
    while len(phrase) > 1 and phrase.key(-1) in words(
        "already today now yesterday too finally this morning earlier just tonight !"
    ):
        phrase = phrase[:-1]
    return phrase


def _not_done(clause: Phrase, days: Calendar) -> Command | None:
    """I haven't paid the rent; I didn't finish the report."""
    keys = clause.keys
    if (
        keys[0] not in ("i", "we")
        or clause.key(1) not in ("have", "did", "had")
        or clause.key(2) not in ("not", "never")
    ):
        return None
    rest = clause[3:]
    while (
        rest.key(0) in ("yet", "actually", "even", "really", "been", "done") and len(rest) > 1 and rest.key(0) != "done"
    ):
        rest = rest[1:]
    while rest.key(-1) in _NOT_YET and len(rest) > 1:
        rest = rest[:-1]
    if rest.tokens and rest.tokens[0].kind is Kind.TITLE:
        return Do(Deed.REOPEN, Named(rest), told=True)
    if len(rest) < 2:
        return None
    base = lemmas(rest.key(0))
    if base & words("mean want say ask know understand like think need see hear"):
        return Undo(sure=False) if base & words("mean want ask say") else None
    target = parse_reference(rest[1:], days) if base & _FINISH else Named(rest)
    return Do(Deed.REOPEN, target, told=True)


def _not_needed(clause: Phrase, days: Calendar) -> Command | None:
    """I don't need the milk anymore; I no longer have to call mum; the dentist can go."""
    keys = clause.keys
    said = set(keys)
    over = bool(said & words("anymore longer")) or keys[-2:] == ("any", "more")
    if (
        (keys[0] in ("i", "we") and over)
        or clause.starts("no", "need", "to")
        or (clause.starts("i", "do", "not", "need") and len(clause) > 4)
    ):
        for lead in (
            ("i", "no", "longer", "have", "to"), ("i", "no", "longer", "need", "to"), ("i", "no", "longer", "need"), ("i", "no", "longer", "want", "to"), ("i", "no", "longer", "want"),
            ("i", "do", "not", "have", "to"), ("i", "do", "not", "need", "to"), ("i", "do", "not", "need"), ("i", "do", "not", "want", "to"), ("i", "do", "not", "want"),
            ("i", "am", "not", "going", "to"), ("i", "will", "not"), ("we", "no", "longer", "need"), ("we", "do", "not", "need", "to"), ("we", "do", "not", "need"), ("no", "need", "to"), ("we", "no", "longer", "have", "to"), ("we", "do", "not", "have", "to"),
        ):  # fmt: skip
            if not clause.starts(*lead) or len(clause) <= len(lead):
                continue
            rest = clause[len(lead) :]
            while rest.key(-1) in _NOT_YET and len(rest) > 1:
                rest = rest[:-1]
            if rest.key(0) in ("help", "you", "anything", "that", "this", "it") and not over:
                return None
            target = Named(rest) if lead[-1] in ("to", "not") else parse_reference(rest, days)
            return Do(Deed.DELETE, target, sure=False, told=True)
        return None
    for tail in (("is", "no", "longer", "needed"), ("is", "no", "longer", "necessary"), ("is", "no", "longer", "relevant"), ("is", "not", "needed", "anymore"), ("is", "not", "necessary", "anymore"), ("is", "not", "needed"), ("can", "go"), ("is", "obsolete"), ("is", "cancelled"), ("is", "canceled"), ("was", "cancelled"), ("got", "cancelled"), ("is", "off")):  # fmt: skip
        if keys[-len(tail) :] == tail and len(clause) > len(tail) and keys[0] not in ("i", "what"):
            return Do(Deed.DELETE, parse_reference(clause[: -len(tail)], days), sure=False, told=True)
    return None


def _state(clause: Phrase, days: Calendar) -> Command | None:
    """Buy milk is done; rent is paid; the report is due on Friday; call mum is not urgent; it should be blue."""
    at = next(
        (
            i
            for i in range(1, min(len(clause), 60))
            if clause.key(i) in words("is are was were has have should must needs need can will isn't ought")
            and clause.tokens[i].kind is Kind.WORD
        ),
        0,
    )
    at = at or (
        clause.find("'s")
        if 0 < clause.find("'s") < len(clause) - 1
        and (
            clause.key(clause.find("'s") + 1) in _DONE | {"now", "all", "due"}
            or (clause.find("'s") == len(clause) - 2 and is_past(clause.key(-1)))
        )
        else 0
    )
    no_longer = clause.keys[at - 2 : at] == ("no", "longer")
    subject = clause[: at - 2] if no_longer else clause[:at]
    if (
        not at
        or at + 1 >= len(clause)
        or not subject.tokens
        or subject.key(0) in words("i we you he she what which there who how why")
    ):
        return None
    verb, rest = clause.key(at), clause[at + 1 :]
    while (
        rest.key(0) in words("now all already just really still also been actually finally be to a") and len(rest) > 1
    ):
        rest = rest[1:]
    negated = no_longer
    if rest.starts("no", "longer") and len(rest) > 2:
        negated, rest = True, rest[2:]
    if rest.key(0) in ("not", "never") and len(rest) > 1:
        negated, rest = True, rest[1:]
        while rest.key(0) in words("yet actually really that so very all been even") and len(rest) > 1:
            rest = rest[1:]
    while (
        rest.key(-1) in words("yet now already anymore again today though")
        and len(rest) > 1
        and rest.key(-2) != "due"
        and rest.key(-1) != "today"
    ):
        rest = rest[:-1]
    target = parse_reference(subject, days)
    if (
        verb in ("has", "have", "needs", "need")
        and (negated or rest.key(0) == "no")
        and set(rest.keys) <= words("no a any due date deadline dates")
    ):
        return Change(target, Slots(clear_due=True))
    if verb in words("is are was were has have 's isn't"):
        if rest.key(0) in _DONE and len(rest) == 1:
            return Do(Deed.REOPEN if negated else Deed.COMPLETE, target, told=negated)
        if rest.key(0) in _UNDONE and len(rest) == 1:
            return Do(Deed.COMPLETE if negated else Deed.REOPEN, target, told=not negated, sure=not negated)
        level = priority_of(rest)
        if level is not None and verb != "has":
            return Change(target, Slots(priority=Priority.LOW if negated else level))
        if negated and rest.key(0) == "important":
            return Change(target, Slots(priority=Priority.LOW))
    taken = take_slots(rest, days)
    if taken.slots.due and not (
        set(taken.phrase.keys)
        - words("be done finished complete completed happen ready due it by on wait until moved to scheduled for")
    ):
        return Change(target, Slots(due=taken.slots.due)) if not negated else None
    if verb in ("should", "ought", "must") and not negated and rest.tokens:
        return _should(target, rest, days)
    if (
        verb in words("is are was were has have 's")
        and len(rest) <= 3
        and is_past(rest.key(0))
        and rest.key(0) not in ("been", "had", "was")
    ):
        named = Named(Phrase(clause.text, (rest.tokens[0], *subject.tokens)))
        return Do(Deed.REOPEN if negated else Deed.COMPLETE, named, told=True)
    if verb == "is" and isinstance(target, Recent) and clause.key(0) == "it":
        # "(actually) it's oat milk": what it is called is corrected, once that is agreed to.
        return Change(Recent(), title=clean_title(rest), instead=True, sure=False) if not negated else None
    return None


def _should(target: object, rest: Phrase, days: Calendar) -> Command | None:
    while rest.key(0) in words("be say read have called named instead") and len(rest) > 1:
        rest = rest[1:]
    if rest.key(-1) == "instead" and len(rest) > 1:
        rest = rest[:-1]
    level = priority_of(rest)
    if level is not None:
        return Change(target, Slots(priority=level))  # type: ignore[arg-type]
    return Change(target, title=clean_title(rest), instead=True, sure=False)  # type: ignore[arg-type]


def _past_at_the_end(clause: Phrase) -> Command | None:
    """Rent paid; milk bought: an errand of its own when no task is called so."""
    if not 2 <= len(clause) <= 4 or any(token.kind is not Kind.WORD for token in clause.tokens):
        return None
    verb, first = clause.key(-1), clause.key(0)
    if not is_past(verb) or not lemmas(verb) & TITLE_VERBS or verb in TITLE_VERBS:
        return None
    if (first in TITLE_VERBS and len(clause) > 2) or first in words(
        "i we you he she it they what who not never no get have nobody everyone is"
    ):
        return None
    named = Named(Phrase(clause.text, (clause.tokens[-1], *clause.tokens[:-1])))
    return Do(Deed.COMPLETE, named, title=clause.raw())


def _marked_at_the_end(clause: Phrase, days: Calendar) -> Command | None:
    """#1 done; buy milk: done; buy milk ✓; them all done."""
    last = clause.key(-1)
    if len(clause) < 2 or (last not in _DONE and last not in ("✓", "✔", "✅", "☑")):
        return None
    head = strip_marks(clause[:-1])
    if head.key(-1) in words("as be is get to well almost not nearly half been getting"):
        return None
    if not head.tokens or head.key(0) in words("i we you what who how not get all well"):
        return (
            Do(
                Deed.COMPLETE,
                Shown() if head.key(0) == "all" and len(head) == 1 else parse_reference(head, days),
                sure=False,
            )
            if head.key(0) == "all"
            else None
        )
    return Do(Deed.COMPLETE, parse_reference(head, days))
