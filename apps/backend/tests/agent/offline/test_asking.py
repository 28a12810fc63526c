"""Questions about the list: each is answered with what it asks for, and changes nothing."""

from __future__ import annotations

import pytest

from tests.agent.offline.listing import TaskList, became, listed

EVERYTHING = ["buy milk", "call mum", "pay rent", "finish the report", "water the plants", "book dentist appointment"]
STILL_OPEN = [title for title in EVERYTHING if title != "water the plants"]


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("what's the date?", "Today is Wednesday, 30 January 2030."),
        ("which day is next friday?", "Next friday is Friday, 8 February 2030."),
        ("tell me today's date", "Today is Wednesday, 30 January 2030."),
        ("what day of the week is it?", "Today is Wednesday, 30 January 2030."),
        ("do you know what month it is?", "Today is Wednesday, 30 January 2030."),
        ("what is the date of pay rent?", '"pay rent" is due tomorrow.'),
        ("when is pay rent due?", '"pay rent" is due tomorrow.'),
        ("when do I have to pay rent?", '"pay rent" is due tomorrow.'),
        ("when should I call mum by?", '"call mum" has no due date.'),
        ("what day is the report due?", '"finish the report" is due today.'),
        ("what time is it?", "I don't know the time, only the day: today is Wednesday, 30 January."),
        ("when do I have to buy bread?", 'There is no "buy bread" on your list.'),
        ("where is buy milk?", 'Yes, "buy milk" is on your list.'),
        ("what about call mum?", '"call mum" is open.'),
        ("what did I just add?", '"book dentist appointment" is open (due Mon 28 Jan, overdue).'),
        ("what's the newest task?", '"book dentist appointment" is open (due Mon 28 Jan, overdue).'),
        ("what is the last task?", '"book dentist appointment" is open (due Mon 28 Jan, overdue).'),
        ("what was the last thing I added?", '"book dentist appointment" is open (due Mon 28 Jan, overdue).'),
        ("what is the priority of pay rent?", '"pay rent" has high priority.'),
        ("what's pay rent's priority?", '"pay rent" has high priority.'),
        ("which priority does pay rent have?", '"pay rent" has high priority.'),
        ("what priority is call mum?", '"call mum" has medium priority.'),
        ("what's the deadline for finish the report?", '"finish the report" is due today.'),
        (
            "what are the details of pay rent?",
            '"pay rent" is open (due tomorrow, high priority).\nNote: to the landlord',
        ),
        ("what's the first task?", '"buy milk" is open.'),
        ("what's first?", 'I would start with "pay rent" (due tomorrow, high priority).'),
        ("what now?", 'I would start with "pay rent" (due tomorrow, high priority).'),
        ("what should I start with?", 'I would start with "pay rent" (due tomorrow, high priority).'),
        ("what are the most important tasks?", 'I would start with "pay rent" (due tomorrow, high priority).'),
        ("what does pay rent say?", '"pay rent" is open (due tomorrow, high priority).\nNote: to the landlord'),
        ("what does pay rent involve?", '"pay rent" is open (due tomorrow, high priority).\nNote: to the landlord'),
        ("how many tasks are left?", "You have 5 open tasks."),
        ("how many tasks do I have to do?", "You have 5 open tasks."),
        ("how many tasks are due tomorrow?", "You have 1 open task due tomorrow."),
        ("how many open tasks do I have?", "You have 5 open tasks."),
        ("how much is left?", "You have 5 open tasks."),
        ("how important is pay rent?", '"pay rent" has high priority.'),
        ("how urgent is buy milk?", '"buy milk" has medium priority.'),
        ("how am I doing?", "You have 6 tasks, 1 of them done."),
        ("should I pay rent?", "That's for you to decide. Tell me what to do with it when you have made up your mind."),
        ("what should I do first?", 'I would start with "pay rent" (due tomorrow, high priority).'),
        ("am I done with pay rent?", 'No, "pay rent" is still open.'),
        ("is buy milk done?", 'No, "buy milk" is still open.'),
        ("is water the plants still open?", '"water the plants" is done.'),
        ("is pay rent overdue?", '"pay rent" is due tomorrow.'),
        ("is the dentist appointment late?", '"book dentist appointment" was due Mon 28 Jan.'),
        ("is pay rent due tomorrow?", '"pay rent" is due tomorrow.'),
        ("is pay rent urgent?", '"pay rent" has high priority.'),
        ("is buy milk high priority?", '"buy milk" has medium priority.'),
        ("has rent been paid?", 'No, "pay rent" is still open.'),
        ("have the plants been watered?", 'Yes, "water the plants" is done.'),
        ("is the rent paid?", 'No, "pay rent" is still open.'),
        ("is milk on my list?", 'Yes, "buy milk" is on your list.'),
        ("is bread on the list?", 'No, "bread" is not on your list.'),
        ("is the report already finished?", 'No, "finish the report" is still open.'),
        ("did I finish the report?", 'No, "finish the report" is still open.'),
        ("did I water the plants yet?", 'Yes, "water the plants" is done.'),
        ("have I paid rent?", 'No, "pay rent" is still open.'),
        ("do I have anything on friday?", "You have no open tasks due friday."),
        ("do I still need to call mum?", 'Yes, "call mum" is on your list.'),
        ("do I need to buy bread?", 'No, "buy bread" is not on your list.'),
        ("do I have milk?", 'Yes, "buy milk" is on your list.'),
        ("did I add call mum?", 'Yes, "call mum" is on your list.'),
        ("did I add bread?", 'No, "bread" is not on your list.'),
        ("did I buy milk?", 'No, "buy milk" is still open.'),
        ("can you delete tasks?", 'Yes, I can. Try: "delete the second one".'),
        ("can you add tasks?", 'Yes, I can. Try: "add buy bread tomorrow".'),
        ("can I rename a task?", 'Yes, I can. Try: "rename the first one to buy oat milk", "move it to Friday".'),
        ("can I add several tasks?", 'Yes, I can. Try: "add buy bread tomorrow".'),
        ("can you complete tasks?", 'Yes, I can. Try: "mark the second one done".'),
        ("can you delete it?", "Which task do you want to delete?"),
        (
            "can you help me?",
            'I can help with your to-do list: add tasks, show, change, complete and delete them. Try: "add buy bread tomorrow", "what\'s on my list?", "mark the second one done", "undo".',
        ),
        ("count my tasks", "You have 6 tasks, 1 of them done."),
        ("count the open tasks", "You have 5 open tasks."),
        ("what's planned for friday?", "You have no open tasks due friday."),
        ("what's due after tomorrow?", "You have no open tasks due after tomorrow."),
        ("show low priority tasks", "You have no low priority tasks."),
        ("what is the pay rent task?", '"pay rent" is open (due tomorrow, high priority).\nNote: to the landlord'),
        ("what is the rent one?", '"pay rent" is open (due tomorrow, high priority).\nNote: to the landlord'),
        ("tell me about pay rent", '"pay rent" is open (due tomorrow, high priority).\nNote: to the landlord'),
        ("tell me about the first one", '"buy milk" is open.'),
        ("tell me when pay rent is due", '"pay rent" is due tomorrow.'),
        ("show 1", '"buy milk" is open.'),
        ("show me the last one", '"book dentist appointment" is open (due Mon 28 Jan, overdue).'),
        ("open the second one", '"call mum" is open.'),
        ("is buy milk still open?", '"buy milk" is open.'),
        ("is buy milk pending?", '"buy milk" is open.'),
        ("is the report unfinished?", '"finish the report" is open (due today).'),
        ("have I got milk today?", 'Yes, "buy milk" is on your list.'),
        ("have I paid rent today?", 'No, "pay rent" is still open.'),
    ],
)
def test_a_question_is_answered_with_its_fact(user: TaskList, said: str, answered: str) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert answer.partition("\n\n1. ")[0] == answered


@pytest.mark.parametrize(
    ("said", "heading", "titles"),
    [
        ("what about tomorrow?", "You have 1 open task due tomorrow", ["pay rent"]),
        ("what are my important tasks?", "You have 1 high priority task", ["pay rent"]),
        ("how does my day look?", "You have 1 open task due today", ["finish the report"]),
        ("how does my week look?", "You have 2 open tasks due this week", ["pay rent", "finish the report"]),
        ("how's tomorrow looking?", "You have 1 open task due tomorrow", ["pay rent"]),
        ("how is my list looking?", "You have 5 open tasks", STILL_OPEN),
        ("am I late with anything?", "You have 1 open task overdue", ["book dentist appointment"]),
        ("am I free tomorrow?", "You have 1 open task due tomorrow", ["pay rent"]),
        ("am I busy today?", "You have 1 open task due today", ["finish the report"]),
        ("is there anything due today?", "You have 1 open task due today", ["finish the report"]),
        ("are there any overdue tasks?", "You have 1 open task overdue", ["book dentist appointment"]),
        ("is everything done?", "You have 5 open tasks", STILL_OPEN),
        ("are all tasks done?", "You have 5 open tasks", STILL_OPEN),
        ("are my tasks done?", "You have 1 done task", ["water the plants"]),
        ("what did I finish?", "You have 1 done task", ["water the plants"]),
        ("which tasks did we finish?", "You have 1 done task", ["water the plants"]),
        ("did I finish anything?", "You have 1 done task", ["water the plants"]),
        ("did I complete anything today?", "You have 1 done task", ["water the plants"]),
        ("did I forget anything?", "You have 1 open task overdue", ["book dentist appointment"]),
        ("did I miss a task?", "You have 1 open task overdue", ["book dentist appointment"]),
        ("do I have anything tomorrow?", "You have 1 open task due tomorrow", ["pay rent"]),
        ("have I got anything today?", "You have 1 open task due today", ["finish the report"]),
        ("can you sort my tasks?", "You have 6 tasks", EVERYTHING),
        ("could you show my tasks?", "You have 6 tasks", EVERYTHING),
        (
            "show my list sorted by due date",
            "You have 6 tasks",
            ["book dentist appointment", "finish the report", "pay rent", "buy milk", "call mum", "water the plants"],
        ),
        (
            "show my list ordered by priority",
            "You have 6 tasks",
            ["pay rent", "book dentist appointment", "finish the report", "buy milk", "call mum", "water the plants"],
        ),
        (
            "show tasks in alphabetical order",
            "You have 6 tasks",
            ["book dentist appointment", "buy milk", "call mum", "finish the report", "pay rent", "water the plants"],
        ),
        (
            "list my tasks alphabetically",
            "You have 6 tasks",
            ["book dentist appointment", "buy milk", "call mum", "finish the report", "pay rent", "water the plants"],
        ),
        (
            "show my tasks newest first",
            "You have 6 tasks",
            ["book dentist appointment", "water the plants", "finish the report", "pay rent", "call mum", "buy milk"],
        ),
        (
            "show tasks sorted by name",
            "You have 6 tasks",
            ["book dentist appointment", "buy milk", "call mum", "finish the report", "pay rent", "water the plants"],
        ),
        (
            "sort by importance",
            "You have 6 tasks",
            ["pay rent", "book dentist appointment", "finish the report", "buy milk", "call mum", "water the plants"],
        ),
        (
            "sort my list by deadline",
            "You have 6 tasks",
            ["book dentist appointment", "finish the report", "pay rent", "buy milk", "call mum", "water the plants"],
        ),
        (
            "tasks grouped by priority",
            "You have 6 tasks",
            ["pay rent", "book dentist appointment", "finish the report", "buy milk", "call mum", "water the plants"],
        ),
        (
            "order tasks by day",
            "You have 6 tasks",
            ["book dentist appointment", "finish the report", "pay rent", "buy milk", "call mum", "water the plants"],
        ),
        ("give me a summary", "You have 6 tasks", EVERYTHING),
        ("give me an overview of this week", "You have 2 open tasks due this week", ["pay rent", "finish the report"]),
        ("what have I completed?", "You have 1 done task", ["water the plants"]),
        ("what did I do?", "You have 1 done task", ["water the plants"]),
        ("what do I need to do tomorrow?", "You have 1 open task due tomorrow", ["pay rent"]),
        ("anything left?", "You have 5 open tasks", STILL_OPEN),
        ("what is coming up?", "You have 6 tasks", EVERYTHING),
        (
            "what's due before friday?",
            "You have 3 open tasks due before friday",
            ["pay rent", "finish the report", "book dentist appointment"],
        ),
        (
            "what's due by friday?",
            "You have 3 open tasks due until friday",
            ["pay rent", "finish the report", "book dentist appointment"],
        ),
        (
            "show tasks without a due date",
            "You have 3 tasks without a due date",
            ["buy milk", "call mum", "water the plants"],
        ),
        ("show undated tasks", "You have 3 tasks without a due date", ["buy milk", "call mum", "water the plants"]),
        (
            "show tasks with no deadline",
            "You have 3 tasks without a due date",
            ["buy milk", "call mum", "water the plants"],
        ),
        (
            "which tasks have no due date?",
            "You have 3 tasks without a due date",
            ["buy milk", "call mum", "water the plants"],
        ),
        (
            "show all open tasks except pay rent",
            "You have 4 open tasks",
            ["buy milk", "call mum", "finish the report", "book dentist appointment"],
        ),
        (
            "show everything but call mum",
            "You have 5 tasks",
            ["buy milk", "pay rent", "finish the report", "water the plants", "book dentist appointment"],
        ),
        (
            "show tasks due today or tomorrow",
            "You have 2 open tasks due today or tomorrow",
            ["pay rent", "finish the report"],
        ),
        ("show tasks due tomorrow and friday", "You have 1 open task due tomorrow or friday", ["pay rent"]),
        ("show tasks past due", "You have 1 open task overdue", ["book dentist appointment"]),
        ("show tasks that are not done", "You have 5 open tasks", STILL_OPEN),
        ("show tasks not yet done", "You have 5 open tasks", STILL_OPEN),
        ("show undone tasks", "You have 5 open tasks", STILL_OPEN),
        ("show tasks still to be done", "You have 5 open tasks", STILL_OPEN),
        ("show me the most important tasks", "You have 1 high priority task", ["pay rent"]),
        ("tell me about overdue tasks", "You have 1 task overdue", ["book dentist appointment"]),
        ("tell me what I have to do", "You have 5 open tasks", STILL_OPEN),
        ("show me pay rent", 'You have 1 task matching "pay rent"', ["pay rent"]),
        ("read me the list", "You have 6 tasks", EVERYTHING),
        ("look up rent", 'You have 1 task matching "rent"', ["pay rent"]),
        ("look for rent", 'You have 1 task matching "rent"', ["pay rent"]),
        ("look at my list", "You have 6 tasks", EVERYTHING),
        ("find rent", 'You have 1 task matching "rent"', ["pay rent"]),
        ("search for landlord", 'You have 1 task matching "landlord"', ["pay rent"]),
        ("search tasks about the landlord", 'You have 1 task matching "the landlord"', ["pay rent"]),
        ("locate tasks named mum", 'You have 1 task matching "mum"', ["call mum"]),
        ("take a look at my tasks", "You have 6 tasks", EVERYTHING),
        ("let me see my tasks", "You have 6 tasks", EVERYTHING),
        ("go over my list", "You have 6 tasks", EVERYTHING),
        ("pull up my tasks", "You have 6 tasks", EVERYTHING),
        ("I want to see my tasks", "You have 6 tasks", EVERYTHING),
        ("review my tasks", "You have 6 tasks", EVERYTHING),
        ("print the list", "You have 6 tasks", EVERYTHING),
        ("my open tasks", "You have 5 open tasks", STILL_OPEN),
        ("overdue", "You have 1 open task overdue", ["book dentist appointment"]),
        ("pending", "You have 5 open tasks", STILL_OPEN),
        ("tomorrow's tasks", "You have 1 open task due tomorrow", ["pay rent"]),
        ("today's agenda", "You have 1 open task due today", ["finish the report"]),
        ("and tomorrow?", "You have 1 open task due tomorrow", ["pay rent"]),
        ("overdue?", "You have 1 task overdue", ["book dentist appointment"]),
        ("high priority?", "You have 1 open high priority task", ["pay rent"]),
        ("done tasks?", "You have 1 done task", ["water the plants"]),
        ("to do list", "You have 5 open tasks", STILL_OPEN),
        ("tasks for tomorrow", "You have 1 open task due tomorrow", ["pay rent"]),
        ("all tasks", "You have 6 tasks", EVERYTHING),
        ("everything", "You have 6 tasks", EVERYTHING),
        ("all done tasks", "You have 1 done task", ["water the plants"]),
        ("important tasks please", "You have 1 high priority task", ["pay rent"]),
        ("show", "You have 6 tasks", EVERYTHING),
        ("list", "You have 6 tasks", EVERYTHING),
        ("display", "You have 6 tasks", EVERYTHING),
        ("show me my list first", "You have 6 tasks", EVERYTHING),
        ("show my list again", "You have 6 tasks", EVERYTHING),
        (
            "what is due before friday?",
            "You have 3 open tasks due before friday",
            ["pay rent", "finish the report", "book dentist appointment"],
        ),
        (
            "show tasks due by friday",
            "You have 3 open tasks due until friday",
            ["pay rent", "finish the report", "book dentist appointment"],
        ),
        (
            "show everything due until friday",
            "You have 3 tasks due until friday",
            ["pay rent", "finish the report", "book dentist appointment"],
        ),
        (
            "show tasks due till tomorrow",
            "You have 3 open tasks due until tomorrow",
            ["pay rent", "finish the report", "book dentist appointment"],
        ),
        (
            "what's before tomorrow?",
            "You have 2 open tasks due before tomorrow",
            ["finish the report", "book dentist appointment"],
        ),
    ],
)
def test_a_question_is_answered_with_its_list(user: TaskList, said: str, heading: str, titles: list[str]) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert answer.startswith(f"{heading}:\n\n1. ")
    assert listed(answer) == titles


@pytest.mark.parametrize(
    "said",
    ["why is pay rent high priority?", "how many apples do I have?", "am I tall?", "do I know you?", "did I eat?"],
)
def test_a_question_about_something_else_is_not_understood(user: TaskList, said: str) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert answer.startswith("Sorry, I didn't understand that")


@pytest.mark.parametrize(
    ("said", "titles"),
    [
        ("show tasks due between tomorrow and friday", ["pay rent"]),
        ("what's due from today to tomorrow?", ["pay rent", "finish the report"]),
        ("show the ones about reports", ["finish the report"]),
    ],
)
def test_days_between_two_and_plurals_are_understood(user: TaskList, said: str, titles: list[str]) -> None:
    found, answer = became(user, said)
    assert found == {}
    assert listed(answer) == titles


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("list my tasks by due date, oldest first", "book dentist appointment"),
        ("show my tasks, soonest first", "book dentist appointment"),
        ("show tasks, highest first", "pay rent"),
        ("show 5 tasks", "buy milk"),
    ],
)
def test_words_of_an_order_or_a_number_are_not_looked_for_in_titles(user: TaskList, said: str, first: str) -> None:
    assert listed(became(user, said)[1])[0] == first
