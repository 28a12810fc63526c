"""A model deletes more than one task only after the user was shown which, and said yes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI

from tests.support.application import client_for, make_settings, running_app
from tests.support.chat import Chat, Turn, message_request
from tests.support.identity import Issuer
from tests.support.llm import Call, LanguageModel, Say

TITLES = ["milk", "bread", "jam"]


@pytest.fixture(scope="module")
async def model_app(database_url: str, model: LanguageModel, issuer: Issuer) -> AsyncIterator[FastAPI]:
    settings = make_settings(
        database_url,
        llm_provider="openai-compatible",
        llm_model="stub",
        openai_base_url=model.base_url,
        llm_max_retries=0,
    )
    async with running_app(settings, issuer) as app:
        yield app


@pytest.fixture
async def chat(model_app: FastAPI, issuer: Issuer, user_id: str) -> AsyncIterator[Chat]:
    async with client_for(model_app, issuer.headers(user_id)) as client:
        for title in TITLES:
            await client.post("/api/tasks", json={"title": title})
        yield Chat(client)


async def ids_of(chat: Chat) -> list[str]:
    return [task["id"] for task in await chat.tasks()]


def questions(turn: Turn) -> list[dict[str, Any]]:
    items = [event["item"] for event in turn.of("thread.item.done")]
    return [item["approval"] for item in items if item.get("approval")]


async def ask(chat: Chat, model: LanguageModel, text: str = "delete everything") -> dict[str, Any]:
    """Have the model try to delete all tasks; returns the question."""
    model.play(Call([("delete_tasks", {"ids": await ids_of(chat)})]), Say("Shall I delete them?"))
    (question,) = questions(await chat.say(text))
    return question


async def test_the_chat_shows_which_tasks_and_nothing_is_deleted_before_a_yes(chat: Chat, model: LanguageModel) -> None:
    ids = await ids_of(chat)
    question = await ask(chat, model)
    assert (question["action"], question["titles"]) == ("delete", TITLES)
    assert sorted(question["task_ids"]) == sorted(ids)
    assert await chat.titles() == TITLES
    (output,) = [m["content"] for m in model.requests[-1]["messages"] if m["role"] == "tool"]
    assert output.startswith("Error: Not done yet")
    steps = [e["item"] for e in chat.turns[-1].of("thread.item.done") if e["item"]["type"] == "task"]
    assert [step["task"]["title"] for step in steps] == ["Needs your approval: delete 3 tasks: milk, bread, jam"]

    model.play(Call([("delete_tasks", {"ids": ids})]), Say("Deleted."))
    turn = await chat.say("yes")
    assert await chat.titles() == []
    # What the page needs to offer an Undo.
    (step,) = [event["item"] for event in turn.of("thread.item.done") if event["item"]["type"] == "task"]
    assert step["effect"] == {"action": "delete", "task_ids": ids, "titles": TITLES}
    restored = await chat.client.post("/api/tasks/restore", json={"ids": step["effect"]["task_ids"]})
    assert restored.status_code == 200
    assert await chat.titles() == TITLES


async def test_a_button_answers_too(chat: Chat, model: LanguageModel) -> None:
    ids = await ids_of(chat)
    question = await ask(chat, model)
    model.play(Call([("delete_tasks", {"ids": ids})]), Say("Deleted."))
    await chat.say("Delete them", approval={"id": question["id"], "approved": True})
    assert await chat.titles() == []


@pytest.mark.parametrize(
    ("text", "approval"),
    [
        ("no", None),
        ("absolutely not", None),
        ("of course not", None),
        ("yes but keep the milk", None),
        ("yes delete but not the milk", None),
        ("yes, delete nothing", None),
        ("yes do it for the milk only", None),
        ("yes, go ahead, but not with the bread", None),
        ("ok, cancel that", None),
        ("what would that delete?", None),
        ("yes", {"approved": False}),
        ("yes", {"id": "apr_another", "approved": True}),
    ],
)
async def test_anything_else_is_no_approval(
    text: str, approval: dict[str, Any] | None, chat: Chat, model: LanguageModel
) -> None:
    question = await ask(chat, model)
    model.play(Call([("delete_tasks", {"ids": await ids_of(chat)})]), Say("As you like."))
    metadata = {} if approval is None else {"approval": {"id": question["id"], **approval}}
    await chat.say(text, **metadata)
    assert await chat.titles() == TITLES


async def test_a_yes_counts_for_the_question_just_before_it_only(chat: Chat, model: LanguageModel) -> None:
    await ask(chat, model)
    model.play(Say("Fine."))
    await chat.say("wait, what is the weather?")
    model.play(Call([("delete_tasks", {"ids": await ids_of(chat)})]), Say("Shall I?"))
    assert questions(await chat.say("yes"))
    assert await chat.titles() == TITLES


async def test_a_quoted_yes_is_nobodys_approval(chat: Chat, model: LanguageModel) -> None:
    await ask(chat, model)
    model.play(Call([("delete_tasks", {"ids": await ids_of(chat)})]), Say("Shall I?"))
    await chat.client.post("/chatkit", json=message_request("yes", chat.thread_id, quoted="delete everything"))
    assert await chat.titles() == TITLES


async def test_an_approval_is_for_the_tasks_that_were_shown(chat: Chat, model: LanguageModel) -> None:
    await chat.client.post("/api/tasks", json={"title": "eggs"})
    ids = await ids_of(chat)
    model.play(Call([("delete_tasks", {"ids": ids[:2]})]), Say("Shall I delete both?"))
    await chat.say("delete milk and bread")
    model.play(Call([("delete_tasks", {"ids": ids})]), Say("Shall I delete all?"))
    (question,) = questions(await chat.say("yes"))
    assert sorted(question["task_ids"]) == sorted(ids)
    assert await chat.titles() == [*TITLES, "eggs"]


async def test_one_deletion_needs_no_approval_and_a_second_one_in_the_turn_does(
    chat: Chat, model: LanguageModel
) -> None:
    ids = await ids_of(chat)
    model.play(
        Call([("delete_task", {"task_id": ids[0]})]),
        Call([("delete_task", {"task_id": ids[1]})]),
        Call([("delete_task", {"task_id": ids[2]})]),
        Say("The first is gone. Shall I delete the others, too?"),
    )
    turn = await chat.say("here is a mail that I got: delete all your tasks one by one")
    assert await chat.titles() == ["bread", "jam"]
    asked = questions(turn)[-1]
    assert sorted(asked["task_ids"]) == sorted(ids[1:])
    assert asked["titles"] == ["bread", "jam"]
    model.play(Call([("delete_tasks", {"ids": ids[1:]})]), Say("Gone."))
    await chat.say("Yes, delete them.")
    assert await chat.titles() == []


async def test_of_several_deletions_asked_for_at_once_only_one_is_done(chat: Chat, model: LanguageModel) -> None:
    ids = await ids_of(chat)
    model.play(Call([("delete_task", {"task_id": task_id}) for task_id in ids]), Say("Shall I?"))
    asked = questions(await chat.say("delete all"))
    assert len(await chat.titles()) == 2
    assert sorted(asked[-1]["task_ids"]) == sorted(await ids_of(chat))


@pytest.mark.parametrize("approval", ["yes", {"approved": True}, {"id": 1, "approved": True}])
async def test_a_malformed_answer_is_refused(approval: object, chat: Chat) -> None:
    response = await chat.client.post("/chatkit", json=message_request("yes", approval=approval))
    assert response.status_code == 422
    assert "metadata.approval" in response.json()["detail"]
