"""The agent's tools: those of the MCP server, called over the protocol on the user's behalf."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import json
from typing import Any, Final, Protocol

import httpx2
from agents.tool import FunctionTool, Tool
from agents.tool_context import ToolContext
from starlette.types import ASGIApp

from app.core.logging import get_logger
from app.core.security import InternalTokens
from app.mcp.server import MCP_PATH

log = get_logger(__name__)

PROTOCOL_VERSION: Final = "2025-11-25"
TOOL_TIMEOUT_SECONDS: Final = 30.0

_UNAVAILABLE: Final = "Error: The task list can't be reached right now."


class AgentUser(Protocol):
    """For whom a turn runs."""

    @property
    def user_id(self) -> str:
        """The verified user; tools act on this user's tasks."""

    @property
    def today(self) -> dt.date:
        """The user's current day."""


class McpError(Exception):
    """The MCP server did not answer a request with a result."""


class TaskTools:
    """Makes the MCP server's tools available to the agent.

    The server is stateless, so a call is one request, and there is no session to open for each
    turn. Requests pass through the same authentication and checks as those of any other client;
    only the socket is left out, as client and server share a process.

    Args:
        mcp_app: The MCP server's ASGI application.
        tokens: Signs a short-lived token for each request.
    """

    def __init__(self, mcp_app: ASGIApp, tokens: InternalTokens) -> None:
        self._client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=mcp_app, raise_app_exceptions=False),
            base_url="http://localhost",
            headers={
                "Accept": "application/json, text/event-stream",
                "MCP-Protocol-Version": PROTOCOL_VERSION,
            },
        )
        self._tokens = tokens
        self._ids = itertools.count(1)
        self._tools: list[Tool] | None = None

    async def all(self, user: AgentUser) -> list[Tool]:
        """Every tool the server lists; asked for once, as the list belongs to its code.

        Raises:
            McpError: The server does not answer.
        """
        if self._tools is None:
            listed = await self._request(user, "tools/list", {})
            self._tools = [self._tool(description) for description in listed["tools"]]
        return self._tools

    def _tool(self, description: dict[str, Any]) -> Tool:
        name: str = description["name"]

        async def invoke(context: ToolContext[Any], arguments: str) -> str:
            user: AgentUser = context.context.request_context
            return await self._call(user, name, arguments)

        return FunctionTool(
            name=name,
            description=description["description"],
            params_json_schema=description["inputSchema"],
            on_invoke_tool=invoke,
            # Strict mode would make every optional argument a required one.
            strict_json_schema=False,
        )

    async def _call(self, user: AgentUser, name: str, arguments: str) -> str:
        """Call a tool; what went wrong is an answer, too, so that the user is told."""
        try:
            parsed = json.loads(arguments or "{}")
        except ValueError:
            return "Error: The arguments are not valid JSON."
        try:
            async with asyncio.timeout(TOOL_TIMEOUT_SECONDS):
                result = await self._request(user, "tools/call", {"name": name, "arguments": parsed})
        except (McpError, TimeoutError, httpx2.HTTPError) as error:
            log.error("tool.unavailable", tool=name, error=str(error) or type(error).__name__)
            return _UNAVAILABLE
        text = "\n".join(part["text"] for part in result["content"] if part["type"] == "text")
        if result.get("isError"):
            log.info("tool.refused", tool=name)
            return f"Error: {text}"
        return text

    async def _request(self, user: AgentUser, method: str, params: dict[str, Any]) -> dict[str, Any]:
        response = await self._client.post(
            MCP_PATH,
            json={"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params},
            headers={"Authorization": f"Bearer {self._tokens.issue(user.user_id)}"},
        )
        if response.status_code != httpx2.codes.OK:
            raise McpError(f"{method} was answered with status {response.status_code}")
        message: dict[str, Any] = response.json()
        if "result" not in message:
            raise McpError(f"{method} failed: {message.get('error', {}).get('message', 'no result')}")
        result: dict[str, Any] = message["result"]
        return result

    async def close(self) -> None:
        """Close the client."""
        await self._client.aclose()
