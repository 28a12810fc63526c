"""What a sentence should do to the list, and whether it did.

The sentences stand in `sentences/*.json`, one a line, and are said to the planner here and to a deployed release in
`tests/cluster/stories/assistant.stack.test.ts`. One has

    kind          what it is an example of
    list          the tasks that are there: {title, due?, priority?, completed?}; left out: `DEFAULT`
    before        sentences said first, with `beforeExpect` for what they do together
    say           the sentence that is judged; {day:-2} in it is the name of that day, such as monday
    expect        what it does

What is expected is a difference; whatever isn't named in it stays as it is:

    added         [{title, due?, priority?, description?}]; due left out: any; null: none
    changed       [{title, newTitle?, due?, priority?, completed?, description?}]
    deleted       [title]
    answer        {contains: [all of these], any: [one of these], not: [none of these], order: [[in this order]],
                  never: [none of these where nothing was done: such an answer offers what wasn't asked for]}
    either        [expectation]: one of them; what stands beside it goes for each

Values may be lists of what is accepted. Titles are compared without case, outer blanks and a last full stop. A
description is {contains: [...]}.

Days: +0 and -2 from today; 2030-02-10; weekday:fri, the next one after today; from-today:fri, the same or today;
next-week:fri; month-day:03-15, the next one; day:15, the next one; month:+1, any day of that month.

Words of answers: a word or phrase, without case; when:+1, tomorrow or its date; date:+0; dayname:+0; and the groups of
`groups.json`, such as @question.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

SENTENCES: Final = Path(__file__).parent / "sentences"
DEFAULT: Final[list[dict[str, Any]]] = [
    {"title": "buy milk"},
    {"title": "call mum"},
    {"title": "pay rent", "due": "+1", "priority": "high"},
    {"title": "finish the report", "due": "+0"},
    {"title": "water the plants", "completed": True},
    {"title": "book dentist appointment", "due": "-2"},
]
_GROUPS: Final[dict[str, list[str]]] = json.loads((SENTENCES / "groups.json").read_text(encoding="utf-8"))
_NAMES: Final = {"title": "newTitle", "due_date": "due"}
_FIELDS: Final = ("title", "description", "completed", "due_date", "priority")
_ONE_DAY: Final = dt.timedelta(days=1)


class Verdict(IntEnum):
    """How it went, the best first."""

    RIGHT = 0
    MISSED = 1
    """It did something else than expected, or nothing; no task was lost."""
    HARM = 2
    """It deleted, completed or overwrote what wasn't meant."""


Task = dict[str, Any]
Judgement = tuple[Verdict, str]


def sentences(name: str) -> list[dict[str, Any]]:
    """One of the sets of sentences."""
    cases: list[dict[str, Any]] = json.loads((SENTENCES / f"{name}.json").read_text(encoding="utf-8"))
    return cases


@lru_cache(maxsize=1_000)
def days(spec: str, today: dt.date) -> set[dt.date]:
    """The days that are accepted."""
    kind, _, value = spec.partition(":")
    if re.fullmatch(r"[+-]\d+", spec):
        return {today + int(spec) * _ONE_DAY}
    if re.fullmatch(r"\d{4}-\d\d-\d\d", spec):
        return {dt.date.fromisoformat(spec)}
    ahead = [today + n * _ONE_DAY for n in range(366 * 9)]
    match kind:
        case "weekday":
            return {next(day for day in ahead[1:] if day.strftime("%a").lower() == value)}
        case "from-today":
            return {next(day for day in ahead if day.strftime("%a").lower() == value)}
        case "next-week":
            monday = next(day for day in ahead[1:] if day.weekday() == 0)
            return {
                day for day in ahead if monday <= day < monday + 7 * _ONE_DAY and day.strftime("%a").lower() == value
            }
        case "month-day":
            return {next(day for day in ahead if day.strftime("%m-%d") == value)}
        case "day":
            return {next(day for day in ahead if day.day == int(value))}
        case "month":
            month = (today.month - 1 + int(value)) % 12 + 1
            return {day for day in ahead[:62] if day.month == month}
        case _:
            raise ValueError(spec)


def spoken(text: str, today: dt.date) -> str:
    """A sentence with the names of days filled in."""
    return re.sub(r"\{day:([+-]\d+)\}", lambda m: f"{today + int(m[1]) * _ONE_DAY:%A}".lower(), text)


def judge(expect: dict[str, Any], old: list[Task], new: list[Task], answer: str, today: dt.date) -> Judgement:
    """The best verdict for one of the alternatives, and what was wrong."""
    shared = {key: value for key, value in expect.items() if key != "either"}
    options = [
        {**shared, **option, "answer": {**shared.get("answer", {}), **option.get("answer", {})}}
        for option in expect.get("either", [{}])
    ]
    return min((_judge(option, old, new, answer, today) for option in options), key=lambda found: found[0])


def _judge(expect: dict[str, Any], old: list[Task], new: list[Task], answer: str, today: dt.date) -> Judgement:
    now = {task["id"]: task for task in new}
    harm: list[str] = []
    missed: list[str] = []
    gone = _named(expect.get("deleted", []), old, missed)
    changes = dict(
        zip(
            _named([w["title"] for w in expect.get("changed", [])], old, missed),
            expect.get("changed", []),
            strict=False,
        )
    )
    for task in old:
        key, title = task["id"], task["title"]
        if key not in now:
            if key not in gone:
                harm.append(f"deleted {title!r}")
            continue
        if key in gone:
            missed.append(f"{title!r} is still there")
        wanted = changes.get(key, {})
        for field in _FIELDS:
            name, value = _NAMES.get(field, field), now[key][field]
            if name in wanted:
                if not _fits(name, value, wanted[name], today):
                    missed.append(f"{field} of {title!r} is {value!r}")
            elif value != task[field]:
                (missed if task[field] in (None, "") else harm).append(f"{field} of {title!r} became {value!r}")
    missed += _added([task for task in new if task["id"] not in {old_task["id"] for old_task in old}], expect, today)
    missed += _unsaid(expect.get("answer", {}), answer, today, idle=old == new)
    verdict = Verdict.HARM if harm else Verdict.MISSED if missed else Verdict.RIGHT
    return verdict, "; ".join(harm + missed)


def _named(titles: list[str], tasks: list[Task], missed: list[str]) -> list[str]:
    found: list[str] = []
    for title in titles:
        task = next((t for t in tasks if _same(t["title"], title) and t["id"] not in found), None)
        if task is None:
            missed.append(f"{title!r} is not on the list")
        else:
            found.append(task["id"])
    return found


def _added(new: list[Task], expect: dict[str, Any], today: dt.date) -> list[str]:
    left, unmet = list(new), []
    for wanted in expect.get("added", []):
        task = next(
            (
                t
                for t in left
                if _fits("newTitle", t["title"], wanted["title"], today)
                and all(
                    _fits(name, t[field], wanted[name], today)
                    for field, name in (("due_date", "due"), ("priority", "priority"), ("description", "description"))
                    if name in wanted
                )
            ),
            None,
        )
        if task is None:
            unmet.append(f"{wanted} wasn't added")
        else:
            left.remove(task)
    return unmet + [f"added {task['title']!r}, due {task['due_date']}, {task['priority']}" for task in left]


def _fits(name: str, value: Any, wanted: Any, today: dt.date) -> bool:
    accepted = wanted if isinstance(wanted, list) else [wanted]
    match name:
        case "newTitle":
            return any(_same(value, title) for title in accepted)
        case "due":
            return any(
                value is None if spec is None else value in {day.isoformat() for day in days(spec, today)}
                for spec in accepted
            )
        case "description":
            return all(_plain(part) in _plain(value or "") for part in wanted["contains"])
        case _:
            return value in accepted


def _same(a: str, b: str) -> bool:
    return a.strip().removesuffix(".").casefold() == b.strip().removesuffix(".").casefold()


def _unsaid(want: dict[str, Any], answer: str, today: dt.date, *, idle: bool) -> list[str]:
    if not answer.strip():
        return ["no answer"]
    found = [f"answer lacks {token!r}" for token in want.get("contains", []) if not _says(answer, token, today)]
    if "any" in want and not any(_says(answer, token, today) for token in want["any"]):
        found.append(f"answer has none of {', '.join(want['any'])}")
    barred = want.get("not", []) + (want.get("never", []) if idle else [])
    found += [f"answer has {token!r}" for token in barred if _says(answer, token, today)]
    for row in want.get("order", []):
        places = [place for token in row if (place := _own(answer).find(_plain(token))) >= 0]
        if places != sorted(places):
            found.append(f"answer hasn't {' before '.join(row)}")
    return found


def _says(answer: str, token: str, today: dt.date) -> bool:
    text = _own(answer)
    if token.startswith("@"):
        if token == "@question" and "?" in re.sub(r'"[^"]*"', "", text):
            return True
        return any(_says(answer, word, today) for word in _GROUPS[token])
    kind, _, value = token.partition(":")
    if kind in ("when", "date", "dayname") and re.fullmatch(r"[+-]\d+", value):
        return re.search(_day_pattern(kind, int(value), today), text) is not None
    return _word_pattern(_plain(token)).search(text) is not None


@lru_cache(maxsize=1_000)
def _word_pattern(word: str) -> re.Pattern[str]:
    before = r"(?<!\w)" if word[:1].isalnum() else ""
    after = r"(?!\w)" if word[-1:].isalnum() else ""
    return re.compile(before + re.escape(word) + after)


def _day_pattern(kind: str, offset: int, today: dt.date) -> str:
    day = today + offset * _ONE_DAY
    if kind == "dayname":
        return rf"\b{day:%a}(?:{f'{day:%A}'[3:]})?\b".lower()
    month = rf"{day:%b}(?:{f'{day:%B}'[3:]})?".lower()
    date = rf"{day.isoformat()}|(?<!\d){day.day}(?:st|nd|rd|th)? (?:of )?{month}|{month} {day.day}(?!\d)"
    word = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(offset, "")
    return rf"{date}|\b{word}\b" if kind == "when" and word else date


def _own(answer: str) -> str:
    """An answer without its examples of what to say."""
    return _plain(re.sub(r'\btry:?\s+"[^\n]*', "", answer, flags=re.IGNORECASE))


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").translate({ord(mark): '"' for mark in "“”„«»"}).split())
