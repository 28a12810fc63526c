"""What is said beside commands: it is answered, and changes nothing."""

from __future__ import annotations

import pytest

from tests.agent.offline.listing import TaskList, became

HELLO, HELP, GOODBYE = "Hello! I can help", "I can help with your to-do list: add tasks", "Goodbye, see you!"
ENGLISH = "I speak English only."


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        *((said, HELLO) for said in ("hi", "hello there", "good morning", "good afternoon everyone", "how are you?")),
        *((said, HELLO) for said in ("how is it going?", "what's up?")),
        *((said, GOODBYE) for said in ("bye", "good night", "see you later", "ok bye", "that's all", "nothing else")),
        *((said, "You're welcome!") for said in ("thanks", "thank you very much", "thanks a lot for your help")),
        ("great, thanks", "You're welcome!"),
        *(
            (said, "All right.")
            for said in ("great", "nice job", "well done", "got it", "I see", "you are great", "🙏")
        ),
        ("ok", "All right. What shall I do with your list?"),
        *((said, "Glad to hear it.") for said in ("lol", "haha")),
        *((said, HELP) for said in ("help", "help me please", "I need help", "what can you do?", "what can I say?")),
        *((said, HELP) for said in ("how do I use this?", "who are you?", "menu")),
        ("are you a robot?", "I'm a program that looks after your to-do list."),
        ("you are stupid", "I'm sorry that I wasn't of more use."),
        ("I love you", "That's kind of you!"),
        *((said, ENGLISH) for said in ("привет как дела", "zeig mir meine liste", "danke", "merci", "ajoute du lait")),
        ("help mum with taxes", 'Shall I add "help mum with taxes" to your list?'),
    ],
)
def test_small_talk_is_answered(user: TaskList, said: str, answered: str) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert answer.startswith(answered)


def test_a_command_may_follow_small_talk(user: TaskList) -> None:
    assert became(user, "hello, add bread")[0] == {"bread": "added"}
    assert became(user, "thanks, delete buy milk")[0] == {"buy milk": "deleted"}


@pytest.mark.parametrize(
    "said",
    [
        *("yep", "yes please", "yes, delete them all", "go ahead", "sure, thanks", "yes thank you", "ok", "👍", "yes!"),
        *("please do", "yes, please delete it", "sure go ahead, thanks"),
    ],
)
def test_a_plain_yes_is_one(user: TaskList, said: str) -> None:
    found, answer = became(user, "delete everything", said)
    assert set(found.values()) == {"deleted"}
    assert len(found) == 6
    assert answer.startswith('Deleted "buy milk", ')
    assert user.titles() == []


@pytest.mark.parametrize(
    "said",
    [
        *("nope", "no thanks", "👎", "cancel", "forget it", "I changed my mind", "please don't", "wait", "not sure"),
        *("yes no", "never mind", "of course not", "no, sorry"),
    ],
)
def test_a_no_is_one_and_the_question_is_closed(user: TaskList, said: str) -> None:
    assert became(user, "delete everything", said) == ({}, "All right, nothing was deleted.")
    assert became(user, "yes")[0] == {}


@pytest.mark.parametrize("said", ["ok delete", "yes, delete milk and everything", "yes?", "maybe", "hmm ok"])
def test_what_is_neither_is_asked_for_again_and_the_question_stays_open(user: TaskList, said: str) -> None:
    found, answer = became(user, "delete everything", said)
    assert found == {}
    assert answer == "I do nothing without a plain yes. Shall I? Please answer yes or no."
    assert len(became(user, "yes")[0]) == 6


def test_something_else_may_be_wanted_instead(user: TaskList) -> None:
    found, _ = became(user, "delete everything", "no, complete buy milk")
    assert found == {"buy milk": {"completed": True}}
    assert became(user, "yes")[0] == {}


@pytest.mark.parametrize(
    ("said", "answered"),
    [("you're the best", "Thank you!"), ("you're not the best", "I'm sorry"), ("sorry", "All right.")],
)
def test_kind_words_are_taken_as_such(user: TaskList, said: str, answered: str) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert answer.startswith(answered)
