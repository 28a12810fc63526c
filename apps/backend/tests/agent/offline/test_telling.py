"""Facts: what somebody has done, and what has become of a task."""

from __future__ import annotations

import pytest

from tests.agent.offline.listing import DONE, OPEN, Changes, TaskList, became


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("I am done with buy milk", {"buy milk": DONE}),
        ("we are done with call mum", {"call mum": DONE}),
        ("we have bought milk", {"buy milk": DONE}),
        ("I had called mum", {"call mum": DONE}),
        ("I just bought milk already", {"buy milk": DONE}),
        ("just finished the report", {"finish the report": DONE}),
        ("finished the report today", {"finish the report": DONE}),
        ("I'm finished with pay rent", {"pay rent": DONE}),
        ("I'm through with pay rent", {"pay rent": DONE}),
        ("done with 1 and 2", {"buy milk": DONE, "call mum": DONE}),
        ("bought milk", {"buy milk": DONE}),
        ("called mum this morning", {"call mum": DONE}),
        ("I wrapped up the report", {"finish the report": DONE}),
        ("I ticked off buy milk", {"buy milk": DONE}),
        ("I crossed off call mum", {"call mum": DONE}),
        ("I haven't watered the plants", {"water the plants": OPEN}),
        ("we haven't watered the plants yet", {"water the plants": OPEN}),
        ("I haven't done water the plants", {"water the plants": OPEN}),
        ("buy milk is done", {"buy milk": DONE}),
        ("buy milk is already done", {"buy milk": DONE}),
        ("water the plants is not done", {"water the plants": OPEN}),
        ("water the plants isn't finished", {"water the plants": OPEN}),
        ("water the plants is still open", {"water the plants": OPEN}),
        ("water the plants is still pending", {"water the plants": OPEN}),
        ("milk is urgent", {"buy milk": {"priority": "high"}}),
        ("call mum is not urgent", {"call mum": {"priority": "low"}}),
        ("call mum isn't that important", {"call mum": {"priority": "low"}}),
        ("pay rent is not important", {"pay rent": {"priority": "low"}}),
        ("call mum is very important", {"call mum": {"priority": "high"}}),
        ("the report is due friday", {"finish the report": {"due_date": "2030-02-01"}}),
        ("the report is now due on friday", {"finish the report": {"due_date": "2030-02-01"}}),
        ("call mum must be done by friday", {"call mum": {"due_date": "2030-02-01"}}),
        ("call mum needs to be done tomorrow", {"call mum": {"due_date": "2030-01-31"}}),
        ("pay rent should be low priority", {"pay rent": {"priority": "low"}}),
        ("pay rent has no due date", {"pay rent": {"due_date": None}}),
        ("pay rent needs no deadline", {"pay rent": {"due_date": None}}),
        ("rent is paid", {"pay rent": DONE}),
        ("the rent has been paid", {"pay rent": DONE}),
        ("rent was paid", {"pay rent": DONE}),
        ("mum was called", {"call mum": DONE}),
        ("milk is bought", {"buy milk": DONE}),
        ("milk's bought", {"buy milk": DONE}),
        ("milk's done", {"buy milk": DONE}),
        ("rent's due friday", {"pay rent": {"due_date": "2030-02-01"}}),
        ("rent's paid", {"pay rent": DONE}),
        ("plants are not watered", {"water the plants": OPEN}),
        ("milk bought", {"buy milk": DONE}),
        ("rent paid", {"pay rent": DONE}),
        ("mum called", {"call mum": DONE}),
        ("report finished", {"finish the report": DONE}),
        ("buy milk: done", {"buy milk": DONE}),
        ("buy milk ✓", {"buy milk": DONE}),
        ("#1 done", {"buy milk": DONE}),
        ("1 done", {"buy milk": DONE}),
        ("1 and 2 done", {"buy milk": DONE, "call mum": DONE}),
        ("buy milk ✅", {"buy milk": DONE}),
        ("call mum ☑", {"call mum": DONE}),
        ("water the plants is open", {"water the plants": OPEN}),
        ("pay rent no longer has a due date", {"pay rent": {"due_date": None}}),
        ("the second one is done too", {"call mum": DONE}),
        ("the second one is done as well", {"call mum": DONE}),
        ("water the plants is no longer done", {"water the plants": OPEN}),
        ("pay rent is no longer urgent", {"pay rent": {"priority": "low"}}),
    ],
)
def test_a_fact_changes_the_task_that_it_is_about(user: TaskList, said: str, changed: Changes) -> None:
    assert became(user, *said.split(" | "))[0] == changed


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("I read the report", 'Shall I mark "finish the report" as done? Please answer yes or no.'),
        ("I asked mum", 'Shall I mark "call mum" as done? Please answer yes or no.'),
        ("I checked buy milk off", 'Shall I mark "buy milk" as done? Please answer yes or no.'),
        ("I haven't paid the rent yet", '"pay rent" is still open; it\'s not marked as done.'),
        ("I haven't even finished the report", '"finish the report" is still open; it\'s not marked as done.'),
        ("I didn't really call mum", '"call mum" is still open; it\'s not marked as done.'),
        ("I didn't mean that", "What did I get wrong? There is nothing that I could undo; please say what you want."),
        ("I didn't want that", "All right, I leave everything as it is."),
        ("I don't need milk anymore", 'Do you want to delete "buy milk"? Please answer yes or no.'),
        ("I no longer need to call mum", 'Do you want to delete "call mum"? Please answer yes or no.'),
        ("I no longer have to call mum", 'Do you want to delete "call mum"? Please answer yes or no.'),
        ("I no longer want to call mum", 'Do you want to delete "call mum"? Please answer yes or no.'),
        ("we no longer need milk", 'Do you want to delete "buy milk"? Please answer yes or no.'),
        ("we don't need to pay rent any more", 'Do you want to delete "pay rent"? Please answer yes or no.'),
        ("I won't call mum anymore", 'Do you want to delete "call mum"? Please answer yes or no.'),
        ("I'm not going to pay rent any longer", 'Do you want to delete "pay rent"? Please answer yes or no.'),
        ("I don't need to call mum", 'Do you want to delete "call mum"? Please answer yes or no.'),
        ("no need to call mum", 'Do you want to delete "call mum"? Please answer yes or no.'),
        ("no need to pay rent anymore", 'Do you want to delete "pay rent"? Please answer yes or no.'),
        (
            "the dentist appointment is no longer needed",
            'Do you want to delete "book dentist appointment"? Please answer yes or no.',
        ),
        ("pay rent is obsolete", 'Do you want to delete "pay rent"? Please answer yes or no.'),
        ("the report is off", 'Do you want to delete "finish the report"? Please answer yes or no.'),
        ("call mum can go", 'Do you want to delete "call mum"? Please answer yes or no.'),
        ("call mum got cancelled", 'Do you want to delete "call mum"? Please answer yes or no.'),
        (
            "book dentist appointment was cancelled",
            'Do you want to delete "book dentist appointment"? Please answer yes or no.',
        ),
        (
            "finish the report is not necessary anymore",
            'Do you want to delete "finish the report"? Please answer yes or no.',
        ),
        ("buy milk is not done yet", '"buy milk" is still open; it\'s not marked as done.'),
        ("buy milk is not open", 'Shall I mark "buy milk" as done? Please answer yes or no.'),
        (
            "call mum should be called ring mum",
            'Do you mean "call mum"? The new title would be "ring mum". Please answer yes or no.',
        ),
        (
            "call mum should say ring mum",
            'Do you mean "call mum"? The new title would be "ring mum". Please answer yes or no.',
        ),
        (
            "buy milk should be oat milk",
            'Do you mean "buy milk"? The new title would be "oat milk". Please answer yes or no.',
        ),
        ("rent isn't paid", '"pay rent" is still open; it\'s not marked as done.'),
        ("well done", "All right."),
        ("it's oat milk", "Which task do you want to change?"),
        (
            "add wash car | it's clean car",
            'Do you mean "wash car"? The new title would be "clean car". Please answer yes or no.',
        ),
        ("buy milk is no longer done", '"buy milk" is still open; it\'s not marked as done.'),
    ],
)
def test_a_fact_that_isnt_sure_or_changes_nothing_is_answered(user: TaskList, said: str, answered: str) -> None:
    found, answer = became(user, *said.split(" | "))
    assert found == {}
    assert answer.partition("\n\n1. ")[0] == answered


@pytest.mark.parametrize(
    "said",
    [
        "I'm bored",
        "I forgot to buy milk",
        "I thought about the report",
        "I didn't know that",
        "I don't need help",
        "I don't need this",
    ],
)
def test_a_remark_is_no_fact_about_a_task(user: TaskList, said: str) -> None:
    found, answer = became(user, *said.split(" | "))
    assert found == {}
    assert answer.startswith("Sorry, I didn't understand that")
