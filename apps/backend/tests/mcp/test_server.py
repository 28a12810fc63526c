"""The MCP server, by the official client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.server.mcpserver.exceptions import ToolError

from app.core.security import InternalTokens
from app.mcp.verifier import current_user_id
from tests.support.application import JWT_SECRET, captured_log, client_for, make_settings, running_app
from tests.support.identity import Issuer


@contextlib.asynccontextmanager
async def session_for(app: FastAPI, token: str) -> AsyncIterator[ClientSession]:
    headers = {"Authorization": f"Bearer {token}"}
    async with client_for(app, headers) as http:
        async with streamable_http_client("http://localhost/mcp", http_client=http) as streams:
            async with ClientSession(streams[0], streams[1]) as session:
                await session.initialize()
                yield session


def content(result: Any) -> dict[str, Any]:
    assert not result.is_error, result.content
    structured: dict[str, Any] = result.structured_content
    assert json.loads(result.content[0].text) == structured
    return structured


async def test_any_client_can_work_with_the_tasks_of_its_user(app: FastAPI, issuer: Issuer, user_id: str) -> None:
    async with session_for(app, issuer.token(user_id)) as session:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        assert set(tools) == {
            *("list_tasks", "get_task", "add_task", "update_task", "complete_task", "delete_task"),
            *("complete_tasks", "update_tasks", "delete_tasks", "restore_tasks"),
        }
        for tool in tools.values():
            assert tool.description
            assert tool.title
            assert "user" not in tool.input_schema["properties"]
            for name, schema in tool.input_schema["properties"].items():
                assert '"description"' in json.dumps(schema), (tool.name, name)
        assert tools["list_tasks"].annotations is not None
        assert tools["list_tasks"].annotations.read_only_hint
        assert tools["delete_task"].annotations is not None
        assert tools["delete_task"].annotations.destructive_hint

        added = content(
            await session.call_tool(
                "add_task", {"title": "milk", "description": "two", "due_date": "2030-01-31", "priority": "high"}
            )
        )["task"]
        assert (added["title"], added["due_date"], added["priority"]) == ("milk", "2030-01-31", "high")
        await session.call_tool("add_task", {"title": "eggs"})

        listed = content(await session.call_tool("list_tasks", {}))
        assert [task["title"] for task in listed["tasks"]] == ["milk", "eggs"]
        assert not listed["truncated"]
        one = content(await session.call_tool("list_tasks", {"limit": 1, "sort": "-created_at"}))
        assert ([task["title"] for task in one["tasks"]], one["truncated"]) == (["eggs"], True)
        found = content(await session.call_tool("list_tasks", {"search": "zebra\x00", "priority": "high"}))
        assert found["tasks"] == []

        changed = content(
            await session.call_tool(
                "update_task", {"task_id": added["id"], "title": "oat milk", "clear_due_date": True}
            )
        )["task"]
        assert (changed["title"], changed["due_date"], changed["description"]) == ("oat milk", None, "two")
        assert changed["before"] == {"title": "milk", "due_date": "2030-01-31"}
        done = content(await session.call_tool("complete_task", {"task_id": added["id"]}))["task"]
        assert done["completed"]
        assert done.pop("before") == {"completed": False}
        assert content(await session.call_tool("list_tasks", {"status": "done"}))["tasks"] == [done]
        reopened = content(await session.call_tool("complete_task", {"task_id": added["id"], "completed": False}))
        assert not reopened["task"]["completed"]
        deleted = content(await session.call_tool("delete_task", {"task_id": added["id"]}))
        assert deleted["deleted"]["id"] == added["id"]


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("delete_task", {"task_id": "7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55"}, "There is no such task."),
        ("delete_task", {"task_id": "1"}, "must be the id of a task"),
        ("delete_tasks", {"ids": ["1"]}, "must be ids of tasks"),
        ("delete_tasks", {"ids": []}, "ids"),
        ("update_tasks", {"ids": ["7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55"]}, "Nothing to change"),
        ("list_tasks", {"cursor": "nonsense"}, "cursor"),
        ("update_task", {"task_id": "7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55"}, "Nothing to change"),
        ("update_task", {"task_id": "7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55", "title": "  "}, "must not be blank"),
        ("add_task", {"title": " "}, "must not be blank"),
        ("add_task", {"title": "a\x00b"}, "NUL"),
        ("add_task", {}, "title"),
        ("add_task", {"title": "x", "due_date": "soon"}, "due_date"),
        ("list_tasks", {"limit": 1001}, "limit"),
    ],
)
async def test_a_refusal_says_why(
    tool: str, arguments: dict[str, Any], reason: str, app: FastAPI, issuer: Issuer, user_id: str
) -> None:
    async with session_for(app, issuer.token(user_id)) as session:
        result: Any = await session.call_tool(tool, arguments)
        assert result.is_error
        assert reason in result.content[0].text


async def test_an_unexpected_error_keeps_its_cause_inside(
    app: FastAPI, issuer: Issuer, user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("postgresql://user:hunter2@host/db exploded")

    monkeypatch.setattr(app.state.resources.tasks, "create", broken)
    async with session_for(app, issuer.token(user_id)) as session:
        result: Any = await session.call_tool("add_task", {"title": "milk"})
        assert result.is_error
        assert "hunter2" not in result.content[0].text


async def test_no_tool_reaches_what_is_theirs(app: FastAPI, issuer: Issuer, user_id: str) -> None:
    async with session_for(app, issuer.token(f"other-{user_id}")) as theirs:
        task = content(await theirs.call_tool("add_task", {"title": "their secret"}))["task"]
        async with session_for(app, issuer.token(user_id)) as mine:
            for tool, arguments in (
                ("update_task", {"title": "mine"}),
                ("complete_task", {}),
                ("delete_task", {}),
            ):
                result: Any = await mine.call_tool(tool, {"task_id": task["id"], **arguments})
                assert result.is_error
                assert "There is no such task." in result.content[0].text
            assert content(await mine.call_tool("list_tasks", {}))["tasks"] == []
        assert content(await theirs.call_tool("list_tasks", {}))["tasks"] == [task]


async def test_several_tasks_are_changed_at_once(app: FastAPI, issuer: Issuer, user_id: str) -> None:
    async with session_for(app, issuer.token(user_id)) as session:

        async def run(tool: str, **arguments: Any) -> dict[str, Any]:
            return content(await session.call_tool(tool, arguments))

        ids = [(await run("add_task", title=title))["task"]["id"] for title in ("a", "b", "c")]
        some = [*ids[1::-1], str(uuid.uuid4())]
        done = (await run("complete_tasks", ids=some))["tasks"]
        assert [(task["title"], task["completed"]) for task in done] == [("a", True), ("b", True)]
        moved = (await run("update_tasks", ids=some, due_date="2030-01-31", priority="high"))["tasks"]
        assert [(task["due_date"], task["priority"]) for task in moved] == [("2030-01-31", "high")] * 2
        assert [task["before"] for task in moved] == [{"due_date": None, "priority": "medium"}] * 2
        once_more = (await run("update_tasks", ids=ids, due_date="2030-01-31", priority="high"))["tasks"]
        assert [task["before"] for task in once_more] == [{}, {}, {"due_date": None, "priority": "medium"}]
        assert {t["due_date"] for t in (await run("update_tasks", ids=some, clear_due_date=True))["tasks"]} == {None}
        assert not (await run("complete_tasks", ids=some, completed=False))["tasks"][0]["completed"]
        assert [task["title"] for task in (await run("delete_tasks", ids=some))["deleted"]] == ["a", "b"]
        assert (await run("delete_tasks", ids=some))["deleted"] == []
        assert [task["title"] for task in (await run("list_tasks"))["tasks"]] == ["c"]
        assert [task["title"] for task in (await run("restore_tasks", ids=some))["tasks"]] == ["a", "b"]
        assert [task["title"] for task in (await run("list_tasks"))["tasks"]] == ["a", "b", "c"]


async def test_long_lists_come_in_pages_and_long_descriptions_are_cut(
    app: FastAPI, issuer: Issuer, user_id: str
) -> None:
    async with session_for(app, issuer.token(user_id)) as session:
        added = content(await session.call_tool("add_task", {"title": "long", "description": "x" * 4_000}))["task"]
        for number in range(2):
            await session.call_tool("add_task", {"title": f"task {number}"})
        first = content(await session.call_tool("list_tasks", {"limit": 2}))
        assert ([task["title"] for task in first["tasks"]], first["truncated"]) == (["long", "task 0"], True)
        assert first["tasks"][0]["description"] == "x" * 199 + "…"
        second = content(await session.call_tool("list_tasks", {"limit": 2, "cursor": first["next_cursor"]}))
        assert ([task["title"] for task in second["tasks"]], second["next_cursor"]) == (["task 1"], None)
        brief = content(await session.call_tool("list_tasks", {"limit": 1, "brief": True}))["tasks"][0]
        assert {name for name, value in brief.items() if value is not None} == {"id", "title", "completed", "priority"}
        whole = content(await session.call_tool("get_task", {"task_id": added["id"]}))["task"]
        assert whole == added
        cleared = await session.call_tool("update_task", {"task_id": added["id"], "clear_description": True})
        assert content(cleared)["task"]["description"] is None


async def test_a_call_with_a_key_takes_effect_once(app: FastAPI, issuer: Issuer, user_id: str) -> None:
    async with client_for(app, {**HEADERS, **issuer.headers(user_id)}) as client:

        async def run(key: str, tool: str, **arguments: Any) -> dict[str, Any]:
            params = {"name": tool, "arguments": arguments, "_meta": {"todo-app/idempotency-key": key}}
            result: dict[str, Any] = (await client.post("/mcp", json=call("tools/call", **params))).json()["result"]
            return result

        first, again = [await run("add", "add_task", title="milk") for _ in range(2)]
        assert first["structuredContent"] == again["structuredContent"]
        at_once = await asyncio.gather(*(run("eggs", "add_task", title="eggs") for _ in range(5)))
        assert len({result["structuredContent"]["task"]["id"] for result in at_once}) == 1
        refused = await run("add", "add_task", title="bread")
        assert refused["isError"]
        assert "used for another request" in refused["content"][0]["text"]

        milk = first["structuredContent"]["task"]["id"]
        await run("done", "complete_task", task_id=milk)
        await run("open", "complete_task", task_id=milk, completed=False)
        late = await run("done", "complete_task", task_id=milk)  # would tick it off again
        assert not late["structuredContent"]["task"]["completed"]
        assert late["structuredContent"]["task"]["before"] is None
        for _ in range(2):
            named = await run("oats", "update_task", task_id=milk, title="oat milk", clear_due_date=True)
            assert named["structuredContent"]["task"]["before"] == {"title": "milk"}
        for _ in range(2):
            deleted = await run("gone", "delete_task", task_id=milk)
            assert deleted["structuredContent"]["deleted"]["id"] == milk
        assert (await run("gone again", "delete_task", task_id=milk))["isError"]
        assert (await run("a b", "delete_task", task_id=milk))["isError"]
        listed = await run("list", "list_tasks")
        assert [task["title"] for task in listed["structuredContent"]["tasks"]] == ["eggs"]


def call(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


HEADERS = {"Accept": "application/json, text/event-stream"}


async def test_only_valid_tokens_are_let_in(app: FastAPI, issuer: Issuer, user_id: str) -> None:
    internal = InternalTokens(JWT_SECRET)
    tokens = {
        issuer.token(user_id): 200,
        internal.issue(user_id): 200,
        InternalTokens("another-secret-of-32-characters-!").issue(user_id): 401,
        InternalTokens(JWT_SECRET, lifetime=-60).issue(user_id): 401,
        issuer.token(user_id, aud="somebody"): 401,
        "nonsense": 401,
    }
    async with client_for(app) as client:
        for token, status in tokens.items():
            response = await client.post(
                "/mcp", json=call("tools/list"), headers={**HEADERS, "Authorization": f"Bearer {token}"}
            )
            assert response.status_code == status
        assert (await client.post("/mcp", json=call("tools/list"), headers=HEADERS)).status_code == 401


async def test_internal_tokens_open_nothing_but_mcp(app: FastAPI, user_id: str) -> None:
    headers = {"Authorization": f"Bearer {InternalTokens(JWT_SECRET).issue(user_id)}"}
    async with client_for(app, headers) as client:
        assert (await client.get("/api/tasks")).status_code == 401


async def test_replicas_share_no_session(database_url: str, issuer: Issuer, user_id: str) -> None:
    """Each request may meet another replica, so every one must do by itself."""
    settings = make_settings(database_url)
    headers = {**HEADERS, **issuer.headers(user_id)}
    async with running_app(settings, issuer) as one, running_app(settings, issuer) as two:
        async with client_for(one, headers) as first, client_for(two, headers) as second:
            added = await first.post("/mcp", json=call("tools/call", name="add_task", arguments={"title": "milk"}))
            assert added.status_code == 200
            listed = await second.post("/mcp", json=call("tools/call", name="list_tasks", arguments={}))
            assert "milk" in listed.text
            assert "mcp-session-id" not in listed.headers


async def test_only_known_hosts_and_origins_are_let_in(database_url: str, issuer: Issuer, user_id: str) -> None:
    async def statuses(hosts: list[str], **changes: Any) -> list[int]:
        settings = make_settings(database_url, **changes)
        async with running_app(settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
            return [
                (await client.post("/mcp", json=call("tools/list"), headers={**HEADERS, "Host": host})).status_code
                for host in hosts
            ]

    hosts = ["localhost", "127.0.0.1:7860", "todo-app-backend:7860", "mcp.test", "evil.test"]
    assert await statuses(hosts) == [200, 200, 421, 421, 421]
    assert await statuses(hosts, backend_url="http://todo-app-backend:7860", allowed_hosts=["mcp.test"]) == [
        200,
        200,
        200,
        200,
        421,
    ]
    assert await statuses(hosts, allowed_hosts=["*"]) == [200] * 5

    async with running_app(make_settings(database_url), issuer) as app:
        async with client_for(app, {**HEADERS, **issuer.headers(user_id)}) as client:
            for origin, status in (("http://todo.test", 200), ("https://evil.test", 403)):
                response = await client.post("/mcp", json=call("tools/list"), headers={"Origin": origin})
                assert response.status_code == status


async def test_sign_in_that_cannot_be_checked_is_no_reason_to_throw_a_token_away(
    database_url: str, user_id: str
) -> None:
    issuer = Issuer()
    issuer.available = False
    async with running_app(make_settings(database_url), issuer) as app, client_for(app) as client:
        response = await client.post("/mcp", json=call("tools/list"), headers={**HEADERS, **issuer.headers(user_id)})
        assert response.status_code == 503
        assert response.headers["retry-after"]
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_nothing_is_streamed_unasked(method: str, client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(5):
        response = await client.request(method, "/mcp", headers={"Accept": "text/event-stream"})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_client_without_a_token_is_shown_the_way_to_one(anonymous: httpx2.AsyncClient) -> None:
    for headers in (HEADERS, {**HEADERS, "Authorization": "Bearer nonsense"}):
        refused = await anonymous.post("/mcp", json=call("tools/list"), headers=headers)
        assert refused.status_code == 401
        assert refused.headers["content-type"] == "application/problem+json"
        challenge = refused.headers["www-authenticate"]
        assert ('error="invalid_token"' in challenge) == ("Authorization" in headers)
        address = challenge.split('resource_metadata="')[1].split('"')[0]
        metadata = (await anonymous.get(address)).json()
        assert metadata["resource"] == "http://localhost/mcp"
        assert metadata["authorization_servers"] == ["http://todo.test"]
    assert (await anonymous.get("/.well-known/oauth-protected-resource")).status_code == 200


async def test_the_rate_limit_counts_here_too_and_the_log_says_who_asked(
    database_url: str, issuer: Issuer, user_id: str
) -> None:
    settings = make_settings(database_url, api_rate_per_minute=1, api_rate_burst=2)
    async with running_app(settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        with captured_log() as output:
            statuses = [
                (await client.post("/mcp", json=call("tools/list"), headers=HEADERS)).status_code for _ in range(4)
            ]
        assert statuses == [200, 200, 429, 429]
        assert (await client.get("/api/tasks")).status_code == 429
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    assert {line.get("user_id") for line in lines if line["event"] == "request"} == {user_id}


async def test_browsers_of_allowed_origins_may_ask(database_url: str, issuer: Issuer, user_id: str) -> None:
    settings = make_settings(database_url, cors_origins=["https://inspector.test"])
    async with running_app(settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        preflight = await client.options(
            "/mcp",
            headers={
                "Origin": "https://inspector.test",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version,mcp-method,mcp-name",
            },
        )
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == "https://inspector.test"


def test_a_tool_outside_of_a_request_has_no_user() -> None:
    with pytest.raises(ToolError):
        current_user_id()


async def test_the_agent_is_told_when_the_tools_are_away(
    app: FastAPI, issuer: Issuer, user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.chat import Chat

    async with client_for(app, issuer.headers(user_id)) as client:
        chat = Chat(client)
        await chat.say("hello")

        monkeypatch.setattr(InternalTokens, "issue", lambda _self, _user: "nonsense")
        answer = (await chat.say("add milk")).answer
        assert answer == "That didn't work: The task list can't be reached right now."


MODERN = "2026-07-28"


async def ask(client: httpx2.AsyncClient, method: str, **params: Any) -> httpx2.Response:
    """A request in the protocol's present form, which carries what the handshake once said."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    headers = {**HEADERS, "MCP-Protocol-Version": MODERN, "Mcp-Method": method}
    return await client.post("/mcp", json=call(method, **params, _meta=meta), headers=headers)


async def test_nobody_can_subscribe_to_changes_that_never_come(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(5):
        refused = await ask(client, "subscriptions/listen", notifications={"toolsListChanged": True})
    assert refused.json()["error"]["code"] == -32601  # no such method
    assert refused.headers["content-type"] == "application/json"
    capabilities = (await ask(client, "server/discover")).json()["result"]["capabilities"]
    assert capabilities["tools"] == {"listChanged": False}
    assert "true" not in json.dumps(capabilities).lower()


async def test_a_client_may_keep_the_list_of_tools_for_a_while(client: httpx2.AsyncClient) -> None:
    for method in ("tools/list", "server/discover"):
        kept = (await ask(client, method)).json()["result"]
        assert (kept["ttlMs"], kept["cacheScope"]) == (300_000, "private")
