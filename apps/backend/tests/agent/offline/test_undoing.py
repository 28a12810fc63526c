"""What many tasks were changed by is taken back as a whole, within the calls that a message may take."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from app.agent.offline.state import State, Step
from tests.agent.offline.listing import TaskList, became

TODAY = dt.date(2030, 1, 30)
MOST_CALLS = 23
"""Of one message: one of `agent_max_turns` is its answer."""


def listed(number: int, *, days: int) -> TaskList:
    user = TaskList(TODAY)
    for index in range(number):
        user.put(f"call customer {index}", due=TODAY + dt.timedelta(days=index % days))
    return user


@pytest.mark.parametrize(
    "said", ["move everything to friday", "push everything by a day", "complete everything", "delete everything"]
)
@pytest.mark.parametrize(("number", "days"), [(60, 20), (1_200, 3), (3_000, 1)])
def test_what_was_done_to_many_tasks_is_undone_as_a_whole(number: int, days: int, said: str) -> None:
    user = listed(number, days=days)
    before = user.snapshot()
    user.say(said)
    for answer in ("yes", "undo"):
        user.calls.clear()
        user.say(answer)
        assert len(user.calls) <= MOST_CALLS
    assert sorted(user.snapshot(), key=lambda task: task["id"]) == before


@pytest.mark.parametrize(("said", "days"), [("push everything by a day", 60), ("add a note to all tasks: soon", 1)])
def test_what_takes_too_many_calls_isnt_begun(said: str, days: int) -> None:
    user = listed(60, days=days)
    user.say(said)
    found, answer = became(user, "yes")
    assert found == {}
    assert "so I did nothing" in answer


def test_a_shift_is_told_before_it_is_agreed_to() -> None:
    assert "The due date would be 2 days later. Please answer" in listed(5, days=5).say("push everything by 2 days")


def test_several_changes_of_one_task_are_undone_together() -> None:
    user = TaskList(TODAY)
    user.put("call mum", due=TODAY)
    found, _ = became(user, "move call mum to friday; move it to sunday; make it high priority", "undo")
    assert found == {"call mum": {"due_date": "2030-01-30", "priority": "medium"}}


def test_what_an_earlier_version_kept_can_be_undone() -> None:
    steps = (Step("complete", "1"), Step("complete", "2"), Step("delete", "3", {"title": "eggs"}))
    kept = State(undo=(steps,))
    assert State.load(kept.dump()) == kept
    old = json.loads(kept.dump())
    old["undo"] = [[{"kind": step.kind, "id": step.id, "before": step.before} for step in steps]]
    assert State.load(json.dumps(old)) == kept
