"""One hostile person: whatever is sent within the limits, nobody else's request waits for it."""

from __future__ import annotations

import asyncio
import gc
import random
import string
import time
from asyncio import events
from collections.abc import Iterator

import httpx2
import psycopg
import pytest

from app.models.task import MAX_IDS
from tests.support.chat import Chat

LIMIT_SECONDS = 0.25
"""`/health` is answered within it; measured as the processor's time, so that a busy machine changes nothing."""

NBSP, WIDE = "\u00a0", "\u3000"
MESSAGES = {
    "no-break spaces": "set " + NBSP * 7_900 + "x",
    "wide spaces": "x" + WIDE * 7_900 + "x",
    "control characters": "add milk" + "\x1c\x1d\x85" * 2_500,
    "commas": "remind me x" + "," * 7_980 + "x",
    "line breaks": "add milk" + "\n" * 7_900,
    "line breaks in quotes": 'add "' + "\n" * 7_900 + '"',
    "digits": "delete #" + "9" * 7_900,
    "conjunctions": "add milk" + " and" * 1_900,
    "one word": "delete " + "a" * 7_990,
    "two letters": "delete " + "ab" * 3_990,
    "dots": "add " + "." * 7_990,
    "dashes": "add " + "- " * 3_990,
    "bidi": "add " + "\u202e\u2066" * 3_900,
    "combining": "add a" + "\u0301" * 7_900,
    "emoji": "add " + "\U0001f469\u200d" * 3_900,
}


class Held:
    """How long the event loop was held at most, without a chance for others."""

    def __init__(self) -> None:
        self.seconds = 0.0


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    longest = Held()
    run = events.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        started = time.thread_time()
        run(handle)
        longest.seconds = max(longest.seconds, time.thread_time() - started)

    monkeypatch.setattr(events.Handle, "_run", timed)
    # A collection of garbage walks through all that thousands of tests have left, which no server holds.
    gc.freeze()
    yield longest
    gc.unfreeze()


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
async def test_no_message_holds_up_the_others(message: str, chat: Chat, held: Held) -> None:
    for title in ("milk", "a" * 200, "b" * 200):
        await chat.client.post("/api/tasks", json={"title": title})
    held.seconds = 0.0
    turn = await chat.say(message)
    assert turn.answers
    await chat.say("hello")  # the message is part of what is read now
    assert held.seconds < LIMIT_SECONDS


async def test_no_long_list_of_long_titles_holds_up_the_others(
    chat: Chat, held: Held, user_id: str, database_url: str
) -> None:
    words = [first + second for first in string.ascii_lowercase for second in string.ascii_lowercase]
    chance = random.Random(1)
    titles = [" ".join(chance.choices(words, k=66)) for _ in range(MAX_IDS)]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO task (id, user_id, title, completed, priority, position, created_at, updated_at) "
            "SELECT gen_random_uuid(), %s, title, false, 'medium', 'n00000000000001', now(), now() "
            "FROM unnest(%s::text[]) AS title",
            [user_id, titles],
        )
    await chat.client.get("/api/tasks")
    held.seconds = 0.0
    assert "can't find a task" in (await chat.say("delete the groceries")).answer
    assert (await chat.say("delete the second one")).answer.startswith("Deleted ")
    assert held.seconds < LIMIT_SECONDS


@pytest.mark.parametrize(
    "path",
    [
        "/" + "a." * 30_000,
        "/" + "eyJ" * 20_000,
        "/" + "a" * 2_000,
        "/" + "a." * 1_000,
        "/api/tasks?cursor=" + "a" * 8_000,
    ],
)
async def test_no_address_holds_up_the_others(path: str, anonymous: httpx2.AsyncClient, held: Held) -> None:
    assert (await anonymous.get(path)).status_code in {401, 404, 414}
    assert held.seconds < LIMIT_SECONDS


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"a":' * 50_000,
        b"1" * 250_000,
        b'{"title": "' + b"\\u0061" * 40_000 + b'"}',
        b'"' + b"\xff" * 250_000,
    ],
    ids=["lists", "objects", "digits", "escapes", "no text"],
)
@pytest.mark.parametrize("path", ["/api/tasks", "/chatkit", "/mcp"])
async def test_no_body_holds_up_the_others(path: str, body: bytes, client: httpx2.AsyncClient, held: Held) -> None:
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    response = await client.post(path, content=body, headers=headers)
    assert 400 <= response.status_code < 500
    assert held.seconds < LIMIT_SECONDS
