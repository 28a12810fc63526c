"""Whether a message is being answered, and following its answer from another tab, later, or at another replica."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import psycopg
import pytest

from tests.support.chat import Chat, Turn, parse_sse, post
from tests.support.llm import Call, LanguageModel, Say
from tests.support.waiting import until

Replicas = tuple[httpx2.AsyncClient, httpx2.AsyncClient]


async def state_of(client: httpx2.AsyncClient, thread_id: str | None) -> dict[str, Any]:
    response = await client.get(f"/api/conversations/{thread_id}/turn")
    assert response.status_code == 200, response.text
    state: dict[str, Any] = response.json()
    return state


async def follow(client: httpx2.AsyncClient, thread_id: str | None, **params: str) -> Turn:
    response = await client.get(f"/api/conversations/{thread_id}/turn/events", params=params)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    return Turn(parse_sse(response.text))


def items(turn: Turn) -> list[dict[str, Any]]:
    return [event["item"] for event in turn.of("thread.item.done")]


@pytest.fixture
async def chat(replicas: Replicas, model: LanguageModel) -> Chat:
    """A conversation with one answered message."""
    model.play(Say("hello"))
    chat = Chat(replicas[0])
    await chat.say("hi")
    return chat


async def test_the_state_of_a_conversation_is_the_same_at_any_replica(
    replicas: Replicas, chat: Chat, model: LanguageModel, database_url: str
) -> None:
    asked = chat.turns[0].of("thread.item.done")[0]["item"]
    for client in replicas:
        state = await state_of(client, chat.thread_id)
        assert (state["state"], state["message_id"], state["waiting"]) == ("idle", asked["id"], 0)

    model.play(Say("Here I am.", delay=1.5), Say("And again."))
    first = post(replicas[0], "one", chat.thread_id)
    await until(lambda: model.requests)
    second = post(replicas[1], "two", chat.thread_id)
    await asyncio.sleep(0.4)
    for client in replicas:
        state = await state_of(client, chat.thread_id)
        assert (state["state"], state["waiting"]) == ("running", 1)
        assert state["message_id"] != asked["id"]
        (listed,) = (await client.get("/api/conversations")).json()["items"]
        assert listed["busy"]
    await asyncio.gather(first, second)
    assert (await state_of(replicas[1], chat.thread_id))["state"] == "idle"
    (listed,) = (await replicas[0].get("/api/conversations")).json()["items"]
    assert not listed["busy"]

    with psycopg.connect(database_url, autocommit=True) as connection:
        # As a replica leaves it that was killed in the middle of its answer.
        connection.execute("DELETE FROM chat_item WHERE thread_id = %s AND type = 'end_of_turn'", [chat.thread_id])
    assert (await state_of(replicas[0], chat.thread_id))["state"] == "interrupted"


async def test_messages_whose_turn_has_not_begun_are_waiting(replicas: Replicas, chat: Chat, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO chat_ticket (thread_id, owner, expires_at) VALUES (%s, 'next', now() + interval '5 s')",
            [chat.thread_id],
        )
    state = await state_of(replicas[0], chat.thread_id)
    assert (state["state"], state["waiting"]) == ("waiting", 1)


async def test_a_conversation_without_a_message_is_idle_and_has_nothing_to_follow(client: httpx2.AsyncClient) -> None:
    thread_id = (await client.post("/api/conversations", json={})).json()["id"]
    state = await state_of(client, thread_id)
    assert state == {"state": "idle", "message_id": None, "started_at": None, "waiting": 0}
    assert (await follow(client, thread_id)).events == []


async def test_another_tab_sees_the_answer_word_by_word(replicas: Replicas, chat: Chat, model: LanguageModel) -> None:
    model.play(Say("one two three four five six", pause=0.1))
    sending = post(replicas[0], "count", chat.thread_id)
    await until(lambda: model.spoken > 2)
    followed = await follow(replicas[0], chat.thread_id)
    asked = Turn(parse_sse((await sending).text))
    assert followed.events == asked.events
    assert followed.streamed == "one two three four five six"


async def test_at_another_replica_the_answer_comes_item_by_item(
    replicas: Replicas, chat: Chat, model: LanguageModel
) -> None:
    model.play(Call([("add_task", {"title": "milk"})]), Say("Added.", delay=1.5))
    sending = post(replicas[0], "add milk", chat.thread_id)
    await until(lambda: len(model.requests) == 2)  # the tool's call is recorded
    followed = await follow(replicas[1], chat.thread_id)
    await sending
    assert [item["type"] for item in items(followed)] == ["user_message", "task", "assistant_message", "end_of_turn"]
    assert followed.answer == "Added."
    assert "arguments" not in str(followed.events)  # what the model is told stays inside

    # Whoever has a part already gets the rest, once it is over as well.
    known = items(followed)[1]["id"]
    for client in replicas:
        rest = await follow(client, chat.thread_id, after=known)
        assert items(rest) == items(followed)[2:]


async def test_a_quiet_stream_shows_signs_of_life(
    replicas: Replicas, chat: Chat, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.chat.following._KEEP_ALIVE_SECONDS", 0.2)
    monkeypatch.setattr("app.chat.following._POLL_SECONDS", 0.1)
    model.play(Say("Here I am.", delay=1.5))
    sending = post(replicas[0], "hello", chat.thread_id)
    await until(lambda: model.requests)
    response = await replicas[1].get(f"/api/conversations/{chat.thread_id}/turn/events")
    await sending
    assert response.text.count(": keep-alive\n\n") >= 2
    assert Turn(parse_sse(response.text)).answer == "Here I am."
