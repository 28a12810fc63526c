"""What is put right, left open or taken back: nothing is done that wasn't meant, and nothing is added by mistake."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.agent.offline.listing import TaskList, became

TODAY = dt.date(2030, 1, 30)  # a Wednesday
_DAY = dt.timedelta(days=1)


@pytest.fixture
def user() -> TaskList:
    user = TaskList(TODAY)
    user.put("buy milk")
    user.put("call mum")
    user.put("pay rent", due=TODAY + _DAY, priority="high")
    user.put("finish the report", due=TODAY)
    user.put("water the plants", completed=True)
    return user


@pytest.mark.parametrize(
    "words",
    ["shorter", "recurring", "bold", "next wek", "the first one", "mine", "quick", "happen", "stop", "go away", "two"],
)
def test_what_is_hardly_a_title_takes_no_titles_place(user: TaskList, words: str) -> None:
    found, answer = became(user, "add wash car", f"make it {words}")
    assert found == {}
    assert answer.endswith("?") or "yes or no" in answer or "Say when" in answer


@pytest.mark.parametrize("words", ["clean car", "wash the car", "wash car and bike"])
def test_what_is_a_title_for_sure_takes_its_place(user: TaskList, words: str) -> None:
    found, _ = became(user, "add wash car", f"make it {words}")
    assert found == {"wash car": {"title": words}}


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("make it saturday instead", {"due_date": "2030-02-02"}),
        ("saturday instead", {"due_date": "2030-02-02"}),
        ("saturday, not friday", {"due_date": "2030-02-02"}),
        ("make it high instead", {"priority": "high"}),
        ("high rather", {"priority": "high"}),
        ("actually high", {"priority": "high"}),
        ("make it less important", {"priority": "low"}),
        ("make it more urgent", {"priority": "high"}),
        ("make it 5pm", None),
        ("make it at 6 instead", None),
        ("make it weekly", None),
    ],
)
def test_a_value_is_put_right_without_a_new_title(user: TaskList, said: str, change: dict[str, Any] | None) -> None:
    found, _ = became(user, "move call mum to friday", said)
    assert found == ({"call mum": change} if change else {})


@pytest.mark.parametrize(
    "said",
    [
        "delete milk or rent",
        "delete either milk or rent",
        "delete buy milk or call mum",
        "complete the first or the second",
    ],
)
def test_one_or_the_other_is_asked_about(user: TaskList, said: str) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert "Which one" in answer


@pytest.mark.parametrize(
    "said",
    [
        "maybe delete buy milk", "perhaps complete buy milk", "I think I should delete buy milk", "delete buy milk?",
        "complete buy milk?", "I guess delete buy milk",
    ],
)  # fmt: skip
def test_what_is_only_thought_of_is_asked_about(user: TaskList, said: str) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert "yes or no" in answer


def test_a_polite_question_is_a_request(user: TaskList) -> None:
    assert became(user, "could you delete buy milk?")[0] == {"buy milk": "deleted"}


@pytest.mark.parametrize(
    "said",
    [
        "delete two tasks", "delete half of them", "delete any task", "delete something", "delete a few", "delete the oldest task",
        "complete any of them", "delete the one before pay rent",
    ],
)  # fmt: skip
def test_tasks_that_arent_told_apart_are_asked_for(user: TaskList, said: str) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert answer.startswith("Which task do you want to")


@pytest.mark.parametrize(
    "said",
    ["delete nothing", "complete none of them", "leave buy milk alone", "keep buy milk", "delete none of the tasks"],
)
def test_nothing_is_left_as_it_is(user: TaskList, said: str) -> None:
    assert became(user, said) == ({}, "All right, I leave everything as it is.")


@pytest.mark.parametrize("said", ["👎", "nein", "yeah no", "I changed my mind"])
def test_more_ways_to_say_no(user: TaskList, said: str) -> None:
    assert became(user, "delete everything", said) == ({}, "All right, nothing was deleted.")
    assert became(user, "yes")[0] == {}


@pytest.mark.parametrize("said", ["ja", "oui", "sí"])
def test_a_yes_in_another_language_is_asked_for_again(user: TaskList, said: str) -> None:
    found, answer = became(user, "delete everything", said)
    assert found == {}
    assert "plain yes" in answer


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("complete buy milk, not call mum", {"buy milk": {"completed": True}}),
        ("complete buy milk but not call mum", {"buy milk": {"completed": True}}),
        ("delete call mum not buy milk", {"call mum": "deleted"}),
        ("move call mum to friday, not saturday", {"call mum": {"due_date": "2030-02-01"}}),
        ("pay rent is due on the 5th, not tomorrow", {"pay rent": {"due_date": "2030-02-05"}}),
        ("add call Bob on friday, not saturday", {"call Bob": {"due_date": "2030-02-01"}}),
        ("delete all tasks but buy milk and not call mum", {}),
    ],
)
def test_what_is_not_meant_is_said_beside_what_is(user: TaskList, said: str, expected: dict[str, Any]) -> None:
    assert became(user, said)[0] == expected


@pytest.mark.parametrize(
    "said",
    ["add eggs, sorry, bread", "add eggs, no wait, bread", "add eggs, sorry I meant bread", "add eggs... I mean bread"],
)
def test_an_addition_that_is_put_right(user: TaskList, said: str) -> None:
    assert became(user, said)[0] == {"bread": "added"}


@pytest.mark.parametrize(
    "title", ["say sorry", "no sugar cookies", "wait", 'write "sorry, no" card', "ask what mum meant"]
)
def test_words_of_doubt_are_titles_too(user: TaskList, title: str) -> None:
    assert became(user, f"add {title}")[0] == {title: "added"}


def test_and_goes_on_with_what_was_just_done(user: TaskList) -> None:
    assert became(user, "complete buy milk", "and call mum")[0] == {"call mum": {"completed": True}}
    assert became(user, "show my list", "and pay rent")[0] == {}


def test_two_questions_are_asked_one_by_one(user: TaskList) -> None:
    found, answer = became(user, "delete all tasks due today and complete the overdue ones and delete all done tasks")
    assert found == {}
    assert answer.count("yes or no") == 1
    assert became(user, "yes")[0] == {"finish the report": "deleted"}


def test_them_are_all_that_were_added(user: TaskList) -> None:
    user.say("add wash car")
    user.say("add dry car")
    assert became(user, "mark them as done")[0] == {"wash car": {"completed": True}, "dry car": {"completed": True}}


def test_the_first_one_has_a_place(user: TaskList) -> None:
    assert became(user, "what's the first one?", "delete it")[0] == {"buy milk": "deleted"}


def test_days_side_by_side_are_shown_together(user: TaskList) -> None:
    answer = user.say("show tasks due today or tomorrow")
    assert "pay rent" in answer
    assert "finish the report" in answer


def test_everything_except_what_is_due_is_understood(user: TaskList) -> None:
    answer = user.say("remove everything from my list except what's due today")
    assert "This deletes 4 tasks" in answer
    assert "finish the report" not in answer


@pytest.mark.parametrize("said", ["undo the last two", "undo twice", "undo the last 2 changes"])
def test_several_undos_at_once_reopen_nothing(user: TaskList, said: str) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert "one thing at a time" in answer


@pytest.mark.parametrize("said", ["buy milk and call mum are done", "both milk and call mum are done"])
def test_several_are_done(user: TaskList, said: str) -> None:
    assert became(user, said)[0] == {"buy milk": {"completed": True}, "call mum": {"completed": True}}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "add milk for today and eggs for tomorrow",
            {"milk": {"due_date": "2030-01-30"}, "eggs": {"due_date": "2030-01-31"}},
        ),
        ("remind me that I have to call Tom on Monday", {"call Tom": {"due_date": "2030-02-04"}}),
        ("add sign papers every day starting tomorrow", {"sign papers every day": {"due_date": "2030-01-31"}}),
        ("add sign papers the week after next", {"sign papers": {"due_date": "2030-02-11"}}),
        ("add sign papers on new year's eve", {"sign papers": {"due_date": "2030-12-31"}}),
        ("can you remind me at 5?", {}),
        ("remind me what I have to do", {}),
        ("add it again", {}),
        ("rent's paid", {"pay rent": {"completed": True}}),
    ],
)
def test_what_is_a_title_and_what_only_goes_with_it(user: TaskList, said: str, expected: dict[str, Any]) -> None:
    assert became(user, said)[0] == expected


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("details of pay rent", '"pay rent" is open'),
        ("read me the note on pay rent", '"pay rent" is open'),
        ("remind me which tasks are due today", "finish the report"),
        ("skip buy milk", "What shall I do with it?"),
        ("can you remind me at 5?", "What should I add?"),
    ],
)
def test_what_is_asked_for_is_told_and_nothing_else_is_offered(user: TaskList, said: str, answered: str) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert answered in answer


@pytest.mark.parametrize("said", ["I'm bored, what can I do?", "hw many tasks r left"])
def test_no_task_is_missed_that_nobody_named(user: TaskList, said: str) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert "on your list" not in answer


def test_a_slip_in_overdue(user: TaskList) -> None:
    user.put("book dentist", due=TODAY - _DAY)
    assert "book dentist" in user.say("whats overdeu")


def test_places_just_after_several_were_added_are_asked_about(user: TaskList) -> None:
    found, answer = became(user, "add milk, eggs and bread", "delete the second one")
    assert found == {}
    assert '"eggs"' in answer
    assert became(user, "yes")[0] == {"eggs": "deleted"}


def test_places_in_the_list_count_again_once_it_is_shown(user: TaskList) -> None:
    assert became(user, "add milk, eggs and bread", "show my list", "delete the second one")[0] == {
        "call mum": "deleted"
    }


@pytest.mark.parametrize("said", ["actually I haven't", "no wait, I didn't", "I haven't done that"])
def test_what_was_said_too_early_is_offered_to_be_undone(user: TaskList, said: str) -> None:
    found, answer = became(user, "complete call mum", said)
    assert found == {}
    assert "Shall I undo that" in answer


@pytest.mark.parametrize("said", ["nothing is done", "none of them are done"])
def test_nothing_is_no_name(user: TaskList, said: str) -> None:
    assert became(user, said) == ({}, "All right, I leave everything as it is.")


def test_the_others_are_kept_anyway(user: TaskList) -> None:
    answer = user.say('remove "buy milk" and "pay rent", keep the others')
    assert "can't find" not in answer


@pytest.mark.parametrize("said", ["not tomorrow, friday", "friday actually", "not tomorrow but friday"])
def test_another_day_for_what_was_just_added(user: TaskList, said: str) -> None:
    assert became(user, "add wash car tomorrow", said)[0] == {"wash car": {"due_date": "2030-02-01"}}


@pytest.mark.parametrize("said", ["and tomorrow", "tomorrow", "due tomorrow", "for tomorrow"])
def test_a_day_after_a_list_asks_for_another_list(user: TaskList, said: str) -> None:
    found, answer = became(user, "what's due today?", said)
    assert found == {}
    assert "pay rent" in answer
    found, _ = became(user, "show my list", "call mum", "tomorrow")
    assert found == {"call mum": {"due_date": "2030-01-31"}}


def test_a_priority_after_a_list_asks_for_another_list(user: TaskList) -> None:
    found, answer = became(user, "what's due today?", "high priority")
    assert found == {}
    assert "pay rent" in answer


@pytest.mark.parametrize(
    ("said", "day"), [("to friday", "2030-02-01"), ("by 2 days", "2030-02-01"), ("a week", "2030-02-06")]
)
def test_a_day_that_was_asked_for_is_no_title(user: TaskList, said: str, day: str) -> None:
    found, _ = became(user, "postpone call mum", said)
    assert found == {"call mum": {"due_date": day}}


@pytest.mark.parametrize("said", ["oops put it back", "undo", "bring it back please"])
@pytest.mark.parametrize("asked", ["delete the bread", "delete milk or rent", "delete everything"])
def test_what_was_only_asked_about_isnt_undone(user: TaskList, asked: str, said: str) -> None:
    found, answer = became(user, "add bread and butter", asked, said)
    assert found == {}
    assert answer == "All right, nothing was deleted."


def test_nothing_comes_back_by_taking_off_what_was_added(user: TaskList) -> None:
    found, answer = became(user, "add bread and butter", "put it back")
    assert found == {}
    assert "yes or no" in answer


@pytest.mark.parametrize("said", ["I called everyone but mum", "bought everything except the milk"])
def test_what_is_left_out_isnt_offered_as_done(user: TaskList, said: str) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert answer.startswith("Which task")


@pytest.mark.parametrize("said", ["yess", "ye", "yeh"])
def test_what_is_nearly_a_yes_leaves_the_question_open(user: TaskList, said: str) -> None:
    found, _ = became(user, "delete everything", said)
    assert found == {}
    assert len(became(user, "yes")[0]) == 5


@pytest.mark.parametrize("said", ["scratch that, add cheese", "scratch that, add cheese instead"])
def test_what_takes_the_place_of_what_was_done_is_added(user: TaskList, said: str) -> None:
    found, _ = became(user, "add bread", said)
    assert found == {"bread": "deleted", "cheese": "added"}


def test_a_yes_undoes_what_it_was_asked_for(user: TaskList) -> None:
    found, answer = became(user, "add bread", "wrong, delete call mum")
    assert found == {}
    assert "take the new task off the list" in answer
    assert became(user, "yes")[0] == {"bread": "deleted"}


@pytest.mark.parametrize(
    "said",
    [
        "add eggs, never mind",
        "add eggs - nvm",
        "add eggs. no.",
        "add eggs, wait, stop",
        "add eggs. Actually no, don't.",
        "add eggs; no wait; scratch that",
    ],
)
def test_an_addition_that_is_taken_back_at_once_adds_nothing(user: TaskList, said: str) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert "took" in answer


@pytest.mark.parametrize("title", ["a song: never mind", 'read "never mind"'])
def test_a_title_may_speak_of_taking_back(user: TaskList, title: str) -> None:
    found, _ = became(user, f"add {title}")
    assert found == {title: "added"}


def test_a_note_that_isnt_there_isnt_removed(user: TaskList) -> None:
    found, answer = became(user, "delete the note of call mum")
    assert found == {}
    assert answer == '"call mum" has no note.'


@pytest.mark.parametrize("said", ["actually no", "never mind", "no", "cancel that"])
@pytest.mark.parametrize("done", ["move call mum to friday", "add bread", "complete call mum", "delete call mum"])
def test_a_no_after_what_was_done_offers_to_undo_it(user: TaskList, done: str, said: str) -> None:
    before = user.snapshot()
    found, answer = became(user, done, said)
    assert found == {}
    assert answer.startswith("Shall I undo that")
    user.say("yes")
    assert sorted(user.snapshot(), key=lambda task: task["id"]) == before


def test_a_no_after_what_was_only_shown_undoes_nothing(user: TaskList) -> None:
    assert became(user, "add bread", "show my list", "no") == ({}, "All right, I leave everything as it is.")


@pytest.mark.parametrize("said", ["no wait, friday", "wait, no, friday", "on second thought friday", "actually friday"])
def test_words_that_take_back_are_no_title(user: TaskList, said: str) -> None:
    found, _ = became(user, "move call mum to sunday", said)
    assert found == {"call mum": {"due_date": "2030-02-01"}}
    found, answer = became(user, "what's due today?", said)
    assert found == {}
    assert "due Fri 1 Feb" in answer


@pytest.mark.parametrize(
    "said",
    [
        "delete everything except unicorns",
        "clear my list but keep unicorns",
        "complete all tasks except the unicorns and call mum",
        "delete everything except 99",
    ],
)
def test_what_is_to_be_kept_and_isnt_found_stops_the_rest(user: TaskList, said: str) -> None:
    found, _ = became(user, said, "yes")
    assert found == {}
    assert "I can't find" in user.say(said)


def test_an_exception_by_a_word_keeps_all_with_it(user: TaskList) -> None:
    user.put("call dad")
    found, _ = became(user, "delete everything except calls", "yes")
    assert set(found) == {"buy milk", "pay rent", "finish the report", "water the plants"}


@pytest.mark.parametrize("said", ["complete call mum. undo.", "delete call mum, then undo", "add bread, then undo"])
def test_undo_takes_back_what_its_own_message_did(user: TaskList, said: str) -> None:
    before = user.snapshot()
    user.say("delete buy milk")
    found, answer = became(user, said)
    assert found == {}
    assert "Undone" in answer
    user.say("undo")
    assert sorted(user.snapshot(), key=lambda task: task["id"]) == before


def test_a_doubtful_command_is_asked_about_whatever_mark_follows(user: TaskList) -> None:
    assert became(user, "delete buy milk?!")[0] == {}


def test_words_in_them_are_looked_for_without_those(user: TaskList) -> None:
    assert became(user, "delete everything with milk in it", "yes")[0] == {"buy milk": "deleted"}


@pytest.mark.parametrize(
    ("done", "asked"),
    [
        ("complete call mum", 'Shall I mark "book dentist appointment" as done?'),
        ("delete call mum", 'Do you want to delete "book dentist appointment"?'),
    ],
)
def test_and_another_that_comes_close_is_asked_about(user: TaskList, done: str, asked: str) -> None:
    user.put("book dentist appointment")
    found, answer = became(user, done, "and the dentist too")
    assert found == {}
    assert answer == f"{asked} Please answer yes or no."


def test_and_something_else_is_offered_to_be_added(user: TaskList) -> None:
    assert became(user, "complete call mum", "and bananas") == ({}, 'Shall I add "bananas" to your list?')
