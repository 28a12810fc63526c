"""Understands a message: its clauses, and for each what is asked for.

The kinds of clauses are tried in one order, each by its own module: remarks, undo, prohibitions, questions, additions,
commands to tasks, facts. A clause that is none of them is a name: of a task, or of one that could be added.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from app.agent.offline.adding import adding
from app.agent.offline.asking import asking, date_asked
from app.agent.offline.clauses import Line, clauses_of, lines_of
from app.agent.offline.commands import Add, Again, Ask, Change, Command, Deed, Do, Fact, Pick, Reply, Say, Undo, Unknown
from app.agent.offline.dates import Calendar
from app.agent.offline.doing import doing
from app.agent.offline.lexicon import (
    COMPLETE,
    DELETE,
    LOOSE_DELETE,
    REOPEN,
    by_first_word,
    closest,
    known_share,
    lemmas,
    words,
)
from app.agent.offline.matching import NO_TITLES, Titles
from app.agent.offline.references import Bare, Filter, Named, Recent, parse_reference
from app.agent.offline.slots import Slots, clean_title, priority_of, take_slots
from app.agent.offline.talk import is_foreign, is_no, is_yes, small_talk
from app.agent.offline.telling import telling, undoing
from app.agent.offline.text import KEPT_PHRASES, Kind, Phrase, normalise, strip_marks, tokenize

MAX_WORDS: Final = 240
"""Words and marks of a message. Looking for what is meant takes longer than the message grows, so that it has an end."""
MAX_CLAUSE: Final = 80
"""Words and marks of one request: twenty tasks of three words, and more than any other takes."""
MAX_COMMANDS: Final = 20
"""Commands of one message that are carried out; a turn has a limited number of tool calls."""

_LEADS: Final = (
    ("can", "you", "please"), ("could", "you", "please"), ("would", "you", "please"), ("can", "you"), ("could", "you"),
    ("would", "you"), ("will", "you"), ("i", "want", "you", "to"), ("i", "would", "like", "you", "to"), ("i", "need", "you", "to"),
    ("i", "would", "like", "to"), ("you", "can"), ("you", "should"), ("go", "ahead", "and"), ("let", "us"), ("please",), ("pls",),
    ("kindly",), ("hey",), ("hi",), ("hello",), ("ok",), ("okay",), ("so",), ("well",), ("alright",), ("oh",), ("um",), ("uh",),
    ("hmm",), ("actually",), ("now",), ("just",), ("then",), ("yes",), ("yeah",), ("sure",), ("right",), ("yo",), ("listen",), ("ah",), ("great",), ("thanks",), ("cool",), ("perfect",), ("but",), ("sorry",), ("oops",), ("maybe",), ("and",), ("also",), ("plus",), ("btw",), ("first",), ("there",), ("assistant",), ("bot",), ("i", "think"), ("i", "guess"), ("perhaps",), ("go",), ("quickly",), ("quick",), ("next",),
    ("would", "you", "be", "so", "kind", "as", "to"), ("would", "you", "be", "so", "good", "as", "to"), ("would", "you", "be", "able", "to"), ("would", "it", "be", "possible", "to"), ("be", "so", "kind", "and"), ("be", "so", "good", "and"), ("be", "so", "kind", "as", "to"),
    *(
        (*wish, "if", "you", could)
        for wish in (("i", "would", "appreciate", "it"), ("i", "would", "be", "grateful"), ("i", "would", "be", "glad"), ("it", "would", "be", "great"), ("it", "would", "be", "nice"))
        for could in ("could", "would", "can")
    ), ("i", "want", "that", "you"), ("may", "i", "ask"), ("can", "i", "ask"), ("could", "i", "ask"), ("possibly",), ("may", "i"), ("could", "i"), ("can", "i"), ("to",), ("no", ","),
    ("no", "wait"), ("wait", "no"), ("wait", ","), ("on", "second", "thought"), ("on", "second", "thoughts"),
    ("try", "to"), ("help", "me", "to"), ("i", "wish", "to"), ("do", "me", "a", "favour", "and"), ("would", "you", "mind"), ("mind",),
)  # fmt: skip
_LEADS_BY_WORD: Final = by_first_word(_LEADS)
_TO_SEE: Final = (("may", "i"), ("could", "i"), ("can", "i"))
_RETRACTIONS: Final = (
    ("no",), ("nope",), ("wait",), ("never", "mind"), ("nevermind",), ("just", "kidding"), ("kidding",), ("jk",), ("scratch", "that"),
    ("on", "second", "thought"), ("on", "second", "thoughts"), ("i", "mean"), ("i", "meant"), ("or", "rather"), ("rather",), ("sorry", ","), ("sorry", "no"),
    ("sorry", "i", "meant"), ("sorry", "i", "mean"), ("oops",), ("whoops",), ("cancel", "that"), ("forget", "it"), ("forget", "that"), ("not", "really"),
    ("actually", "no"), ("actually", "not"), ("actually", ","), ("actually", "do", "not"), ("hold", "on"), ("do", "not"), ("not", "that"), ("hmm",), ("stop",),
)  # fmt: skip
"""What takes back a command of the same message, after a mark."""
_WHOLE_RETRACTIONS: Final = frozenset(
    words_
    for words_ in _RETRACTIONS
    if words_[-1] not in (",", "not", "mean", "meant", "rather", "hmm", "oops", "whoops", "really", "do")
)
"""Those that say all that is to be said."""
_RETRACTIONS_BY_WORD: Final = by_first_word(_RETRACTIONS)
_MARKS_BEFORE: Final = words(", . ! ? … - – — ; ( :") | {"\n"}
"""Those after which something may be taken back."""
_COURTESY: Final = words(
    "if you can could would will please possible do not mind it is be too much trouble may i ask like want have time a moment at all so kind okay ok alright that's that convenient for"
)
_SAME: Final = by_first_word((("do", "the", "same", "for"), ("do", "the", "same", "with"), ("do", "the", "same", "to"), ("same", "for"), ("same", "with"), ("the", "same", "for"), ("the", "same", "with"), ("same", "thing", "for"), ("same", "goes", "for"), ("do", "that", "for"), ("do", "it", "for"), ("also", "for"), ("likewise", "for"), ("and", "the", "same", "for"), ("do", "this", "for"), ("and", "for")))  # fmt: skip
RETRACTED: Final = "You took something of that back, so I did nothing. Please say once more what you want."
TOO_LONG: Final = "That is too long for me to follow, so I did nothing. Please send it in smaller parts."
CONDITION: Final = "I can't wait for something to happen, so I did nothing. Please tell me when it has happened."
_LEFT: Final = "All right, I leave everything as it is."
_NONE: Final = words("nothing none neither no")
_DOING: Final = COMPLETE | DELETE | REOPEN | LOOSE_DELETE | words("mark change move")
_SLIPS: Final = frozenset(
    {"sorry", "no", "oops", "wait", "no wait", "i mean", "i meant", "rather", "or rather", "whoops"}
)
_LONGEST_SLIP: Final = 24
_SLIP_AT_THE_END: Final = re.compile(r"\s*(?:\.\.+|…|,|-|–|—)\s*(?:no|oops|sorry|wait|no wait|whoops)$", re.IGNORECASE)
_MORE: Final = words("and also plus")
_HEDGES: Final = by_first_word(
    (("maybe",), ("perhaps",), ("possibly",), ("i", "think"), ("i", "guess"), ("might", "as", "well"))
)
_WANTED: Final = words(
    "add create delete remove mark complete finish tick show list see rename change move set clear check undo know reopen update edit postpone reschedule put get have view look find search cancel make"
)
_NO_TASK: Final = words("you your i'm he she they lol haha ha why who asdf")
_REMARK: Final = words("i we you he she they it this that there my your nobody everyone someone life")


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message asks for, in order.

    Attributes:
        commands: What is to be done.
        truncated: Whether it asked for more than is taken.
        phrase: The message's words.
        listed: Whether anything in it needs the list to be known.
    """

    commands: tuple[Command, ...]
    truncated: bool
    phrase: Phrase


def understand(message: str, days: Calendar, titles: Titles = NO_TITLES) -> Understood:
    """Understand a message.

    Args:
        message: What the user wrote.
        days: The user's.
        titles: Those of the list, which are taken as a whole wherever they are said.
    """
    said = _said(message)
    # The titles are no part of the key: a long list is megabytes, and another one after each change.
    return _understood(titles.mark(said), days, cut=said.cut)


@lru_cache(maxsize=256)
def _said(message: str) -> Phrase:
    return tokenize(normalise(message))


@lru_cache(maxsize=256)
def _understood(phrase: Phrase, days: Calendar, *, cut: bool) -> Understood:
    if cut or _is_too_long(phrase):
        # Not a part of it either: what follows may take it back.
        return Understood((Say(TOO_LONG),), truncated=False, phrase=phrase[:0])
    if _taken_back(phrase, days):
        return Understood((Say(RETRACTED),), truncated=False, phrase=_one_line(phrase))
    commands: list[Command] = []
    for command in _lines(lines_of(phrase), days):
        commands.append(command)
        if len(commands) > MAX_COMMANDS:
            break
    meant: list[Command] = [c for c in commands if not isinstance(c, Reply) and not _is_remark(c)]
    if meant and len(commands) > 1:
        # "Hi! Add milk. Thanks!" asks for one thing.
        commands = meant
    return Understood(tuple(commands[:MAX_COMMANDS]), len(commands) > MAX_COMMANDS, _one_line(phrase))


def _one_line(phrase: Phrase) -> Phrase:
    return Phrase(phrase.text, tuple(token for token in phrase.tokens if token.key != "\n"))


def _is_too_long(phrase: Phrase) -> bool:
    if len(phrase) <= MAX_CLAUSE:
        return False
    return len(phrase) > MAX_WORDS or any(
        len(clause) > MAX_CLAUSE for line in lines_of(phrase) for clause in clauses_of(line.phrase)
    )


def _taken_back(phrase: Phrase, days: Calendar) -> bool:
    """Whether a command to tasks is followed by "no wait", "sorry, I meant" and the like."""
    places = [at for at in range(1, len(phrase)) if _retracts(phrase, at)]
    if any(_only_retracts(phrase, at) for at in places[:1] + places[-2:]):
        # "Add eggs, never mind": not even an addition is left, nor are these words a title.
        return any(
            isinstance(command, Add | Do | Change | Undo) for command in _lines(lines_of(phrase[: places[0]]), days)
        )
    # What is said before the first of them, and what before the last: those between add nothing.
    return any(
        isinstance(command, Do | Change | Undo)
        for at in dict.fromkeys(places[:1] + places[-1:])
        for command in _lines(lines_of(phrase[:at]), days)
    )


def _retracts(phrase: Phrase, at: int) -> bool:
    before = phrase.tokens[at - 1]
    if before.kind is not Kind.MARK or before.key not in _MARKS_BEFORE:
        return False
    rest = phrase[at : at + 12]
    if not any(rest.starts(*lead) for lead in _RETRACTIONS_BY_WORD.get(rest.key(0), ())):
        return False
    return not (
        rest.key(0) in ("do", "stop") and len(strip_marks(phrase[at:])) > 2 and rest.key(2) in ("forget", "let")
    )


def _only_retracts(phrase: Phrase, at: int) -> bool:
    """Whether a message ends with nothing but a taking back, from here on."""
    rest = strip_marks(phrase[at:])
    before = phrase.key(at - 1)
    if before in ("(", ":") or (before == "," and rest.key(0) in ("do", "stop", "not", "hmm")):
        # "Pick up the kids, don't wait"; "learn a song: Never mind"
        return False
    return is_no(rest) or rest.keys in _WHOLE_RETRACTIONS


def _is_remark(command: Command) -> bool:
    return isinstance(command, Unknown) and len(command.text.split()) < 4


def needs_list(command: Command) -> bool:
    """Whether a command can't be carried out, or not be understood in the end, without knowing the list."""
    if isinstance(command, Add):
        return command.offer or command.implied
    return not isinstance(command, Reply | Say | Unknown | Undo)


# -- Lines


def _lines(lines: list[Line], days: Calendar) -> list[Command]:
    if len(lines) > 1 and (head := _list_head(lines[0], lines[1:], days)) is not None:
        return head
    found: list[Command] = []
    for line in lines:
        found.extend(_line(line.phrase, days, bullet=line.bullet))
        if len(found) > MAX_COMMANDS:
            break
    return found


def _list_head(first: Line, rest: list[Line], days: Calendar) -> list[Command] | None:
    """The tasks of "Things to do today:" and "add the following:" with lines below."""
    head = _without_lead(strip_marks(first.phrase, ",.;!-–—"))
    colon = head.key(-1) == ":"
    body = strip_marks(head, ":")
    slots = Slots()
    if first.bullet or not (colon or all(line.bullet for line in rest)):
        return None
    opened = adding(head, days, listed=True)
    if opened is None or any(not isinstance(command, Add) or command.title for command in opened):
        taken = take_slots(body, days)
        nouns = (
            set(taken.phrase.keys)
            <= words(
                "things to do todo to-do tasks task list my the for this these following shopping groceries errands chores buy get what i need have plan of and today"
            )
            and taken.phrase.tokens
        )
        if not nouns or not (colon or all(line.bullet for line in rest)):
            return None
        slots = taken.slots
        if taken.phrase.keys[-1:] == ("today",):
            slots = Slots(due=days.today)
    elif opened:
        slots = opened[0].slots if isinstance(opened[0], Add) else slots
    found: list[Command] = []
    for line in rest[: MAX_COMMANDS + 1]:
        taken = take_slots(line.phrase, days)
        title = taken.title()
        if title:
            found.append(
                Add(
                    title,
                    replace(
                        taken.slots, due=taken.slots.due or slots.due, priority=taken.slots.priority or slots.priority
                    ),
                )
            )
    return found


def _line(phrase: Phrase, days: Calendar, *, bullet: bool) -> list[Command]:
    phrase = _without_contrast(_without_courtesy(phrase), days)
    found: list[Command] = []
    for clause in clauses_of(phrase):
        before = found[-1] if found else None
        found.extend(_clause(clause, days, before))
        if len(found) > MAX_COMMANDS:
            break
    if any(isinstance(command, Do | Change | Undo) for command in found) and _conditional(phrase):
        return [Say(CONDITION)]
    return found


def _conditional(phrase: Phrase) -> bool:
    """Whether something is to be done only if or when something else happens."""
    start = _without_lead(strip_marks(phrase))
    if start.key(0) in words("when whenever after before until as") and (
        start.key(0) != "as" or start.keys[1:3] == ("soon", "as")
    ):
        return phrase.key(-1) != "?"
    for at, token in enumerate(phrase.tokens):
        if token.kind is Kind.WORD and token.key in words("if unless once whenever"):
            if token.key == "once" and (
                phrase.key(at - 1) in ("at", "just") or phrase.key(at + 1) in ("more", "again")
            ):
                continue
            return True
    return False


def _without_courtesy(phrase: Phrase) -> Phrase:
    """Without "if you please" and "if it's not too much trouble", which are no conditions."""
    at = next((i for i, token in enumerate(phrase.tokens) if token.key == "if" and token.kind is Kind.WORD), -1)
    if at < 0:
        return phrase
    end = at
    while end < len(phrase) and phrase.key(end) in _COURTESY:
        end += 1
    if end - at < 2 or (end < len(phrase) and phrase.tokens[end].kind is not Kind.MARK):
        return phrase
    rest = phrase.without(at, end)
    return rest if strip_marks(rest).tokens else phrase


def _without_contrast(phrase: Phrase, days: Calendar) -> Phrase:
    """Without "not tomorrow" after a day, and "but not call mum" after a task: they say once more what isn't meant."""
    for size in (2, 3, 4):
        # "…, keep the others": nothing else was asked for.
        kept = phrase[-size:]
        if len(phrase) > size and kept.key(0) in ("keep", "leave") and set(kept.keys[1:]) <= _OTHERS:
            return _without_contrast(strip_marks(_without_joiner(phrase[:-size])), days)
    at = phrase.find("not")
    if at == 0 and (first_day := days.when(phrase, 1, anywhere=True)) is not None:
        rest = phrase[first_day.end :]
        while rest.key(0) in (",", "but"):
            rest = rest[1:]
        return rest if rest.tokens and days.when(rest, 0, anywhere=True) is not None else phrase
    if at < 1 or phrase.tokens[at].kind is not Kind.WORD:
        return phrase
    first = at
    while first > 1 and phrase.key(first - 1) in (",", "but", "and", "-"):
        first -= 1
    end = at + 1
    while phrase.key(end) in ("on", "by", "until", "to", "for"):
        end += 1
    span = days.when(phrase, end, anywhere=True)
    if span is not None and _ends_clause(phrase, span.end):
        spans = (days.when(phrase, start, anywhere=True) for start in range(max(0, first - 6), first))
        if any(before is not None and before.end == first for before in spans):
            return phrase.without(first, span.end)
    titled = at + 1 < len(phrase) and phrase.tokens[at + 1].kind is Kind.TITLE and _ends_clause(phrase, at + 2)
    many = set(phrase.keys[:first]) & words("all every everything both except but rest")
    if titled and not many and phrase.tokens[first - 1].kind is Kind.TITLE and phrase.key(0) in _DOING:
        return phrase.without(first, at + 2)
    return phrase


_OTHERS: Final = words("the others other rest ones tasks . ! please")


def _without_joiner(phrase: Phrase) -> Phrase:
    while phrase.key(-1) in (",", "and", "but", ";", "-"):
        phrase = phrase[:-1]
    return phrase


def _ends_clause(phrase: Phrase, at: int) -> bool:
    return at >= len(phrase) or phrase.key(at) in words(". ! ; ,")


# -- Clauses


@lru_cache(maxsize=KEPT_PHRASES)
def _clause(clause: Phrase, days: Calendar, before: Command | None) -> Sequence[Command]:
    whole = strip_marks(clause, ",.;:-–—…")
    if not whole.tokens or (before is not None and whole.keys in (("actually",), ("well",), ("hmm",), ("so",))):
        return [] if before is not None else [Unknown(clause.raw())]
    if len(whole) == 1 and whole.tokens[0].kind is Kind.TITLE:
        return [Pick(Named(whole))]
    if is_foreign(whole) and adding(_without_lead(whole), days) is None:
        return [Unknown(whole.raw(), foreign=True)]
    undo = undoing(whole)
    if undo is not None:
        return [undo]
    remark = _reply(whole) or date_asked(whole, days)
    if remark is not None:
        return [remark]
    body = _without_lead(whole)
    more = whole.key(0) in _MORE and body.tokens != whole.tokens
    if not body.tokens:
        return [Reply("okay")]
    if (refused := _prohibition(body)) is not None:
        return [refused]
    if (again := _again(body, days)) is not None:
        return [again]
    found = _corrected(_sentence(body, whole, days, before, more=more))
    if isinstance(before, Add) or whole.key(0) in words("no sorry oops actually wait"):
        # What is put right is a title for sure: "no, make that bread".
        found = [replace(command, loose=False) if isinstance(command, Change) else command for command in found]
    if _hedged(whole, clause):
        return [replace(command, sure=False) if isinstance(command, Do) else command for command in found]
    return found


def _corrected(commands: list[Command]) -> list[Command]:
    """Add eggs, sorry, bread: what is taken back isn't added, nor is the word that takes it back."""
    found: list[Command] = []
    taken_back = False
    for command in commands:
        if isinstance(command, Add) and found and command.title.casefold() in _SLIPS:
            found.pop()
            taken_back = True
            continue
        if isinstance(command, Add) and (meant := _meant_instead(command.title, taken_back=taken_back)):
            command = replace(command, title=meant)
        if isinstance(command, Add) and (cut := _SLIP_AT_THE_END.search(command.title[-_LONGEST_SLIP:])):
            kept = len(command.title[-_LONGEST_SLIP:]) - cut.start()
            command = replace(command, title=command.title[:-kept])
        found.append(command)
    return found if found or not taken_back else [Say(RETRACTED)]


def _meant_instead(title: str, *, taken_back: bool) -> str:
    """Bread, of "eggs, sorry I meant bread", or of the "I meant bread" that follows what was taken back."""
    folded = title.lower()
    for words_ in ("i meant ", "i mean "):
        at = folded.find(words_)
        before = folded[:at].rstrip()
        for slip in ("sorry", "no", "oops", "wait"):
            before = before.removesuffix(slip).rstrip() if before.endswith((f" {slip}", f",{slip}")) else before
        if (at == 0 and taken_back) or (at > 0 and before.endswith((",", ".", "…", "-", "–", "—"))):
            return title[at + len(words_) :].strip()
    return ""


def _hedged(whole: Phrase, clause: Phrase) -> bool:
    """Whether it is only thought of: "maybe delete it", "delete it?"; "could you delete it?" asks for it."""
    if any(whole.starts(*hedge) for hedge in _HEDGES.get(whole.key(0), ())):
        return True
    return "?" in clause.keys[-2:] and not set(whole.keys) & words("you please pls mind kindly can could will would")


def _reply(whole: Phrase) -> Command | None:
    if is_yes(whole):
        return Reply("yes")
    if is_no(whole):
        return Reply("no")
    return small_talk(whole)


def _without_lead(phrase: Phrase) -> Phrase:
    changed = True
    while changed and len(phrase) > 1:
        changed = False
        if phrase.tokens[0].kind is Kind.MARK and phrase.key(0) in words(", . - … ! : ;"):
            phrase, changed = phrase[1:], True
            continue
        for lead in _LEADS_BY_WORD.get(phrase.key(0), ()):
            if phrase.starts(*lead) and len(phrase) > len(lead):
                after = phrase.key(len(lead))
                if lead == ("i", "would", "like", "to") and after not in _WANTED:
                    continue
                if lead[0] in ("can", "could", "would", "will") and _asks_ability(phrase[len(lead) :]):
                    continue
                if lead in _TO_SEE and after not in words("see have get look take view"):
                    continue
                if lead in (
                    ("to",),
                    ("quick",),
                    ("great",),
                    ("next",),
                    ("first",),
                    ("right",),
                    ("there",),
                    ("perfect",),
                    ("cool",),
                    ("go",),
                ) and after not in _WANTED | {",", "!", "."}:
                    continue
                if lead in (("would", "you", "mind"), ("mind",)) and after not in _WANTED:
                    if not (verb := lemmas(after) & _WANTED) or not after.endswith("ing"):
                        continue
                    # "Would you mind deleting it?"
                    phrase, changed = _as_word(phrase[len(lead) :], min(verb)), True
                    break
                phrase, changed = phrase[len(lead) :], True
                break
    if phrase.starts("remind", "me") and phrase.key(2) in ("what", "which"):
        # "Remind me what I have to do" asks, and adds nothing.
        phrase = phrase[2:]
    if phrase.keys[:3] in (("i", "want", "to"), ("i", "like", "to")) and phrase.key(3) in _WANTED - words(
        "finish get have check"
    ):
        phrase = phrase[3:]
    return phrase


def _asks_ability(rest: Phrase) -> bool:
    """Can you delete tasks? A bare plural asks what is possible."""
    keys = strip_marks(rest).keys
    if not keys or keys[0] in words("show list read tell give help see"):
        return bool(keys) and keys[0] == "help"
    return len(keys) >= 2 and set(keys[1:]) <= words(
        "tasks task items todos to-dos lists a an multiple several more than one dates due priorities reminders things too also"
    )


def _prohibition(body: Phrase) -> Command | None:
    """Don't delete anything."""
    keys = body.keys
    if all(token.kind is not Kind.QUOTED for token in body.tokens) and _nothing(keys):
        return Say(_LEFT)
    if keys[0] == "keep" and len(strip_marks(body)) == 2 and body.tokens[1].kind is Kind.TITLE:
        return Say(_LEFT)
    at = 0
    if keys[0] in ("i", "we") and keys[1:4] == ("do", "not", "want"):
        at = 3
    elif keys[:2] == ("do", "not"):
        at = 2
    elif keys[0] in ("never", "not") and len(keys) > 1:
        at = 1
    if not at or at >= len(keys):
        return None
    rest = keys[at:]
    if rest[0] in ("forget", "let") or (rest[0] == "want" and set(keys) & words("anymore longer")):
        return None
    if keys[0] == "not" and len(keys) > 2 and rest[0] in ("bad", "sure", "now"):
        return Reply("okay")
    if keys[0] in ("i", "we") and set(keys) & words("anymore longer"):
        return None
    return Say(_LEFT)


def _nothing(keys: tuple[str, ...]) -> bool:
    """Delete nothing; complete none of them; leave buy milk alone."""
    if (
        keys[0] in ("nothing", "none")
        and set(keys) & words("is are")
        and set(keys) <= _NONE | words("is are of them the done finished yet . ! my tasks")
    ):
        return True
    if keys[0] == "leave" and (keys[-1] in ("alone", "be") or keys[-3:] == ("as", "it", "is")):
        return len(keys) > 2
    rest = set(keys[1:]) - words(". ! , please at all")
    return (
        keys[0] in _DOING
        and bool(rest & _NONE)
        and rest <= _NONE | words("of them these those the my task tasks ones any")
    )


def _again(body: Phrase, days: Calendar) -> Command | None:
    """Do the same for call mum; call mum too; what about tomorrow?"""
    for lead in _SAME.get(body.key(0), ()):
        if body.starts(*lead) and len(body) > len(lead):
            return Again(target=parse_reference(body[len(lead) :], days))
    return None


def _sentence(body: Phrase, whole: Phrase, days: Calendar, before: Command | None, *, more: bool) -> list[Command]:
    plain = strip_marks(body)
    if not plain.tokens:
        return [Unknown(whole.raw())]
    if (
        isinstance(before, Add)
        and body.key(-1) != "?"
        and not before.offer
        and (joined := _goes_on(plain, days)) is not None
    ):
        return joined
    dated = _after_day(plain, days)
    added = adding(dated[0], days)
    asked = None if added is not None and body.key(-1) != "?" else asking(body, days)
    if asked is not None and not (isinstance(asked, Unknown) and added):
        return [asked]
    if added is not None:
        if dated[1] is not None:
            added = [
                replace(c, slots=replace(c.slots, due=c.slots.due or dated[1].due)) if isinstance(c, Add) else c
                for c in added
            ]
        return added
    told = telling(plain, days)
    done = doing(plain, days)
    if told is not None and (done is None or _says_more(told, plain)):
        return _joined_facts(plain, told, days)
    if done is not None:
        return [done]
    if told is not None:
        return [told]
    return [_name(plain, whole, days, more=more)]


def _says_more(told: Command, plain: Phrase) -> bool:
    """Whether a clause that begins with a verb of command is a statement: "finish the report is done"."""
    if plain.tokens[0].kind is Kind.TITLE:
        return True
    if plain.key(0) in words("mark set make change update move put check get flag add tick cross"):
        return False
    if set(plain.keys) & words("that which what"):
        return False
    return bool(set(plain.keys[1:]) & words("is are was isn't has should"))


def _joined_facts(plain: Phrase, told: Command, days: Calendar) -> list[Command]:
    """Finished the report and called mum: two facts."""
    for at in range(1, len(plain) - 1):
        if plain.key(at) in ("and", ",", "then"):
            end = at
            while plain.key(end) in words("and , then also i have we"):
                end += 1
            rest = plain[end:]
            if not rest.tokens:
                continue
            first, second = telling(plain[:at], days), telling(rest, days)
            if isinstance(first, Do) and isinstance(second, Do) and first.deed is second.deed is Deed.COMPLETE:
                return [first, *_joined_facts(rest, second, days)]
    return [told]


def _goes_on(plain: Phrase, days: Calendar) -> list[Command] | None:
    """The next title of "add eggs; call Tom"."""
    if doing(plain, days) is not None or adding(plain, days) is not None or telling(plain, days) is not None:
        return None
    if asking(plain, days) is not None or plain.key(0) in _REMARK:
        return None
    taken = take_slots(plain, days)
    if not taken.phrase.tokens:
        return None
    return [Add(taken.title(), taken.slots)]


def _after_day(plain: Phrase, days: Calendar) -> tuple[Phrase, Slots | None]:
    """On Saturday I have to wash the car; tomorrow remind me to …."""
    span = days.when(plain, 0)
    if span is None or span.end >= len(plain):
        return plain, None
    rest = plain[span.end :]
    while rest.key(0) in (",", ":", "please"):
        rest = rest[1:]
    return (rest, Slots(due=span.day)) if rest.key(0) in ("i", "we", "remind", "add", "do", "got") else (plain, None)


# -- Names


def _name(plain: Phrase, whole: Phrase, days: Calendar, *, more: bool) -> Command:
    """What a clause without any verb for the list may be: details, a task that is there, or one to be added."""
    if (plain.key(0) == "ad" and len(plain) > 1) or (
        plain.key(0) != "add" and len(plain) > 1 and closest(plain.key(0), frozenset({"remind", "schedule"}))
    ):
        fixed = adding(
            _as_word(
                plain,
                "add" if plain.key(0) == "ad" else closest(plain.key(0), frozenset({"remind", "schedule"})) or "add",
            ),
            days,
        )
        if fixed is not None:
            return fixed[0]
    glued = _glued(plain, days)
    if glued is not None:
        return glued
    target = parse_reference(plain, days)
    corrected = whole.key(0) in words("actually no wait sorry oops on")
    while plain.key(-1) in ("instead", "rather", "actually") and len(plain) > 1:
        plain, corrected = plain[:-1], True
    taken = take_slots(plain, days)
    if corrected and (instead := priority_of(plain)) is not None:
        return Change(Recent(), Slots(priority=instead))
    if (taken.slots and not taken.phrase.tokens) or (
        plain.key(0) in ("due", "for", "by", "on") and taken.slots.due and not taken.phrase.tokens
    ):
        return Change(Recent(), Slots(due=taken.slots.due, priority=taken.slots.priority), title=None, bare=True)
    if (about := _about_one(plain)) is not None:
        return about
    level = _level(taken.phrase if taken.slots.priority is None else plain)
    if level is not None:
        return Change(Recent(), level, bare=True)
    if not isinstance(target, Named):
        return (
            Pick(target)
            if not isinstance(target, Filter) or target.narrow
            else Pick(Bare() if not target.exceptions else target)
        )
    titled = [token for token in plain.tokens if token.kind is Kind.TITLE]
    if len(titled) == 1 and 1 < len(plain) < 4 and plain.tokens[-1] is titled[0] and plain.key(0) != "keep":
        # "Skip buy milk": what it is to do with the task isn't known.
        return Pick(Named(plain[-1:]))
    if isinstance(target, Named) and len(target.phrase) == 1 and target.phrase.tokens[0].kind is Kind.TITLE:
        return Again(target=target, following=True) if more else Pick(target)
    keys = [token.key for token in plain.tokens if token.kind is not Kind.MARK]
    symbols = [token for token in plain.tokens if token.kind is Kind.MARK and ord(token.key[0]) > 0x2000]
    if not keys:
        return Add(plain.raw(), Slots(), offer=True) if symbols else Unknown(whole.raw())
    if (
        whole.key(-1) == "?"
        or set(keys) & _NO_TASK
        or plain.key(0) in _REMARK
        or not any(any(c.isalpha() for c in key) for key in keys)
    ):
        return Unknown(whole.raw())
    if len(keys) > 25:
        return Unknown(whole.raw())
    title = taken.title() or clean_title(plain)
    return Add(
        title, taken.slots, offer=True, foreign=not titled and known_share(keys) < 0.34 and len(keys) > 1, more=more
    )


def _about_one(plain: Phrase) -> Command | None:
    """Details of pay rent; read me the note on pay rent."""
    at = plain.find("details", "detail", "note", "notes", "description", "info", "information", "priority", "status")
    if at < 0 or at + 2 >= len(plain) or plain.key(at + 1) not in ("of", "on", "for", "about"):
        return None
    asked = set(plain.keys[:at]) <= words("read show tell give me us the please a all what's")
    target = plain[at + 2 :]
    known = len(target) == 1 and target.tokens[0].kind is Kind.TITLE
    return Ask(Fact.PRIORITY if plain.key(at) == "priority" else Fact.ALL, Named(target)) if asked and known else None


def _level(plain: Phrase) -> Slots | None:
    found = priority_of(plain, alone=False)
    return Slots(priority=found) if found is not None else None


def _as_word(plain: Phrase, word: str) -> Phrase:
    first = replace(plain.tokens[0], key=word)
    return Phrase(plain.text, (first, *plain.tokens[1:]))


def _glued(plain: Phrase, days: Calendar) -> Command | None:
    """Markbuy milk as done: a blank is missing after the verb."""
    word = plain.key(0)
    for verb in words("mark delete complete remove rename finish reopen"):
        if (
            word.startswith(verb)
            and len(word) > len(verb) + 1
            and len(plain) > 1
            and closest(word, frozenset({verb})) is None
        ):
            token = plain.tokens[0]
            cut = token.start + len(verb)
            tokens = (
                replace(token, key=verb, end=cut),
                replace(token, key=word[len(verb) :], start=cut),
                *plain.tokens[1:],
            )
            found = doing(Phrase(plain.text, tokens), days)
            if isinstance(found, Do):
                return replace(found, sure=False)
    return None


def read_reply(message: str) -> Phrase:
    """A message as an answer to a question: its words on one line."""
    return tokenize(normalise(message).replace("\n", " "))
