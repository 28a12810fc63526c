"""What people really type does what they mean, and never what they don't."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from tests.agent.offline.judging import DEFAULT, Verdict, days, judge, sentences, spoken
from tests.agent.offline.listing import TaskList

FLOOR = 0.92
"""The least share of sentences that are right."""
MISSED = {
    "everyday": {
        # Asked about first, as it changes several tasks or takes a name as one.
        "mark all tasks due today as done",
        "mark all high priority tasks as done",
        "complete the overdue ones",
        "move all of today's tasks to tomorrow",
        "mark by milk as done",
        "cross off the dentist",
        "mark it as done and remove the other one",
    },
    "other_people": {
        "milk low prio",
        "dentist booked",
        "put me on the list to call the grandmother",
    },
    "written_last": {
        "add: water bill, gas bill and council tax",
        "what bills do I have",
    },
}
"""What isn't done as it is meant; a sentence that was right once stays right."""
DAYS = [dt.date(2030, 1, 30), dt.date(2026, 11, 29), dt.date(2028, 2, 28)]
"""A Wednesday near the end of a month, a Sunday, and the Monday before a leap day."""


def said(case: dict[str, Any], today: dt.date) -> tuple[Verdict, str]:
    """Say a sentence, and judge what it does."""
    user = TaskList(today)
    for task in case.get("list", DEFAULT):
        due = min(days(task["due"], today)) if "due" in task else None
        user.put(
            task["title"], due=due, priority=task.get("priority", "medium"), completed=task.get("completed", False)
        )
    first = old = user.snapshot()
    answers = [user.say(spoken(sentence, today)) for sentence in case.get("before", [])]
    old = user.snapshot()
    answer = user.say(spoken(case["say"], today))
    found = judge(case["expect"], old, user.snapshot(), answer, today)
    if answers:
        found = max(found, judge(case.get("beforeExpect", {}), first, old, answers[-1], today))
    return found


@pytest.mark.parametrize("today", DAYS, ids=str)
@pytest.mark.parametrize("name", ["everyday", "other_people", "written_last"])
def test_sentences_do_what_is_meant_and_none_does_harm(name: str, today: dt.date) -> None:
    cases = sentences(name)
    kinds: dict[str, Counter[str]] = {}
    failed: list[str] = []
    missed: set[str] = set()
    harmful: list[str] = []
    for case in cases:
        verdict, why = said(case, today)
        kinds.setdefault(case["kind"], Counter())[verdict.name] += 1
        if verdict is not Verdict.RIGHT:
            told = f"{verdict.name} {case.get('before', '')} {case['say']!r}: {why}"
            missed.add(case["say"])
            (harmful if verdict is Verdict.HARM else failed).append(told)
    right = sum(count["RIGHT"] for count in kinds.values())
    print(f"{name} on {today:%a %d %b %Y}: {right} of {len(cases)} right, {len(harmful)} harmful")
    for kind, count in kinds.items():
        print(f"  {kind}: {count['RIGHT']} of {count.total()}")
    print("\n".join(failed))
    assert harmful == []
    assert right >= FLOOR * len(cases), "\n".join(failed)
    assert missed == MISSED[name], "\n".join(failed)
