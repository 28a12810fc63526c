from __future__ import annotations

import base64
import json

import httpx2
import pytest

from tests.support.chat import Chat


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
