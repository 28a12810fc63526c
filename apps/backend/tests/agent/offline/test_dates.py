from __future__ import annotations

import datetime as dt

import pytest

from app.agent.offline.dates import Calendar
from app.agent.offline.quick_add import quick_add
from app.agent.offline.text import tokenize

TODAY = dt.date(2030, 1, 30)  # a Wednesday
DAYS = Calendar(TODAY)


def day(text: str, days: Calendar = DAYS) -> dt.date | None:
    """The day that the whole text stands for."""
    phrase = tokenize(text)
    span = days.when(phrase, 0) if phrase.tokens else None
    return span.day if span is not None and span.end == len(phrase) else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", "2030-01-30"),
        ("tonight", "2030-01-30"),
        ("later today", "2030-01-30"),
        ("on friday first thing", "2030-02-01"),
        ("tomorrow in the evening", "2030-01-31"),
        ("tomorrow at 5 p.m.", "2030-01-31"),
        ("monday around noon", "2030-02-04"),
        ("the day before yesterday", "2030-01-28"),
        ("eow", "2030-02-03"),
        ("eom", "2030-01-31"),
        ("eoy", "2030-12-31"),
        ("in 2 weeks' time", "2030-02-13"),
        ("2 days from today", "2030-02-01"),
        ("friday this week", "2030-02-01"),
        ("friday the 1st", "2030-02-01"),
        ("friday week", "2030-02-08"),
        ("last friday", "2030-01-25"),
        ("this evening", "2030-01-30"),
        ("eod", "2030-01-30"),
        ("tomorrow", "2030-01-31"),
        ("tmrw", "2030-01-31"),
        ("tommorow", "2030-01-31"),
        ("tomorrow morning", "2030-01-31"),
        ("tomorrow at 5pm", "2030-01-31"),
        ("first thing tomorrow", "2030-01-31"),
        ("yesterday", "2030-01-29"),
        ("the day after tomorrow", "2030-02-01"),
        ("in 3 days", "2030-02-02"),
        ("in a week", "2030-02-06"),
        ("in two weeks", "2030-02-13"),
        ("in a fortnight", "2030-02-13"),
        ("in a couple of weeks", "2030-02-13"),
        ("2 weeks from now", "2030-02-13"),
        ("a week from friday", "2030-02-08"),
        ("in a month", "2030-02-28"),
        ("friday", "2030-02-01"),
        ("fridya", "2030-02-01"),
        ("on Friday", "2030-02-01"),
        ("by fri", "2030-02-01"),
        ("friday evening", "2030-02-01"),
        ("wednesday", "2030-02-06"),
        ("next friday", "2030-02-08"),
        ("next monday", "2030-02-04"),
        ("friday next week", "2030-02-08"),
        ("this friday", "2030-02-01"),
        ("next week", "2030-02-04"),
        ("next month", "2030-02-01"),
        ("next year", "2031-01-01"),
        ("later this week", "2030-02-03"),
        ("this weekend", "2030-02-02"),
        ("the weekend", "2030-02-02"),
        ("next weekend", "2030-02-09"),
        ("end of the week", "2030-02-03"),
        ("the end of the month", "2030-01-31"),
        ("end of next month", "2030-02-28"),
        ("end of march", "2030-03-31"),
        ("end of year", "2030-12-31"),
        ("2030-03-04", "2030-03-04"),
        ("5 march", "2030-03-05"),
        ("5th of March", "2030-03-05"),
        ("march 5", "2030-03-05"),
        ("March the 5th", "2030-03-05"),
        ("Mar 5th, 2031", "2031-03-05"),
        ("1 january", "2031-01-01"),
        ("30 january", "2030-01-30"),
        ("on the 15th", "2030-02-15"),
        ("the 31st", "2030-01-31"),
        ("the 3rd of next month", "2030-02-03"),
        ("in March", "2030-03-01"),
        ("3/15", "2030-03-15"),
        ("15/3", "2030-03-15"),
        ("15.3.", "2030-03-15"),
        ("15.3.2031", "2031-03-15"),
        ("02/10/2030", "2030-02-10"),
        ("29 feb", "2032-02-29"),
        ("by christmas", "2030-12-25"),
        ("due tomorrow", "2030-01-31"),
        ("deadline: friday", "2030-02-01"),
    ],
)
def test_days_are_found(text: str, expected: str) -> None:
    assert day(text) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "31 february", "2030-02-31", "friday fish", "in 999 months and more", "13/13", "in 9999 years", "0/0",
        "the 32nd", "mondays", "v1.2", "the 99999999999999999999th", "in 99999999999 days",
    ],
)  # fmt: skip
def test_what_is_no_day_is_none(text: str) -> None:
    assert day(text) is None


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Europe/Berlin", "2030-10-02"), ("America/New_York", "2030-02-10"), ("UTC", "2030-02-10"), (None, "2030-02-10")],
)
def test_day_and_month_are_read_as_people_of_the_zone_write_them(zone: str | None, expected: str) -> None:
    assert day("2/10", Calendar.of(TODAY, zone)) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("today", "text", "expected"),
    [
        ("2030-03-31", "in a month", "2030-04-30"),
        ("2028-02-29", "next year", "2029-01-01"),
        ("2030-12-31", "tomorrow", "2031-01-01"),
        ("2030-03-05", "5 march", "2030-03-05"),
        ("2030-03-06", "5 march", "2031-03-05"),
        ("2030-02-20", "on the 31st", "2030-03-31"),
        ("2030-02-03", "this weekend", "2030-02-09"),
        ("2030-02-02", "this weekend", "2030-02-02"),
        ("2030-02-03", "end of the week", "2030-02-03"),
        ("2030-02-03", "next week", "2030-02-04"),
    ],
)
def test_days_at_the_ends_of_weeks_months_and_years(today: str, text: str, expected: str) -> None:
    assert day(text, Calendar(dt.date.fromisoformat(today))) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "rest", "expected"),
    [
        ("call mum tomorrow", "call mum", "2030-01-31"),
        ("call mum tomorrow at 5pm", "call mum at 5pm", "2030-01-31"),
        ("call mum at 5pm tomorrow", "call mum at 5pm", "2030-01-31"),
        ("gym tomorrow morning", "gym in the morning", "2030-01-31"),
        ("call mum (due friday)", "call mum", "2030-02-01"),
        ("on friday call mum", "call mum", "2030-02-01"),
        ("pay rent, due in 3 days", "pay rent", "2030-02-02"),
        ("call mum tomorrow about the party", "call mum about the party", "2030-01-31"),
        ("meeting 15.3.", "meeting", "2030-03-15"),
        ("movie night sat", "movie night", "2030-02-02"),
        ("read “War & Peace” by Sunday", "read “War & Peace”", "2030-02-03"),
        ("take out the bins every Monday", "take out the bins every Monday", "2030-02-04"),
    ],
)
def test_a_day_is_taken_out_of_a_text(text: str, rest: str, expected: str) -> None:
    read = quick_add(text, DAYS)
    assert (read.title, read.slots.due) == (rest, dt.date.fromisoformat(expected))


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow", "read The Day After Tomorrow's review", "buy sunscreen", "party 31 february", "watch the sun",
        "ask about Sunday", "buy a book for Sunday school", "book flight for march 3 to 10", "read 'The Sun Also Rises'",
        "Friday fish", "finish v1.2 release", "call Ann at 10", "pick up package (order #12345)", "find the May file",
    ],
)  # fmt: skip
def test_a_text_without_a_day_is_left_alone(text: str) -> None:
    read = quick_add(text, DAYS)
    assert (read.title, read.slots.due) == (text, None)
