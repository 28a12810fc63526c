"""Whatever is typed is answered, soon, and the list is kept: any letter, any length, long talks and long lists."""

from __future__ import annotations

import datetime as dt
import gc
import random
import sys
import time
import unicodedata
from collections.abc import Callable
from types import FrameType
from typing import Final

import pytest

from app.agent.offline.dates import Calendar
from app.agent.offline.grammar import MAX_CLAUSE, MAX_WORDS, TOO_LONG, understand
from app.agent.offline.matching import Titles
from app.agent.offline.state import State
from app.agent.offline.text import MAX_TEXT, normalise, tokenize
from tests.agent.offline.judging import DEFAULT, sentences
from tests.agent.offline.listing import TaskList

TODAY = dt.date(2030, 1, 30)
SLOWEST = 0.050
"""Seconds for one message; the best of some tries, as other things run on the machine too."""
PIECES = [
    "delete ", "complete ", "everything ", "except ", "don't ", "yes ", "no ", "buy milk ", "1 ", "2-9 ", "the last ", "if ", "'", '"', "“", "”",
    ",", ";", ". ", "\n", "- ", "tomorrow ", "5pm ", "31/2 ", "#", "it ", "them ", "and ", "but ", "rename ", "to ", "add ", "İ", "ſ", "ﬁ", "😀", "\u200b", "\u0307", "١٢", "²", "\x00",
]  # fmt: skip
LONG = ["a", "a ", "delete ", "'", '"', "“", "and ", "except ", ", ", "no, ", "delete milk, no ", "if ", "1-", "1, ", "(", "\n- ", "tomorrow ", "\u0301", "😀", "buy milk ", "x, sorry, no wait ", ", (", "complete milk; "]  # fmt: skip

WORST = [*LONG, "all except ", "everything but ", "5pm ", "due ", "delete buy milk, ", "is a done? ", "- a\n", "if a; ", "delete 1-9, ", "move a to b and 1 ;", "a; x, sorry, no wait ", "- a\nexcept don't delete milk, no ", "a; 31/2 buy milk and ", "1, buy milk is add a; ", "'buy milk and ; x, sorry, no wait ", "due buy milk and if a; x, sorry, no wait "]  # fmt: skip
"""What takes longest among what is understood; found by trying mixtures of the pieces."""

untraced = pytest.mark.no_cover
"""What is measured isn't traced line by line, which takes three times the time."""

MOST_CALLS: Final = 200_000
"""Functions that one message may call: some 20 to 30 ms, and other than the time the same on a busy machine."""


def calls_made_by(work: Callable[[], object]) -> int:
    """How many functions are called, those in C included."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def a_list(size: int = 0) -> TaskList:
    user = TaskList(TODAY)
    for task in DEFAULT:
        user.put(task["title"], completed=task.get("completed", False))
    for number in range(size - len(DEFAULT)):
        user.put(f"errand {number} of {number % 37} with the {number % 11} people")
    return user


@pytest.mark.parametrize("seed", range(20))
def test_any_letters_are_answered_and_change_nothing(seed: int) -> None:
    chance = random.Random(seed)
    letters = [
        chr(code) for code in chance.sample(range(sys.maxunicode), 4_000) if unicodedata.category(chr(code)) != "Cs"
    ]
    user = a_list()
    before = user.snapshot()
    for _ in range(40):
        assert user.say("".join(chance.choices(letters, k=chance.choice([1, 2, 7, 60]))))
        assert State.load(user.state).dump() == user.state
    assert user.snapshot() == before


@pytest.mark.parametrize("seed", range(20))
def test_any_mixture_of_what_the_grammar_knows_is_answered(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(30):
        user = a_list()
        assert user.say("".join(chance.choices(PIECES, k=chance.randint(1, 40))))
        assert State.load(user.state).dump() == user.state


@pytest.mark.parametrize("seed", range(20))
def test_any_mixture_of_what_people_say_is_answered(seed: int) -> None:
    chance = random.Random(seed)
    said = [case["say"] for kind in ("everyday", "other_people") for case in sentences(kind)]
    some = sorted({word for message in said for word in message.split()})
    for _ in range(30):
        user = a_list()
        assert user.say(" ".join(chance.choices(some, k=chance.randint(1, 9))))
        assert user.say(chance.choice(["yes", "no", "1", "the first one", "undo"]))


@pytest.mark.parametrize("seed", range(20))
def test_half_of_one_sentence_and_half_of_another_is_answered(seed: int) -> None:
    chance = random.Random(seed)
    said = [case["say"].split() for kind in ("everyday", "other_people") for case in sentences(kind)]
    for _ in range(20):
        user = a_list()
        for _ in range(2):
            first, second = chance.sample(said, 2)
            mixed = first[: chance.randint(1, len(first))] + second[chance.randint(0, len(second)) :]
            assert user.say(" ".join(mixed))
        assert State.load(user.state).dump() == user.state


@pytest.mark.parametrize("word", ["just", "have", "is", "the", "and", "not", "?", "(", "'"])
def test_a_word_alone_is_answered(word: str) -> None:
    assert a_list().say(word)


@untraced
@pytest.mark.parametrize("piece", LONG)
def test_the_longest_messages_are_answered_in_time(piece: str) -> None:
    times = []
    for shorter in range(4):
        user = a_list()
        message = (piece * MAX_TEXT)[: MAX_TEXT - shorter]
        started = time.thread_time()
        assert user.say(message)
        times.append(time.thread_time() - started)
    assert min(times) <= SLOWEST


@pytest.mark.parametrize("words", [MAX_CLAUSE, MAX_WORDS])
@pytest.mark.parametrize("piece", WORST)
def test_the_longest_messages_that_are_understood_take_little_work(piece: str, words: int) -> None:
    message = piece * max(1, words // max(1, len(tokenize(normalise(piece)))))
    user = a_list()
    assert calls_made_by(lambda: user.say(message)) <= MOST_CALLS


@pytest.mark.parametrize("mark", ["“", "'", '"', "`", "“a” "])
def test_what_follows_more_than_is_looked_at_is_not_left_out_silently(mark: str) -> None:
    user = a_list()
    before = user.snapshot()
    assert user.say("delete buy milk " + mark * 1_300 + " no wait") == TOO_LONG
    assert user.snapshot() == before


def test_a_hundred_turns_keep_a_small_state() -> None:
    chance = random.Random(1)
    said = [case["say"] for case in sentences("everyday")]
    user = a_list()
    for message in chance.choices(said, k=100):
        assert user.say(message)
    assert len(user.state) < 20_000


@untraced
@pytest.mark.parametrize(
    "message", ["delete errand 900", "show my list", "complete everything", "errand 5 people", "buy mlk"]
)
def test_a_thousand_tasks_are_answered_in_time(message: str) -> None:
    times = []
    for number in range(4):
        user = a_list(1_000)
        started = time.thread_time()
        assert user.say(message + " " * number)
        times.append(time.thread_time() - started)
    assert min(times) <= SLOWEST


def test_what_is_remembered_of_messages_has_no_list_in_it() -> None:
    """A long list is megabytes, and another one after each change."""

    def lists() -> int:
        gc.collect()
        return sum(isinstance(value, Titles) for value in gc.get_objects())

    before = lists()
    for at in range(3):
        titles = Titles.of(f"errand {number} of list {at}" for number in range(100))
        assert understand("delete errand 7", Calendar(TODAY), titles).commands
    assert lists() == before + 1  # the one that is at hand
