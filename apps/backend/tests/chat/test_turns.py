"""Turns of one conversation: their order, their reservation, their end, and what they cost."""

from __future__ import annotations

import asyncio
import uuid
from functools import partial

import httpx2
import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app.core.config import Settings
from app.core.problems import ServiceUnavailable
from tests.support.application import client_for, make_settings, resources_of, running_app
from tests.support.chat import Chat, Turn, parse_sse, post, said
from tests.support.identity import Issuer
from tests.support.llm import Call, Hang, LanguageModel, Say
from tests.support.waiting import until

ONCE_A_SECOND = "JOIN chat_stop ON"
"""In the statement that renews reservations and asks for stops."""


def has_taken_in(database_url: str, thread_id: str | None, count: int) -> bool:
    """Whether the conversation has taken in that many messages with a key."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM idempotency WHERE key LIKE %s", [f"chat:{thread_id}:%"]
        ).fetchone()
    return row == (count,)


async def test_messages_are_answered_in_the_order_in_which_they_came_on_any_replica(
    replicas: tuple[httpx2.AsyncClient, httpx2.AsyncClient], model: LanguageModel, database_url: str
) -> None:
    model.play(Say("hello"))
    chat = Chat(replicas[0])
    await chat.say("hi")
    model.play(Say("word " * 60), *[Say(f"answer {number}") for number in range(8)])
    waiting = []
    for number in range(9):
        waiting.append(post(replicas[number % 2], f"message {number}", chat.thread_id))
        # Each has its place when the next is sent: it runs, or waits in the queue.
        await until(partial(has_taken_in, database_url, chat.thread_id, number + 1))
    await asyncio.gather(*waiting)
    texts = await said(replicas[0], chat.thread_id)
    assert texts[2::2] == [f"message {number}" for number in range(9)]
    assert texts[5::2] == [f"answer {number}" for number in range(8)]


async def test_a_turn_that_lost_its_conversation_ends_and_does_nothing_more(
    replicas: tuple[httpx2.AsyncClient, httpx2.AsyncClient], model: LanguageModel, database_url: str
) -> None:
    model.play(Say("hello"))
    chat = Chat(replicas[0])
    await chat.say("hi")
    model.play(Call([("add_task", {"title": "milk"})], delay=4.0), Say("Added."))
    request = post(replicas[0], "add milk", chat.thread_id)
    await until(lambda: model.requests)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE chat_thread SET lease_owner = 'another', lease_until = now() + interval '1 minute' WHERE id = %s",
            [chat.thread_id],
        )
    async with asyncio.timeout(20):
        turn = Turn(parse_sse((await request).text))
    assert "taken over" in turn.of("error")[0]["message"]
    assert turn.of("error")[0]["allow_retry"]
    assert await chat.titles() == []
    assert await said(replicas[0], chat.thread_id) == ["hi", "hello", "add milk"]


async def test_a_turn_whose_time_is_up_ends_like_any_other_also_when_the_store_is_slow(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = model_settings.model_copy(update={"chat_turn_timeout_seconds": 1.0})
    async with running_app(settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        database = resources_of(app).database
        real = database._run

        async def slow(*arguments: object) -> object:
            await asyncio.sleep(0.4)
            return await real(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(database, "_run", slow)
        model.play(Call([("add_task", {"title": "milk"})]), Hang(30))
        chat = Chat(client)
        turn = await chat.say("add milk")
        assert "took too long" in turn.answer
        assert turn.of("thread.item.done")[-1]["item"]["type"] == "end_of_turn"
        assert not turn.of("error")


async def test_the_end_of_a_turn_is_written_when_the_database_is_back(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_app(model_settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        database = resources_of(app).database
        real = database._run
        away = 0

        async def flaky(statement: sa.Executable, *rest: object) -> object:
            nonlocal away
            if "lease_owner = NULL" in str(statement) and away < 2:
                away += 1
                raise ServiceUnavailable("away")
            return await real(statement, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(database, "_run", flaky)
        model.play(Say("Here I am."))
        chat = Chat(client)
        turn = await chat.say("hi")
        assert (turn.answer, away) == ("Here I am.", 2)
        page = await chat.call("items.list", thread_id=chat.thread_id, order="asc")
        assert [item["type"] for item in page["data"]] == ["user_message", "assistant_message", "end_of_turn"]


async def test_turns_keep_their_conversations_whatever_fails_once(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_app(model_settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        database = resources_of(app).database
        real = database._run
        renewals = 0

        async def failing_once(statement: sa.Executable, *rest: object) -> object:
            nonlocal renewals
            if ONCE_A_SECOND in str(statement):
                renewals += 1
                if renewals == 1:
                    raise ValueError("unexpected")
            return await real(statement, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(database, "_run", failing_once)
        model.play(Say("Here I am.", delay=3.5))
        assert (await Chat(client).say("hi")).answer == "Here I am."
        assert renewals >= 2


async def test_a_turn_takes_few_statements(database_url: str, issuer: Issuer, user_id: str) -> None:
    """Each is a round trip: 50 ms where the database is far away."""
    async with running_app(make_settings(database_url), issuer) as app:
        async with client_for(app, issuer.headers(user_id)) as client:
            statements: list[str] = []
            engine = resources_of(app).database.engine.sync_engine
            event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
            chat = Chat(client)
            counts = []
            for message in ("hello", "hello", "add buy milk", "complete buy milk"):
                statements.clear()
                await chat.say(message, idempotency_key=uuid.uuid4().hex)
                # What is asked once a second for all turns together is another test's.
                counts.append(len([statement for statement in statements if ONCE_A_SECOND not in statement]))
    assert counts[0] <= 4  # was 9
    assert counts[1] <= 4
    assert counts[2] <= 7  # was 12
    assert counts[3] <= 9  # was 18


async def test_a_running_turn_without_a_tool_call_asks_once_a_second(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel
) -> None:
    async with running_app(model_settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        statements: list[str] = []
        engine = resources_of(app).database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        model.play(*[Say("Here I am.", delay=3.0)] * 5)
        await asyncio.gather(*(post(client, "hi", None) for _ in range(5)))
    polls = [statement for statement in statements if ONCE_A_SECOND in statement]
    assert 1 <= len(polls) <= 6  # for all five together
