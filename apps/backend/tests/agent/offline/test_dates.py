from __future__ import annotations

import datetime as dt

import pytest

from app.agent.offline.dates import parse_day, take_day

TODAY = dt.date(2030, 1, 30)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", "2030-01-30"),
        ("tonight", "2030-01-30"),
        ("tomorrow", "2030-01-31"),
        ("yesterday", "2030-01-29"),
        ("the day after tomorrow", "2030-02-01"),
        ("in 3 days", "2030-02-02"),
        ("in a week", "2030-02-06"),
        ("in two weeks", "2030-02-13"),
        ("in a month", "2030-02-28"),
        ("friday", "2030-02-01"),
        ("on Friday", "2030-02-01"),
        ("by fri", "2030-02-01"),
        ("wednesday", "2030-02-06"),
        ("next friday", "2030-02-08"),
        ("next monday", "2030-02-04"),
        ("next week", "2030-02-04"),
        ("next month", "2030-02-01"),
        ("this weekend", "2030-02-02"),
        ("next weekend", "2030-02-09"),
        ("end of the week", "2030-02-03"),
        ("the end of the month", "2030-01-31"),
        ("end of year", "2030-12-31"),
        ("2030-03-04", "2030-03-04"),
        ("5 march", "2030-03-05"),
        ("5th of March", "2030-03-05"),
        ("march 5", "2030-03-05"),
        ("Mar 5th, 2031", "2031-03-05"),
        ("1 january", "2031-01-01"),
        ("due tomorrow", "2030-01-31"),
    ],
)
def test_days_are_found(text: str, expected: str) -> None:
    assert parse_day(text, TODAY) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize("text", ["", "soon", "31 february", "2030-02-31", "friday fish", "in 999 months and more"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_day(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "rest", "day"),
    [
        ("call mum tomorrow", "call mum", "2030-01-31"),
        ("call mum tomorrow at 5pm", "call mum at 5pm", "2030-01-31"),
        ("call mum (due friday)", "call mum", "2030-02-01"),
        ("on friday call mum", "call mum", "2030-02-01"),
        ("pay rent, due in 3 days", "pay rent", "2030-02-02"),
    ],
)
def test_a_day_is_taken_out_of_a_text(text: str, rest: str, day: str) -> None:
    dated = take_day(text, TODAY)
    assert (dated.text, dated.day) == (rest, dt.date.fromisoformat(day))


@pytest.mark.parametrize(
    "text", ["tomorrow", "read The Day After Tomorrow's review", "buy sunscreen", "party 31 february"]
)
def test_a_text_without_a_day_is_left_alone(text: str) -> None:
    dated = take_day(text, TODAY)
    assert (dated.text, dated.day) == (text, None)
