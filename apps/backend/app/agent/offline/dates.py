"""Days and times of day in plain English, found in tokens.

`Calendar` knows the user's day. Its methods look at one place of a phrase and never further than a dozen tokens, so a
long text costs no more per word than a short one.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Final

from app.agent.offline.lexicon import CARDINALS, COMMON, ORDINALS, closest, words
from app.agent.offline.text import Kind, Phrase

WEEKDAYS: Final = {
    **{name.lower(): index for index, name in enumerate(calendar.day_name)},
    **{name.lower() + "s": index for index, name in enumerate(calendar.day_name)},
    "mon": 0,
    "tue": 1,
    "tues": 1,
    "wed": 2,
    "weds": 2,
    "thu": 3,
    "thur": 3,
    "thurs": 3,
    "fri": 4,
    "sat": 5,
    "sun": 6,
}
MONTHS: Final = {
    **{name.lower(): index for index, name in enumerate(calendar.month_name) if name},
    **{name.lower(): index for index, name in enumerate(calendar.month_abbr) if name},
    "sept": 9,
}
_FULL_WEEKDAYS: Final = frozenset(name.lower() for name in calendar.day_name)
_TOMORROW: Final = words("tomorrow tmrw tmr tmw tomo tomoz 2moro 2morrow tomrw")
_SPELT: Final = _FULL_WEEKDAYS | frozenset(name.lower() for name in calendar.month_name if len(name) > 4) | {"tomorrow"}
_UNITS: Final = {
    **dict.fromkeys(("day", "days"), "day"),
    **dict.fromkeys(("week", "weeks", "wk", "wks"), "week"),
    **dict.fromkeys(("fortnight", "fortnights"), "fortnight"),
    **dict.fromkeys(("month", "months"), "month"),
    **dict.fromkeys(("year", "years"), "year"),
}
_PARTS: Final = {
    "morning": "in the morning",
    "afternoon": "in the afternoon",
    "evening": "in the evening",
    "night": "at night",
    "lunchtime": "at lunchtime",
    "noon": "at noon",
    "midday": "at midday",
}
LEADS: Final = words("by on for before until till from this due in at during")
_NO_DAY_AFTER: Final = words(
    "the a an my our your his her their every each of about with and or to per like than called named in all most next-to "
    "between since not that see said watch"
)
"""Words before a day that make it a part of something else: "watch the sun", "ask about Sunday"."""
_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(am|pm|a\.m|p\.m|h|a|p)?")
_SLASHED: Final = re.compile(r"(\d{1,4})([/.-])(\d{1,2})(?:\2(\d{1,4}))?")
_MONTH_FIRST: Final = ("America/", "US/", "Pacific/Honolulu", "Asia/Manila", "Etc/")
"""Zones of people who write the month first. Some of America doesn't; the project knows no locale, only the zone."""
_HOLIDAYS: Final = {
    ("christmas", "eve"): (12, 24),
    ("christmas",): (12, 25),
    ("xmas",): (12, 25),
    ("boxing", "day"): (12, 26),
    ("new", "year", "'s", "eve"): (12, 31),
    ("new", "years", "eve"): (12, 31),
    ("new", "year", "'s", "day"): (1, 1),
    ("halloween",): (10, 31),
}

_TIME_LEADS: Final = words("at around by before after @ about from")
_BEGINNINGS: Final = (
    frozenset((*WEEKDAYS, *MONTHS, *ORDINALS, *CARDINALS, *(name[0] for name in _HOLIDAYS)))
    | _TOMORROW
    | words("the a an another this next last coming in within day days first end later weekend fortnight fortnights")
    | words("today tonight tonite yesterday eod eow eom eoy")
)
"""Words that days begin with, beside numbers and misspelt names: most words don't, and are looked at no further."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days, as they were said.

    Attributes:
        first: The first of them; None for any day until the last.
        last: The last of them; None for any day from the first.
        end: The token after it.
        time: The time of day that was said with it, as a title keeps it; empty if none.
        exact: Whether it is one day; false for "next week".
        due: The day that something is due in this time, if it isn't the first one.
    """

    first: dt.date | None
    last: dt.date | None
    end: int
    time: str = ""
    exact: bool = True
    due: dt.date | None = None

    @property
    def day(self) -> dt.date:
        """The day that something is due when it is due in this time."""
        day = self.due or self.first or self.last
        assert day is not None
        return day


@dataclass(frozen=True, slots=True)
class Calendar:
    """Reads days as somebody does for whom it is `today`.

    Attributes:
        today: The user's day.
        day_first: Whether 2/10 is the second of October.
    """

    today: dt.date
    day_first: bool = False

    @classmethod
    def of(cls, today: dt.date, zone: str | None) -> Calendar:
        """The calendar of somebody in a time zone: where months are written first is told by its name."""
        month_first = zone is None or zone.startswith(_MONTH_FIRST) or "/" not in zone
        return cls(today, day_first=not month_first)

    # -- A day, with what leads to it

    def when(self, phrase: Phrase, at: int, *, anywhere: bool = False) -> Span | None:
        """A day or a time span that begins here: "by Friday", "due tomorrow at 5pm", "this weekend".

        Args:
            phrase: Some words.
            at: Where to look.
            anywhere: Whether it may be a part of something else: the "today" of "all of today's tasks".
        """
        first = at
        if phrase.key(at) in ("is", "are", "be") and phrase.key(at + 1) == "due":
            at += 1
        if phrase.key(at) == "due":
            at += 1
            if phrase.key(at) == "date":
                at += 1
            if phrase.key(at) in (":", "is"):
                at += 1
        elif phrase.key(at) == "deadline":
            at += 2 if phrase.key(at + 1) in (":", "is") else 1
        led = at
        if (
            phrase.key(at) in words("by on for before until till from over at during")
            or (phrase.key(at) == "this" and phrase.key(at + 1) == "coming")
            or (phrase.key(at) == "in" and phrase.key(at + 1) in MONTHS)
        ):
            at += 1
        if not anywhere and at == first and at > 0 and phrase.key(at - 1) in _NO_DAY_AFTER:
            return None
        if (clock := self.time(phrase, led) or self.time(phrase, at)) is not None:
            end, text = clock
            if phrase.key(end) in ("on", "by"):
                end += 1
            found = self._core(phrase, end)
            if found is not None:
                return replace(found, time=text)
        found = self._core(phrase, at)
        return self._with_time(phrase, found) if found is not None else None

    def _with_time(self, phrase: Phrase, span: Span) -> Span:
        end, text = span.end, span.time
        part = phrase.key(end)
        if part in ("eod", "cob") and span.exact:
            # "By tomorrow EOD" is due tomorrow.
            return replace(span, end=end + 1)
        if part == "first" and phrase.key(end + 1) == "thing":
            return replace(span, end=end + 2, time="first thing")
        if not text and part in _PARTS and span.exact:
            end, text = end + 1, _PARTS[part]
        elif not text and phrase.keys[end : end + 2] == ("in", "the") and phrase.key(end + 2) in _PARTS:
            text, end = _PARTS[phrase.key(end + 2)], end + 3
        clock = self.time(phrase, end + 1 if phrase.key(end) == "," else end)
        if clock is not None:
            end, text = clock
        return replace(span, end=end, time=text)

    def time(self, phrase: Phrase, at: int) -> tuple[int, str] | None:
        """A time of day that begins here: where it ends, and how a title keeps it."""
        start = at
        word = phrase.key(at)
        lead = word in _TIME_LEADS
        if not (lead or word == "half" or word[:1].isdigit()):
            return None
        at += lead
        if phrase.key(at) == "around" and lead:
            at += 1
        if phrase.keys[at : at + 2] == ("half", "past"):
            return (at + 3, phrase[start : at + 3].raw()) if _day_number(phrase.key(at + 2)) else None
        word = phrase.key(at)
        if lead and word in words("noon midnight midday lunchtime lunch night dawn sunrise sunset"):
            return at + 1, phrase[start : at + 1].raw()
        match = _CLOCK.fullmatch(word)
        if match is None or int(match[1]) > 24 or int(match[2] or 0) > 59:
            return None
        end, half = at + 1, match[3]
        if half is None and phrase.key(end) in ("am", "pm", "a.m", "p.m", "o'clock"):
            half = phrase.key(end)
            end += 1
        if half in ("a.m", "p.m") and phrase.key(end) == ".":
            end += 1
        if half is None and not lead and (match[2] is None or ":" not in word):
            return None
        if half is None and phrase.key(start) in ("by", "before", "after", "about", "from") and match[2] is None:
            return None
        return end, phrase[start:end].raw()

    # -- Days

    def _core(self, phrase: Phrase, at: int) -> Span | None:
        if at >= len(phrase) or phrase.tokens[at].kind in (Kind.QUOTED, Kind.TITLE):
            return None
        word = phrase.key(at)
        if word not in _BEGINNINGS and not word[0].isdigit() and _slip(word) is None:
            return None
        try:
            return (
                self._named(phrase, at)
                or self._counted(phrase, at)
                or self._weekday(phrase, at)
                or self._numbers(phrase, at)
                or self._of_month(phrase, at)
            )
        except (ValueError, OverflowError):  # such as 31 February, or the year 0
            return None

    def _one(self, days: int, end: int, time: str = "") -> Span:
        day = self.today + dt.timedelta(days=days)
        return Span(day, day, end, time)

    def _named(self, phrase: Phrase, at: int) -> Span | None:
        keys = phrase.keys[at : at + 6]
        word = keys[0]
        skip = 1 if word == "the" else 0
        rest = keys[skip:]
        if rest[:3] == ("day", "after", "tomorrow"):
            return self._one(2, at + skip + 3)
        if rest[:3] == ("day", "before", "yesterday"):
            return self._one(-2, at + skip + 3)
        if keys[:3] == ("first", "thing", "tomorrow"):
            return self._one(1, at + 3, "first thing")
        if word in ("today", "tonight", "eod", "tonite"):
            return self._one(0, at + 1)
        if word == "this" and len(keys) > 1 and keys[1] in ("morning", "afternoon", "evening"):
            return self._one(0, at + 2)
        if word in _TOMORROW or (word[0] == "t" and _slip(word) == "tomorrow"):
            return self._one(1, at + 1)
        if word == "yesterday":
            return self._one(-1, at + 1)
        if word in ("eow", "eom", "eoy"):
            return self._end_of({"w": "week", "m": "month", "y": "year"}[word[2]], at + 1)
        if rest[:3] == ("last", "day", "of") and rest[3:5] in (("the", "month"), ("this", "month"), ("next", "month")):
            return self._end_of("month", at + skip + 5, 1 if rest[3] == "next" else 0)
        if rest[:2] == ("end", "of"):
            of = 2 + (len(rest) > 2 and rest[2] in ("the", "this", "next"))
            unit = rest[of] if len(rest) > of else ""
            if unit in MONTHS:
                return self._end_of_month_named(MONTHS[unit], at + skip + of + 1)
            if unit in ("day", "week", "month", "year"):
                later = 1 if rest[of - 1] == "next" else 0
                return self._end_of(unit, at + skip + of + 1, later)
        if word == "later" and keys[1:3] in (("this", "week"), ("this", "month")):
            return self._end_of(keys[2], at + 3)
        if word == "later" and keys[1:2] == ("today",):
            return self._one(0, at + 2)
        return self._unit(keys, at) or self._weekend(keys, at) or self._holiday(keys, at)

    def _unit(self, keys: tuple[str, ...], at: int) -> Span | None:
        after_next = keys[:4] == ("the", "week", "after", "next") or keys[:3] == ("week", "after", "next")
        if after_next:
            monday = self.today + dt.timedelta(days=14 - self.today.weekday())
            return Span(monday, monday + dt.timedelta(days=6), at + 3 + (keys[0] == "the"), exact=False)
        if len(keys) < 2 or keys[1] not in ("week", "month", "year"):
            return None
        unit = keys[1]
        if keys[0] == "next":
            if unit == "week":
                monday = self.today + dt.timedelta(days=7 - self.today.weekday())
                return Span(monday, monday + dt.timedelta(days=6), at + 2, exact=False)
            if unit == "month":
                first = add_months(self.today.replace(day=1), 1)
                return Span(first, _month_end(first), at + 2, exact=False)
            return Span(dt.date(self.today.year + 1, 1, 1), dt.date(self.today.year + 1, 12, 31), at + 2, exact=False)
        if keys[0] == "this":
            last = self._end_of(unit, at + 2).last
            return Span(self.today, last, at + 2, exact=False)
        return None

    def _weekend(self, keys: tuple[str, ...], at: int) -> Span | None:
        skip = 0 if keys[0] == "weekend" else 1
        if keys[skip : skip + 1] != ("weekend",) or (skip and keys[0] not in ("this", "the", "next", "coming")):
            return None
        saturday = self.today + dt.timedelta(days=(5 - self.today.weekday()) % 7)
        if keys[0] == "next":
            saturday += dt.timedelta(days=7)
        first = self.today if keys[0] == "this" and self.today.weekday() == 6 else saturday
        return Span(first, max(saturday + dt.timedelta(days=1), first), at + skip + 1, exact=False, due=saturday)

    def _holiday(self, keys: tuple[str, ...], at: int) -> Span | None:
        for name, (month, day) in _HOLIDAYS.items():
            if keys[: len(name)] == name:
                return self._on(day, month, None, at + len(name))
        return None

    def _end_of(self, unit: str, end: int, later: int = 0) -> Span:
        if unit == "day":
            return self._one(0, end)
        if unit == "week":
            return self._one(6 - self.today.weekday() + 7 * later, end)
        if unit == "month":
            day = _month_end(add_months(self.today.replace(day=1), later))
        else:
            day = dt.date(self.today.year + later, 12, 31)
        return Span(day, day, end)

    def _end_of_month_named(self, month: int, end: int) -> Span:
        year = self.today.year + (month < self.today.month)
        day = _month_end(dt.date(year, month, 1))
        return Span(day, day, end)

    def _counted(self, phrase: Phrase, at: int) -> Span | None:
        """In 3 days; 2 weeks from now; a week from Friday; in the next 3 days."""
        lead = phrase.key(at) in ("in", "within")
        at += lead
        if lead and phrase.key(at) == "the":
            at += 1
        if next_days := phrase.key(at) == "next":
            at += 1
        counted = count(phrase, at)
        if counted is None:
            return None
        number, unit, end = counted
        if next_days:
            return Span(self.today, self.shifted(self.today, number, unit), end, exact=False)
        if lead:
            if phrase.key(end) in ("from", "after") and phrase.key(end + 1) in ("now", "today"):
                end += 2
            elif phrase.key(end) == "'" or phrase.keys[end : end + 1] == ("time",):
                end += 1
            day = self.shifted(self.today, number, unit)
            return Span(day, day, end)
        if phrase.key(end) in ("from", "after"):
            base = self._core(phrase, end + 1) if phrase.key(end + 1) != "now" else self._one(0, end + 2)
            if base is not None and base.exact:
                day = self.shifted(base.day, number, unit)
                return Span(day, day, base.end)
        return None

    def shifted(self, day: dt.date, number: int, unit: str) -> dt.date:
        """A day moved by some days, weeks, fortnights, months or years."""
        if unit in ("month", "year"):
            return add_months(day, number * (12 if unit == "year" else 1))
        return day + dt.timedelta(days=number * {"day": 1, "week": 7, "fortnight": 14}[unit])

    def _weekday(self, phrase: Phrase, at: int) -> Span | None:
        keys = phrase.keys[at : at + 6]
        rel = keys[0] if keys[0] in ("next", "this", "coming", "last") else ""
        skip = 1 if rel else 0
        name = keys[skip] if len(keys) > skip else ""
        name = name if name in WEEKDAYS else _slip(name) or ""
        if name not in WEEKDAYS or name.endswith("days"):
            # "Mondays" are many.
            return None
        index = WEEKDAYS[name]
        end = at + skip + 1
        if phrase.keys[end : end + 2] == ("next", "week"):
            return self._one(7 - self.today.weekday() + index, end + 2)
        if phrase.keys[end : end + 2] == ("this", "week"):
            return self._one(index - self.today.weekday(), end + 2)
        if phrase.key(end) == "the" and (day := _day_number(phrase.key(end + 1))) and phrase.key(end + 1) in ORDINALS:
            return self._next_of_month(day, end + 2)
        ahead = (index - self.today.weekday()) % 7 or 7
        if phrase.key(end) == "week":
            return self._one(ahead + 7, end + 1)
        if rel == "last":
            return self._one(ahead - 7 if ahead < 7 else -7, end)
        if rel == "next" and ahead + self.today.weekday() < 7:
            ahead += 7
        return self._one(ahead, end)

    def _numbers(self, phrase: Phrase, at: int) -> Span | None:
        """2030-01-31, 3/15, 15.3., 02/10/2030."""
        match = _SLASHED.fullmatch(phrase.key(at))
        if match is None:
            return None
        a, mark, b, c = match[1], match[2], match[3], match[4]
        end = at + 1
        if len(a) == 4:
            day = dt.date(int(a), int(b), int(c)) if c else None
            return Span(day, day, end) if day is not None else None
        if len(a) > 2 or mark == "-" or (mark == "." and c is None and not _written_as_day(phrase, at)):
            return None
        if mark == "." and c is None and phrase.key(end) == ".":
            end += 1
        year = None if c is None else int(c) + (2000 if len(c) == 2 else 0)
        if c is not None and len(c) not in (2, 4):
            return None
        first, second = int(a), int(b)
        day_first = mark == "." or first > 12 or (self.day_first and second <= 12)
        return self._on(first, second, year, end) if day_first else self._on(second, first, year, end)

    def _of_month(self, phrase: Phrase, at: int) -> Span | None:
        """5 March, March 5th 2031, the 15th, the 3rd of next month, in March."""
        start = at
        the = phrase.key(at) == "the"
        at += the
        keys = phrase.keys[at : at + 6]
        if not keys:
            return None
        day = _day_number(keys[0])
        if day is not None:
            of = 1 if keys[1:2] == ("of",) else 0
            month = MONTHS.get(keys[1 + of]) if len(keys) > 1 + of else None
            if month is not None:
                return self._with_year(phrase, day, month, at + 2 + of)
            ordinal = keys[0] in ORDINALS
            if of and keys[2:4] in (("the", "month"), ("this", "month"), ("next", "month")):
                later = 1 if keys[2] == "next" else 0
                found = add_months(self.today.replace(day=1), later).replace(day=day)
                return Span(found, found, at + 4)
            if ordinal and keys[0][0].isdigit() and (the or (start > 0 and phrase.key(start - 1) in ("on", "by"))):
                return self._next_of_month(day, at + 1)
            return None
        month = MONTHS.get(keys[0])
        if month is None or the:
            return None
        day = _day_number(keys[1]) if len(keys) > 1 else None
        if len(keys) > 2 and keys[1] == "the":
            day = _day_number(keys[2])
            at += 1
        if day is not None:
            return self._with_year(phrase, day, month, at + 2)
        if (
            start > 0
            and phrase.key(start - 1) in ("in", "by", "until", "during")
            and keys[0] not in ("may", "mar", "sun")
        ):
            year = self.today.year + (month <= self.today.month)
            first = dt.date(year, month, 1)
            return Span(first, _month_end(first), at + 1, exact=False)
        return None

    def _with_year(self, phrase: Phrase, day: int, month: int, end: int) -> Span:
        year_at = end + 1 if phrase.key(end) == "," else end
        word = phrase.key(year_at)
        if len(word) == 4 and word.isascii() and word.isdigit() and 1900 < int(word) < 3000:
            return self._on(day, month, int(word), year_at + 1)
        return self._on(day, month, None, end)

    def _on(self, day: int, month: int, year: int | None, end: int) -> Span:
        if year is not None:
            found = dt.date(year, month, day)
        else:
            # 29 February may be some years away.
            for ahead in range(9):
                try:
                    found = dt.date(self.today.year + ahead, month, day)
                except ValueError:
                    if ahead == 8 or (month, day) != (2, 29):
                        raise
                    continue
                if found >= self.today:
                    break
        return Span(found, found, end)

    def _next_of_month(self, day: int, end: int) -> Span:
        if not 1 <= day <= 31:
            raise ValueError(day)
        first = self.today.replace(day=1)
        for _ in range(3):
            if day <= _month_end(first).day and first.replace(day=day) >= self.today:
                break
            first = add_months(first, 1)
        found = first.replace(day=day)
        return Span(found, found, end)


def _written_as_day(phrase: Phrase, at: int) -> bool:
    """Whether "31.12" is a day and no version: with a second point, or after "on" at the end, where that point is lost."""
    return phrase.key(at + 1) == "." or (at + 1 == len(phrase) and phrase.key(at - 1) in ("on", "by") and at > 0)


def count(phrase: Phrase, at: int) -> tuple[int, str, int] | None:
    """A number of days, weeks, fortnights, months or years: number, unit, and the token after it."""
    word = phrase.key(at)
    if word in ("a", "an", "another"):
        number, at = 1, at + 1
        if phrase.key(at) in ("couple", "few"):
            number, at = CARDINALS[phrase.key(at)], at + 1
            at += phrase.key(at) == "of"
    elif word in CARDINALS and word not in ("few",):
        number, at = CARDINALS[word], at + 1
        at += word == "couple" and phrase.key(at) == "of"
    elif word.isascii() and word.isdigit() and len(word) <= 4:
        number, at = int(word), at + 1
    else:
        unit = _UNITS.get(word)
        return (1, unit, at + 1) if unit == "fortnight" else None
    at += phrase.key(at) == "more"
    unit = _UNITS.get(phrase.key(at))
    return (number, unit, at + 1) if unit is not None else None


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day some months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _month_end(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _day_number(word: str) -> int | None:
    if word in ORDINALS:
        return ORDINALS[word] if ORDINALS[word] <= 31 else None
    if word.isascii() and word.isdigit() and len(word) <= 2:
        return int(word)
    return None


def _slip(word: str) -> str | None:
    """The day or month that a word of five letters or more is a slip of."""
    if len(word) < 5 or word in COMMON:
        return None
    return closest(word, _SPELT)
