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
        ("is due friday", "2030-02-01"),
        ("due: friday", "2030-02-01"),
        ("due is friday", "2030-02-01"),
        ("due date friday", "2030-02-01"),
        ("deadline friday", "2030-02-01"),
        ("deadline is friday", "2030-02-01"),
        ("this coming friday", "2030-02-01"),
        ("coming friday", "2030-02-01"),
        ("end of this week", "2030-02-03"),
        ("end of next week", "2030-02-10"),
        ("end of day", "2030-01-30"),
        ("end of the day", "2030-01-30"),
        ("end of next year", "2031-12-31"),
        ("end of january", "2030-01-31"),
        ("end of february", "2030-02-28"),
        ("later this month", "2030-01-31"),
        ("this morning", "2030-01-30"),
        ("this afternoon", "2030-01-30"),
        ("tonite", "2030-01-30"),
        ("christmas eve", "2030-12-24"),
        ("xmas", "2030-12-25"),
        ("boxing day", "2030-12-26"),
        ("new year's eve", "2030-12-31"),
        ("new years eve", "2030-12-31"),
        ("new year's day", "2031-01-01"),
        ("halloween", "2030-10-31"),
        ("within 2 days", "2030-02-01"),
        ("in 3 days from now", "2030-02-02"),
        ("in 2 days' time", "2030-02-01"),
        ("3 days after tomorrow", "2030-02-03"),
        ("2 weeks after friday", "2030-02-15"),
        ("a month from today", "2030-02-28"),
        ("a year from now", "2031-01-30"),
        ("in a year", "2031-01-30"),
        ("in 2 months", "2030-03-30"),
        ("in 18 months", "2031-07-30"),
        ("in a few days", "2030-02-02"),
        ("in another week", "2030-02-06"),
        ("in 2 more days", "2030-02-01"),
        ("2 fortnights from now", "2030-02-27"),
        ("fortnight from today", "2030-02-13"),
        ("monday next week", "2030-02-04"),
        ("sunday next week", "2030-02-10"),
        ("monday this week", "2030-01-28"),
        ("sunday this week", "2030-02-03"),
        ("tuesday the 5th", "2030-02-05"),
        ("next wednesday", "2030-02-06"),
        ("next thursday", "2030-02-07"),
        ("next sunday", "2030-02-10"),
        ("this wednesday", "2030-02-06"),
        ("last wednesday", "2030-01-23"),
        ("last monday", "2030-01-28"),
        ("last thursday", "2030-01-24"),
        ("sunday week", "2030-02-10"),
        ("weds", "2030-02-06"),
        ("thurs", "2030-01-31"),
        ("tues", "2030-02-05"),
        ("2030/2/3", "2030-02-03"),
        ("2030.2.3", "2030-02-03"),
        ("1/31", "2030-01-31"),
        ("31/1", "2030-01-31"),
        ("13/12", "2030-12-13"),
        ("12/12", "2030-12-12"),
        ("2/3", "2030-02-03"),
        ("02/03/31", "2031-02-03"),
        ("2/3/2031", "2031-02-03"),
        ("1.2.", "2030-02-01"),
        ("on 1.2", "2030-02-01"),
        ("by 31.12.", "2030-12-31"),
        ("31.12.30", "2030-12-31"),
        ("5 feb", "2030-02-05"),
        ("feb 5", "2030-02-05"),
        ("february 5th", "2030-02-05"),
        ("5th february 2032", "2032-02-05"),
        ("feb 5 2032", "2032-02-05"),
        ("feb 5, 2032", "2032-02-05"),
        ("the 5th of february", "2030-02-05"),
        ("the 1st", "2030-02-01"),
        ("the 29th", "2030-03-29"),
        ("on the 30th", "2030-01-30"),
        ("by the 2nd", "2030-02-02"),
        ("third of march", "2030-03-03"),
        ("sept 3", "2030-09-03"),
        ("over christmas", "2030-12-25"),
        ("before friday", "2030-02-01"),
        ("until friday", "2030-02-01"),
        ("till friday", "2030-02-01"),
        ("from friday", "2030-02-01"),
        ("wendesday", "2030-02-06"),
        ("tomorow", "2030-01-31"),
    ],
)
def test_days_are_found(text: str, expected: str) -> None:
    assert day(text) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "expected", "time"),
    [
        ("tomorrow at noon", "2030-01-31", "at noon"),
        ("tomorrow at half past 5", "2030-01-31", "at half past 5"),
        ("at 5pm on friday", "2030-02-01", "at 5pm"),
        ("at 17:30 tomorrow", "2030-01-31", "at 17:30"),
        ("friday at 5", "2030-02-01", "at 5"),
        ("friday 5pm", "2030-02-01", "5pm"),
        ("friday, 5pm", "2030-02-01", "5pm"),
        ("friday 17:30", "2030-02-01", "17:30"),
        ("friday at 5 o'clock", "2030-02-01", "at 5 o'clock"),
        ("friday around 5", "2030-02-01", "around 5"),
        ("friday from 5pm", "2030-02-01", "from 5pm"),
        ("friday night", "2030-02-01", "at night"),
        ("friday lunchtime", "2030-02-01", "at lunchtime"),
        ("friday in the morning", "2030-02-01", "in the morning"),
        ("tomorrow 17h", "2030-01-31", "17h"),
        ("tomorrow 5 a.m.", "2030-01-31", "5 a.m."),
        ("tomorrow at lunch", "2030-01-31", "at lunch"),
        ("tomorrow at around 6", "2030-01-31", "at around 6"),
        ("yesterday evening", "2030-01-29", "in the evening"),
    ],
)
def test_a_time_of_day_goes_with_its_day(text: str, expected: str, time: str) -> None:
    phrase = tokenize(text)
    span = DAYS.when(phrase, 0)
    assert span is not None
    assert (span.day, span.time, span.end) == (dt.date.fromisoformat(expected), time, len(phrase))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("in february", "2030-02-01", "2030-02-28"),
        ("during march", "2030-03-01", "2030-03-31"),
        ("this month", "2030-01-30", "2030-01-31"),
        ("this week", "2030-01-30", "2030-02-03"),
        ("this year", "2030-01-30", "2030-12-31"),
        ("the week after next", "2030-02-11", "2030-02-17"),
        ("next month", "2030-02-01", "2030-02-28"),
        ("weekend", "2030-02-02", "2030-02-03"),
        ("coming weekend", "2030-02-02", "2030-02-03"),
        ("within the next 3 days", "2030-01-30", "2030-02-02"),
        ("in the next 2 weeks", "2030-01-30", "2030-02-13"),
        ("next 3 days", "2030-01-30", "2030-02-02"),
        ("next two weeks", "2030-01-30", "2030-02-13"),
    ],
)
def test_weeks_months_and_more_have_a_first_and_a_last_day(text: str, first: str, last: str) -> None:
    phrase = tokenize(text)
    span = DAYS.when(phrase, 0)
    assert span is not None
    assert not span.exact
    assert span.end == len(phrase)
    assert (span.first, span.last) == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "31 february", "2030-02-31", "friday fish", "in 999 months and more", "13/13", "in 9999 years", "0/0",
        "the 31st of next month", "in may", "in an hour", "tomorrow at 25", "tomorrow at 17:75", "tomorrow before 5", "twenty",
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
