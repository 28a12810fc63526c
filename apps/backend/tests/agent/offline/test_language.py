from __future__ import annotations

import datetime as dt

import pytest

from app.agent.offline.language import (
    MAX_COMMANDS,
    Add,
    Answer,
    Change,
    Command,
    Complete,
    Delete,
    Every,
    Incomplete,
    Named,
    Positions,
    Recent,
    Reference,
    Reopen,
    Show,
    SmallTalk,
    Unknown,
    parse,
)
from app.models.task import Priority

TODAY = dt.date(2030, 1, 30)  # a Wednesday
TOMORROW = dt.date(2030, 1, 31)


def understood(message: str) -> list[Command]:
    return list(parse(message, TODAY).commands)


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
    assert understood(message) == [Add(title="buy milk")]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("remind me to call mum tomorrow", Add(title="call mum", due=TOMORROW)),
        ("remind me tomorrow to call mum", Add(title="call mum", due=TOMORROW)),
        ("tomorrow remind me to call mum", Add(title="call mum", due=TOMORROW)),
        ("add pay rent by friday", Add(title="pay rent", due=dt.date(2030, 2, 1))),
        ("add pay rent due 2030-02-03", Add(title="pay rent", due=dt.date(2030, 2, 3))),
        ("add dentist on 5 march at 10:30", Add(title="dentist at 10:30", due=dt.date(2030, 3, 5))),
        ("add file taxes with high priority", Add(title="file taxes", priority=Priority.HIGH)),
        ("add a high priority task to file taxes", Add(title="file taxes", priority=Priority.HIGH)),
        ("add an urgent task: file taxes", Add(title="file taxes", priority=Priority.HIGH)),
        ("add water plants, low priority", Add(title="water plants", priority=Priority.LOW)),
        (
            "add file taxes tomorrow with high priority",
            Add(title="file taxes", due=TOMORROW, priority=Priority.HIGH),
        ),
        (
            "add file taxes, high priority, due tomorrow",
            Add(title="file taxes", due=TOMORROW, priority=Priority.HIGH),
        ),
        ("add fix the roof asap", Add(title="fix the roof", priority=Priority.HIGH)),
        (
            "add buy paint with note: the white one",
            Add(title="buy paint", description="the white one"),
        ),
        ("add clear the list of guests", Add(title="clear the list of guests")),
        ("add buy milk and eggs", Add(title="buy milk and eggs")),
        ("add 'today' magazine", Add(title="'today' magazine")),
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
        ("what do I have to do?", Show()),
        ("show my tasks", Show()),
        ("show me all my tasks please", Show()),
        ("list my todos", Show()),
        ("list", Show()),
        ("my tasks", Show()),
        ("can you show me the list?", Show()),
        ("what are my tasks?", Show()),
        ("do i have any tasks?", Show()),
        ("what's left?", Show(scope="open")),
        ("show open tasks", Show(scope="open")),
        ("which tasks are still pending?", Show(scope="open")),
        ("what should I do next?", Show(scope="open")),
        ("show completed tasks", Show(scope="done")),
        ("what have I finished?", Show(scope="done")),
        ("what's due today?", Show(scope="open", due_from=TODAY, due_to=TODAY, period="due today")),
        ("anything due tomorrow?", Show(scope="open", due_from=TOMORROW, due_to=TOMORROW, period="due Thu 31 Jan")),
        (
            "what do I have this week?",
            Show(scope="open", due_from=TODAY, due_to=dt.date(2030, 2, 3), period="due this week"),
        ),
        (
            "show tasks for next week",
            Show(scope="open", due_from=dt.date(2030, 2, 4), due_to=dt.date(2030, 2, 10), period="due next week"),
        ),
        ("show overdue tasks", Show(scope="open", due_to=dt.date(2030, 1, 29), period="overdue")),
        ("show high priority tasks", Show(priority=Priority.HIGH)),
        ("show my urgent tasks", Show(priority=Priority.HIGH)),
        ("find tasks about milk", Show(search="milk")),
        ("search for milk", Show(search="milk")),
        ("show tasks containing milk", Show(search="milk")),
        ("how many tasks do I have?", Show(count_only=True)),
        ("how many open tasks are there?", Show(scope="open", count_only=True)),
    ],
)
def test_lists_are_asked_for(message: str, expected: Show) -> None:
    assert understood(message) == [expected]


@pytest.mark.parametrize(
    ("message", "target"),
    [
        ("mark the second one done", Positions((2,))),
        ("mark the second one as done", Positions((2,))),
        ("mark 2 as complete", Positions((2,))),
        ("complete task 2", Positions((2,))),
        ("complete the 2nd task", Positions((2,))),
        ("finish #2", Positions((2,))),
        ("tick off number two", Positions((2,))),
        ("tick off the last one", Positions((-1,))),
        ("complete the second to last one", Positions((-2,))),
        ("complete the first and third tasks", Positions((1, 3))),
        ("mark 1, 2 and 4 as done", Positions((1, 2, 4))),
        ("complete tasks 2-4", Positions((2, 3, 4))),
        ("mark the first two as done", Positions((1, 2))),
        ("complete the last two tasks", Positions((-2, -1))),
        ("mark it as done", Recent()),
        ("it's done", Recent()),
        ("that task is done", Recent()),
        ("complete the one I just added", Recent()),
        ("mark everything as done", Every("all")),
        ("complete all my tasks", Every("all")),
        ("complete all open tasks", Every("open")),
        ("complete buy milk", Named("buy milk")),
        ("mark buy milk as done", Named("buy milk")),
        ('mark "buy milk" done', Named("buy milk")),
        ("mark the buy milk task as complete", Named("buy milk")),
        ("I finished buy milk", Named("buy milk")),
        ("I've done the buy milk task", Named("buy milk")),
        ("buy milk is done", Named("buy milk")),
        ("check off buy milk", Named("buy milk")),
        ("cross buy milk off my list", Named("buy milk")),
    ],
)
def test_tasks_are_ticked_off(message: str, target: Reference) -> None:
    assert understood(message) == [Complete(target)]


@pytest.mark.parametrize(
    ("message", "target"),
    [
        ("mark buy milk as not done", Named("buy milk")),
        ("reopen the second one", Positions((2,))),
        ("uncheck that", Recent()),
        ("undo buy milk", Named("buy milk")),
        ("buy milk isn't done yet", Named("buy milk")),
        ("I haven't finished buy milk yet", Named("buy milk")),
        ("set it back to open", Recent()),
    ],
)
def test_tasks_are_opened_again(message: str, target: Reference) -> None:
    assert understood(message) == [Reopen(target)]


@pytest.mark.parametrize(
    ("message", "target"),
    [
        ("delete that task", Recent()),
        ("delete it", Recent()),
        ("remove buy milk", Named("buy milk")),
        ("remove buy milk from my list", Named("buy milk")),
        ("delete the task buy milk", Named("buy milk")),
        ("get rid of the third one", Positions((3,))),
        ("delete tasks 1 and 2", Positions((1, 2))),
        ("delete everything", Every("all")),
        ("clear my list", Every("all")),
        ("delete all completed tasks", Every("done")),
        ("clear the done ones", Every("done")),
        ("cancel buy milk", Named("buy milk")),
    ],
)
def test_tasks_are_deleted(message: str, target: Reference) -> None:
    assert understood(message) == [Delete(target)]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("rename buy milk to buy oat milk", Change(target=Named("buy milk"), title="buy oat milk")),
        ("change buy milk to buy oat milk", Change(target=Named("buy milk"), title="buy oat milk")),
        ("change the title of the first one to buy oat milk", Change(target=Positions((1,)), title="buy oat milk")),
        ("replace buy milk with buy oat milk", Change(target=Named("buy milk"), title="buy oat milk")),
        ("rename it to buy oat milk", Change(target=Recent(), title="buy oat milk")),
        ("buy milk should be buy oat milk", Change(target=Named("buy milk"), title="buy oat milk")),
        ("move buy milk to tomorrow", Change(target=Named("buy milk"), due=TOMORROW)),
        ("postpone it to friday", Change(target=Recent(), due=dt.date(2030, 2, 1))),
        ("reschedule the second one to next week", Change(target=Positions((2,)), due=dt.date(2030, 2, 4))),
        ("set the due date of buy milk to 2030-03-01", Change(target=Named("buy milk"), due=dt.date(2030, 3, 1))),
        ("buy milk is due tomorrow", Change(target=Named("buy milk"), due=TOMORROW)),
        ("postpone buy milk tomorrow", Change(target=Named("buy milk"), due=TOMORROW)),
        ("remove the due date from buy milk", Change(target=Named("buy milk"), clear_due=True)),
        ("make it high priority", Change(target=Recent(), priority=Priority.HIGH)),
        ("mark buy milk as urgent", Change(target=Named("buy milk"), priority=Priority.HIGH)),
        ("set the priority of buy milk to low", Change(target=Named("buy milk"), priority=Priority.LOW)),
        ("prioritize buy milk", Change(target=Named("buy milk"), priority=Priority.HIGH)),
        ("buy milk is important", Change(target=Named("buy milk"), priority=Priority.HIGH)),
        ("add a note to buy milk: two litres", Change(target=Named("buy milk"), description="two litres")),
        ('add the note "two litres" to buy milk', Change(target=Named("buy milk"), description="two litres")),
        ("describe it as two litres", Change(target=Recent(), description="two litres")),
    ],
)
def test_tasks_are_changed(message: str, expected: Change) -> None:
    assert understood(message) == [expected]


def test_different_commands_in_one_message_keep_their_order() -> None:
    assert understood("add buy milk, mark the first one done and then delete that task, then show my list") == [
        Add(title="buy milk"),
        Complete(Positions((1,))),
        Delete(Recent()),
        Show(),
    ]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("hello", SmallTalk("greeting")),
        ("Good morning!", SmallTalk("greeting")),
        ("thanks!", SmallTalk("thanks")),
        ("bye", SmallTalk("goodbye")),
        ("help", SmallTalk("help")),
        ("what can you do?", SmallTalk("help")),
        ("yes", Answer(yes=True)),
        ("yes, delete them", Answer(yes=True)),
        ("no", Answer(yes=False)),
        ("never mind", Answer(yes=False)),
        ("add", Incomplete("What should I add? For example: add buy milk.")),
        ("add a task", Incomplete("What should I add? For example: add buy milk.")),
        ("add a task for tomorrow", Incomplete("What should I add? For example: add buy milk.")),
    ],
)
def test_what_is_no_command_is_recognised(message: str, expected: Command) -> None:
    assert understood(message) == [expected]


@pytest.mark.parametrize(
    "message",
    ["what's the weather like?", "write me a poem", "what is the capital of France?", "asdf", "...", "🙂", "2 + 2"],
)
def test_what_is_not_about_tasks_is_unknown(message: str) -> None:
    assert [type(command) for command in understood(message)] == [Unknown]


def test_a_flood_of_commands_is_cut_off() -> None:
    parsed = parse("\n".join(f"add task {number}" for number in range(MAX_COMMANDS + 5)), TODAY)
    assert len(parsed.commands) == MAX_COMMANDS
    assert parsed.truncated


@pytest.mark.parametrize(
    "message", ["a" * 8_000, "add " * 2_000, "the " * 2_000, '"' * 4_000, "and " * 2_000 + "add x"]
)
def test_long_messages_are_understood_in_reasonable_time(message: str) -> None:
    started = dt.datetime.now(dt.UTC)
    parse(message, TODAY)
    assert dt.datetime.now(dt.UTC) - started < dt.timedelta(seconds=5)
