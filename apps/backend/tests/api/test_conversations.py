from __future__ import annotations

import base64
import json

import httpx2
import pytest

from tests.support.chat import Chat, message_request
from tests.support.conversations import at_the_same_time


async def test_a_conversation_lives_from_creation_to_deletion(client: httpx2.AsyncClient) -> None:
    response = await client.post("/api/conversations", json={"title": "Shopping"})
    assert response.status_code == 201
    conversation = response.json()
    path = response.headers["location"]
    assert path == f"/api/conversations/{conversation['id']}"
    assert (await client.get(path)).json()["title"] == "Shopping"
    assert (await client.patch(path, json={"title": "Groceries"})).json()["title"] == "Groceries"
    chat = Chat(client, thread_id=conversation["id"])
    await chat.say("add milk")
    messages = (await client.get(f"{path}/messages")).json()
    assert [(m["role"], m["text"]) for m in messages["items"]] == [
        ("user", "add milk"),
        ("assistant", 'Added "milk" to your list.'),
    ]
    for _ in range(2):  # the first answer may have been lost
        assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert (await client.delete(f"{path}x")).status_code == 404
    assert (await client.get(f"{path}/messages")).status_code == 404
    assert (await client.patch(path, json={"title": "x"})).status_code == 404


async def test_two_deletions_at_once_are_both_well(chat: Chat, database_url: str) -> None:
    await chat.say("add milk")
    path = f"/api/conversations/{chat.thread_id}"

    async def delete() -> int:
        return (await chat.client.delete(path)).status_code

    assert await at_the_same_time(database_url, chat.thread_id, delete) == [204, 204]
    assert (await chat.client.get(path)).status_code == 404


async def test_a_deleted_conversation_comes_back_with_its_messages_in_its_old_place(
    client: httpx2.AsyncClient,
) -> None:
    chats = [Chat(client) for _ in range(3)]
    for number, chat in enumerate(chats):
        await chat.say(f"add task {number}")
    chat = chats[1]
    path = f"/api/conversations/{chat.thread_id}"
    before = (await client.get("/api/conversations")).json()
    items = await chat.call("items.list", thread_id=chat.thread_id)
    assert (await client.delete(path)).status_code == 204
    for _ in range(2):  # the first answer may have been lost
        restored = await client.post(f"{path}/restore")
        assert restored.status_code == 200
        assert restored.json() == before["items"][1]
    assert (await client.get("/api/conversations")).json() == before
    assert await chat.call("items.list", thread_id=chat.thread_id) == items
    assert (await chat.say("show my tasks")).answer


async def test_a_deleted_conversation_is_nowhere_to_be_found(client: httpx2.AsyncClient) -> None:
    other, chat = Chat(client), Chat(client)
    await other.say("add bread")
    turn = await chat.say("add milk", idempotency_key="first")
    (message,) = [event["item"] for event in turn.of("thread.item.done") if event["item"]["type"] == "user_message"]
    thread = chat.thread_id
    assert await chat.call("threads.delete", thread_id=thread) == {}

    path = f"/api/conversations/{thread}"
    for method, address, body in (
        ("GET", path, None),
        ("PATCH", path, {"title": "x"}),
        ("GET", f"{path}/messages", None),
        ("GET", f"{path}/turn", None),
        ("GET", f"{path}/turn/events", None),
    ):
        assert (await client.request(method, address, json=body)).status_code == 404, address
    params = {"thread_id": thread}
    for request in (
        {"type": "threads.get_by_id", "params": params},
        {"type": "threads.update", "params": {**params, "title": "x"}},
        {"type": "items.list", "params": params},
        {"type": "threads.retry_after_item", "params": {**params, "item_id": message["id"]}},
        message_request("add more", thread),
        message_request("add milk", idempotency_key="first"),
    ):
        assert (await client.post("/chatkit", json=request)).status_code == 404, request
    assert [item["id"] for item in (await client.get("/api/conversations")).json()["items"]] == [other.thread_id]
    assert [item["id"] for item in (await chat.call("threads.list"))["data"]] == [other.thread_id]
    assert await chat.titles() == ["bread", "milk"]


async def test_only_its_owner_brings_a_deleted_conversation_back(chat: Chat, other_client: httpx2.AsyncClient) -> None:
    await chat.say("add milk")
    path = f"/api/conversations/{chat.thread_id}"
    await chat.client.delete(path)
    assert (await other_client.post(f"{path}/restore")).status_code == 404
    assert (await other_client.delete(path)).status_code == 404
    assert (await chat.client.post(f"{path}/restore")).status_code == 200
    assert (await chat.client.post(f"{path}x/restore")).status_code == 404


async def test_conversations_and_messages_are_paged(client: httpx2.AsyncClient) -> None:
    for number in range(5):
        assert (await client.post("/api/conversations", json={})).status_code == 201, number
    chat = Chat(client)
    for number in range(3):
        await chat.say(f"add task {number}")

    collected: list[str] = []
    params: dict[str, str] = {"limit": "4"}
    for _ in range(2):
        page = (await client.get("/api/conversations", params=params)).json()
        collected += [conversation["id"] for conversation in page["items"]]
        params["cursor"] = page["next_cursor"]
    assert len(set(collected)) == 6
    assert collected[0] == chat.thread_id
    assert page["next_cursor"] is None

    path = f"/api/conversations/{chat.thread_id}/messages"
    first = (await client.get(path, params={"limit": "4"})).json()
    second = (await client.get(path, params={"limit": "4", "cursor": first["next_cursor"]})).json()
    assert [message["role"] for message in first["items"] + second["items"]] == ["user", "assistant"] * 3
    assert second["next_cursor"] is None


@pytest.mark.parametrize("body", [{"title": ""}, {"title": "x" * 201}, {"title": None}, {"owner": "me"}])
async def test_a_bad_title_is_refused(body: dict[str, str], client: httpx2.AsyncClient) -> None:
    path = (await client.post("/api/conversations", json={})).headers["location"]
    assert (await client.patch(path, json=body)).status_code == 422


async def test_a_full_last_page_has_none_after_it(client: httpx2.AsyncClient) -> None:
    chat = Chat(client)
    for number in range(2):
        await chat.say(f"add task {number}")
        await client.post("/api/conversations", json={})
    path = f"/api/conversations/{chat.thread_id}/messages"
    for address, count in (("/api/conversations", 3), (path, 4)):
        whole = (await client.get(address, params={"limit": str(count)})).json()
        assert (len(whole["items"]), whole["next_cursor"]) == (count, None)
        most = (await client.get(address, params={"limit": str(count - 1)})).json()
        assert len(most["items"]) == count - 1
        rest = (await client.get(address, params={"limit": "1", "cursor": most["next_cursor"]})).json()
        assert [*most["items"], *rest["items"]] == whole["items"]
        assert rest["next_cursor"] is None


@pytest.mark.parametrize(("limit", "status"), [("0", 422), ("1", 200), ("100", 200), ("101", 422)])
async def test_a_page_has_one_to_a_hundred(limit: str, status: int, client: httpx2.AsyncClient) -> None:
    path = (await client.post("/api/conversations", json={})).headers["location"]
    for address in ("/api/conversations", f"{path}/messages", "/api/tasks"):
        assert (await client.get(address, params={"limit": limit})).status_code == status


async def test_the_latest_conversation_comes_first_also_after_a_new_title(client: httpx2.AsyncClient) -> None:
    paths = [(await client.post("/api/conversations", json={"title": title})).headers["location"] for title in "abc"]

    async def titles() -> list[str]:
        return [item["title"] for item in (await client.get("/api/conversations")).json()["items"]]

    assert await titles() == ["c", "b", "a"]
    assert (await client.patch(paths[0], json={"title": "a new"})).status_code == 200
    assert await titles() == ["a new", "c", "b"]


async def test_a_cursor_of_messages_is_a_place_in_them(client: httpx2.AsyncClient) -> None:
    chat = Chat(client)
    await chat.say("add milk")
    path = f"/api/conversations/{chat.thread_id}/messages"
    for value, status in ((0, 200), (2**63 - 1, 200), (-1, 422), (2**63, 422), ("1", 422)):
        raw = json.dumps(["position", value, "x"]).encode()
        cursor = base64.urlsafe_b64encode(raw).decode()
        assert (await client.get(path, params={"cursor": cursor})).status_code == status, value
