"""The agent on an OpenAI-compatible endpoint."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from tests.support.application import client_for, make_settings, running_app
from tests.support.chat import Chat, Turn, parse_sse
from tests.support.identity import Issuer
from tests.support.llm import Call, Fail, Hang, LanguageModel, Say

KEY = "sk-0123456789abcdef"


@pytest.fixture(scope="module")
async def model_app(database_url: str, issuer: Issuer, model: LanguageModel) -> AsyncIterator[FastAPI]:
    settings = make_settings(
        database_url,
        llm_provider="openai-compatible",
        llm_model="stub",
        openai_base_url=model.base_url,
        openai_api_key=KEY,
        llm_timeout_seconds=1.5,
        llm_max_retries=2,
        agent_max_turns=4,
        chat_turn_timeout_seconds=20,
    )
    async with running_app(settings, issuer) as app:
        yield app


@pytest.fixture
async def model_chat(model_app: FastAPI, issuer: Issuer, user_id: str) -> AsyncIterator[Chat]:
    async with client_for(model_app, issuer.headers(user_id)) as client:
        yield Chat(client)


async def test_it_calls_tools_and_streams_the_answer(model: LanguageModel, model_chat: Chat) -> None:
    model.play(Call([("add_task", {"title": "buy milk", "due_date": "2030-01-31"})]), Say("Done, it is on your list."))
    turn = await model_chat.say("put milk on it")
    assert turn.answer == turn.streamed == "Done, it is on your list."
    assert len(turn.of("thread.item.updated")) > 5
    (task,) = await model_chat.tasks()
    assert (task["title"], task["due_date"]) == ("buy milk", "2030-01-31")

    first, second = model.requests
    assert first["model"] == "stub"
    assert model.keys[-1] == f"Bearer {KEY}"
    assert {tool["function"]["name"] for tool in first["tools"]} == {
        "add_task",
        "list_tasks",
        "update_task",
        "complete_task",
        "delete_task",
        "get_task",
        "complete_tasks",
        "update_tasks",
        "delete_tasks",
        "restore_tasks",
    }
    assert first["messages"][0]["role"] == "system"
    assert "Today is" in first["messages"][0]["content"]
    assert task["id"] in second["messages"][-1]["content"]


async def test_later_turns_remember_messages_and_tool_results(model: LanguageModel, model_chat: Chat) -> None:
    model.play(Call([("add_task", {"title": "buy milk"})]), Say("Added."))
    await model_chat.say("put milk on it")
    model.play(Say("It is buy milk."))
    await model_chat.say("which one was it?")
    roles = [message["role"] for message in model.requests[0]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]
    ids = [event["item"]["id"] for turn in model_chat.turns for event in turn.of("thread.item.done")]
    assert len(ids) == len(set(ids)) == 7


async def test_several_tool_calls_at_once(model: LanguageModel, model_chat: Chat) -> None:
    model.play(Call([("add_task", {"title": "milk"}), ("add_task", {"title": "eggs"})]), Say("Both."))
    assert (await model_chat.say("milk and eggs")).answer == "Both."
    assert sorted(await model_chat.titles()) == ["eggs", "milk"]


@pytest.mark.parametrize("failure", [Fail(429), Fail(500), Fail(503), Hang(4.0)])
async def test_passing_failures_are_retried(failure: Fail | Hang, model: LanguageModel, model_chat: Chat) -> None:
    model.play(failure, Say("Here I am."))
    assert (await model_chat.say("hello")).answer == "Here I am."
    assert len(model.requests) == 2


@pytest.mark.parametrize(
    ("failure", "attempts", "told"),
    [
        (Fail(429), 3, "too much to do right now"),
        (Fail(503), 3, "has a problem of its own"),
        (Hang(4.0), 3, "took too long"),
        (Fail(401), 1, "refuses this app's API key"),
        (Fail(403), 1, "refuses this app's API key"),
        (Fail(400), 1, "did not accept the request"),
    ],
)
async def test_lasting_failures_are_told_in_the_chat_and_lose_nothing(
    failure: Fail | Hang, attempts: int, told: str, model: LanguageModel, model_chat: Chat
) -> None:
    model.play(*[failure] * attempts)
    turn = await model_chat.say("hello")
    assert told in turn.answer
    assert "saved" in turn.answer
    assert KEY not in json.dumps(turn.events)
    assert len(model.requests) == attempts

    page = await model_chat.call("items.list", thread_id=model_chat.thread_id, order="asc")
    assert [item["type"] for item in page["data"]] == ["user_message", "assistant_message", "end_of_turn"]
    model.play(Say("Better now."))
    assert (await model_chat.say("and now?")).answer == "Better now."
    assert [m["content"] for m in model.requests[0]["messages"] if m["role"] == "user"] == ["hello", "and now?"]


async def test_an_unreachable_endpoint_is_told(database_url: str, issuer: Issuer, user_id: str) -> None:
    settings = make_settings(
        database_url,
        llm_provider="ollama",
        openai_base_url=LanguageModel().base_url,
        llm_max_retries=0,
    )
    async with running_app(settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        assert "can't be reached" in (await Chat(client).say("hello")).answer


async def test_an_answer_that_breaks_off_is_kept(model: LanguageModel, model_chat: Chat) -> None:
    model.play(Say("This is the beginning of an answer", cut=4))
    turn = await model_chat.say("hello")
    partial, told = turn.answers
    assert partial.strip() == "This is the beginning"
    assert "saved" in told
    page = await model_chat.call("items.list", thread_id=model_chat.thread_id, order="asc")
    assert [item["type"] for item in page["data"]][-2:] == ["assistant_message", "end_of_turn"]
    assert len(page["data"]) == 4


async def test_a_tool_that_refuses_is_reported_to_the_model(model: LanguageModel, model_chat: Chat) -> None:
    missing = "7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55"
    model.play(
        Call([("delete_task", {"task_id": missing})]),
        Call([("delete_task", {"task_id": "the second one"})]),
        Call([("add_task", {})]),
        Say("I could not do that."),
    )
    await model_chat.say("delete it")
    outputs = [m["content"] for m in model.requests[-1]["messages"] if m["role"] == "tool"]
    assert outputs[0].startswith("Error:")
    assert "There is no such task." in outputs[0]
    assert "task_id must be the id of a task" in outputs[1]
    assert "title" in outputs[2]


async def test_arguments_that_are_no_json_are_reported_to_the_model(model: LanguageModel, model_chat: Chat) -> None:
    model.play(Call([("add_task", '{"title": ')]), Say("Sorry."))
    turn = await model_chat.say("add it")
    assert turn.answers
    assert await model_chat.titles() == []


async def test_a_model_that_goes_round_in_circles_is_stopped(model: LanguageModel, model_chat: Chat) -> None:
    model.play(*[Call([("list_tasks", {})])] * 10)
    assert "more steps than I may take" in (await model_chat.say("loop")).answer
    assert len(model.requests) == 4


async def test_trying_again_does_not_repeat_what_tools_have_done(model: LanguageModel, model_chat: Chat) -> None:
    model.play(Call([("add_task", {"title": "buy milk"})]), *[Fail(500)] * 3)
    turn = await model_chat.say("add buy milk")
    assert "problem of its own" in turn.answer
    user_item = turn.of("thread.item.done")[0]["item"]

    model.play(Say("Added."))
    response = await model_chat.client.post(
        "/chatkit",
        json={
            "type": "threads.retry_after_item",
            "params": {"thread_id": model_chat.thread_id, "item_id": user_item["id"]},
        },
    )
    assert Turn(parse_sse(response.text)).answer == "Added."
    assert [message["role"] for message in model.requests[0]["messages"]] == ["system", "user", "assistant", "tool"]
    assert await model_chat.titles() == ["buy milk"]


async def test_the_whole_turn_has_a_time_limit(
    database_url: str, issuer: Issuer, user_id: str, model: LanguageModel
) -> None:
    settings = make_settings(
        database_url,
        llm_provider="openai-compatible",
        llm_model="stub",
        openai_base_url=model.base_url,
        llm_max_retries=5,
        chat_turn_timeout_seconds=0.3,
    )
    model.play(*[Hang(2.0)] * 6)
    async with running_app(settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        assert "took too long" in (await Chat(client).say("hello")).answer


async def test_a_quoted_text_is_part_of_the_message(model: LanguageModel, model_chat: Chat) -> None:
    model.play(Say("I see."))
    await model_chat.say("what is this?", quoted="buy milk")
    messages: list[dict[str, Any]] = model.requests[0]["messages"]
    assert messages[-1]["content"] == "> buy milk\n\nwhat is this?"


async def test_calls_whose_ids_repeat_are_different_calls(model: LanguageModel, model_chat: Chat) -> None:
    """As some endpoints number them from 0 in each answer."""
    model.play(
        Call([("add_task", {"title": "milk"}), ("add_task", {"title": "bread"})], ids=["call_0", "call_0"]),
        Call([("add_task", {"title": "jam"})], ids=["call_0"]),
        Say("All added."),
    )
    assert (await model_chat.say("add milk, bread and jam")).answer == "All added."
    # Calls of one answer run side by side.
    first, second, third = await model_chat.titles()
    assert ({first, second}, third) == ({"milk", "bread"}, "jam")
    model.play(Say("Three."))
    await model_chat.say("how many?")
    for messages in (request["messages"] for request in model.requests):
        calls = {c["id"]: json.loads(c["function"]["arguments"]) for m in messages for c in m.get("tool_calls") or []}
        outputs = {m["tool_call_id"]: m["content"] for m in messages if m["role"] == "tool"}
        assert len(calls) == 3
        assert calls.keys() == outputs.keys()
        for call_id, arguments in calls.items():
            assert arguments["title"] in outputs[call_id]


async def test_a_tool_that_does_not_exist_is_reported_to_the_model(model: LanguageModel, model_chat: Chat) -> None:
    model.play(Call([("launch_rocket", {"to": "the moon"})]), Say("I can't do that."))
    assert (await model_chat.say("fly")).answer == "I can't do that."
    (output,) = [m["content"] for m in model.requests[-1]["messages"] if m["role"] == "tool"]
    assert "launch_rocket" in output
    model.play(Say("Hello."))
    assert (await model_chat.say("hello?")).answer == "Hello."


@pytest.mark.parametrize(
    "answer", [Say("Here I am.", finish=False), Say("Here I am.", empty=True), Say("Here I am.", delay=0.3)]
)
async def test_answers_that_keep_loosely_to_the_protocol_are_understood(
    answer: Say, model: LanguageModel, model_chat: Chat
) -> None:
    model.play(answer)
    assert (await model_chat.say("hello")).answer == "Here I am."


async def test_long_lists_do_not_pile_up_in_what_the_model_is_sent(
    model: LanguageModel, model_chat: Chat, user_id: str, database_url: str
) -> None:
    """100 tasks with long descriptions, shown 12 times, were 1.6 MB in one request."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            """
            INSERT INTO task (id, user_id, title, description, completed, priority, created_at, updated_at)
            SELECT gen_random_uuid(), %s, 'task ' || number, repeat('x', 1000), false, 'medium', now(), now()
            FROM generate_series(1, 100) AS number
            """,
            [user_id],
        )
    for _ in range(12):
        model.play(Call([("list_tasks", {})]), Say("That is your list."))
        await model_chat.say("show my list")
    model.play(Say("Nothing."))
    await model_chat.say("what did I ask?")
    assert len(json.dumps(model.requests[0]["messages"])) < 100_000
