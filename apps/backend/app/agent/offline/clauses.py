"""Cuts a message into clauses: the smallest parts that each ask for one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.agent.offline.lexicon import ADD, CARDINALS, COMPLETE, DELETE, LOOSE_DELETE, ORDINALS, REOPEN, words
from app.agent.offline.text import Kind, Phrase

MAX_CLAUSES: Final = 60

_ALWAYS: Final = (
    ADD
    | DELETE
    | COMPLETE
    | REOPEN
    | words("mark rename reschedule postpone remind show undo untick prioritise prioritize")
) - words("record log note include enter finish cross")
_WITH_REFERENCE: Final = LOOSE_DELETE | words(
    "finish close cross check tick move make set change update edit put push shift delay defer bring replace swap bump raise lower list"
)
_REFERENCE_START: Final = (
    words(
        "it that this them these those both all everything everyone each task tasks number last # today tomorrow one my the"
    )
    | frozenset(ORDINALS)
    | (frozenset(CARDINALS) - {"couple", "few"})
)
_QUESTION_START: Final = words("what which when how")
_JOINERS: Final = words("and then also plus afterwards but")
_ABBREVIATIONS: Final = words(
    "dr mr mrs ms prof st sr jr vs etc eg e.g i.e ie approx no nr tel ext fig vol ch p pp inc ltd co dept est min max hr hrs tbd a.m p.m am pm re incl bldg apt ave rd"
)
_BULLETS: Final = ("-", "*", "•", "–", "—", "·", "‣", "▪", "☐", "□", "+")
_SENTENCE_START: Final = words(
    "i we please hi hello hey thanks thank yes no ok okay and also then can could would will do don't remind what which when how is "
    "are did it that this there bye never cool great perfect actually wait sorry oops nope scratch"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a message.

    Attributes:
        phrase: Its words, without a bullet.
        bullet: Whether it had one.
    """

    phrase: Phrase
    bullet: bool


def lines_of(phrase: Phrase) -> list[Line]:
    """The lines of a message, without their bullets and numbers."""
    lines: list[Line] = []
    start = 0
    for at in range(len(phrase) + 1):
        if at < len(phrase) and phrase.key(at) != "\n":
            continue
        line, bullet = _unbulleted(phrase[start:at])
        if line.tokens:
            lines.append(Line(line, bullet))
        start = at + 1
    return lines


def _unbulleted(line: Phrase) -> tuple[Phrase, bool]:
    if not line.tokens:
        return line, False
    key, after = line.key(0), line.key(1)
    if key in _BULLETS and len(line) > 1:
        rest = line[1:]
        if rest.starts("[", "]"):
            rest = rest[2:]
        return rest, True
    if key.isascii() and key.isdigit() and after in (".", ")") and len(line) > 2:
        return line[2:], True
    if line.starts("[", "]"):
        return line[2:], True
    return line, False


def clauses_of(phrase: Phrase) -> list[Phrase]:
    """The clauses of one line."""
    found: list[Phrase] = []
    start = at = 0
    while at < len(phrase):
        end = _separator(phrase, start, at)
        if end == at or len(found) >= MAX_CLAUSES:
            at += 1
            continue
        # A full stop or question mark stays with its sentence.
        keep = at + 1 if phrase.key(at) in ("?", "!", ".") else at
        found.append(phrase[start:keep])
        start = at = end
    found.append(phrase[start:])
    return [clause for clause in found if clause.tokens]


_RUNS: Final = (frozenset({".", "!", "?", "…"}), frozenset({*_JOINERS, ","}))
"""Separators of a kind that may stand side by side."""


def _separator(phrase: Phrase, start: int, at: int) -> int:
    """The token after a separator that stands here; the same place when there is none."""
    key = phrase.key(at)
    if at == start:
        return at
    if key == ";":
        return at + 1
    if at - 1 > start and any(key in run and phrase.key(at - 1) in run for run in _RUNS):
        # What follows the run was looked at where it begins: thousands of commas would be looked at from each.
        return at
    if key in (".", "!", "?", "…"):
        end = at + 1
        while phrase.key(end) in (".", "!", "?", "…"):
            end += 1
        if end >= len(phrase) or _inside(phrase, at):
            return at
        return end if starts_clause(phrase, end) or phrase.key(end) in _SENTENCE_START or key == "?" else at
    end = at
    while phrase.key(end) in _JOINERS or phrase.key(end) == ",":
        end += 1
    if end == at or end >= len(phrase):
        return at
    if key == "but" and phrase.key(at - 1) in ("all", "everything", "them", "any", "nothing"):
        return at
    if key == "and" and _of_several(phrase, start, end):
        return at
    return end if starts_clause(phrase, end) else at


def _inside(phrase: Phrase, at: int) -> bool:
    """Whether a point belongs to what stands before it, as in "Dr. Smith" and "3.5"."""
    before, after = phrase.tokens[at - 1], phrase.tokens[at + 1]
    if phrase.tokens[at].key != ".":
        return False
    touches = before.end == phrase.tokens[at].start
    return touches and (
        before.key in _ABBREVIATIONS
        or (len(before.key) == 1 and before.key.isalpha())
        or after.start == phrase.tokens[at].end
    )


def starts_clause(phrase: Phrase, at: int) -> bool:
    """Whether a command, a question or a statement about a task begins here."""
    while phrase.key(at) in ("please", "also", "then", "just", "maybe", "now"):
        at += 1
    key, after = phrase.key(at), phrase.key(at + 1)
    if at >= len(phrase):
        return False
    token = phrase.tokens[at]
    if token.kind in (Kind.TITLE, Kind.QUOTED):
        return token.kind is Kind.TITLE and after in ("is", "are", "was", "has") and _says_done(phrase, at + 2)
    if key in ("can", "could", "would", "will") and after == "you":
        return True
    if key in _ALWAYS:
        return at + 1 < len(phrase) or key in ("undo", "show")
    if key in ("do", "don't") and after in ("not",):
        return phrase.key(at + 2) in _ALWAYS | _WITH_REFERENCE or phrase.key(at + 2) in ("forget", "let", "add")
    if key in _WITH_REFERENCE and at + 1 < len(phrase):
        if phrase.tokens[at + 1].kind is Kind.TITLE:
            return True
        if after in ("the", "my"):
            third = phrase.key(at + 2)
            return (
                third in ORDINALS
                or third in words("last other rest task list one due priority whole")
                or (phrase.tokens[at + 2].kind is Kind.TITLE if at + 2 < len(phrase) else False)
            )
        return after in _REFERENCE_START or (
            after.isascii()
            and after.isdigit()
            and phrase.key(at + 2) in ("", ",", "and", "to", ".", "!", "as", "done", "off")
        )
    if key in _QUESTION_START:
        return after in words("is are do did have many tasks else about should")
    if _statement(phrase, at):
        return True
    return key in ("i", "we") and after in words(
        "need have must should also am did will got finished bought called paid do"
    )


def _statement(phrase: Phrase, at: int) -> bool:
    """Whether "… is done" begins here."""
    keys = phrase.keys[at : at + 8]
    verb = next((i for i, key in enumerate(keys) if key in ("is", "are", ",", ";", "and")), 0)
    return (
        verb > 0
        and keys[verb] in ("is", "are")
        and bool(set(keys[verb + 1 : verb + 3]) & words("done complete completed finished"))
    )


def _of_several(phrase: Phrase, start: int, at: int) -> bool:
    """Whether "… are done" is said of what stands before the "and" too: "milk and rent are done"."""
    verb = next((i for i in range(at, min(at + 8, len(phrase))) if phrase.key(i) in ("is", "are", ",", "and")), at)
    return phrase.key(verb) == "are" and _statement(phrase, at) and not starts_clause(phrase, start)


def _says_done(phrase: Phrase, at: int) -> bool:
    return bool(
        set(phrase.keys[at : at + 4])
        & words("done completed complete finished due not now already high low urgent important")
    )
