"""The user stops an answer: the turn ends on the server, and what was said and done stays."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import psycopg
import pytest
from fastapi import FastAPI

from app.chat.stop import TurnStop
from app.core.config import Settings
from tests.support.application import client_for, parts_of, running_app
from tests.support.chat import Chat, Turn, message_request, parse_sse
from tests.support.identity import Issuer
from tests.support.llm import Call, Hang, LanguageModel, Say
from tests.support.waiting import until, waits_for_a_lock

WORDS = "word " * 1500  # half a minute of talking
STOPPED = ["user_message", "assistant_message"]  # what is left of a turn that was stopped while talking


@pytest.fixture
async def replica(model_settings: Settings, issuer: Issuer) -> AsyncIterator[FastAPI]:
    async with running_app(model_settings, issuer) as app:
        yield app


@pytest.fixture
async def chat(replica: FastAPI, issuer: Issuer, user_id: str) -> AsyncIterator[Chat]:
    async with client_for(replica, issuer.headers(user_id)) as client:
        yield Chat(client)


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


def send(chat: Chat, text: str, key: str) -> asyncio.Task[httpx2.Response]:
    """Send a message without waiting for its answer."""
    request = message_request(text, chat.thread_id, idempotency_key=key)
    return asyncio.create_task(chat.client.post("/chatkit", json=request))


async def stop(client: httpx2.AsyncClient, key: str) -> None:
    response = await client.post("/chatkit/stop", json={"idempotency_key": key})
    assert response.status_code == 204, response.text


async def ended(request: asyncio.Task[httpx2.Response]) -> Turn:
    """The turn's events, which must come to an end soon."""
    async with asyncio.timeout(10):
        return Turn(parse_sse((await request).text))


async def items(chat: Chat) -> list[dict[str, Any]]:
    """What the conversation shows after a reload."""
    (thread,) = (await chat.call("threads.list"))["data"]
    chat.thread_id = thread["id"]
    page = await chat.call("items.list", thread_id=thread["id"], order="asc", limit=100)
    data: list[dict[str, Any]] = page["data"]
    return data


def kinds(shown: list[dict[str, Any]]) -> list[str]:
    return [item["type"] for item in shown]


async def test_what_was_said_is_kept_and_the_conversation_goes_on(
    chat: Chat, replica: FastAPI, model: LanguageModel, key: str
) -> None:
    model.play(Say(WORDS), Say("Here I am."))
    request = send(chat, "talk", key)
    await until(lambda: model.spoken > 10)
    await stop(chat.client, key)
    turn = await ended(request)
    assert turn.of("stream_options")[0]["stream_options"]["allow_cancel"]
    assert not turn.of("error")
    assert not parts_of(replica).turns.running

    user, answer = await items(chat)
    said = answer["content"][0]["text"]
    assert user["content"][0]["text"] == "talk"
    assert said.startswith("word word")
    assert said == turn.streamed
    assert len(said) < len(WORDS)
    assert (await chat.call("threads.list"))["data"][0]["title"] == "talk"

    assert (await chat.say("still there?")).answer == "Here I am."
    _, asked, partly_answered, note, question = model.requests[-1]["messages"]
    assert [asked["content"], partly_answered["content"]] == ["talk", said]
    assert note["role"] == "assistant"
    assert "stopped" in note["content"]
    assert question["content"] == "still there?"
    assert kinds(await items(chat)) == [*STOPPED, *STOPPED, "end_of_turn"]


async def test_a_stopped_message_that_is_sent_again_runs_nothing(chat: Chat, model: LanguageModel, key: str) -> None:
    model.play(Say(WORDS))
    request = send(chat, "talk", key)
    await until(lambda: model.spoken > 10)
    await stop(chat.client, key)
    stopped = await ended(request)
    # For a client that doesn't know: there is no more to come.
    again = await ended(send(chat, "talk", key))
    assert kinds([event["item"] for event in again.of("thread.item.done")]) == [*STOPPED, "end_of_turn"]
    assert again.answer == stopped.streamed
    assert len(model.requests) == 1


async def test_a_tool_call_under_way_is_finished_and_recorded_and_no_other_begins(
    chat: Chat, replica: FastAPI, model: LanguageModel, key: str, database_url: str
) -> None:
    model.play(Call([("add_task", {"title": "milk"})]), Call([("add_task", {"title": "eggs"})]), Say("Added both."))
    with psycopg.connect(database_url) as connection:
        connection.execute("LOCK TABLE task")  # so the first call takes until the transaction ends
        request = send(chat, "add milk, then eggs", key)
        await until(lambda: waits_for_a_lock(database_url, "task"))
        await stop(chat.client, key)
        await asyncio.sleep(0.3)
        assert not request.done()
    await ended(request)
    assert not parts_of(replica).turns.running
    await asyncio.sleep(0.3)
    assert await chat.titles() == ["milk"]
    assert kinds(await items(chat)) == ["user_message", "task"]

    model.play(Say("I had added milk."))
    await chat.say("what did you do?")
    roles = [message["role"] for message in model.requests[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]


async def test_a_turn_in_another_replica_is_stopped_before_its_next_tool_call(
    chat: Chat,
    model_settings: Settings,
    model: LanguageModel,
    key: str,
    issuer: Issuer,
    user_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # It would find out in time by itself: here it is the tool call that asks.
    monkeypatch.setattr("app.chat.turns._TICK_SECONDS", 60.0)
    model.play(Call([("add_task", {"title": "milk"})], delay=3.0), Say("Added."))
    async with (
        running_app(model_settings, issuer) as other,
        client_for(other, issuer.headers(user_id)) as elsewhere,
    ):
        request = send(chat, "add milk", key)
        await until(lambda: model.requests)
        await stop(elsewhere, key)
        assert not (await ended(request)).answers
    assert await chat.titles() == []
    assert kinds(await items(chat)) == ["user_message"]


async def test_a_turn_in_another_replica_that_talks_is_stopped_soon(
    chat: Chat, model_settings: Settings, model: LanguageModel, key: str, issuer: Issuer, user_id: str
) -> None:
    model.play(Say(WORDS))
    async with (
        running_app(model_settings, issuer) as other,
        client_for(other, issuer.headers(user_id)) as elsewhere,
    ):
        request = send(chat, "talk", key)
        await until(lambda: model.spoken > 10)
        await stop(elsewhere, key)
        await ended(request)
    assert kinds(await items(chat)) == STOPPED


async def test_a_turn_whose_client_has_gone_is_stopped(
    chat: Chat, replica: FastAPI, model: LanguageModel, key: str
) -> None:
    model.play(Hang(60.0))
    request = send(chat, "think", key)
    await until(lambda: model.requests)
    request.cancel()
    turns = parts_of(replica).turns
    await asyncio.sleep(0.1)
    assert turns.running
    await stop(chat.client, key)
    await until(lambda: not turns.running)
    assert kinds(await items(chat)) == ["user_message"]


async def test_a_turn_that_waits_for_the_one_before_never_begins(chat: Chat, model: LanguageModel, key: str) -> None:
    model.play(Say("Hello."))
    await chat.say("hi")
    model.play(Say(WORDS))
    first_key = uuid.uuid4().hex
    first = send(chat, "talk", first_key)
    await until(lambda: model.spoken > 10)
    waiting = send(chat, "and then this", key)
    await asyncio.sleep(0.3)
    await stop(chat.client, key)
    assert (await ended(waiting)).events == []
    assert not first.done()
    await stop(chat.client, first_key)
    await ended(first)
    assert kinds(await items(chat)) == ["user_message", "assistant_message", "end_of_turn", *STOPPED]


async def test_a_message_stopped_before_it_arrived_runs_nothing(chat: Chat, model: LanguageModel, key: str) -> None:
    model.play(Call([("add_task", {"title": "milk"})]), Say("Added."))
    await stop(chat.client, key)
    assert not (await ended(send(chat, "add milk", key))).answers
    assert await chat.titles() == []


async def test_a_stopped_message_can_be_answered_after_all(chat: Chat, model: LanguageModel, key: str) -> None:
    model.play(Hang(60.0), Say("Here it is."))
    request = send(chat, "think", key)
    await until(lambda: model.requests)
    await stop(chat.client, key)
    await ended(request)
    (message,) = await items(chat)
    retry = {"type": "threads.retry_after_item", "params": {"thread_id": chat.thread_id, "item_id": message["id"]}}
    response = await chat.client.post("/chatkit", json=retry)
    assert Turn(parse_sse(response.text)).answer == "Here it is."
    # Nothing tells the model that it had been stopped.
    assert [entry["role"] for entry in model.requests[-1]["messages"]] == ["system", "user"]


async def test_nobody_stops_somebody_elses_turn(
    chat: Chat, replica: FastAPI, model: LanguageModel, key: str, issuer: Issuer
) -> None:
    model.play(Say("word " * 40))
    request = send(chat, "talk", key)
    await until(lambda: model.spoken)
    async with client_for(replica, issuer.headers("stranger")) as stranger:
        await stop(stranger, key)
    assert (await ended(request)).answer == ("word " * 40).rstrip(" ") + " "


async def test_a_key_that_names_no_turn_is_no_error_and_old_ones_are_forgotten(
    chat: Chat, key: str, user_id: str, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO chat_stop (user_id, key, requested_at) VALUES (%s, 'old', now() - interval '2 hours')",
            [user_id],
        )
        for _ in range(2):
            await stop(chat.client, key)
        rows = connection.execute("SELECT key FROM chat_stop WHERE user_id = %s", [user_id]).fetchall()
    assert rows == [(key,)]


async def test_a_turn_without_a_key_is_not_offered_to_be_stopped(chat: Chat, model: LanguageModel) -> None:
    model.play(Say("Hello."))
    turn = await chat.say("hi")
    assert turn.of("stream_options")[0]["stream_options"] == {"allow_cancel": False}


async def test_no_call_begins_after_the_request_and_one_under_way_is_waited_for() -> None:
    turn_stop = TurnStop()
    await turn_stop.begin_call()
    turn_stop.request()
    late = asyncio.create_task(turn_stop.begin_call())
    waiting = asyncio.create_task(turn_stop.between_calls())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    turn_stop.end_call()
    await asyncio.wait_for(waiting, timeout=1)
    assert not late.done()
    late.cancel()
