"""POST /api/tasks/parse: a line is read, and nothing is added."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

from tests.agent.offline.test_limits import LONG, SLOWEST


async def read(client: httpx2.AsyncClient, text: str, **more: Any) -> dict[str, Any]:
    response = await client.post("/api/tasks/parse", json={"text": text, **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def marked(text: str, answer: dict[str, Any]) -> list[tuple[str, str]]:
    """The understood words, cut out as a page does it."""
    units = text.encode("utf-16-le")
    return [
        (units[2 * words["start"] : 2 * words["end"]].decode("utf-16-le"), words["kind"])
        for words in answer["understood"]
    ]


async def test_title_day_and_priority_are_read_and_nothing_is_added(client: httpx2.AsyncClient) -> None:
    text = "call mum tomorrow p1"
    answer = await read(client, text)
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    assert answer == {
        "title": "call mum",
        "due_date": tomorrow.isoformat(),
        "priority": "high",
        "understood": [{"start": 9, "end": 17, "kind": "date"}, {"start": 18, "end": 20, "kind": "priority"}],
    }
    assert (await client.get("/api/tasks")).json()["items"] == []


@pytest.mark.parametrize(
    ("text", "title", "understood"),
    [
        ("buy milk", "buy milk", []),
        ("tomorrow", "tomorrow", []),
        ("urgent: pay rent", "pay rent", [("urgent", "priority")]),
        ("on friday call mum", "call mum", [("on friday", "date")]),
        ("call mum (due friday, high)", "call mum", [("due friday", "date"), ("high", "priority")]),
        ("call mum tomorrow about the party", "call mum about the party", [("tomorrow", "date")]),
        ("call mum at 5pm tomorrow", "call mum at 5pm", [("at 5pm tomorrow", "date")]),
        ("water plants every monday", "water plants every monday", [("every monday", "date")]),
        ("buy milk with note: two litres", "buy milk with note: two litres", []),
        ("🎂🎂 cake  tomorrow !high", "🎂🎂 cake", [("tomorrow", "date"), ("!high", "priority")]),
        ("cafe\u0301 tomorrow", "café", [("tomorrow", "date")]),
        ("\u200bcall\tmum\n\ntomorrow ", "call mum", [("tomorrow", "date")]),
    ],
)
async def test_the_words_that_were_understood_are_named(
    client: httpx2.AsyncClient, text: str, title: str, understood: list[tuple[str, str]]
) -> None:
    answer = await read(client, text)
    assert (answer["title"], marked(text, answer)) == (title, understood)


async def test_the_time_zone_decides_about_the_day_and_the_order_of_numbers(client: httpx2.AsyncClient) -> None:
    for zone, month in (("Pacific/Kiritimati", 10), ("America/Chicago", 2)):
        answer = await read(client, "pay rent today", timezone=zone)
        assert answer["due_date"] == dt.datetime.now(ZoneInfo(zone)).date().isoformat()
        answer = await read(client, "pay rent 2/10", timezone=zone)
        assert dt.date.fromisoformat(answer["due_date"]).month == month
    refused = await client.post("/api/tasks/parse", json={"text": "pay rent", "timezone": "Mars/Olympus"})
    assert (refused.status_code, refused.json()["detail"]) == (422, "timezone must be an IANA time zone name.")


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\x00", "x" * 501])
async def test_a_line_without_words_or_too_long_is_refused(client: httpx2.AsyncClient, text: str) -> None:
    assert (await client.post("/api/tasks/parse", json={"text": text})).status_code == 422


@pytest.mark.no_cover
@pytest.mark.parametrize("piece", LONG)
async def test_any_line_is_read_in_time(client: httpx2.AsyncClient, piece: str) -> None:
    times = []
    for shorter in range(4):
        started = time.thread_time()
        response = await client.post("/api/tasks/parse", json={"text": (piece * 500)[: 500 - shorter]})
        times.append(time.thread_time() - started)
        assert response.status_code == 200
    assert min(times) <= SLOWEST
