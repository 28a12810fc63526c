"""The MCP server of a real process, by the official client: in the protocol's present form, and in the one before."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.auth.utils import (
    build_protected_resource_metadata_discovery_urls,
    extract_resource_metadata_from_www_auth,
    handle_protected_resource_response,
)
from mcp.client.streamable_http import streamable_http_client

from tests.support.identity import Issuer
from tests.support.server import Process, publishing

pytestmark = pytest.mark.slow

BROWSER = "https://inspector.test"


@pytest.fixture(scope="module")
async def address(database_url: str, issuer: Issuer) -> AsyncIterator[str]:
    with publishing(issuer) as frontend:
        process = Process(
            DATABASE_URL=database_url,
            FRONTEND_URL=frontend,
            BETTER_AUTH_URL="http://todo.test",
            CORS_ORIGINS=BROWSER,
            LOG_LEVEL="WARNING",
        )
        with process.running():
            yield f"{process.url}/mcp"


@contextlib.asynccontextmanager
async def connected(address: str, headers: dict[str, str], mode: Any) -> AsyncIterator[Client]:
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        async with Client(streamable_http_client(address, http_client=http), mode=mode) as client:
            yield client


@pytest.mark.parametrize(("mode", "version"), [("auto", "2026-07-28"), ("legacy", "2025-11-25")])
async def test_the_official_client_calls_every_tool(
    mode: str, version: str, address: str, issuer: Issuer, user_id: str
) -> None:
    async with connected(address, issuer.headers(user_id), mode) as client:
        assert client.protocol_version == version
        assert client.server_info is not None
        assert client.server_info.name == "todo-app"
        tools = {tool.name for tool in (await client.list_tools()).tools}
        used: set[str] = set()

        async def call(tool: str, **arguments: Any) -> Any:
            used.add(tool)
            result: Any = await client.call_tool(tool, arguments)
            assert not result.is_error, result.content
            return result.structured_content

        async def titles() -> list[str]:
            return [task["title"] for task in (await call("list_tasks", status="open"))["tasks"]]

        milk = (await call("add_task", title="milk", priority="high"))["task"]
        eggs = (await call("add_task", title="eggs"))["task"]
        assert (await call("get_task", task_id=milk["id"]))["task"] == milk
        assert (await call("update_task", task_id=milk["id"], title="oat milk"))["task"]["title"] == "oat milk"
        assert await titles() == ["oat milk", "eggs"]
        assert (await call("complete_task", task_id=milk["id"]))["task"]["completed"]
        assert await titles() == ["eggs"]
        both = [milk["id"], eggs["id"]]
        assert len((await call("complete_tasks", ids=both, completed=False))["tasks"]) == 2
        assert {t["priority"] for t in (await call("update_tasks", ids=both, priority="low"))["tasks"]} == {"low"}
        assert (await call("delete_task", task_id=eggs["id"]))["deleted"]["title"] == "eggs"
        assert [task["title"] for task in (await call("delete_tasks", ids=both))["deleted"]] == ["oat milk"]
        assert await titles() == []
        assert len((await call("restore_tasks", ids=both))["tasks"]) == 2
        assert used == tools

        gone: Any = await client.call_tool("complete_task", {"task_id": "nonsense"})
        assert gone.is_error
        blank: Any = await client.call_tool("add_task", {"title": " "})
        assert blank.content[0].text.endswith("title: must not be blank")
        unknown: Any = await client.call_tool("launch_rocket", {})
        assert unknown.is_error
        assert "launch_rocket" in unknown.content[0].text


async def test_a_client_without_a_token_is_led_to_where_tokens_are_issued(address: str) -> None:
    async with httpx2.AsyncClient() as client:
        for headers in ({}, {"Authorization": "Bearer nonsense"}):
            refused: Any = await client.post(address, json={}, headers=headers)
            assert refused.status_code == 401
            where = extract_resource_metadata_from_www_auth(refused)
            (first, *_) = build_protected_resource_metadata_discovery_urls(where, address)
            found: Any = await client.get(first)
            metadata = await handle_protected_resource_response(found)
            assert metadata is not None
            assert str(metadata.resource) == address
            assert [str(url).rstrip("/") for url in metadata.authorization_servers] == ["http://todo.test"]


async def test_no_stream_is_opened_and_browsers_may_ask(address: str, issuer: Issuer, user_id: str) -> None:
    headers = {**issuer.headers(user_id), "Accept": "text/event-stream"}
    async with httpx2.AsyncClient(headers=headers) as client:
        async with asyncio.timeout(5):
            stream = await client.get(address)
        assert (stream.status_code, stream.headers["allow"]) == (405, "POST")
        preflight = await client.options(
            address,
            headers={
                "Origin": BROWSER,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version",
            },
        )
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == BROWSER
        asked = await client.post(address, json={}, headers={"Origin": BROWSER})
        assert "WWW-Authenticate" in asked.headers["access-control-expose-headers"]
