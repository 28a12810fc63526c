"""Conversations: what the last message does, and how it is answered."""

from __future__ import annotations

import pytest

from tests.agent.offline.listing import DONE, OPEN, Changes, TaskList, became, listed

EVERYTHING = ["buy milk", "call mum", "pay rent", "finish the report", "water the plants", "book dentist appointment"]


@pytest.mark.parametrize(
    ("said", "changed", "answered"),
    [
        ("delete everything | yes, delete the milk | yes", {"buy milk": "deleted"}, 'Deleted "buy milk".'),
        (
            "delete done tasks | yes | undo",
            {"water the plants": DONE},
            'Undone: "water the plants" is back on your list.',
        ),
        (
            "rename call mum | should be ring mum",
            {"call mum": {"title": "ring mum"}},
            'Renamed "call mum" to "ring mum".',
        ),
        (
            "delete everything | complete buy milk; wander about",
            {"buy milk": DONE},
            'Marked "buy milk" as done.\nShall I add "wander about" to your list?',
        ),
        ("complete rnt | yes", {"pay rent": DONE}, 'Marked "pay rent" as done.'),
        ("complete | the second one", {"call mum": DONE}, 'Marked "call mum" as done.'),
        (
            "complete | all",
            {
                "buy milk": DONE,
                "call mum": DONE,
                "pay rent": DONE,
                "finish the report": DONE,
                "book dentist appointment": DONE,
            },
            'Marked "buy milk", "call mum", "pay rent", "finish the report" and "book dentist appointment" as done.',
        ),
        ("complete | call mum", {"call mum": DONE}, 'Marked "call mum" as done.'),
        ("complete | add bread", {"bread": "added"}, 'Added "bread" to your list.'),
        ("complete | 1 and 2", {"buy milk": DONE, "call mum": DONE}, 'Marked "buy milk" and "call mum" as done.'),
        ("rename call mum | to ring mum", {"call mum": {"title": "ring mum"}}, 'Renamed "call mum" to "ring mum".'),
        (
            "rename call mum | call it ring mum",
            {"call mum": {"title": "ring mum"}},
            'Renamed "call mum" to "ring mum".',
        ),
        (
            "rename call mum | it should be ring mum",
            {"call mum": {"title": "ring mum"}},
            'Renamed "call mum" to "ring mum".',
        ),
        ("snooze call mum | friday", {"call mum": {"due_date": "2030-02-01"}}, '"call mum" is now due Fri 1 Feb.'),
        (
            "snooze call mum | make it high priority",
            {"call mum": {"priority": "high"}},
            '"call mum" now has high priority.',
        ),
        ("snooze call mum | ring mum", {"call mum": {"title": "ring mum"}}, 'Renamed "call mum" to "ring mum".'),
        ("remind me | buy stamps", {"buy stamps": "added"}, 'Added "buy stamps" to your list.'),
        (
            "remind me | buy stamps tomorrow",
            {"buy stamps": {"due_date": "2030-01-31"}},
            'Added "buy stamps" to your list (due tomorrow).',
        ),
        (
            "add a task for tomorrow | buy stamps",
            {"buy stamps": {"due_date": "2030-01-31"}},
            'Added "buy stamps" to your list (due tomorrow).',
        ),
        (
            "add a high priority task | buy stamps on friday",
            {"buy stamps": {"due_date": "2030-02-01", "priority": "high"}},
            'Added "buy stamps" to your list (due Fri 1 Feb, high priority).',
        ),
        ("buy stamps | yes", {"buy stamps": "added"}, 'Added "buy stamps" to your list.'),
        (
            "buy stamps tomorrow | yes",
            {"buy stamps": {"due_date": "2030-01-31"}},
            'Added "buy stamps" to your list (due tomorrow).',
        ),
        ("milk | complete it", {"buy milk": DONE}, 'Marked "buy milk" as done.'),
        ("buy milk tomorrow | yes", {"buy milk": {"due_date": "2030-01-31"}}, '"buy milk" is now due tomorrow.'),
        ("complete the third one | do the same for call mum", {"call mum": DONE}, 'Marked "call mum" as done.'),
        ("complete buy milk | same for call mum", {"call mum": DONE}, 'Marked "call mum" as done.'),
        ("delete buy milk | do the same for call mum", {"call mum": "deleted"}, 'Deleted "call mum".'),
        ("complete buy milk | undo", {"buy milk": OPEN}, 'Undone: "buy milk" is open again.'),
        ("delete buy milk | undo", {"buy milk": "added"}, 'Undone: "buy milk" is back on your list.'),
        ("add stamps | undo", {"stamps": "deleted"}, 'Undone: "stamps" is off your list again.'),
        (
            "move pay rent to friday | undo",
            {"pay rent": {"due_date": "2030-01-31"}},
            'Undone: "pay rent" is as before.',
        ),
        ("mark pay rent low | undo", {"pay rent": {"priority": "high"}}, 'Undone: "pay rent" is as before.'),
        ("reopen water the plants | undo", {"water the plants": DONE}, 'Undone: "water the plants" is done again.'),
        (
            "add a note to pay rent: by cash | undo",
            {"pay rent": {"description": "to the landlord"}},
            'Undone: "pay rent" is as before.',
        ),
        (
            "remove the note of pay rent | undo",
            {"pay rent": {"description": "to the landlord"}},
            'Undone: "pay rent" is as before.',
        ),
        (
            "complete 1 and 2 | undo",
            {"buy milk": OPEN, "call mum": OPEN},
            'Undone: "buy milk" and "call mum" are open again.',
        ),
        ("complete buy milk | that was wrong | yes", {"buy milk": OPEN}, 'Undone: "buy milk" is open again.'),
        ("delete buy milk | oops | yes", {"buy milk": "added"}, 'Undone: "buy milk" is back on your list.'),
        ("add stamps | I didn't mean that | yes", {"stamps": "deleted"}, 'Undone: "stamps" is off your list again.'),
        (
            "move pay rent to friday | wrong task | yes",
            {"pay rent": {"due_date": "2030-01-31"}},
            'Undone: "pay rent" is as before.',
        ),
        (
            "complete buy milk and call mum | my mistake | yes",
            {"buy milk": OPEN, "call mum": OPEN},
            'Undone: "buy milk" and "call mum" are open again.',
        ),
        ("delete buy milk | restore buy milk | yes", {"buy milk": "added"}, 'Undone: "buy milk" is back on your list.'),
        ("delete buy milk | bring it back", {"buy milk": "added"}, 'Undone: "buy milk" is back on your list.'),
        ("postpone buy milk by 2 days", {"buy milk": {"due_date": "2030-02-01"}}, '"buy milk" is now due Fri 1 Feb.'),
        (
            "set priority of tasks 1 and 2 to high",
            {"buy milk": {"priority": "high"}, "call mum": {"priority": "high"}},
            '"buy milk" now has high priority.\n"call mum" now has high priority.',
        ),
        (
            "move 1 and 2 to friday",
            {"buy milk": {"due_date": "2030-02-01"}, "call mum": {"due_date": "2030-02-01"}},
            '"buy milk" is now due Fri 1 Feb.\n"call mum" is now due Fri 1 Feb.',
        ),
        (
            "show open tasks | complete the last one",
            {"book dentist appointment": DONE},
            'Marked "book dentist appointment" as done.',
        ),
        (
            "show overdue tasks | move them to friday",
            {"book dentist appointment": {"due_date": "2030-02-01"}},
            '"book dentist appointment" is now due Fri 1 Feb.',
        ),
        (
            "show my list | move 4 to tomorrow",
            {"finish the report": {"due_date": "2030-01-31"}},
            '"finish the report" is now due tomorrow.',
        ),
        (
            "complete buy milk, complete call mum and delete pay rent",
            {"buy milk": DONE, "call mum": DONE, "pay rent": "deleted"},
            'Marked "buy milk" as done.\nMarked "call mum" as done.\nDeleted "pay rent".',
        ),
        (
            "add stamps and complete buy milk",
            {"stamps": "added", "buy milk": DONE},
            'Added "stamps" to your list.\nMarked "buy milk" as done.',
        ),
        (
            "complete the first one. delete the second one.",
            {"buy milk": DONE, "call mum": "deleted"},
            'Marked "buy milk" as done.\nDeleted "call mum".',
        ),
        ("hey, can you please delete buy milk?", {"buy milk": "deleted"}, 'Deleted "buy milk".'),
        ("would you mind deleting buy milk?", {"buy milk": "deleted"}, 'Deleted "buy milk".'),
        ("I'd like to complete buy milk", {"buy milk": DONE}, 'Marked "buy milk" as done.'),
        ("I want to delete buy milk", {"buy milk": "deleted"}, 'Deleted "buy milk".'),
        ("let's complete buy milk", {"buy milk": DONE}, 'Marked "buy milk" as done.'),
        ("ok now complete buy milk", {"buy milk": DONE}, 'Marked "buy milk" as done.'),
        ("don't forget to feed cat", {"feed cat": "added"}, 'Added "feed cat" to your list.'),
        (
            "tomorrow I have to feed cat",
            {"feed cat": {"due_date": "2030-01-31"}},
            'Added "feed cat" to your list (due tomorrow).',
        ),
        (
            "on saturday remind me to feed cat",
            {"feed cat": {"due_date": "2030-02-02"}},
            'Added "feed cat" to your list (due Sat 2 Feb).',
        ),
        ("remnid me to feed cat", {"feed cat": "added"}, 'Added "feed cat" to your list.'),
        ("ad feed cat", {"feed cat": "added"}, 'Added "feed cat" to your list.'),
        ("add eggs, sorry, I meant bread", {"bread": "added"}, 'Added "bread" to your list.'),
        ("rename call mum | call dad", {"call mum": {"title": "call dad"}}, 'Renamed "call mum" to "call dad".'),
    ],
)
def test_a_conversation_ends_in_a_change(user: TaskList, said: str, changed: Changes, answered: str) -> None:
    assert became(user, *said.split(" | ")) == (changed, answered)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        (
            "delete everything | yes but keep pay rent",
            'This deletes 5 tasks: "buy milk", "call mum", "finish the report", "water the plants" and "book dentist appointment". Are you sure? Please answer yes or no.',
        ),
        (
            "delete everything | all except 2",
            'This deletes 5 tasks: "buy milk", "pay rent", "finish the report", "water the plants" and "book dentist appointment". Are you sure? Please answer yes or no.',
        ),
        ("delete everything | only the first one", 'Do you want to delete "buy milk"? Please answer yes or no.'),
        (
            "delete everything | just the first two",
            'This deletes 2 tasks: "buy milk" and "call mum". Are you sure? Please answer yes or no.',
        ),
        ("delete everything | yes?", "I do nothing without a plain yes. Shall I? Please answer yes or no."),
        ("delete everything | maybe", "I do nothing without a plain yes. Shall I? Please answer yes or no."),
        ("delete everything | no | yes", "All right. What shall I do with your list?"),
        ("delete everything | keep all of them", "All right, nothing was deleted."),
        ("complete | 9", "There are only 5 to choose from. Which one do you mean?"),
        ("complete | yes", "Which one do you mean? Please say its number."),
        (
            "delete | all",
            'This deletes 6 tasks: "buy milk", "call mum", "pay rent", "finish the report", "water the plants" and "book dentist appointment". Are you sure? Please answer yes or no.',
        ),
        ("remind me | no", "All right, I leave everything as it is."),
        ("remind me | yes", "All right. What shall I do with your list?"),
        ("buy stamps | no", "All right, I leave everything as it is."),
        ("buy stamps | ok sure", "I do nothing without a plain yes. Shall I? Please answer yes or no."),
        ("do the same for call mum", "What shall I do the same way? Please say it in one sentence, with the task."),
        (
            "rename buy milk to oat milk | do the same for call mum",
            "What shall I do the same way? Please say it in one sentence, with the task.",
        ),
        ("undo", "There is nothing to undo in this conversation."),
        ("complete buy milk | undo | undo", "There is nothing to undo in this conversation."),
        ("remove the due date from buy milk", '"buy milk" has no due date.'),
        (
            "add a note to pay rent: by cash | what are the details of pay rent?",
            '"pay rent" is open (due tomorrow, high priority).\nNote: to the landlord\nby cash',
        ),
        ("rename buy milk to buy milk", '"buy milk" is called that already.'),
        (
            "rename 1 and 2 to stamps",
            'I can give a new title to one task only. Which one of "buy milk" and "call mum"?',
        ),
        (
            "delete bread",
            'I can\'t find a task called "bread". Which one do you mean? Ask "what\'s on my list?" to see them all.',
        ),
        ("complete bread", 'I can\'t find a task called "bread". Shall I add "complete bread" to your list?'),
        (
            "move bread to friday",
            'I can\'t find a task called "bread". Which one do you mean? Ask "what\'s on my list?" to see them all.',
        ),
        (
            "I bought bread",
            'I don\'t see "bought bread" on your list, so there is nothing to change. Which task do you mean?',
        ),
        (
            "reopen bread",
            'I can\'t find a task called "bread". Which one do you mean? Ask "what\'s on my list?" to see them all.',
        ),
        ("delete low priority tasks", "There are no such tasks."),
        ("complete low priority tasks", "There are no such tasks."),
        ("complete done tasks", "Everything is done already."),
        ("reopen open tasks", "No task is done yet."),
        ("move low priority tasks to friday", "There are no such tasks."),
        (
            "complete milk and bread",
            'I can\'t find a task called "bread". Shall I mark "buy milk" as done? Please answer yes or no.',
        ),
        (
            "delete milk and bread",
            'I can\'t find a task called "bread". Do you want to delete "buy milk"? Please answer yes or no.',
        ),
        ("show done tasks | and tomorrow?", "You have no done tasks due tomorrow."),
        ("show high priority tasks | and low priority?", "You have no open low priority tasks."),
        (
            "delete everything and complete everything",
            'This deletes 6 tasks: "buy milk", "call mum", "pay rent", "finish the report", "water the plants" and "book dentist appointment". Are you sure? Please answer yes or no.\nPlease answer that first, and then send me the rest again.',
        ),
        ("maybe complete buy milk", 'Shall I mark "buy milk" as done? Please answer yes or no.'),
        ("don't delete anything", "All right, I leave everything as it is."),
        ("never delete pay rent", "All right, I leave everything as it is."),
        ("I don't want to delete pay rent", "All right, I leave everything as it is."),
        ("not now", "All right, I leave everything as it is."),
        ("keep pay rent", "All right, I leave everything as it is."),
        ("leave pay rent as it is", "All right, I leave everything as it is."),
        ("- feed cat", 'Shall I add "feed cat" to your list?'),
        ("1. feed cat", 'Shall I add "feed cat" to your list?'),
        ("markbuy milk as done", 'Shall I mark "buy milk" as done? Please answer yes or no.'),
        ("deletebuy milk", 'Do you want to delete "buy milk"? Please answer yes or no.'),
        ("actually high priority", "Which task do you want to change?"),
        ("details of pay rent", '"pay rent" is open (due tomorrow, high priority).\nNote: to the landlord'),
        ("the priority of pay rent", '"pay rent" has high priority.'),
        ("skip pay rent", '"pay rent" is on your list (due tomorrow, high priority). What shall I do with it?'),
        (
            "hola amigo como estas",
            'I speak English only. Try: "add buy bread tomorrow", "what\'s on my list?", "mark the second one done", "undo".',
        ),
        ("add eggs, oops", "You took something of that back, so I did nothing. Please say once more what you want."),
    ],
)
def test_a_conversation_ends_in_an_answer_alone(user: TaskList, said: str, answered: str) -> None:
    found, answer = became(user, *said.split(" | "))
    assert found == {}
    assert answer.partition("\n\n1. ")[0] == answered


@pytest.mark.parametrize(
    ("said", "heading", "titles"),
    [
        ("delete everything | what's on my list?", "You have 6 tasks", EVERYTHING),
        (
            "remind me | what's due?",
            "You have 3 open tasks with a due date",
            ["pay rent", "finish the report", "book dentist appointment"],
        ),
        ("show tasks due tomorrow | what about today?", "You have 1 open task due today", ["finish the report"]),
    ],
)
def test_a_conversation_ends_in_a_list(user: TaskList, said: str, heading: str, titles: list[str]) -> None:
    found, answer = became(user, *said.split(" | "))
    assert found == {}
    assert answer.startswith(f"{heading}:\n\n1. ")
    assert listed(answer) == titles


@pytest.mark.parametrize("said", ["rename call mum | what?", "> feed cat", "6 + 7"])
def test_what_is_no_command_is_not_understood(user: TaskList, said: str) -> None:
    found, answer = became(user, *said.split(" | "))
    assert found == {}
    assert answer.startswith("Sorry, I didn't understand that")
