from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from app.agent.offline.commands import Add, Ask, Change, Command, Deed, Do, Fact, Next, Reply, Say, Show, Unknown
from app.agent.offline.dates import Calendar
from app.agent.offline.grammar import MAX_COMMANDS, understand
from app.agent.offline.matching import content
from app.agent.offline.references import Filter, LastAdded, Named, Places, Recent, Reference
from app.agent.offline.slots import Slots
from app.agent.offline.talk import WHAT_I_DO
from app.models.task import Priority

TODAY = dt.date(2030, 1, 30)  # a Wednesday
TOMORROW = dt.date(2030, 1, 31)


def understood(message: str) -> list[Command]:
    return list(understand(message, Calendar(TODAY)).commands)


def added(
    title: str,
    due: dt.date | None = None,
    priority: Priority | None = None,
    note: str | None = None,
) -> Add:
    return Add(title, Slots(due=due, priority=priority, note=note))


def shown(**where: Any) -> Show:
    return Show(Filter(**where))


def plain(target: Reference) -> Reference | str:
    """A reference to compare with: names as their words."""
    return " ".join(content(target.phrase)) if isinstance(target, Named) else target


@pytest.mark.parametrize(
    "message",
    [
        "add buy milk",
        "Add buy milk.",
        "please add buy milk",
        "can you add buy milk please?",
        "could you please add buy milk to my list",
        "add buy milk to the todo list",
        "add a task to buy milk",
        "add task buy milk",
        "add a task: buy milk",
        "add a new task called buy milk",
        'add "buy milk"',
        "add “buy milk”",
        "add 'buy milk' to my list".replace("'", '"'),
        "create a task to buy milk",
        "create task: buy milk",
        "new task: buy milk",
        "put buy milk on my list",
        "remind me to buy milk",
        "set a reminder to buy milk",
        "I need to buy milk",
        "i have to buy milk",
        "don't let me forget to buy milk",
        "don’t forget to buy milk",
        "remember to buy milk",
        "todo: buy milk",
        "note to self: buy milk",
        "hey, add buy milk for me",
        "Hi! Please add buy milk. Thanks!",
        "I'd like to add buy milk",
    ],
)
def test_one_task_is_added_however_it_is_said(message: str) -> None:
    assert understood(message) == [added("buy milk")]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("remind me to call mum tomorrow", added("call mum", due=TOMORROW)),
        ("remind me tomorrow to call mum", added("call mum", due=TOMORROW)),
        ("tomorrow remind me to call mum", added("call mum", due=TOMORROW)),
        ("add pay rent by friday", added("pay rent", due=dt.date(2030, 2, 1))),
        ("add pay rent due 2030-02-03", added("pay rent", due=dt.date(2030, 2, 3))),
        ("add dentist on 5 march at 10:30", added("dentist at 10:30", due=dt.date(2030, 3, 5))),
        ("add file taxes with high priority", added("file taxes", priority=Priority.HIGH)),
        ("add a high priority task to file taxes", added("file taxes", priority=Priority.HIGH)),
        ("add an urgent task: file taxes", added("file taxes", priority=Priority.HIGH)),
        ("add water plants, low priority", added("water plants", priority=Priority.LOW)),
        (
            "add file taxes tomorrow with high priority",
            added("file taxes", due=TOMORROW, priority=Priority.HIGH),
        ),
        (
            "add file taxes, high priority, due tomorrow",
            added("file taxes", due=TOMORROW, priority=Priority.HIGH),
        ),
        ("add fix the roof asap", added("fix the roof", priority=Priority.HIGH)),
        (
            "add buy paint with note: the white one",
            added("buy paint", note="the white one"),
        ),
        ("add clear the list of guests", added("clear the list of guests")),
        ("add buy milk and eggs", added("buy milk and eggs")),
        ("add 'today' magazine", added("'today' magazine")),
    ],
)
def test_a_new_task_takes_its_details_from_the_message(message: str, expected: Add) -> None:
    assert understood(message) == [expected]


@pytest.mark.parametrize(
    ("message", "titles"),
    [
        ("add buy milk and add call mum", ["buy milk", "call mum"]),
        ("add buy milk, call mum and walk the dog", ["buy milk", "call mum", "walk the dog"]),
        ("add tasks: milk, eggs and bread", ["milk", "eggs", "bread"]),
        ("add these tasks: milk, eggs", ["milk", "eggs"]),
        ('add "buy milk" and "call mum"', ["buy milk", "call mum"]),
        ("add buy milk; add call mum", ["buy milk", "call mum"]),
        ("add buy milk. add call mum.", ["buy milk", "call mum"]),
        ("add buy milk\nadd call mum", ["buy milk", "call mum"]),
        ("add the following:\n- buy milk\n- call mum\n", ["buy milk", "call mum"]),
        ("Please add:\n1. buy milk\n2) call mum", ["buy milk", "call mum"]),
        ("add buy milk, then remind me to call mum", ["buy milk", "call mum"]),
    ],
)
def test_several_tasks_in_one_message(message: str, titles: list[str]) -> None:
    commands = understood(message)
    assert [command.title for command in commands if isinstance(command, Add)] == titles
    assert len(commands) == len(titles)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("what's on my list?", Show()),
        ("What is on my list", Show()),
        ("what do I have to do?", shown(status="open")),
        ("show my tasks", Show()),
        ("show me all my tasks please", Show()),
        ("list my todos", Show()),
        ("list", Show()),
        ("my tasks", Show()),
        ("can you show me the list?", Show()),
        ("what are my tasks?", Show()),
        ("do i have any tasks?", Show()),
        ("what's left?", shown(status="open")),
        ("show open tasks", shown(status="open")),
        ("which tasks are still pending?", shown(status="open")),
        ("what should I do next?", Next()),
        ("show completed tasks", shown(status="done")),
        ("what have I finished?", shown(status="done")),
        ("what's due today?", shown(status="open", due_from=TODAY, due_to=TODAY, label="today")),
        ("anything due tomorrow?", shown(status="open", due_from=TOMORROW, due_to=TOMORROW, label="tomorrow")),
        (
            "what do I have this week?",
            shown(status="open", due_from=TODAY, due_to=dt.date(2030, 2, 3), label="this week"),
        ),
        (
            "show tasks for next week",
            shown(status="open", due_from=dt.date(2030, 2, 4), due_to=dt.date(2030, 2, 10), label="next week"),
        ),
        ("show overdue tasks", shown(status="open", overdue=True)),
        ("show high priority tasks", shown(priority=Priority.HIGH)),
        ("show my urgent tasks", shown(priority=Priority.HIGH)),
        ("how many tasks do I have?", Show(count=True)),
        ("how many open tasks are there?", Show(Filter(status="open"), count=True)),
    ],
)
def test_lists_are_asked_for(message: str, expected: Command) -> None:
    assert understood(message) == [expected]


@pytest.mark.parametrize(
    "message",
    ["find tasks about milk", "search for milk", "show tasks containing milk", "show tasks with milk", "show milk"],
)
def test_tasks_are_searched(message: str) -> None:
    (command,) = understood(message)
    assert isinstance(command, Show)
    assert command.where.text is not None
    assert command.where.text.raw() == "milk"


@pytest.mark.parametrize(
    ("message", "target"),
    [
        ("mark the second one done", Places((2,))),
        ("mark the second one as done", Places((2,))),
        ("mark 2 as complete", Places((2,))),
        ("complete task 2", Places((2,))),
        ("complete the 2nd task", Places((2,))),
        ("finish #2", Places((2,))),
        ("tick off number two", Places((2,))),
        ("tick off the last one", Places((-1,))),
        ("complete the second to last one", Places((-2,))),
        ("complete the first and third tasks", Places((1, 3))),
        ("mark 1, 2 and 4 as done", Places((1, 2, 4))),
        ("complete tasks 2-4", Places((2, 3, 4))),
        ("mark the first two as done", Places((1, 2))),
        ("complete the last two tasks", Places((-2, -1))),
        ("mark it as done", Recent()),
        ("it's done", Recent()),
        ("that task is done", Recent()),
        ("complete the one I just added", LastAdded()),
        ("mark everything as done", Filter()),
        ("complete all my tasks", Filter()),
        ("complete all open tasks", Filter(status="open")),
        ("complete buy milk", "buy milk"),
        ("mark buy milk as done", "buy milk"),
        ('mark "buy milk" done', "buy milk"),
        ("mark the buy milk task as complete", "buy milk"),
        ("I finished buy milk", "buy milk"),
        ("I've done the buy milk task", "buy milk"),
        ("buy milk is done", "buy milk"),
        ("check off buy milk", "buy milk"),
        ("cross buy milk off my list", "buy milk"),
    ],
)
def test_tasks_are_ticked_off(message: str, target: Reference | str) -> None:
    (command,) = understood(message)
    assert isinstance(command, Do)
    assert (command.deed, plain(command.target)) == (Deed.COMPLETE, target)


@pytest.mark.parametrize(
    ("message", "target"),
    [
        ("mark buy milk as not done", "buy milk"),
        ("reopen the second one", Places((2,))),
        ("uncheck that", Recent()),
        ("undo buy milk", "buy milk"),
        ("buy milk isn't done yet", "buy milk"),
        ("I haven't finished buy milk yet", "buy milk"),
        ("set it back to open", Recent()),
    ],
)
def test_tasks_are_opened_again(message: str, target: Reference | str) -> None:
    (command,) = understood(message)
    assert isinstance(command, Do)
    assert (command.deed, plain(command.target)) == (Deed.REOPEN, target)


@pytest.mark.parametrize(
    ("message", "target"),
    [
        ("delete that task", Recent()),
        ("delete it", Recent()),
        ("remove buy milk", "buy milk"),
        ("remove buy milk from my list", "buy milk"),
        ("delete the task buy milk", "buy milk"),
        ("get rid of the third one", Places((3,))),
        ("delete tasks 1 and 2", Places((1, 2))),
        ("delete everything", Filter()),
        ("clear my list", Filter()),
        ("delete all completed tasks", Filter(status="done")),
        ("clear the done ones", Filter(status="done")),
        ("cancel buy milk", "buy milk"),
    ],
)
def test_tasks_are_deleted(message: str, target: Reference | str) -> None:
    (command,) = understood(message)
    assert isinstance(command, Do)
    assert (command.deed, plain(command.target)) == (Deed.DELETE, target)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("rename buy milk to buy oat milk", ("buy milk", "buy oat milk", {})),
        ("change buy milk to buy oat milk", ("buy milk", "buy oat milk", {})),
        ("change the title of the first one to buy oat milk", (Places((1,)), "buy oat milk", {})),
        ("replace buy milk with buy oat milk", ("buy milk", "buy oat milk", {})),
        ("rename it to buy oat milk", (Recent(), "buy oat milk", {})),
        ("buy milk should be buy oat milk", ("buy milk", "buy oat milk", {})),
        ("move buy milk to tomorrow", ("buy milk", None, {"due": TOMORROW})),
        ("postpone it to friday", (Recent(), None, {"due": dt.date(2030, 2, 1)})),
        ("reschedule the second one to next week", (Places((2,)), None, {"due": dt.date(2030, 2, 4)})),
        ("set the due date of buy milk to 2030-03-01", ("buy milk", None, {"due": dt.date(2030, 3, 1)})),
        ("buy milk is due tomorrow", ("buy milk", None, {"due": TOMORROW})),
        ("postpone buy milk tomorrow", ("buy milk", None, {"due": TOMORROW})),
        ("remove the due date from buy milk", ("buy milk", None, {"clear_due": True})),
        ("make it high priority", (Recent(), None, {"priority": Priority.HIGH})),
        ("mark buy milk as urgent", ("buy milk", None, {"priority": Priority.HIGH})),
        ("set the priority of buy milk to low", ("buy milk", None, {"priority": Priority.LOW})),
        ("prioritize buy milk", ("buy milk", None, {"priority": Priority.HIGH})),
        ("buy milk is important", ("buy milk", None, {"priority": Priority.HIGH})),
        ("add a note to buy milk: two litres", ("buy milk", None, {"note": "two litres"})),
        ('add the note "two litres" to buy milk', ("buy milk", None, {"note": "two litres"})),
        ("describe it as two litres", (Recent(), None, {"note": "two litres"})),
        ("update buy milk to high priority tomorrow", ("buy milk", None, {"priority": Priority.HIGH, "due": TOMORROW})),
        (
            "update buy milk to high priority and tomorrow",
            ("buy milk", None, {"priority": Priority.HIGH, "due": TOMORROW}),
        ),
        ("change buy milk to tomorrow, urgent", ("buy milk", None, {"priority": Priority.HIGH, "due": TOMORROW})),
        ("edit it to be low priority and due tomorrow", (Recent(), None, {"priority": Priority.LOW, "due": TOMORROW})),
        ("change buy milk to look at high tide tomorrow", ("buy milk", "look at high tide tomorrow", {})),
        ("rename buy milk to high priority tomorrow", ("buy milk", "high priority tomorrow", {})),
    ],
)
def test_tasks_are_changed(message: str, expected: tuple[Reference | str, str | None, dict[str, Any]]) -> None:
    (command,) = understood(message)
    assert isinstance(command, Change)
    target, title, slots = expected
    assert (plain(command.target), command.title, command.slots) == (target, title, replace(Slots(), **slots))


@pytest.mark.parametrize(
    "message",
    [
        "what's the date?",
        "what date is it?",
        "which day is it today?",
        "what's today's date?",
        "tell me the date",
        "do you know what day it is?",
        "date?",
        "what day of the week is it?",
        "what month is it?",
    ],
)
def test_the_date_is_told(message: str) -> None:
    assert understood(message) == [Say("Today is Wednesday, 30 January 2030.")]


def test_the_date_of_another_day_is_told() -> None:
    assert understood("what's the date tomorrow?") == [Say("Tomorrow is Thursday, 31 January 2030.")]
    assert understood("what date is next Friday?") == [Say("Next Friday is Friday, 8 February 2030.")]


@pytest.mark.parametrize("message", ["what's the date of it?", "what is the date for that?"])
def test_the_date_of_a_task_is_another_question(message: str) -> None:
    (command,) = understood(message)
    assert isinstance(command, Ask)
    assert command.fact is Fact.DUE


def test_different_commands_in_one_message_keep_their_order() -> None:
    assert understood("add buy milk, mark the first one done and then delete that task, then show my list") == [
        added("buy milk"),
        Do(Deed.COMPLETE, Places((1,))),
        Do(Deed.DELETE, Recent()),
        Show(),
    ]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("hello", Reply("greeting")),
        ("Good morning!", Reply("greeting")),
        ("thanks!", Reply("thanks")),
        ("bye", Reply("goodbye")),
        ("help", Say(WHAT_I_DO)),
        ("what can you do?", Say(WHAT_I_DO)),
        ("yes", Reply("yes")),
        ("no", Reply("no")),
        ("never mind", Reply("no")),
        ("add", added("")),
        ("add a task", added("")),
        ("add a task for tomorrow", added("", due=TOMORROW)),
    ],
)
def test_what_is_no_command_is_recognised(message: str, expected: Command) -> None:
    assert understood(message) == [expected]


@pytest.mark.parametrize(
    "message",
    ["what's the weather like?", "what is the capital of France?", "asdf", "...", "2 + 2", "I'm so tired"],
)
def test_what_is_not_about_tasks_is_unknown(message: str) -> None:
    assert [type(command) for command in understood(message)] == [Unknown]


def test_a_flood_of_commands_is_cut_off() -> None:
    parsed = understand("\n".join(f"add errand {number}" for number in range(MAX_COMMANDS + 5)), Calendar(TODAY))
    assert len(parsed.commands) == MAX_COMMANDS
    assert parsed.truncated
