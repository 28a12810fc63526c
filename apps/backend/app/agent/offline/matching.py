"""Which task of the list a name means.

A name is *equal* to a title when its words are the same, but for case, marks, articles, the form of the verb ("bought
milk" for "buy milk") and the verb itself being left out ("the milk" for "buy milk", should no other task have milk in
it). Everything else that comes close is only *near*: it is never acted on without asking.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from rapidfuzz import fuzz

from app.agent.offline.dates import MONTHS, WEEKDAYS
from app.agent.offline.lexicon import (
    ARTICLES,
    CARDINALS,
    COMMANDS,
    LIST_NOUNS,
    ORDINALS,
    PRIORITIES,
    SAME_SPELLING,
    TASK_NOUNS,
    lemmas,
    title_verb,
    words,
)
from app.agent.offline.text import Kind, Phrase, Token, tokenize

_NEAR: Final = 82.0
"""Least likeness, of 100, of a name that is offered for what was said."""
_MAX_MARKED: Final = 400
"""Words of a message in which titles are looked for."""
_MAX_NEAR: Final = 6
_RESERVED: Final = (
    ARTICLES
    | COMMANDS
    | TASK_NOUNS
    | LIST_NOUNS
    | frozenset(ORDINALS)
    | frozenset(CARDINALS)
    | frozenset(PRIORITIES)
    | frozenset(WEEKDAYS)
    | frozenset(MONTHS)
    | words(
        "today tomorrow tonight yesterday week weekend month day done open overdue late due it them they both all everything "
        "anything i you we me what which when how is are was do did does have has not no yes ok okay and or but except to for on "
        "in at by of off as with about add new please undo help hi hello hey thanks complete completed finished pending"
    )
)
_BUYING: Final = words("buy get grab purchase do finish fetch")


@dataclass(frozen=True, slots=True)
class TaskView:
    """What the plan knows of a task.

    Attributes:
        id: Its id.
        title: Its title.
        completed: Whether it is done.
        due_date: Its day, YYYY-MM-DD.
        priority: low, medium or high.
        description: Its note.
    """

    id: str
    title: str
    completed: bool
    due_date: str | None
    priority: str
    description: str | None = None

    @classmethod
    def of(cls, task: dict[str, Any]) -> TaskView:
        """Read a task from a tool's result."""
        return cls(
            id=str(task["id"]),
            title=str(task["title"]),
            completed=bool(task["completed"]),
            due_date=task.get("due_date"),
            priority=str(task["priority"]),
            description=task.get("description"),
        )


@dataclass(frozen=True, slots=True)
class Match:
    """Tasks that a name may mean.

    Attributes:
        equal: Those whose titles it is equal to.
        near: Those that come close, the likeliest first; empty when there are equal ones.
    """

    equal: tuple[TaskView, ...] = ()
    near: tuple[TaskView, ...] = ()


def content(phrase: Phrase) -> tuple[str, ...]:
    """The words of a name that matter: without articles and marks, in one spelling."""
    found: list[str] = []
    for token in phrase.tokens:
        if token.kind is Kind.MARK:
            continue
        if token.kind in (Kind.QUOTED, Kind.TITLE):
            found.extend(content(tokenize(token.inner)))
        elif token.key not in ARTICLES and token.key != "'s":
            found.append(SAME_SPELLING.get(token.key, token.key))
    if not found:
        found = [token.key for token in phrase.tokens]
    return tuple(found)


@lru_cache(maxsize=4_096)
def _words_of(title: str) -> tuple[str, ...]:
    """The words of a title that matter; a long list is read at each of its user's messages."""
    return content(tokenize(title))


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles of the list, which are taken as a whole wherever a message has them."""

    known: frozenset[tuple[str, ...]] = frozenset()
    sizes: tuple[tuple[str, tuple[int, ...]], ...] = field(default=())

    @classmethod
    def of(cls, titles: Iterable[str]) -> Titles:
        """Those of some tasks."""
        known = {_words_of(title) for title in titles}
        known = {words for words in known if words and not (len(words) == 1 and words[0] in _RESERVED)}
        sizes: dict[str, set[int]] = {}
        for title in known:
            sizes.setdefault(title[0], set()).add(len(title))
        ordered = tuple((first, tuple(sorted(lengths, reverse=True)[:20])) for first, lengths in sorted(sizes.items()))
        return cls(frozenset(known), ordered)

    def mark(self, phrase: Phrase) -> Phrase:
        """The phrase with each title as one token."""
        if not self.known:
            return phrase
        sizes = dict(self.sizes)
        at_word = [
            i
            for i, token in enumerate(phrase.tokens[:_MAX_MARKED])
            if token.kind is Kind.WORD and token.key not in ARTICLES and token.key != "'s"
        ]
        keys = [SAME_SPELLING.get(phrase.key(i), phrase.key(i)) for i in at_word]
        tokens: list[Token] = []
        done = index = 0
        while index < len(keys):
            size = next(
                (
                    size
                    for size in sizes.get(keys[index], ())
                    if index + size <= len(keys)
                    and tuple(keys[index : index + size]) in self.known
                    and _together(phrase, at_word, index, size)
                ),
                0,
            )
            if not size:
                index += 1
                continue
            first, last = at_word[index], at_word[index + size - 1]
            tokens.extend(phrase.tokens[done:first])
            start, end = phrase.tokens[first].start, phrase.tokens[last].end
            key = " ".join(keys[index : index + size])
            tokens.append(Token(key, start, end, Kind.TITLE, phrase.text[start:end]))
            done = last + 1
            index += size
        tokens.extend(phrase.tokens[done:])
        return Phrase(phrase.text, tuple(tokens))


NO_TITLES: Final = Titles()
"""A list that isn't known."""


def _together(phrase: Phrase, at_word: Sequence[int], index: int, size: int) -> bool:
    """Whether no line ends, quotations or list marks stand between the words."""
    between = phrase.tokens[at_word[index] : at_word[index + size - 1]]
    return all(token.kind is not Kind.QUOTED and token.key not in ("\n", ";", "?", "!") for token in between)


def find(name: Phrase, tasks: Sequence[TaskView]) -> Match:
    """The tasks that a name may mean."""
    wanted = content(name)
    if not wanted:
        return Match()
    have = [(task, _words_of(task.title)) for task in tasks]
    equal = tuple(task for task, title in have if title == wanted)
    if not equal:
        equal = tuple(task for task, title in have if _same_but_form(title, wanted))
    if not equal:
        equal = tuple(task for task, title in have if len(title) > 1 and title_verb(title[0]) and title[1:] == wanted)
        said = set(wanted)
        others = [task for task, title in have if said <= set(title) and task not in equal]
        if equal and others:
            return Match(near=(*equal, *others)[:_MAX_NEAR])
    return Match(equal) if equal else Match(near=_near(wanted, have))


def _same_but_form(title: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    if len(wanted) < 2:
        return False
    forms = lemmas(wanted[0])
    if len(title) > 1 and title[1:] == wanted[1:]:
        return bool(forms & lemmas(title[0]))
    return title == wanted[1:] and bool(forms & _BUYING) and wanted[0] not in ("finish", "do")


def _near(wanted: tuple[str, ...], have: list[tuple[TaskView, tuple[str, ...]]]) -> tuple[TaskView, ...]:
    said = set(wanted)
    forms = lemmas(wanted[0])
    whole = [
        task
        for task, title in have
        if said <= set(title) or (len(wanted) > 1 and forms & set(title) and set(wanted[1:]) <= set(title))
    ]
    if whole:
        return tuple(whole[:_MAX_NEAR])
    text = " ".join(wanted)
    scored: list[tuple[float, int, TaskView]] = []
    for place, (task, title) in enumerate(have):
        options = [" ".join(title)]
        if len(title) > 1 and title_verb(title[0]):
            options.append(" ".join(title[1:]))
        score = max(fuzz.ratio(text, option, score_cutoff=_NEAR) for option in options)
        if not score and title and set(title) <= said and len(title) * 4 >= len(wanted):
            score = _NEAR
        if not score and len(title) > 1 and len(wanted) > 1 and set(title[1:]) <= said and title_verb(title[0]):
            score = _NEAR
        if score:
            scored.append((-score, place, task))
    return tuple(task for _, _, task in sorted(scored, key=lambda entry: entry[:2])[:_MAX_NEAR])


def has_words(text: Phrase, task: TaskView) -> bool:
    """Whether title or note have all the words, as whole words or as the beginnings of some."""
    there = _words_of(task.title) + content(tokenize(task.description or ""))
    return all(any(word.startswith(_singular(wanted)) for word in there) for wanted in content(text))


def _singular(word: str) -> str:
    """Without the ending of a plural: tasks "about calls" are those with "call" in them."""
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
