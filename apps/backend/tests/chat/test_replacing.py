"""A message that is changed: it takes the place of what it was, and of all that followed, until that is taken back."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import httpx2
import psycopg
import pytest
from fastapi import FastAPI

from app.chat.store import PostgresStore
from app.core.config import Settings
from app.core.problems import ServiceUnavailable
from app.services.account import Housekeeping
from tests.support.application import client_for, resources_of, running_app
from tests.support.chat import Chat, message_request, parse_sse, said
from tests.support.conversations import at_the_same_time
from tests.support.identity import Issuer
from tests.support.llm import LanguageModel, Say
from tests.support.waiting import until


async def messages_of(chat: Chat) -> list[str]:
    """Ids of what the user said, the oldest first."""
    items = (await chat.call("items.list", thread_id=chat.thread_id, order="asc", limit=100))["data"]
    return [item["id"] for item in items if item["type"] == "user_message"]


async def items_of(chat: Chat) -> list[str]:
    items = (await chat.call("items.list", thread_id=chat.thread_id, order="asc", limit=100))["data"]
    return [item["id"] for item in items]


async def revert(chat: Chat, message_id: str) -> int:
    path = f"/api/conversations/{chat.thread_id}/messages/{message_id}/revert"
    return (await chat.client.post(path)).status_code


@pytest.fixture
async def conversation(chat: Chat) -> Chat:
    for text in ("add milk", "add bread", "add jam"):
        await chat.say(text)
    return chat


async def test_it_replaces_what_it_was_and_all_that_followed_and_nothing_that_was_done(conversation: Chat) -> None:
    _, second, _ = await messages_of(conversation)
    turn = await conversation.say("add butter", replaces=second)
    assert turn.answer == 'Added "butter" to your list.'
    assert await said(conversation.client, conversation.thread_id) == [
        "add milk",
        'Added "milk" to your list.',
        "add butter",
        'Added "butter" to your list.',
    ]
    assert await conversation.titles() == ["milk", "bread", "jam", "butter"]
    thread = await conversation.call("threads.get_by_id", thread_id=conversation.thread_id)
    assert thread["title"] == "add milk"
    assert len((await conversation.call("threads.list"))["data"]) == 1


async def test_the_assistant_knows_nothing_of_what_was_replaced(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel
) -> None:
    model.play(Say("Blue it is."), Say("Red it is."))
    async with running_app(model_settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        chat = Chat(client)
        await chat.say("I like blue")
        (first,) = await messages_of(chat)
        await chat.say("I like red", replaces=first)
    told = str(model.requests[-1])
    assert "I like red" in told
    assert "blue" not in told.lower()


async def test_it_is_replaced_once_however_often_it_is_sent(conversation: Chat) -> None:
    _, _, third = await messages_of(conversation)
    for _ in range(2):
        turn = await conversation.say("add tea", replaces=third, idempotency_key="changed")
        assert turn.answer == 'Added "tea" to your list.'
    assert await conversation.titles() == ["milk", "bread", "jam", "tea"]
    assert len(await messages_of(conversation)) == 3


async def test_a_change_that_is_taken_back_leaves_the_conversation_as_it_was(conversation: Chat) -> None:
    before = await items_of(conversation)
    first, second, _ = await messages_of(conversation)
    await conversation.say("add butter", replaces=second)
    changed = (await messages_of(conversation))[-1]
    assert await revert(conversation, first) == 404
    for _ in range(2):  # the first answer may have been lost
        assert await revert(conversation, changed) == 204
    assert await items_of(conversation) == before
    assert (await conversation.say("show my tasks")).answer


async def test_a_change_that_was_taken_back_is_not_made_again_by_a_repetition(conversation: Chat) -> None:
    before = await items_of(conversation)
    _, second, _ = await messages_of(conversation)
    change = {"replaces": second, "idempotency_key": uuid.uuid4().hex}
    await conversation.say("add butter", **change)
    changed = (await messages_of(conversation))[-1]
    assert await revert(conversation, changed) == 204
    turn = await conversation.say("add butter", **change)
    assert "taken that back" in turn.of("error")[0]["message"]
    assert await items_of(conversation) == before
    assert await revert(conversation, changed) == 204
    assert await items_of(conversation) == before


async def test_a_message_that_was_replaced_is_not_said_again_by_a_repetition(chat: Chat) -> None:
    await chat.say("add milk", idempotency_key="first")
    await chat.say("add bread", replaces=(await messages_of(chat))[0])
    before = await items_of(chat)
    turn = await chat.say("add milk", idempotency_key="first")
    assert "changed this message since" in turn.of("error")[0]["message"]
    assert await items_of(chat) == before


async def test_one_that_could_not_be_written_replaces_it_when_it_is_sent_again(
    conversation: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _ = await messages_of(conversation)
    write, failures = PostgresStore._write, [ServiceUnavailable("The database is away.")]

    async def failing_once(self: PostgresStore, *arguments: Any) -> None:
        if failures:
            raise failures.pop()
        await write(self, *arguments)

    monkeypatch.setattr(PostgresStore, "_write", failing_once)
    change = {"replaces": second, "idempotency_key": uuid.uuid4().hex}
    turn = await conversation.say("add butter", **change)
    assert "away" in turn.of("error")[0]["message"]
    await conversation.say("add butter", **change)
    assert (await messages_of(conversation))[0] == first
    assert [text for text in await said(conversation.client, conversation.thread_id) if text.startswith("add")] == [
        "add milk",
        "add butter",
    ]
    assert await revert(conversation, (await messages_of(conversation))[-1]) == 204
    assert second in await messages_of(conversation)


async def test_a_change_is_taken_back_once_however_many_ask_at_the_same_time(
    conversation: Chat, database_url: str
) -> None:
    before = await items_of(conversation)
    _, second, _ = await messages_of(conversation)
    await conversation.say("add butter", replaces=second)
    changed = (await messages_of(conversation))[-1]
    answers = await at_the_same_time(database_url, conversation.thread_id, lambda: revert(conversation, changed))
    assert answers == [204, 204]
    assert await items_of(conversation) == before


async def test_a_change_is_not_taken_back_with_what_was_said_since(conversation: Chat) -> None:
    _, second, _ = await messages_of(conversation)
    await conversation.say("add butter", replaces=second)
    changed = (await messages_of(conversation))[-1]
    await conversation.say("add honey")
    before = await items_of(conversation)
    assert await revert(conversation, changed) == 409
    assert await items_of(conversation) == before


async def test_what_was_replaced_is_no_conversation_of_its_own(conversation: Chat) -> None:
    _, second, _ = await messages_of(conversation)
    await conversation.say("add butter", replaces=second)
    changed = (await messages_of(conversation))[-1]
    path = f"/api/conversations/was_{changed}"
    assert (await conversation.client.post(f"{path}/restore")).status_code == 404
    assert (await conversation.client.delete(path)).status_code == 404
    assert len((await conversation.call("threads.list"))["data"]) == 1
    assert await revert(conversation, changed) == 204


async def test_changes_of_changes_are_taken_back_one_by_one(conversation: Chat) -> None:
    states = [await items_of(conversation)]
    for text in ("add one", "add two"):
        await conversation.say(text, replaces=(await messages_of(conversation))[1])
        states.append(await items_of(conversation))
    while states:
        assert await items_of(conversation) == states.pop()
        if states:
            assert await revert(conversation, (await messages_of(conversation))[1]) == 204


async def test_only_ones_own_message_of_that_conversation_can_be_replaced(
    conversation: Chat, other_client: httpx2.AsyncClient
) -> None:
    before = await items_of(conversation)
    other, theirs = Chat(conversation.client), Chat(other_client)
    for chat in (other, theirs):
        await chat.say("add tea")
    mine = await messages_of(conversation)
    answer = next(item for item in before if item.startswith("msg_") and item not in mine)
    for wrong in ((await messages_of(other))[0], (await messages_of(theirs))[0], answer, "msg_unknown"):
        turn = await conversation.say("add butter", replaces=wrong)
        assert "isn't in this conversation" in turn.of("error")[0]["message"]
    assert await items_of(conversation) == before
    assert await said(theirs.client, theirs.thread_id) == ["add tea", 'Added "tea" to your list.']

    (first,) = await messages_of(other)
    await other.say("add coffee", replaces=first)
    (changed,) = await messages_of(other)
    path = f"/api/conversations/{other.thread_id}/messages/{changed}/revert"
    assert (await other_client.post(path)).status_code == 404
    assert (
        await other_client.post(f"/api/conversations/{theirs.thread_id}/messages/{changed}/revert")
    ).status_code == 404


@pytest.mark.parametrize("replaces", ["", "no id", 7, ["msg_1"], "x" * 65])
async def test_what_is_no_id_of_a_message_is_refused(replaces: object, conversation: Chat) -> None:
    request = message_request("add tea", conversation.thread_id, replaces=replaces)
    assert (await conversation.client.post("/chatkit", json=request)).status_code == 422


async def test_a_first_message_replaces_nothing(chat: Chat) -> None:
    request = message_request("add tea", replaces="msg_1")
    assert (await chat.client.post("/chatkit", json=request)).status_code == 422


async def test_taking_it_back_ends_its_answer(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel
) -> None:
    model.play(Say("Hello."), Say("word " * 40))
    async with running_app(model_settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        chat = Chat(client)
        await chat.say("hello")
        before = await items_of(chat)
        request = message_request("talk", chat.thread_id, replaces=(await messages_of(chat))[0])
        request["metadata"]["idempotency_key"] = uuid.uuid4().hex
        sending = asyncio.create_task(client.post("/chatkit", json=request))
        await until(lambda: len(model.requests) == 2)
        assert await revert(chat, (await messages_of(chat))[0]) == 204
        events = parse_sse((await sending).text)
        assert [event for event in events if event["type"] == "error"]
        assert await items_of(chat) == before


async def test_what_was_replaced_is_gone_for_good_after_a_day(
    app: FastAPI, conversation: Chat, settings: Settings, database_url: str
) -> None:
    (*_, third) = await messages_of(conversation)
    await conversation.say("add tea", replaces=third)
    (*_, changed) = await messages_of(conversation)
    with psycopg.connect(database_url, autocommit=True) as connection:
        query = "UPDATE chat_thread SET deleted_at = now() - interval '25 hours' WHERE id = %s"
        connection.execute(query, [f"was_{changed}"])
        await Housekeeping(resources_of(app).database, settings).expire()
        assert connection.execute("SELECT FROM chat_item WHERE id = %s", [third]).fetchone() is None
    assert await revert(conversation, changed) == 404
    assert (await messages_of(conversation))[-1] == changed
