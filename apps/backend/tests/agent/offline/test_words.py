"""One sentence and what it does: the many ways to say the same."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.agent.offline.listing import DONE, OPEN, TaskList

TODAY = dt.date(2030, 1, 30)  # a Wednesday
_DAY = dt.timedelta(days=1)


def effects(user: TaskList, message: str) -> dict[str, Any]:
    """What a message does: by title, the changed fields, or None where the task is gone."""
    before = {task["id"]: task for task in user.snapshot()}
    user.say(message)
    after = {task["id"]: task for task in user.snapshot()}
    assert set(after) <= set(before), "nothing is added"
    return {
        task["title"]: (
            {name: after[key][name] for name in task if after[key][name] != task[name]} if key in after else None
        )
        for key, task in before.items()
        if after.get(key) != task
    }


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        # Done, and not done
        ("done with buy milk", {"buy milk": DONE}),
        ("finish off the report", {"finish the report": DONE}),
        ("complete with pay rent", {"pay rent": DONE}),
        ("tick off buy milk", {"buy milk": DONE}),
        ("tick buy milk off", {"buy milk": DONE}),
        ("cross out call mum", {"call mum": DONE}),
        ("close out call mum", {"call mum": DONE}),
        ("check off call mum", {"call mum": DONE}),
        ("check call mum off", {"call mum": DONE}),
        ("mark as done buy milk", {"buy milk": DONE}),
        ("mark off buy milk", {"buy milk": DONE}),
        ("put buy milk as done please", {"buy milk": DONE}),
        ("mark as not done water the plants", {"water the plants": OPEN}),
        ("set water the plants back to open", {"water the plants": OPEN}),
        ("mark buy milk as not done", {}),
        # Without a value
        ("remove the due date from pay rent", {"pay rent": {"due_date": None}}),
        ("delete pay rent's deadline", {"pay rent": {"due_date": None}}),
        ("delete pay rent's due date", {"pay rent": {"due_date": None}}),
        ("clear pay rent's due date", {"pay rent": {"due_date": None}}),
        ("remove the note of pay rent", {"pay rent": {"description": None}}),
        ("remove the priority from pay rent", {"pay rent": {"priority": "medium"}}),
        # Off the list
        ("take buy milk off the list", {"buy milk": None}),
        ("strike call mum off my list", {"call mum": None}),
        ("forget about buy milk", {"buy milk": None}),
        ("drop call mum", {"call mum": None}),
        # Other values
        ("rename the title of buy milk to buy oat milk", {"buy milk": {"title": "buy oat milk"}}),
        ("prioritise call mum", {"call mum": {"priority": "high"}}),
        ("raise call mum", {"call mum": {"priority": "high"}}),
        ("deprioritise pay rent", {"pay rent": {"priority": "low"}}),
        ("bump pay rent to friday", {"pay rent": {"due_date": "2030-02-01"}}),
        ("move pay rent 1 day earlier", {"pay rent": {"due_date": "2030-01-30"}}),
        ("set pay rent's due date to none", {"pay rent": {"due_date": None}}),
        ("set the priority of pay rent to low", {"pay rent": {"priority": "low"}}),
        ("make pay rent p2", {"pay rent": {"priority": "medium"}}),
        ("make pay rent p3", {"pay rent": {"priority": "low"}}),
        ("pay rent is not important", {"pay rent": {"priority": "low"}}),
        ("set pay rent to no rush", {"pay rent": {"priority": "low"}}),
        ("change buy milk to say buy oat milk", {"buy milk": {"title": "buy oat milk"}}),
        ("add a note to buy milk: two litres", {"buy milk": {"description": "two litres"}}),
        ("mark the first 2 as done", {"buy milk": DONE, "call mum": DONE}),
        ("take the milk off", {"buy milk": None}),
    ],
)
def test_a_request_is_carried_out(user: TaskList, message: str, expected: dict[str, Any]) -> None:
    assert effects(user, message) == expected


@pytest.mark.parametrize(
    "message",
    [
        "clear out my list",
        "clear out the done ones",
        "forget it",
        "forget what I said",
        "rename",
        "rename buy milk",
        "bump call mum to the top",
        "postpone it",
        "postpone pay rent",
        "fix buy milk to buy oat milk",
        "should I buy milk?",
        "change the priority of pay rent to something",
        "delete 7",
        "complete the 9th",
        "I don't need buy milk any more",
        "never mind buy milk",
        "make a task",
    ],
)
def test_what_is_not_clear_changes_nothing(user: TaskList, message: str) -> None:
    assert effects(user, message) == {}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("what day is it today?", "Wednesday, 30 January 2030"),
        ("what time is it?", "only the day"),
        # When
        ("when is pay rent due?", '"pay rent" is due tomorrow'),
        ("when do I need to pay rent by?", '"pay rent" is due tomorrow'),
        ("is the report overdue?", '"finish the report" is due today'),
        # How much, and how
        ("how many tasks are left?", "5 open tasks"),
        ("how many are done?", "1 done task"),
        ("how much do I have to do?", "5 open tasks"),
        ("how am I doing?", "6 tasks, 1 of them done"),
        ("how important is pay rent?", '"pay rent" has high priority'),
        ("how does my week look?", "2 open tasks due this week"),
        ("how does today look?", "1 open task due today"),
        ("what about tomorrow?", "pay rent"),
        ("what about pay rent?", "to the landlord"),
        # First
        ("what should I do first?", 'start with "pay rent"'),
        ("which tasks are most important?", 'start with "pay rent"'),
        ("should I buy milk?", "for you to decide"),
        # Of one task
        ("what does pay rent say?", "to the landlord"),
        ("what are the notes on pay rent?", "to the landlord"),
        ("what's the priority of pay rent?", '"pay rent" has high priority'),
        ("what's pay rent's priority?", '"pay rent" has high priority'),
        ("what priority is pay rent?", '"pay rent" has high priority'),
        ("what's the status of pay rent?", "still open"),
        ("what's the last one?", "book dentist appointment"),
        # Yes or no
        ("am I late with anything?", "book dentist appointment"),
        ("am I done with pay rent?", "still open"),
        ("am I free tomorrow?", "pay rent"),
        ("is everything done?", "5 open tasks"),
        ("are all my tasks done?", "5 open tasks"),
        ("is pay rent done?", "No"),
        ("is pay rent urgent?", "high priority"),
        ("is buy milk on my list?", "Yes"),
        ("has rent been paid?", "No"),
        ("did I finish the report?", "No"),
        ("have I finished anything?", "water the plants"),
        ("did I add buy milk?", "Yes"),
        ("do I have anything on friday?", "no open tasks"),
        ("do I still need to call mum?", "Yes"),
        ("do I need to buy bread?", "No"),
        ("did I forget anything?", "book dentist appointment"),
        ("did I call mum yet?", "No"),
        ("have I watered the plants?", "Yes"),
        ("can you help me?", "to-do list"),
        ("any tasks for tomorrow?", "pay rent"),
        ("is there anything due today?", "finish the report"),
        # In an order
        ("show my tasks by priority", "1. ⬜ pay rent"),
        ("sort my tasks by title", "1. ⬜ book dentist"),
        ("show the newest first", "1. ⬜ book dentist"),
        ("show my tasks sorted by due date", "1. ⬜ book dentist"),
    ],
)
def test_a_question_is_answered_and_changes_nothing(user: TaskList, message: str, said: str) -> None:
    before = user.snapshot()
    assert said in user.say(message)
    assert user.snapshot() == before


@pytest.mark.parametrize(
    ("message", "title", "due", "priority"),
    [
        ("note: buy bread", "buy bread", None, "medium"),
        ("note that the rent is due", "the rent is due", None, "medium"),
        ("pencil in lunch with Sam on friday", "lunch with Sam", "2030-02-01", "medium"),
        ("add buy bread by eow", "buy bread", "2030-02-03", "medium"),
        ("add buy bread, no due date", "buy bread", None, "medium"),
        ("add buy bread (important)", "buy bread", None, "high"),
        ("add buy bread whenever", "buy bread", None, "low"),
        ("add walk the dog daily", "walk the dog daily", None, "medium"),
    ],
)
def test_a_task_is_added(user: TaskList, message: str, title: str, due: str | None, priority: str) -> None:
    before = user.snapshot()
    user.say(message)
    *others, added = user.snapshot()
    assert others == before
    assert (added["title"], added["due_date"], added["priority"]) == (title, due, priority)


def test_scratch_that_asks_whether_the_last_step_goes_back(user: TaskList) -> None:
    user.say("add bread")
    assert "undo" in user.say("scratch that")
    user.say("yes")
    assert "bread" not in user.titles()
