"""Finds calendar days in plain English."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

_WEEKDAYS: Final = {name.lower(): index for index, name in enumerate(calendar.day_name)} | {
    "mon": 0,
    "tue": 1,
    "tues": 1,
    "wed": 2,
    "thu": 3,
    "thur": 3,
    "thurs": 3,
    "fri": 4,
    "sat": 5,
    "sun": 6,
}
_MONTHS: Final = {
    **{name.lower(): index for index, name in enumerate(calendar.month_name) if name},
    **{name.lower(): index for index, name in enumerate(calendar.month_abbr) if name},
    "sept": 9,
}
_NUMBERS: Final = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "a couple of": 2,
}


def _alternatives(words: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_DAY_PATTERN: Final = rf"""
    (?P<iso>\d{{4}}-\d{{2}}-\d{{2}})
  | (?P<after>(?:the\ )?day\ after\ tomorrow)
  | (?P<tomorrow>tomorrow|tmrw)
  | (?P<today>today|tonight|this\ (?:morning|afternoon|evening))
  | (?P<yesterday>yesterday)
  | in\ (?P<count>\d{{1,3}}|{_alternatives(_NUMBERS)})\ (?P<unit>day|week|month)s?
  | (?P<nextunit>next\ (?:week|month))
  | (?P<weekend>(?:this|the|next)\ weekend)
  | (?P<end>(?:the\ )?end\ of\ (?:the\ |this\ )?(?P<endunit>week|month|year))
  | (?P<day1>\d{{1,2}})(?:st|nd|rd|th)?\ (?:of\ )?(?P<month1>{_alternatives(_MONTHS)})\b(?:,?\ (?P<year1>\d{{4}}))?
  | (?P<month2>{_alternatives(_MONTHS)})\ (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\ (?P<year2>\d{{4}}))?
  | (?P<rel>next|this|coming)?\ ?\b(?P<weekday>{_alternatives(_WEEKDAYS)})\b
"""
_DAY: Final = re.compile(_DAY_PATTERN, re.IGNORECASE | re.VERBOSE)
_LEAD: Final = r"(?:(?:is\ |it's\ |its\ )?due(?:\ date)?\ ?:?\ ?)?(?:(?:by|on|for|before|until|till|from)\ )?"
_TRAILING: Final = re.compile(
    rf"(?:^|[\s,(]+){_LEAD}(?:{_DAY_PATTERN})(?P<time>\ (?:at|by|around)\ [\d:.]+\ ?(?:am|pm|h)?)?[)\s]*$",
    re.IGNORECASE | re.VERBOSE,
)
_LEADING: Final = re.compile(rf"^(?:(?:by|on)\ )?(?:{_DAY_PATTERN})[,:]?\s+(?=\S)", re.IGNORECASE | re.VERBOSE)


@dataclass(frozen=True, slots=True)
class Dated:
    """A text with the day that was taken out of it."""

    text: str
    day: dt.date | None


def parse_day(text: str, today: dt.date) -> dt.date | None:
    """The day that the whole text stands for, or None."""
    cleaned = re.sub(
        r"^(?:(?:is|it's|its)\s+)?(?:due\s+)?(?:(?:by|on|for|to|until|till)\s+)?",
        "",
        text.strip().rstrip(".!"),
        flags=re.IGNORECASE,
    )
    match = _DAY.fullmatch(cleaned.strip())
    return _resolve(match, today) if match else None


def take_day(text: str, today: dt.date) -> Dated:
    """Take a day from the end, or the beginning, of a text.

    A time of day stays in the text, as tasks are due on days.
    """
    for pattern in (_TRAILING, _LEADING):
        match = pattern.search(text)
        if match is None:
            continue
        day = _resolve(match, today)
        if day is None:
            continue
        time = match.groupdict().get("time") or ""
        rest = text[: match.start()] + time + text[match.end() :]
        if rest.strip(" ,.:"):
            return Dated(rest.strip(" ,"), day)
    return Dated(text, None)


def _resolve(match: re.Match[str], today: dt.date) -> dt.date | None:
    part = {key: value.lower() for key, value in match.groupdict().items() if value}
    try:
        return _resolve_parts(part, today)
    except (ValueError, OverflowError):  # such as 31 February
        return None


def _resolve_parts(part: dict[str, str], today: dt.date) -> dt.date | None:
    if "iso" in part:
        return dt.date.fromisoformat(part["iso"])
    if "after" in part:
        return today + dt.timedelta(days=2)
    if "tomorrow" in part:
        return today + dt.timedelta(days=1)
    if "today" in part:
        return today
    if "yesterday" in part:
        return today - dt.timedelta(days=1)
    if "count" in part:
        count = _NUMBERS.get(part["count"]) or int(part["count"])
        if part["unit"] == "month":
            return _add_months(today, count)
        return today + dt.timedelta(days=count * (7 if part["unit"] == "week" else 1))
    if "nextunit" in part:
        if part["nextunit"].endswith("month"):
            return _add_months(today.replace(day=1), 1)
        return today + dt.timedelta(days=7 - today.weekday())
    if "weekend" in part:
        saturday = today + dt.timedelta(days=(5 - today.weekday()) % 7)
        return saturday + dt.timedelta(days=7 if part["weekend"].startswith("next") else 0)
    if "end" in part:
        return _end_of(part["endunit"], today)
    if "weekday" in part:
        ahead = (_WEEKDAYS[part["weekday"]] - today.weekday()) % 7 or 7
        if part.get("rel") == "next" and ahead + today.weekday() < 7:
            ahead += 7
        return today + dt.timedelta(days=ahead)
    return _of_month(part, today)


def _of_month(part: dict[str, str], today: dt.date) -> dt.date:
    month = _MONTHS[part.get("month1") or part["month2"]]
    day = int(part.get("day1") or part["day2"])
    year = part.get("year1") or part.get("year2")
    if year is not None:
        return dt.date(int(year), month, day)
    this_year = dt.date(today.year, month, day)
    return this_year if this_year >= today else dt.date(today.year + 1, month, day)


def _add_months(day: dt.date, months: int) -> dt.date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def _end_of(unit: str, today: dt.date) -> dt.date:
    if unit == "week":
        return today + dt.timedelta(days=6 - today.weekday())
    if unit == "month":
        return today.replace(day=calendar.monthrange(today.year, today.month)[1])
    return dt.date(today.year, 12, 31)
