"""Which tasks are meant: by place, by kind, by name, or as what was spoken of before."""

from __future__ import annotations

import pytest

from tests.agent.offline.listing import DONE, Changes, TaskList, became


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("show my list | complete 2 | set its priority to high", {"call mum": {"priority": "high"}}),
        ("complete call mum | set the due date to friday", {"call mum": {"due_date": "2030-02-01"}}),
        ("add wash car | postpone it by a day", {"wash car": {"due_date": "2030-01-31"}}),
        ("add wash car tomorrow | postpone it by a week", {"wash car": {"due_date": "2030-02-07"}}),
        ("add wash car | make it friday", {"wash car": {"due_date": "2030-02-01"}}),
        ("add wash car | make it clean car", {"wash car": {"title": "clean car"}}),
        ("add wash car | make it less urgent", {"wash car": {"priority": "low"}}),
        ("complete the last two", {"book dentist appointment": DONE}),
        ("complete milk and the third one", {"buy milk": DONE, "pay rent": DONE}),
        ("complete mum and the first one", {"buy milk": DONE, "call mum": DONE}),
        ("complete the first three tasks", {"buy milk": DONE, "call mum": DONE, "pay rent": DONE}),
        ("complete the top two", {"buy milk": DONE, "call mum": DONE}),
        ("complete the bottom one", {"book dentist appointment": DONE}),
        ("complete the bottom two tasks", {"book dentist appointment": DONE}),
        ("complete 1-3", {"buy milk": DONE, "call mum": DONE, "pay rent": DONE}),
        ("complete tasks 2 to 4", {"call mum": DONE, "pay rent": DONE, "finish the report": DONE}),
        ("complete 2 through 4", {"call mum": DONE, "pay rent": DONE, "finish the report": DONE}),
        ("complete number one", {"buy milk": DONE}),
        ("complete task no one", {"buy milk": DONE}),
        ("complete numbers 1 and 3", {"buy milk": DONE, "pay rent": DONE}),
        ("complete the second open task", {"call mum": DONE}),
        ("complete the first overdue task", {"book dentist appointment": DONE}),
        ("complete the next two", {"buy milk": DONE, "call mum": DONE}),
        ("complete the third and fourth", {"pay rent": DONE, "finish the report": DONE}),
        ("complete #1, #2", {"buy milk": DONE, "call mum": DONE}),
        (
            "show my list | complete them",
            {
                "buy milk": DONE,
                "call mum": DONE,
                "pay rent": DONE,
                "finish the report": DONE,
                "book dentist appointment": DONE,
            },
        ),
        ("show overdue tasks | complete it", {"book dentist appointment": DONE}),
        ("show high priority tasks | complete that one", {"pay rent": DONE}),
        ("show tasks due today | complete them", {"finish the report": DONE}),
        ("add wash car | add feed cat | complete the one I just added", {"feed cat": DONE}),
        ("add wash car | complete the newest task", {"wash car": DONE}),
        ("add wash car | add feed cat | complete both", {"wash car": DONE, "feed cat": DONE}),
        ("complete buy milk and the third one", {"buy milk": DONE, "pay rent": DONE}),
        ("complete buy milk as well as call mum", {"buy milk": DONE, "call mum": DONE}),
        ("delete the one about milk", {"buy milk": "deleted"}),
        ("delete the task about rent", {"pay rent": "deleted"}),
        ("delete the task called buy milk", {"buy milk": "deleted"}),
        ("delete reminder buy milk", {"buy milk": "deleted"}),
        ("delete the milk task", {"buy milk": "deleted"}),
        ("delete the rent one from my list please", {"pay rent": "deleted"}),
        ("delete both buy milk and call mum", {"buy milk": "deleted", "call mum": "deleted"}),
        ("delete rent", {"pay rent": "deleted"}),
    ],
)
def test_the_tasks_that_are_meant_are_changed(user: TaskList, said: str, changed: Changes) -> None:
    assert became(user, *said.split(" | "))[0] == changed


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("delete buy milk, call mum or pay rent", "Which one do you want to delete?"),
        ("complete 1, 2 or 3", "Which one do you want to complete?"),
        (
            "show tasks due today or tomorrow | delete all tasks except the second to last one",
            'This deletes 5 tasks: "buy milk", "call mum", "finish the report", "water the plants" and '
            '"book dentist appointment". Are you sure? Please answer yes or no.',
        ),
        (
            "delete tasks with no due date",
            'This deletes 3 tasks: "buy milk", "call mum" and "water the plants". Are you sure? Please answer yes or no.',
        ),
        (
            "complete tasks due before tomorrow",
            'Shall I mark 2 tasks: "finish the report" and "book dentist appointment" as done? Please answer yes or no.',
        ),
        ("add wash car | make it 5pm", "Tasks have a day but no time; say it in the title if you want to keep it."),
        ("add wash car | make it at 5pm", "Tasks have a day but no time; say it in the title if you want to keep it."),
        ("add wash car | make it weekly", "I can't repeat tasks. Say when it is due next, for example: on Monday."),
        ("complete the second to last one", '"water the plants" is done already.'),
        ("complete the first task about milk", 'Shall I mark "buy milk" as done? Please answer yes or no.'),
        ("complete 9", "There are only 6 tasks on the list, so there is no number 9."),
        ("complete 1000000", "There are only 6 tasks on the list, so there is no number 1000000."),
        ("complete 5 tasks", "Which task do you want to complete?"),
        ("complete it", "Which task do you want to complete?"),
        ("complete them", "Which task do you want to complete?"),
        ("complete buy milk | delete the other one", "Which one do you want to delete?"),
        (
            "show tasks due today or tomorrow | complete the first one | delete the other one",
            'Do you want to delete "finish the report"? Please answer yes or no.',
        ),
        (
            "add wash car | add feed cat | delete the two",
            'This deletes 2 tasks: "wash car" and "feed cat". Are you sure? Please answer yes or no.',
        ),
        (
            "add wash car | add feed cat | delete both of them",
            'This deletes 2 tasks: "wash car" and "feed cat". Are you sure? Please answer yes or no.',
        ),
        (
            "add a1, b1, c1 | delete all three",
            'This deletes 3 tasks: "a1", "b1" and "c1". Are you sure? Please answer yes or no.',
        ),
        (
            "show my list | delete all of them except pay rent",
            'This deletes 5 tasks: "buy milk", "call mum", "finish the report", "water the plants" and "book dentist appointment". Are you sure? Please answer yes or no.',
        ),
        (
            "show my list | delete them but keep the first one",
            'This deletes 5 tasks: "call mum", "pay rent", "finish the report", "water the plants" and "book dentist appointment". Are you sure? Please answer yes or no.',
        ),
        ("complete either buy milk or call mum", "Which one do you want to complete?"),
        (
            "delete everything except 2",
            'This deletes 5 tasks: "buy milk", "pay rent", "finish the report", "water the plants" and "book dentist appointment". Are you sure? Please answer yes or no.',
        ),
        (
            "delete all tasks except pay rent and buy milk",
            'This deletes 4 tasks: "call mum", "finish the report", "water the plants" and "book dentist appointment". Are you sure? Please answer yes or no.',
        ),
        ("delete all done tasks", 'Do you want to delete "water the plants"? Please answer yes or no.'),
        ("delete today's tasks", 'Do you want to delete "finish the report"? Please answer yes or no.'),
        ("delete tasks due tomorrow", 'Do you want to delete "pay rent"? Please answer yes or no.'),
        ("delete everything about milk", 'Do you want to delete "buy milk"? Please answer yes or no.'),
        ("delete all tasks with rent", 'Do you want to delete "pay rent"? Please answer yes or no.'),
        ("delete the overdue one", 'Do you want to delete "book dentist appointment"? Please answer yes or no.'),
        (
            "delete my tasks",
            'This deletes 6 tasks: "buy milk", "call mum", "pay rent", "finish the report", "water the plants" and "book dentist appointment". Are you sure? Please answer yes or no.',
        ),
        ("delete the task", "Which task do you want to delete?"),
        ("delete something", "Which task do you want to delete?"),
        ("delete the one after call mum", "Which task do you want to delete?"),
        (
            "delete the one before friday",
            'This deletes 3 tasks: "pay rent", "finish the report" and "book dentist appointment". Are you sure? Please answer yes or no.',
        ),
    ],
)
def test_which_tasks_are_meant_is_asked_where_it_isnt_sure(user: TaskList, said: str, answered: str) -> None:
    found, answer = became(user, *said.split(" | "))
    assert found == {}
    assert answer.partition("\n\n1. ")[0] == answered
