from __future__ import annotations

import asyncio
import datetime as dt
import json
import uuid
from typing import Any

import httpx2
import psycopg
import pytest
from chatkit.store import NotFoundError
from chatkit.types import FileAttachment, ThreadItem, ThreadMetadata
from fastapi import FastAPI

from app.chat.context import ChatContext
from app.chat.store import LEASE_SECONDS, PostgresStore
from app.core.config import Settings
from app.core.problems import Unprocessable
from tests.support.application import client_for, parts_of, running_app
from tests.support.chat import Chat, Turn, message_request, parse_sse
from tests.support.identity import Issuer
from tests.support.llm import Call, Hang, LanguageModel, Say
from tests.support.waiting import until

TURN = ["user_message", "task", "assistant_message", "end_of_turn"]
"""Types of the items that a message with one tool call leaves."""


async def test_a_first_message_makes_a_thread_with_a_title(chat: Chat) -> None:
    turn = await chat.say("add buy milk")
    assert [event["type"] for event in turn.events][:3] == ["thread.created", "thread.item.done", "stream_options"]
    assert turn.of("stream_options")[0]["stream_options"] == {"allow_cancel": False}
    (updated,) = turn.of("thread.updated")
    assert updated["thread"]["title"] == "add buy milk"
    thread = await chat.call("threads.get_by_id", thread_id=chat.thread_id)
    assert thread["title"] == "add buy milk"
    assert dt.datetime.fromisoformat(thread["created_at"]).tzinfo is not None
    assert [item["type"] for item in thread["items"]["data"]] == TURN


async def test_a_long_first_message_makes_a_short_title(chat: Chat) -> None:
    await chat.say("add " + "very " * 40 + "long")
    thread = await chat.call("threads.get_by_id", thread_id=chat.thread_id)
    assert len(thread["title"]) <= 60
    assert thread["title"].endswith("…")


async def test_threads_are_listed_renamed_and_deleted(client: httpx2.AsyncClient) -> None:
    chats = []
    for number in range(3):
        chats.append(Chat(client))
        await chats[-1].say(f"add task {number}")
    chat = chats[0]
    page = await chat.call("threads.list", limit=2)
    assert [thread["id"] for thread in page["data"]] == [chats[2].thread_id, chats[1].thread_id]
    assert page["has_more"]
    rest = await chat.call("threads.list", limit=2, after=page["after"])
    assert [thread["id"] for thread in rest["data"]] == [chat.thread_id]
    assert not rest["has_more"]
    oldest_first = await chat.call("threads.list", order="asc")
    assert [thread["id"] for thread in oldest_first["data"]] == [c.thread_id for c in chats]
    after_first = await chat.call("threads.list", order="asc", after=chat.thread_id)
    assert [thread["id"] for thread in after_first["data"]] == [c.thread_id for c in chats[1:]]

    renamed = await chat.call("threads.update", thread_id=chat.thread_id, title="Shopping")
    assert renamed["title"] == "Shopping"
    listed = (await chat.call("threads.list"))["data"]
    assert listed[0]["id"] == chat.thread_id
    assert listed[0]["created_at"] < listed[1]["created_at"] < listed[1]["updated_at"] < listed[0]["updated_at"]
    assert await chat.call("threads.delete", thread_id=chat.thread_id) == {}
    assert len((await chat.call("threads.list"))["data"]) == 2
    gone = await client.post("/chatkit", json={"type": "threads.get_by_id", "params": {"thread_id": chat.thread_id}})
    assert gone.status_code == 404


@pytest.mark.parametrize("title", ["", " \u200b ", "x" * 100_000])
async def test_a_title_keeps_the_rules_of_the_rest_api(chat: Chat, title: str) -> None:
    await chat.say("hello")
    params = {"thread_id": chat.thread_id, "title": title}
    response = await chat.client.post("/chatkit", json={"type": "threads.update", "params": params})
    assert response.status_code == 422
    assert response.json()["errors"][0]["name"] == "params.title"
    renamed = await chat.call("threads.update", thread_id=chat.thread_id, title="a\u202eb\nc")
    assert renamed["title"] == "ab c"


async def test_items_are_paged_in_both_directions_without_tool_records(chat: Chat) -> None:
    for number in range(4):
        await chat.say(f"add task {number}")
    everything = await chat.call("items.list", thread_id=chat.thread_id, order="asc", limit=100)
    assert [item["type"] for item in everything["data"]] == TURN * 4
    ids = [item["id"] for item in everything["data"]]

    collected: list[str] = []
    after = None
    while True:
        page = await chat.call("items.list", thread_id=chat.thread_id, order="desc", limit=3, after=after)
        collected += [item["id"] for item in page["data"]]
        if not page["has_more"]:
            break
        after = page["after"]
    assert collected == ids[::-1]


async def test_an_unknown_item_or_thread_is_not_found(chat: Chat) -> None:
    await chat.say("add milk")
    for kind, params in (
        ("items.list", {"thread_id": "thr_unknown"}),
        ("threads.delete", {"thread_id": "thr_unknown"}),
        ("threads.update", {"thread_id": "thr_unknown", "title": "x"}),
        ("threads.add_user_message", message_request("hi", "thr_unknown")["params"]),
    ):
        response = await chat.client.post("/chatkit", json={"type": kind, "params": params})
        assert response.status_code == 404, kind
        assert response.headers["content-type"] == "application/problem+json"


async def test_a_message_sent_again_is_not_run_twice(chat: Chat) -> None:
    key = uuid.uuid4().hex
    first = await chat.say("add milk", idempotency_key=key)
    again = Turn(
        parse_sse((await chat.client.post("/chatkit", json=message_request("add milk", idempotency_key=key))).text)
    )
    assert again.of("thread.created")[0]["thread"]["id"] == chat.thread_id
    assert again.answer == first.answer
    assert await chat.titles() == ["milk"]

    key = uuid.uuid4().hex
    second = await chat.say("add eggs", idempotency_key=key)
    repeated = await chat.say("add eggs", idempotency_key=key)
    assert repeated.answer == second.answer
    assert not repeated.of("thread.created")
    assert await chat.titles() == ["milk", "eggs"]
    assert (await chat.say("add eggs", idempotency_key=uuid.uuid4().hex)).answer
    assert await chat.titles() == ["milk", "eggs", "eggs"]


async def test_a_message_sent_again_at_the_same_time_is_run_once(chat: Chat) -> None:
    request = message_request("add milk", idempotency_key=uuid.uuid4().hex)
    responses = await asyncio.gather(*(chat.client.post("/chatkit", json=request) for _ in range(5)))
    answers = {Turn(parse_sse(response.text)).answer for response in responses}
    assert answers == {'Added "milk" to your list.'}
    assert await chat.titles() == ["milk"]


async def test_the_key_may_be_a_header(chat: Chat) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    for _ in range(2):
        response = await chat.client.post("/chatkit", json=message_request("add milk"), headers=headers)
        assert response.status_code == 200
    assert await chat.titles() == ["milk"]


async def test_keys_of_different_users_do_not_meet(chat: Chat, other_client: httpx2.AsyncClient) -> None:
    key = uuid.uuid4().hex
    other = Chat(other_client)
    await chat.say("add milk", idempotency_key=key)
    await other.say("add eggs", idempotency_key=key)
    assert chat.thread_id != other.thread_id
    assert await other.titles() == ["eggs"]


async def test_messages_of_one_thread_are_answered_one_after_the_other(chat: Chat) -> None:
    await chat.say("add milk")
    await asyncio.gather(*(chat.say(f"add number {number}") for number in range(4)))
    page = await chat.call("items.list", thread_id=chat.thread_id, order="asc", limit=100)
    assert [item["type"] for item in page["data"]] == TURN * 5
    assert len(await chat.titles()) == 5


async def test_the_users_time_zone_decides_what_tomorrow_is(chat: Chat) -> None:
    for timezone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # 25 hours apart
        await chat.say("add milk tomorrow", timezone=timezone)
    days = [dt.date.fromisoformat(task["due_date"]) for task in await chat.tasks()]
    assert (days[0] - days[1]).days in {1, 2}


async def test_the_first_one_is_the_one_that_the_user_has_moved_to_the_top(chat: Chat) -> None:
    for title in ("Milk", "Bread", "Eggs"):
        await chat.client.post("/api/tasks", json={"title": title})
    eggs = (await chat.tasks())[2]
    await chat.client.patch(f"/api/tasks/{eggs['id']}", json={"position": "n00000000000001"})
    await chat.say("delete the first one", task_sort="position")
    assert await chat.titles() == ["Milk", "Bread"]


@pytest.mark.parametrize(
    ("task_sort", "first"),
    # Bread is no older than Eggs, due on the same day, and than Rent, of the same priority.
    [("due_date", "Bread"), ("-priority", "Bread"), ("created_at", "Milk")],
)
async def test_the_first_one_is_the_one_that_the_page_shows_first(task_sort: str, first: str, chat: Chat) -> None:
    for title, day, priority in (("Milk", 10, "low"), ("Rent", 12, "high"), ("Eggs", 9, "low"), ("Bread", 9, "high")):
        task = {"title": title, "due_date": f"2030-01-{day:02}", "priority": priority}
        await chat.client.post("/api/tasks", json=task)
    await chat.say("delete the first one", task_sort=task_sort)
    assert first not in await chat.titles()
    assert len(await chat.titles()) == 3


@pytest.mark.parametrize(
    ("words", "gone"),
    [("delete the first one", "Eggs"), ("delete the last one", "Milk"), ("delete number 2", "Milk")],
)
async def test_the_first_one_is_the_first_of_a_selection_that_the_page_shows(words: str, gone: str, chat: Chat) -> None:
    for title in ("Bread", "Milk", "Rent", "Eggs"):
        await chat.client.post("/api/tasks", json={"title": title})
    _bread, milk, _rent, eggs = (task["id"] for task in await chat.tasks())
    await chat.say(words, task_sort="position", on_screen=[eggs, milk])
    assert sorted(await chat.titles()) == sorted({"Bread", "Milk", "Rent", "Eggs"} - {gone})


@pytest.mark.parametrize("on_screen", [[], ["x"], [5], "all", None, [str(uuid.uuid4())]])
async def test_a_selection_without_any_task_of_the_users_is_left_aside(on_screen: object, chat: Chat) -> None:
    for title in ("Bread", "Milk"):
        await chat.client.post("/api/tasks", json={"title": title})
    await chat.say("delete the first one", on_screen=on_screen)
    assert await chat.titles() == ["Milk"]


@pytest.mark.parametrize("task_sort", ["created_at", "position", "due_date", "-priority", "title"])
async def test_open_tasks_are_counted_before_done_ones_as_the_page_shows_them(task_sort: str, chat: Chat) -> None:
    tasks = [(await chat.client.post("/api/tasks", json={"title": title})).json() for title in "abcd"]
    for done in (tasks[2], tasks[0]):
        await chat.client.patch(f"/api/tasks/{done['id']}", json={"completed": True})
    # The page: b, d, then a, which was done last, and c.
    await chat.say("delete the first one", task_sort=task_sort)
    assert await chat.titles() == ["a", "c", "d"]
    await chat.say("delete the last one", task_sort=task_sort)
    assert await chat.titles() == ["a", "d"]
    await chat.client.patch(f"/api/tasks/{tasks[3]['id']}", json={"completed": True})
    await chat.say("delete the first done task", task_sort=task_sort)
    assert await chat.titles() == ["a"]


async def test_titles_are_counted_in_the_order_in_which_the_page_shows_them(chat: Chat) -> None:
    for title in ("Zebra", "10 eggs", "éclair", "9 eggs", "flour"):
        await chat.client.post("/api/tasks", json={"title": title})
    await chat.say("delete the first one", task_sort="title")
    await chat.say("delete the second one", task_sort="title")
    assert await chat.titles() == ["Zebra", "10 eggs", "flour"]


@pytest.mark.parametrize(
    ("request_body", "reason"),
    [
        ({}, "not a request of the ChatKit protocol"),
        ({"type": "threads.explode", "params": {}}, "not a request of the ChatKit protocol"),
        (message_request("  "), "The message is empty."),
        (message_request("x" * 8_001), "at most 8000 characters"),
        (message_request("a\x00b"), "NUL"),
        (message_request("hi", timezone="Mars/Olympus"), "IANA time zone"),
        (message_request("hi", timezone="../../etc/passwd"), "IANA time zone"),
        (message_request("hi", idempotency_key=5), "idempotency key"),
        (message_request("hi", idempotency_key="ü"), "idempotency key"),
        ({"type": "attachments.create", "params": {"name": "a", "size": 1, "mime_type": "b"}}, "attachments"),
        ({"type": "input.transcribe", "params": {"audio_base64": "", "mime_type": "b"}}, "not offered"),
    ],
)
async def test_what_is_not_acceptable_is_refused(
    request_body: dict[str, Any], reason: str, client: httpx2.AsyncClient
) -> None:
    response = await client.post("/chatkit", json=request_body)
    assert response.status_code == 422
    assert reason in response.json()["detail"]


async def test_a_text_about_nul_characters_holds_none(chat: Chat) -> None:
    await chat.say("add read about \\u0000")
    assert [task["title"] for task in await chat.tasks()] == ["read about \\u0000"]


async def test_attachments_in_a_message_are_refused(client: httpx2.AsyncClient) -> None:
    body = message_request("look at this")
    body["params"]["input"]["attachments"] = ["atc_1"]
    response = await client.post("/chatkit", json=body)
    assert response.status_code == 422


@pytest.mark.parametrize(
    "request_body",
    [
        {"type": "threads.custom_action", "params": {"action": {"type": "x", "payload": {}}}},
        {"type": "threads.sync_custom_action", "params": {"action": {"type": "x", "payload": {}}}},
        {"type": "threads.add_client_tool_output", "params": {"result": 1}},
        {"type": "threads.add_structured_input", "params": {"item_id": "x", "input": {}}},
    ],
)
async def test_requests_for_features_that_are_not_offered_are_refused(request_body: dict[str, Any], chat: Chat) -> None:
    await chat.say("add milk")
    request_body["params"]["thread_id"] = chat.thread_id
    response = await chat.client.post("/chatkit", json=request_body)
    assert response.status_code == 422
    assert "not offered" in response.json()["detail"]


async def test_feedback_is_taken(chat: Chat) -> None:
    turn = await chat.say("add milk")
    item = turn.of("thread.item.done")[-2]["item"]["id"]
    assert await chat.call("items.feedback", thread_id=chat.thread_id, item_ids=[item], kind="positive") == {}


async def test_trying_again_answers_again_without_acting_again(chat: Chat) -> None:
    await chat.say("add milk")
    turn = await chat.say("add eggs")
    user_item = turn.of("thread.item.done")[0]["item"]["id"]
    response = await chat.client.post(
        "/chatkit",
        json={"type": "threads.retry_after_item", "params": {"thread_id": chat.thread_id, "item_id": user_item}},
    )
    assert Turn(parse_sse(response.text)).answer == 'Added "eggs" to your list.'
    assert await chat.titles() == ["milk", "eggs"]
    page = await chat.call("items.list", thread_id=chat.thread_id, order="asc")
    assert [item["type"] for item in page["data"]] == TURN * 2


async def test_the_store_offers_no_attachments_and_finds_only_what_exists(
    app: FastAPI, chat: Chat, user_id: str
) -> None:
    from zoneinfo import ZoneInfo

    from app.chat.context import ChatContext

    await chat.say("add milk")
    store = parts_of(app).server.store
    context = ChatContext(user_id=user_id, timezone=ZoneInfo("UTC"))
    thread_id = chat.thread_id or ""
    with pytest.raises(Unprocessable):
        await store.save_attachment(FileAttachment(id="a", name="a", mime_type="b"), context)
    with pytest.raises(Unprocessable):
        await store.load_attachment("a", context)
    with pytest.raises(Unprocessable):
        await store.delete_attachment("a", context)
    with pytest.raises(NotFoundError):
        await store.load_item(thread_id, "msg_unknown", context)
    page = await store.load_thread_items(thread_id, None, 10, "asc", context)
    item = page.data[0]
    assert await store.load_item(thread_id, item.id, context) == item
    await store.save_item(thread_id, item, context)
    stranger = ChatContext(user_id="stranger", timezone=ZoneInfo("UTC"))
    with pytest.raises(NotFoundError):
        await store.save_item(thread_id, item, stranger)
    with pytest.raises(NotFoundError):
        await store.save_thread(ThreadMetadata(id=thread_id, created_at=dt.datetime.now(dt.UTC)), stranger)


# What happens when a turn is interrupted.


def kinds(turn: Turn) -> list[str]:
    """Types of the items that were finished, in order."""
    return [event["item"]["type"] for event in turn.of("thread.item.done")]


def steps(turn: Turn) -> list[str]:
    """What the assistant did, as it is shown."""
    items = [event["item"] for event in turn.of("thread.item.done")]
    return [item["task"]["title"] for item in items if item["type"] == "task"]


async def test_a_turn_goes_on_when_the_client_has_gone(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel
) -> None:
    model.play(Call([("add_task", {"title": "milk"})]), Say("Added " + "and " * 20 + "done."))
    async with running_app(model_settings, issuer) as app:
        turns = parts_of(app).turns
        async with client_for(app, issuer.headers(user_id)) as client:
            chat = Chat(client)
            request = asyncio.create_task(client.post("/chatkit", json=message_request("add milk")))
            await until(lambda: turns.running)
            request.cancel()
            await until(lambda: not turns.running)
            assert await chat.titles() == ["milk"]
            (thread,) = (await chat.call("threads.list"))["data"]
            page = await chat.call("items.list", thread_id=thread["id"], order="asc")
            assert [item["type"] for item in page["data"]] == TURN
            assert page["data"][2]["content"][0]["text"].endswith("done.")


async def test_stopping_ends_a_turn_in_good_order_and_the_next_one_goes_on(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel
) -> None:
    key = uuid.uuid4().hex
    model.play(Call([("add_task", {"title": "milk"})]), Hang(60.0))
    async with running_app(model_settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        request = asyncio.create_task(client.post("/chatkit", json=message_request("add milk", idempotency_key=key)))
        await until(lambda: len(model.requests) == 2)
        await parts_of(app).turns.stop(0.1)
        events = Turn(parse_sse((await request).text))
        assert "restarting" in events.of("error")[0]["message"]
        assert events.of("error")[0]["allow_retry"]

    model.play(Say("It is on your list."))
    async with running_app(model_settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        response = await client.post("/chatkit", json=message_request("add milk", idempotency_key=key))
        assert Turn(parse_sse(response.text)).answer == "It is on your list."
        assert await Chat(client).titles() == ["milk"]
    assert [message["role"] for message in model.requests[0]["messages"]] == ["system", "user", "assistant", "tool"]


async def test_what_was_said_before_a_stop_is_kept(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel
) -> None:
    model.play(Say("word " * 1500))
    async with running_app(model_settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        request = asyncio.create_task(client.post("/chatkit", json=message_request("talk")))
        await until(lambda: model.spoken > 10)
        await parts_of(app).turns.stop(0)
        await request
        chat = Chat(client)
        (thread,) = (await chat.call("threads.list"))["data"]
        page = await chat.call("items.list", thread_id=thread["id"], order="asc")
        assert page["data"][-1]["type"] == "assistant_message"
        assert page["data"][-1]["content"][0]["text"].startswith("word word")


async def test_an_answer_that_was_cut_off_is_completed_and_not_taken_for_a_whole_one(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel
) -> None:
    request = message_request("add milk", idempotency_key=uuid.uuid4().hex)
    model.play(Call([("add_task", {"title": "milk"})]), Say("word " * 1500))
    async with running_app(model_settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        first = asyncio.create_task(client.post("/chatkit", json=request))
        await until(lambda: model.spoken > 10)
        await parts_of(app).turns.stop(0)
        cut_off = Turn(parse_sse((await first).text))
        assert cut_off.of("error")
        assert "end_of_turn" not in kinds(cut_off)

    model.play(Say("Milk is on your list."))
    async with running_app(model_settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        completed = Turn(parse_sse((await client.post("/chatkit", json=request)).text))
        assert kinds(completed) == TURN
        assert steps(completed) == steps(cut_off) == ["Added: milk"]
        assert completed.answer == "Milk is on your list."
        # The model is told what it had done, and nothing of what it had begun to say.
        assert [message["role"] for message in model.requests[0]["messages"]] == ["system", "user", "assistant", "tool"]
        chat = Chat(client, completed.of("thread.created")[0]["thread"]["id"])
        page = await chat.call("items.list", thread_id=chat.thread_id, order="asc")
        assert [item["type"] for item in page["data"]] == TURN
        assert await chat.titles() == ["milk"]

        repeated = Turn(parse_sse((await client.post("/chatkit", json=request)).text))
        assert len(model.requests) == 1
        assert kinds(repeated) == TURN
        assert repeated.answer == completed.answer


async def test_a_turn_that_ended_between_two_messages_is_completed(chat: Chat, database_url: str) -> None:
    key = uuid.uuid4().hex
    first = await chat.say("add milk", idempotency_key=key)
    # As a replica leaves it that is killed after "I'll look into that.", or after a step.
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "DELETE FROM chat_item WHERE thread_id = %s AND type = 'end_of_turn'",
            [chat.thread_id],
        )
    request = message_request("add milk", idempotency_key=key)
    again = Turn(parse_sse((await chat.client.post("/chatkit", json=request)).text))
    assert kinds(again) == TURN
    assert steps(again) == steps(first)
    assert again.of("thread.item.updated"), "the answer was given anew"
    page = await chat.call("items.list", thread_id=chat.thread_id, order="asc")
    assert [item["type"] for item in page["data"]] == TURN
    assert await chat.titles() == ["milk"]


async def test_a_turn_of_more_steps_than_the_history_holds_is_gone_on_with(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel
) -> None:
    settings = model_settings.model_copy(update={"chat_history_limit": 2})
    request = message_request("add a lot", idempotency_key=uuid.uuid4().hex)
    model.play(Call([("add_task", {"title": title}) for title in ("a", "b", "c")]), Hang(60.0))
    async with running_app(settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        first = asyncio.create_task(client.post("/chatkit", json=request))
        await until(lambda: len(model.requests) == 2)
        await parts_of(app).turns.stop(0)
        await first
        model.play(Say("There they are."))
        again = Turn(parse_sse((await client.post("/chatkit", json=request)).text))
        assert again.answer == "There they are."
        assert len(steps(again)) == 3
        roles = [message["role"] for message in model.requests[0]["messages"]]
        assert roles[:2] == ["system", "user"]
        assert roles.count("tool") == 2
        assert len(await Chat(client).titles()) == 3


async def test_a_conversation_of_a_killed_replica_is_continued(
    app: FastAPI, chat: Chat, database_url: str, issuer: Issuer, user_id: str
) -> None:
    for number in range(5):  # ten messages
        await chat.say(f"add task {number}")
    # A replica that was killed left its lease, and an unanswered message.
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE chat_thread SET lease_owner = 'gone', lease_until = now() + interval '1 second' WHERE id = %s",
            [chat.thread_id],
        )
        item: dict[str, Any] = {
            "id": "msg_" + uuid.uuid4().hex,
            "type": "user_message",
            "thread_id": chat.thread_id,
            "created_at": dt.datetime.now(dt.UTC).isoformat(),
            "content": [{"type": "input_text", "text": "add unanswered"}],
            "attachments": [],
            "inference_options": {},
        }
        connection.execute(
            "INSERT INTO chat_item (id, thread_id, type, data) VALUES (%s, %s, 'user_message', %s)",
            [item["id"], chat.thread_id, json.dumps(item)],
        )
    turn = await chat.say("what's on my list?")
    assert turn.answer.startswith("You have 5 tasks:")
    page = await chat.call("items.list", thread_id=chat.thread_id, order="asc", limit=100)
    assert len(page["data"]) == 5 * 4 + 1 + 4


async def test_a_thread_that_stays_busy_is_reported(app: FastAPI, chat: Chat, database_url: str) -> None:
    await chat.say("add milk")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE chat_thread SET lease_owner = 'busy', lease_until = now() + make_interval(secs => %s) WHERE id = %s",
            [LEASE_SECONDS, chat.thread_id],
        )
    turns = parts_of(app).turns
    before, turns._wait_seconds = turns._wait_seconds, 0.3
    try:
        turn = await chat.say("add eggs")
    finally:
        turns._wait_seconds = before
    assert "still busy" in turn.of("error")[0]["message"]


async def test_a_thread_deleted_in_the_middle_of_a_turn_ends_it(
    model_settings: Settings, issuer: Issuer, user_id: str, model: LanguageModel
) -> None:
    model.play(Say("word " * 40))
    async with running_app(model_settings, issuer) as app:
        async with client_for(app, issuer.headers(user_id)) as client:
            request = asyncio.create_task(client.post("/chatkit", json=message_request("talk")))
            await until(lambda: model.requests)
            chat = Chat(client)
            (thread,) = (await chat.call("threads.list"))["data"]
            await chat.call("threads.delete", thread_id=thread["id"])
            assert Turn(parse_sse((await request).text)).of("error")
            assert (await chat.call("threads.list"))["data"] == []


async def test_a_thread_deleted_before_its_answer_is_told_so(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    await chat.say("hello")
    load = PostgresStore.load_history

    async def deleted_first(store: PostgresStore, thread_id: str, limit: int, context: ChatContext) -> list[ThreadItem]:
        await chat.call("threads.delete", thread_id=thread_id)
        return await load(store, thread_id, limit, context)

    monkeypatch.setattr(PostgresStore, "load_history", deleted_first)
    turn = await chat.say("show my list")
    assert turn.of("error")[0]["message"] == "There is no such conversation."
    assert turn.answers == []


async def test_a_long_turn_keeps_its_lease_and_its_connection(
    model_settings: Settings,
    issuer: Issuer,
    user_id: str,
    model: LanguageModel,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.chat.turns.LEASE_SECONDS", 1.5)
    monkeypatch.setattr("app.chat.store.LEASE_SECONDS", 1.5)
    monkeypatch.setattr("app.chat.turns._KEEP_ALIVE_SECONDS", 0.2)
    async with running_app(model_settings, issuer) as app:
        async with client_for(app, issuer.headers(user_id)) as client:
            model.play(Hang(4.0))
            first = asyncio.create_task(
                client.post("/chatkit", json=message_request("one", idempotency_key="long-turn-1"))
            )
            await until(lambda: model.requests)
            await asyncio.sleep(2.0)  # longer than an unrenewed lease
            (thread,) = (await Chat(client).call("threads.list"))["data"]
            with psycopg.connect(database_url, autocommit=True) as connection:
                row = connection.execute(
                    "SELECT lease_until > now() FROM chat_thread WHERE id = %s", [thread["id"]]
                ).fetchone()
            assert row == (True,)
            assert ": keep-alive" in (await first).text


async def test_more_words_than_a_search_takes_are_looked_for_in_notes_too(chat: Chat) -> None:
    words = " ".join(f"w{number}" for number in range(30))
    await chat.client.post("/api/tasks", json={"title": "milk", "description": words})
    await chat.client.post("/api/tasks", json={"title": "eggs"})
    answer = (await chat.say(f"show tasks with {words}")).answer
    assert "milk" in answer
    assert "eggs" not in answer
