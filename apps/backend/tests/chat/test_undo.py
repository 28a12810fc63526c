"""What the assistant changes is told with what it was, so that a page can take it back."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg

from tests.support.chat import Chat, Turn, message_request, parse_sse
from tests.support.waiting import until


def effects(turn: Turn) -> list[dict[str, Any]]:
    items = [event["item"] for event in turn.of("thread.item.done")]
    return [item["effect"] for item in items if item.get("effect")]


def waits_for_a_row(database_url: str) -> bool:
    with psycopg.connect(database_url, autocommit=True) as connection:
        waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return connection.execute(waiting).fetchone() is not None


async def revert(chat: Chat, effect: dict[str, Any]) -> list[str]:
    body = {"before": effect["before"], "after": effect["after"]}
    response = await chat.client.post("/api/tasks/revert", json=body)
    assert response.status_code == 200, response.text
    return [task["title"] for task in response.json()["items"]]


async def test_a_changed_task_can_be_what_it_was_after_a_reload_too(chat: Chat) -> None:
    await chat.client.post("/api/tasks", json={"title": "milk", "description": "two", "priority": "high"})
    (task,) = await chat.tasks()
    (effect,) = effects(await chat.say("move milk to 2030-01-31"))
    assert effect == {
        "action": "update",
        "task_ids": [task["id"]],
        "titles": ["milk"],
        "before": {task["id"]: {"due_date": None}},
        "after": {"due_date": "2030-01-31"},
    }
    stored = await chat.call("threads.get_by_id", thread_id=chat.thread_id)
    assert [item["effect"] for item in stored["items"]["data"] if item.get("effect")] == [effect]

    await chat.client.patch(f"/api/tasks/{task['id']}", json={"priority": "low", "completed": True})
    assert await revert(chat, effect) == ["milk"]
    (now,) = await chat.tasks()
    assert now == {**task, "priority": "low", "completed": True, "updated_at": now["updated_at"]}


async def test_a_task_that_was_like_that_before_is_none_that_was_changed(chat: Chat) -> None:
    for title, done in (("milk", True), ("bread", False)):
        await chat.client.post("/api/tasks", json={"title": title, "completed": done, "due_date": "2030-01-31"})
    milk, bread = await chat.tasks()
    (effect,) = effects(await chat.say("complete milk and bread"))
    assert (effect["task_ids"], effect["before"]) == ([bread["id"]], {bread["id"]: {"completed": False}})
    (moved,) = effects(await chat.say("move milk to 2030-02-01"))
    assert moved["before"] == {milk["id"]: {"due_date": "2030-01-31"}}
    assert effects(await chat.say("move milk to 2030-02-01")) == []


async def test_what_it_was_is_known_after_the_process_died_before_the_record(chat: Chat, database_url: str) -> None:
    await chat.client.post("/api/tasks", json={"title": "milk"})
    (task,) = await chat.tasks()
    request = message_request("move milk to 2030-01-31", idempotency_key="the-key")
    for _ in range(2):
        turn = Turn(parse_sse((await chat.client.post("/chatkit", json=request)).text))
        (effect,) = effects(turn)
        assert (effect["before"], effect["after"]) == ({task["id"]: {"due_date": None}}, {"due_date": "2030-01-31"})
        (thread,) = (await chat.call("threads.list"))["data"]
        with psycopg.connect(database_url, autocommit=True) as connection:
            # As SIGKILL leaves it between the tool's statement and its record.
            connection.execute("DELETE FROM chat_item WHERE thread_id = %s AND type <> 'user_message'", [thread["id"]])
    assert (await chat.tasks())[0]["due_date"] == "2030-01-31"

    # What somebody has made of it since isn't the assistant's change.
    await chat.client.patch(f"/api/tasks/{task['id']}", json={"due_date": "2030-03-01"})
    (effect,) = effects(Turn(parse_sse((await chat.client.post("/chatkit", json=request)).text)))[:1]
    assert "before" not in effect


async def test_what_it_was_is_what_the_change_met(chat: Chat, database_url: str) -> None:
    await chat.client.post("/api/tasks", json={"title": "milk"})
    (task,) = await chat.tasks()
    with psycopg.connect(database_url) as connection:
        # Somebody's change that is on its way as the assistant's begins.
        connection.execute("UPDATE task SET due_date = '2030-01-01' WHERE id = %s", [task["id"]])
        moving = asyncio.create_task(chat.say("move milk to 2030-01-31"))
        await until(lambda: waits_for_a_row(database_url))
        connection.commit()
    (effect,) = effects(await moving)
    assert effect["before"] == {task["id"]: {"due_date": "2030-01-01"}}
    assert (await chat.tasks())[0]["due_date"] == "2030-01-31"
