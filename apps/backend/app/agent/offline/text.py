"""Text as tokens: what was typed, word by word, with one form to compare each word by.

All later steps look at tokens. None searches the text with patterns that could backtrack, so time grows with the
length of the message and with nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import islice
from typing import Final

MAX_TEXT: Final = 8_000
"""Characters of a message that are read, as many as the chat accepts."""

MAX_TOKENS: Final = 600
"""Words and marks that are looked at: more than a message may have that is understood."""

KEPT_PHRASES: Final = 512
"""Phrases whose meaning is kept: a phrase is looked at from several sides, and again once the list is known."""

_LINE_ENDS: Final = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_BLANKS: Final = re.compile(r"[^\S\n]+")
_EMPTY_LINES: Final = re.compile(r"\n[\n ]*\n| *\n *")
_INVISIBLE: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_WORD: Final = r"[^\W_]+(?:(?:['’ʼ.&@+_/-]|:(?=\d))[^\W_]+)*"
_TOKEN: Final = re.compile(rf"https?://\S+|www\.\S+|{_WORD}|[^\w\s]|_|\n")
_QUOTES: Final = {'"': '"', "“": "”", "„": "“”", "«": "»", "`": "`", "‘": "’'", "'": "'’"}
_QUOTE_OR_LINE_END: Final = re.compile(r"""(?<!\\)["`“”„«»‘’'\n]|(?<=\\)\n""")
_MAX_QUOTES: Final = 2 * MAX_TOKENS
"""Quotation marks and line ends that are looked at: more than so many words and marks may have."""
_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "′": "'", "ı": "i", "\u0307": None})

# Short forms: where they are cut, and the two words that they stand for. Written without the apostrophe too, as on phones.
_SHORT_FORMS: Final[dict[str, tuple[int, str, str]]] = {
    "can't": (3, "can", "not"),
    "cannot": (3, "can", "not"),
    "cant": (3, "can", "not"),
    "won't": (2, "will", "not"),
    "dont": (2, "do", "not"),
    "doesnt": (4, "does", "not"),
    "didnt": (3, "did", "not"),
    "isnt": (2, "is", "not"),
    "arent": (3, "are", "not"),
    "wasnt": (3, "was", "not"),
    "havent": (4, "have", "not"),
    "hasnt": (3, "has", "not"),
    "whats": (4, "what", "is"),
    "waht's": (4, "what", "is"),
    "wahts": (4, "what", "is"),
    "wats": (3, "what", "is"),
    "hows": (3, "how", "is"),
    "whens": (4, "when", "is"),
    "thats": (4, "that", "is"),
    "im": (1, "i", "am"),
    "ive": (1, "i", "have"),
    "todays": (5, "today", "'s"),
    "tomorrows": (8, "tomorrow", "'s"),
    "gotta": (3, "got", "to"),
    "gonna": (3, "going", "to"),
    "wanna": (3, "want", "to"),
    "nvm": (2, "never", "mind"),
    "let's": (3, "let", "us"),
}
_ENDINGS: Final = {"n't": "not", "'ve": "have", "'re": "are", "'ll": "will", "'m": "am", "'d": "would"}
_IS_AFTER: Final = frozenset(
    {"what", "that", "it", "he", "she", "there", "here", "how", "when", "where", "who", "everything"}
)
_MISSPELT: Final = {
    "teh": "the",
    "hte": "the",
    "adn": "and",
    "nad": "and",
    "taht": "that",
    "waht": "what",
    "wat": "what",
    "wich": "which",
    "whcih": "which",
    "taks": "tasks",
    "tsak": "task",
    "tsaks": "tasks",
    "tassk": "task",
    "lsit": "list",
    "lits": "list",
    "u": "you",
    "ur": "your",
    "r": "are",
    "pls": "please",
    "plz": "please",
    "pleas": "please",
    "thx": "thanks",
    "2day": "today",
    "tdy": "today",
    "shwo": "show",
    "hsow": "show",
    "mnay": "many",
    "lfet": "left",
    "unod": "undo",
    "udno": "undo",
    "reamin": "remain",
    "adnd": "and",
    "whta": "what",
    "whne": "when",
    "doen": "done",
    "dnoe": "done",
    "yse": "yes",
    "evrything": "everything",
    "everyting": "everything",
    "remaind": "remind",
    "remnid": "remind",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
}


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    MARK = "mark"
    """A punctuation mark or a symbol."""
    QUOTED = "quoted"
    """Everything between two quotation marks."""
    TITLE = "title"
    """The title of a task that is on the list."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word, mark, quotation or title.

    Attributes:
        key: The word to compare by: without case, compatibility forms and common misspellings.
        start: Where it begins in the text.
        end: Where it ends in the text.
        kind: What it is.
        inner: What a quotation says, without its marks; a title as it is on the list.
    """

    key: str
    start: int
    end: int
    kind: Kind = Kind.WORD
    inner: str = ""


@dataclass(frozen=True)
class Phrase:
    """Some tokens of a text, in order.

    Attributes:
        text: The whole text; titles are cut out of it as they were typed.
        tokens: Those that are meant.
        cut: Whether the text goes on, with more words and marks than are looked at.
    """

    text: str
    tokens: tuple[Token, ...]
    cut: bool = False

    def __hash__(self) -> int:
        # Where it is in the text tells phrases apart well enough; all tokens are compared after that.
        return hash((self.text, len(self.tokens), self.tokens[0].start if self.tokens else 0))

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, part: slice) -> Phrase:
        return Phrase(self.text, self.tokens[part])

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The words to compare by."""
        return tuple([token.key for token in self.tokens])

    def key(self, index: int) -> str:
        """One key; empty beyond the end."""
        try:
            return self.tokens[index].key
        except IndexError:
            return ""

    def starts(self, *words: str) -> bool:
        """Whether the first tokens are these words."""
        # No more than those: this is asked at every word of a long message.
        return tuple(token.key for token in self.tokens[: len(words)]) == words

    def raw(self) -> str:
        """What was typed."""
        return self.text[self.tokens[0].start : self.tokens[-1].end] if self.tokens else ""

    def find(self, *words: str, start: int = 0) -> int:
        """Where the first of these words is; -1 if nowhere."""
        wanted = frozenset(words)
        return next((i for i in range(start, len(self.tokens)) if self.tokens[i].key in wanted), -1)

    def without(self, first: int, end: int) -> Phrase:
        """The phrase with some tokens left out."""
        return Phrase(self.text, (*self.tokens[:first], *self.tokens[end:]))


def normalise(message: str) -> str:
    """A message with plain blanks and line ends, without invisible characters and quoted lines."""
    text = unicodedata.normalize("NFC", message[:MAX_TEXT])
    text = _BLANKS.sub(" ", _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith(">"))


def key_of(word: str) -> str:
    """The form to compare a word by."""
    # Twice: a compatibility form may have a case of its own. Casefolding leaves the dotless i of Turkish keyboards.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold()).casefold()
    return folded.translate(_APOSTROPHES)


def tokenize(text: str) -> Phrase:
    """Cut a text into tokens."""
    marks = [match.start() for match in islice(_QUOTE_OR_LINE_END.finditer(text), _MAX_QUOTES)]
    closing = _closing_marks(text, marks)
    tokens: list[Token] = []
    position = looked_at = 0
    cut = len(marks) == _MAX_QUOTES
    while (match := _TOKEN.search(text, position)) is not None:
        looked_at += 1
        if looked_at > MAX_TOKENS:
            cut = True
            break
        start, end = match.span()
        position = end
        char = text[start]
        if end - start == 1 and char in _QUOTES:
            last = closing.get(start)
            if last is not None:
                inner = text[start + 1 : last].replace("\\" + char, char).strip()
                tokens.append(Token(key_of(inner), start, last + 1, Kind.QUOTED, inner))
                position = last + 1
            elif not (tokens and tokens[-1].end == start) or char not in "'’‘":
                # A quotation mark without its other half says nothing.
                continue
        elif text[start].isalnum():
            tokens.extend(_words(text[start:end], start))
        else:
            tokens.append(Token(char, start, end, Kind.MARK))
    return Phrase(text, tuple(tokens), cut)


def _words(word: str, start: int) -> list[Token]:
    key = key_of(word)
    key = _MISSPELT.get(key, key)
    end = start + len(word)
    cut = _SHORT_FORMS.get(key)
    if cut is not None:
        at, left, right = cut
        return [Token(left, start, start + at), Token(right, start + at, end)]
    stem, apostrophe, tail = key.rpartition("'")
    if not apostrophe or len(key) != len(word):
        return [Token(key, start, end)]
    if key.endswith("n't") and len(key) > 3:
        return [Token(key[:-3], start, end - 3), Token("not", end - 3, end)]
    if (full := _ENDINGS.get("'" + tail)) is not None:
        return [Token(stem, start, end - len(tail) - 1), Token(full, end - len(tail) - 1, end)]
    if tail == "s":
        # "what's" is "what is"; "Anna's" may be anything.
        return [Token(stem, start, end - 2), Token("is" if stem in _IS_AFTER else "'s", end - 2, end)]
    return [Token(key, start, end)]


def _closing_marks(text: str, marks: Sequence[int]) -> dict[int, int]:
    """For each opening quotation mark, where the one that closes it is.

    Single quotes are apostrophes too: they open after a blank and close before one. Found from the end, once for
    all, so that many marks which are never closed cost no more than others.

    Args:
        text: The text.
        marks: Where quotation marks and line ends are in it.
    """
    pairs: dict[int, int] = {}
    last: dict[str, int] = {}
    for at in reversed(marks):
        char = text[at]
        if char == "\n":
            last.clear()
            continue
        before, after = text[at - 1] if at else " ", text[at + 1] if at + 1 < len(text) else " "
        if (char in "'‘" and not before.isalnum() and after.isalnum()) or char in "“„«":
            ends = [last[c] for c in _QUOTES[char] if c in last]
            if ends:
                pairs[at] = min(ends)
        if (char in "'’" and before != " " and not after.isalnum()) or char in "”“»":
            last[char] = at
    open_at: dict[str, int] = {}
    for at in marks:
        char = text[at]
        if char == "\n":
            open_at.clear()
        elif char in '"`':
            # Pairs are made from the left.
            if char in open_at:
                pairs[open_at.pop(char)] = at
            else:
                open_at[char] = at
    return pairs


def words_of(phrase: Phrase) -> tuple[str, ...]:
    """The keys of the words, without marks."""
    return tuple(token.key for token in phrase.tokens if token.kind is not Kind.MARK)


def strip_marks(phrase: Phrase, marks: str = ",.;:!?-–—") -> Phrase:
    """The phrase without marks at its ends."""
    first, last = 0, len(phrase)
    while first < last and phrase.tokens[first].kind is Kind.MARK and phrase.tokens[first].key in marks:
        first += 1
    while last > first and phrase.tokens[last - 1].kind is Kind.MARK and phrase.tokens[last - 1].key in marks:
        last -= 1
    return phrase[first:last]


def split_at(phrase: Phrase, places: Sequence[tuple[int, int]]) -> list[Phrase]:
    """The parts between separators, each given as (first token, token after it)."""
    parts, start = [], 0
    for first, end in places:
        parts.append(phrase[start:first])
        start = end
    parts.append(phrase[start:])
    return [part for part in parts if part.tokens]
