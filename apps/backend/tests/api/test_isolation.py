"""Two users on every route and every tool: neither sees or changes what is the other's."""

from __future__ import annotations

import httpx2
import pytest
from fastapi import FastAPI

from tests.support.chat import Chat, message_request


@pytest.fixture
async def theirs(other_client: httpx2.AsyncClient) -> tuple[str, str, str]:
    """Another user's task, conversation and message."""
    chat = Chat(other_client)
    turn = await chat.say("add their secret")
    (task,) = await chat.tasks()
    assert chat.thread_id is not None
    return task["id"], chat.thread_id, turn.of("thread.item.done")[0]["item"]["id"]


def routes(app: FastAPI) -> set[tuple[str, str]]:
    document = app.openapi()
    return {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}


async def test_no_route_shows_or_changes_what_is_theirs(
    app: FastAPI, client: httpx2.AsyncClient, other_client: httpx2.AsyncClient, theirs: tuple[str, str, str]
) -> None:
    task, thread, item = theirs
    tried = {("GET", "/health"), ("GET", "/ready")}

    async def request(method: str, path: str, body: object = None) -> httpx2.Response:
        tried.add((method, path))
        actual = path.replace("{task_id}", task).replace("{conversation_id}", thread)
        actual = actual.replace("{message_id}", item)
        return await client.request(method, actual, json=body)

    for method, path, body in (
        ("GET", "/api/tasks/{task_id}", None),
        ("PATCH", "/api/tasks/{task_id}", {"title": "mine"}),
        ("DELETE", "/api/tasks/{task_id}", None),
        ("POST", "/api/tasks/{task_id}/restore", None),
        ("GET", "/api/conversations/{conversation_id}", None),
        ("PATCH", "/api/conversations/{conversation_id}", {"title": "mine"}),
        ("DELETE", "/api/conversations/{conversation_id}", None),
        ("POST", "/api/conversations/{conversation_id}/restore", None),
        ("GET", "/api/conversations/{conversation_id}/messages", None),
        ("POST", "/api/conversations/{conversation_id}/messages/{message_id}/revert", None),
        ("GET", "/api/conversations/{conversation_id}/turn", None),
        ("GET", "/api/conversations/{conversation_id}/turn/events", None),
    ):
        response = await request(method, path, body)
        assert response.status_code == 404, (method, path)
        assert "secret" not in response.text
    for action in ("complete", "delete", "restore"):
        assert (await request("POST", f"/api/tasks/{action}", {"ids": [task]})).json() == {"items": []}
    reversion = {"after": {"title": "their secret"}, "before": {task: {"title": "mine"}}}
    assert (await request("POST", "/api/tasks/revert", reversion)).json() == {"items": []}
    assert (await request("POST", "/api/tasks/parse", {"text": "their secret"})).json()["title"] == "their secret"
    for path in ("/api/tasks", "/api/conversations"):
        response = await request("GET", path)
        assert response.json()["items"] == []
        assert (await request("POST", path, {"title": "mine"})).status_code == 201

    for kind, params in (
        ("threads.get_by_id", {"thread_id": thread}),
        ("threads.update", {"thread_id": thread, "title": "mine"}),
        ("threads.delete", {"thread_id": thread}),
        ("threads.add_user_message", message_request("show my list", thread)["params"]),
        ("threads.retry_after_item", {"thread_id": thread, "item_id": item}),
        ("items.list", {"thread_id": thread}),
    ):
        response = await request("POST", "/chatkit", {"type": kind, "params": params})
        assert response.status_code == 404, kind
        assert "secret" not in response.text
    # What a stop names is looked up among the caller's turns only (tests/chat/test_stop.py).
    assert (await request("POST", "/chatkit/stop", {"idempotency_key": "theirs"})).status_code == 204
    listed = await request("POST", "/chatkit", {"type": "threads.list", "params": {"after": thread}})
    assert thread not in listed.text

    assert (await request("DELETE", "/api/account")).status_code == 204
    assert tried == routes(app), "a route is not covered here"
    assert await Chat(other_client).titles() == ["their secret"]
    thread_now = await Chat(other_client).call("threads.get_by_id", thread_id=thread)
    assert thread_now["title"] == "add their secret"
    messages = [item["type"] for item in thread_now["items"]["data"] if item["type"].endswith("_message")]
    assert messages == ["user_message", "assistant_message"]


async def test_no_chat_command_reaches_what_is_theirs(
    chat: Chat, other_client: httpx2.AsyncClient, theirs: tuple[str, str, str]
) -> None:
    for message in ("show my list", "complete their secret", "delete everything", "rename their secret to mine"):
        turn = await chat.say(message)
        assert "their secret" not in turn.answer.replace('called "their secret"', "")
    assert await Chat(other_client).titles() == ["their secret"]


async def test_without_a_token_nothing_is_open(app: FastAPI, anonymous: httpx2.AsyncClient) -> None:
    for method, path in routes(app) - {("GET", "/health"), ("GET", "/ready")}:
        response = await anonymous.request(method, path.replace("{task_id}", "7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55"))
        assert response.status_code == 401, (method, path)
    assert (await anonymous.post("/mcp", json={})).status_code == 401
