"""What was asked for once is done once: under restart, SIGKILL, lost answers and timeouts."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator

import httpx2
import psycopg
import pytest
from fastapi import FastAPI

from app.core.config import Settings
from app.core.problems import Unprocessable
from app.models.task import TaskCreate
from app.services.once import Once
from tests.support.application import client_for, parts_of, resources_of, running_app
from tests.support.chat import Chat, Turn, message_request, parse_sse
from tests.support.identity import Issuer
from tests.support.llm import Call, LanguageModel, Say
from tests.support.server import publishing
from tests.support.waiting import until, waits_for_a_lock

pytestmark = pytest.mark.slow

ADD = Call([("add_task", {"title": "milk"})])
DONE = Say("Added milk.")


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


@pytest.fixture(scope="module")
def frontend(issuer: Issuer) -> Iterator[str]:
    with publishing(issuer) as url:
        yield url


@pytest.fixture
async def chat(model_settings: Settings, issuer: Issuer, user_id: str) -> AsyncIterator[Chat]:
    async with running_app(model_settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        yield Chat(client)


async def send(client: httpx2.AsyncClient, text: str, key: str, thread_id: str | None = None) -> Turn:
    response = await client.post("/chatkit", json=message_request(text, thread_id, idempotency_key=key))
    assert response.status_code == 200, response.text
    return Turn(parse_sse(response.text))


async def test_what_was_done_and_not_recorded_is_recorded_not_done_again(
    chat: Chat, model: LanguageModel, key: str, database_url: str
) -> None:
    model.play(ADD, DONE)
    await send(chat.client, "add milk", key)
    (thread,) = (await chat.call("threads.list"))["data"]
    with psycopg.connect(database_url, autocommit=True) as connection:
        # As SIGKILL leaves it between the tool's statement and its record.
        connection.execute("DELETE FROM chat_item WHERE thread_id = %s AND type <> 'user_message'", [thread["id"]])
    model.play(Say("Milk is on your list."))
    again = await send(chat.client, "add milk", key)
    assert again.answer == "Milk is on your list."
    steps = [e["item"] for e in again.of("thread.item.done") if e["item"]["type"] == "task"]
    assert [step["task"]["title"] for step in steps] == ["Added: milk"]
    assert steps[0]["effect"]["action"] == "add"
    assert [message["role"] for message in model.requests[0]["messages"]] == ["system", "user", "assistant", "tool"]
    assert await chat.titles() == ["milk"]


async def test_a_restart_while_a_tool_waits_adds_one_task(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel, key: str, database_url: str
) -> None:
    # A model that adds the task unless it sees that this is done, as the statement may have come through.
    add = '!call add_task {"title": "milk"}'
    model.play()
    headers = issuer.headers(user_id)
    with psycopg.connect(database_url) as connection:
        connection.execute("LOCK TABLE task")
        async with running_app(model_settings, issuer) as app, client_for(app, headers) as client:
            sending = asyncio.create_task(send(client, add, key))
            await until(lambda: waits_for_a_lock(database_url, "task"))
            await parts_of(app).turns.stop(0)
            assert "restarting" in (await sending).of("error")[0]["message"]
    async with running_app(model_settings, issuer) as app, client_for(app, headers) as client:
        again = await send(client, add, key)
        assert again.answer == "Done."
        assert await Chat(client).titles() == ["milk"]


async def test_a_tool_that_takes_too_long_is_either_done_or_not(
    chat: Chat, model: LanguageModel, key: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.agent.tools.TOOL_TIMEOUT_SECONDS", 0.7)
    model.play(ADD, Say("It failed."))
    with psycopg.connect(database_url) as connection:
        connection.execute("LOCK TABLE task")
        await send(chat.client, "add milk", key)
    output = next(m["content"] for m in model.requests[-1]["messages"] if m["role"] == "tool")
    await asyncio.sleep(1.5)
    assert output == "Error: The task list can't be reached right now."
    assert await chat.titles() == []


async def test_the_same_key_with_another_text_is_refused(chat: Chat, model: LanguageModel, key: str) -> None:
    model.play(DONE, DONE)
    first = await send(chat.client, "add milk", key)
    thread_id = first.of("thread.created")[0]["thread"]["id"]
    refused = await chat.client.post("/chatkit", json=message_request("delete it", idempotency_key=key))
    assert refused.status_code == 422
    assert "another message" in refused.json()["detail"]
    await send(chat.client, "add milk", key, thread_id)  # the same key in the conversation is another message
    refused = await chat.client.post("/chatkit", json=message_request("no", thread_id, idempotency_key=key))
    assert refused.status_code == 422


async def test_a_conversation_that_was_deleted_does_not_come_back_with_its_message(
    chat: Chat, model: LanguageModel, key: str
) -> None:
    model.play(DONE)
    first = await send(chat.client, "add milk", key)
    await chat.call("threads.delete", thread_id=first.of("thread.created")[0]["thread"]["id"])
    response = await chat.client.post("/chatkit", json=message_request("add milk", idempotency_key=key))
    assert response.status_code == 404
    assert len(model.requests) == 1


async def test_an_earlier_one_of_two_calls_at_once_has_no_effect_after_the_replica_died(
    app: FastAPI, chat: Chat, model: LanguageModel, key: str, database_url: str, user_id: str
) -> None:
    model.play(Call([("add_task", {"title": "milk"}), ("add_task", {"title": "bread"})]), DONE)
    await send(chat.client, "add milk and bread", key)
    with psycopg.connect(database_url, autocommit=True) as connection:
        # As it is when only the second one's statement has come to the database yet.
        recorded = connection.execute(
            "DELETE FROM chat_item WHERE thread_id = (SELECT id FROM chat_thread WHERE user_id = %s) "
            "AND type <> 'user_message' AND data->'content'->>'ordinal' IS DISTINCT FROM '1'",
            [user_id],
        )
        assert recorded.rowcount
        on_its_way = connection.execute(
            "DELETE FROM idempotency WHERE user_id = %s AND key LIKE 'tool:%%:0' RETURNING key, request", [user_id]
        ).fetchone()
        assert on_its_way is not None
        stored_key, request = on_its_way
        connection.execute(
            "DELETE FROM task WHERE title = %s AND user_id = %s", [request["arguments"]["title"], user_id]
        )
    model.play(Say("One of them is on your list."))
    await send(chat.client, "add milk and bread", key)
    late = Once(scope="tool", key=stored_key.removeprefix("tool:"), request=request, keep_request=True)
    with pytest.raises(Unprocessable, match="called off"):
        await resources_of(app).tasks.create(user_id, TaskCreate(title="milk"), late)
    assert len(await chat.titles()) == 1
