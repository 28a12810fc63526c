"""A chat client that speaks the ChatKit protocol."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx2


@dataclass(slots=True)
class Turn:
    """What came back for a message."""

    events: list[dict[str, Any]]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Events of a type, in order."""
        return [event for event in self.events if event["type"] == kind]

    @property
    def answers(self) -> list[str]:
        """Texts of the finished assistant messages."""
        items = [event["item"] for event in self.of("thread.item.done")]
        return [item["content"][0]["text"] for item in items if item["type"] == "assistant_message"]

    @property
    def answer(self) -> str:
        """The text of the only assistant message."""
        assert len(self.answers) == 1, self.events
        return self.answers[0]

    @property
    def streamed(self) -> str:
        """The answer put together from its deltas."""
        updates = [event["update"] for event in self.of("thread.item.updated")]
        return "".join(update.get("delta", "") for update in updates)


def parse_sse(text: str) -> list[dict[str, Any]]:
    """The events of a stream."""
    return [json.loads(part.removeprefix("data: ")) for part in text.split("\n\n") if part.startswith("data: ")]


def message_request(
    text: str, thread_id: str | None = None, *, quoted: str | None = None, **metadata: Any
) -> dict[str, Any]:
    """The request for a message: in a thread, or in a new one."""
    params: dict[str, Any] = {
        "input": {
            "content": [{"type": "input_text", "text": text}],
            "attachments": [],
            "quoted_text": quoted,
            "inference_options": {},
        }
    }
    if thread_id is not None:
        params["thread_id"] = thread_id
    kind = "threads.create" if thread_id is None else "threads.add_user_message"
    return {"type": kind, "params": params, "metadata": metadata}


def post(client: httpx2.AsyncClient, text: str, thread_id: str | None) -> asyncio.Task[httpx2.Response]:
    """Send a message, and don't wait for its answer."""
    request = message_request(text, thread_id, idempotency_key=uuid.uuid4().hex)
    return asyncio.create_task(client.post("/chatkit", json=request))


async def said(client: httpx2.AsyncClient, thread_id: str | None) -> list[str]:
    """What user and assistant said, the oldest first."""
    messages = (await client.get(f"/api/conversations/{thread_id}/messages", params={"limit": 100})).json()["items"]
    return [message["text"] for message in messages]


@dataclass(slots=True)
class Chat:
    """One user's conversation."""

    client: httpx2.AsyncClient
    thread_id: str | None = None
    turns: list[Turn] = field(default_factory=list)

    async def say(self, text: str, **metadata: Any) -> Turn:
        """Send a message in this conversation; the first one starts it."""
        response = await self.client.post("/chatkit", json=message_request(text, self.thread_id, **metadata))
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("text/event-stream")
        turn = Turn(parse_sse(response.text))
        for event in turn.of("thread.created"):
            self.thread_id = event["thread"]["id"]
        self.turns.append(turn)
        return turn

    async def call(self, request: str, /, **params: Any) -> Any:
        """Send a request that is answered with JSON."""
        response = await self.client.post("/chatkit", json={"type": request, "params": params})
        assert response.status_code == 200, response.text
        return response.json()

    async def tasks(self) -> list[dict[str, Any]]:
        """The user's tasks, the oldest first."""
        response = await self.client.get("/api/tasks", params={"sort": "created_at", "limit": 100})
        assert response.status_code == 200, response.text
        items: list[dict[str, Any]] = response.json()["items"]
        return items

    async def titles(self) -> list[str]:
        """The titles of the user's tasks, the oldest first."""
        return [task["title"] for task in await self.tasks()]
