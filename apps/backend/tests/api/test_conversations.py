from __future__ import annotations

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
