"""The agent's tools: those of the MCP server, called over the protocol on the user's behalf."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

import httpx2
from agents.tool import FunctionTool, Tool
from agents.tool_context import ToolContext
from mcp_types import CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY
from starlette.types import ASGIApp

from app.core import telemetry
from app.core.logging import get_logger
from app.core.problems import Problem
from app.core.security import InternalTokens
from app.mcp.gate import MCP_PATH
from app.mcp.server import KEY_IN_META

log = get_logger(__name__)

PROTOCOL_VERSION: Final = "2026-07-28"
"""A request of this version runs in the task that asks, so a caller that is cancelled cancels its tool."""

TOOL_TIMEOUT_SECONDS: Final = 30.0

_UNAVAILABLE: Final = "Error: The task list can't be reached right now."
_UNCERTAIN: Final = (
    "Error: The task list can't be reached right now, and it is not known whether this was done. "
    "Look at the list before trying again."
)
_META: Final = {
    PROTOCOL_VERSION_META_KEY: PROTOCOL_VERSION,
    CLIENT_INFO_META_KEY: {"name": "todo-agent", "version": "1"},
    CLIENT_CAPABILITIES_META_KEY: {},
}

CallOff = Callable[[str, str], Awaitable[bool]]
"""Makes sure that a user's call with a key takes no effect any more; False where it has."""


class AgentUser(Protocol):
    """For whom a turn runs."""

    @property
    def user_id(self) -> str:
        """The verified user; tools act on this user's tasks."""

    @property
    def timezone(self) -> dt.tzinfo:
        """The user's time zone; its text is its name."""

    @property
    def today(self) -> dt.date:
        """The user's current day."""

    @property
    def list_order(self) -> str | None:
        """The order in which the user sees the tasks, where it isn't the usual one."""

    @property
    def on_screen(self) -> tuple[str, ...]:
        """Ids of the tasks that the user sees, in order, where it is a selection."""

    def call_key(self, call: object) -> str | None:
        """What makes a tool call that is repeated after a crash the same call."""

    async def refusal(self, tool: str, arguments: dict[str, Any], tools: TaskTools) -> str | None:
        """Why a call may not be carried out, told to the model; None where it may."""


def _with_screen(output: str, user: AgentUser) -> str:
    """A list of tasks with what the user sees, so that "the first one" is counted there."""
    seen = {"on_screen": user.on_screen} if user.on_screen else {"page_order": user.list_order}
    if not any(seen.values()) or output.startswith("Error: "):
        return output
    return json.dumps({**json.loads(output), **seen}, ensure_ascii=False)


class McpError(Exception):
    """The MCP server did not answer a request with a result.

    Attributes:
        began: Whether a tool may have begun to act.
    """

    def __init__(self, message: str, *, began: bool = True) -> None:
        super().__init__(message)
        self.began = began


class TaskTools:
    """Makes the MCP server's tools available to the agent.

    The server is stateless, so a call is one request, and there is no session to open for each
    turn. Requests pass through the same authentication and checks as those of any other client;
    only the socket is left out, as client and server share a process.

    Args:
        mcp_app: The MCP server's ASGI application.
        tokens: Signs a short-lived token for each request.
        call_off: Settles calls whose outcome isn't known.
    """

    def __init__(self, mcp_app: ASGIApp, tokens: InternalTokens, call_off: CallOff) -> None:
        self._client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=mcp_app, raise_app_exceptions=False),
            base_url="http://localhost",
            headers={
                "Accept": "application/json, text/event-stream",
                "MCP-Protocol-Version": PROTOCOL_VERSION,
            },
        )
        self._tokens = tokens
        self._call_off = call_off
        self._ids = itertools.count(1)
        self._tools: list[Tool] | None = None
        self._reading: set[str] = set()

    async def all(self, user: AgentUser) -> list[Tool]:
        """Every tool the server lists; asked for once, as the list belongs to its code.

        Raises:
            McpError: The server does not answer.
        """
        if self._tools is None:
            listed = await self._request(user.user_id, "tools/list", {})
            self._reading = {
                tool["name"] for tool in listed["tools"] if tool.get("annotations", {}).get("readOnlyHint")
            }
            self._tools = [self._tool(description) for description in listed["tools"]]
        return self._tools

    def only_reads(self, name: str) -> bool:
        """Whether a tool changes nothing."""
        return name in self._reading

    def _tool(self, description: dict[str, Any]) -> Tool:
        name: str = description["name"]

        async def invoke(context: ToolContext[Any], arguments: str) -> str:
            user: AgentUser = context.context.request_context
            try:
                parsed = json.loads(arguments or "{}")
            except (ValueError, RecursionError):
                return "Error: The arguments are not valid JSON."
            if not isinstance(parsed, dict):
                return "Error: The arguments are not a JSON object."
            in_page_order = name == "list_tasks" and parsed.get("sort") in (None, user.list_order)
            if in_page_order and user.list_order is not None:
                parsed["sort"] = user.list_order
            refusal = await user.refusal(name, parsed, self)
            if refusal is not None:
                return f"Error: {refusal}"
            output = await self.call(user.user_id, name, parsed, user.call_key(context))
            return _with_screen(output, user) if in_page_order or (name == "list_tasks" and user.on_screen) else output

        return FunctionTool(
            name=name,
            description=description["description"],
            params_json_schema=description["inputSchema"],
            on_invoke_tool=invoke,
            # Strict mode would make every optional argument a required one.
            strict_json_schema=False,
        )

    async def call(self, user_id: str, name: str, arguments: dict[str, Any], key: str | None) -> str:
        """Call a tool; what went wrong is an answer, too, so that the user is told.

        Args:
            user_id: On whose behalf.
            name: The tool.
            arguments: Its arguments.
            key: Makes a repeated call the same one. Without a key nothing is settled when the outcome is unknown.
        """
        params: dict[str, Any] = {"name": name, "arguments": arguments}
        if key is not None and not self.only_reads(name):
            params["_meta"] = {KEY_IN_META: key}
        with telemetry.tool_call(name) as end_as:
            return await self._call(user_id, params, key, end_as)

    async def _call(self, user_id: str, params: dict[str, Any], key: str | None, end_as: Callable[[str], None]) -> str:
        name = params["name"]
        try:
            async with asyncio.timeout(TOOL_TIMEOUT_SECONDS):
                result = await self._request(user_id, "tools/call", params)
        except (McpError, TimeoutError, httpx2.HTTPError) as error:
            log.error("tool.unavailable", tool=name, error=str(error) or type(error).__name__)
            if "_meta" not in params or (isinstance(error, McpError) and not error.began):
                return _UNAVAILABLE
            return await self._settled(user_id, params, str(key))
        text = "\n".join(part["text"] for part in result["content"] if part["type"] == "text")
        if result.get("isError"):
            log.info("tool.refused", tool=name)
            end_as("refused")
            return f"Error: {text}"
        end_as("done")
        return text

    async def _settled(self, user_id: str, params: dict[str, Any], key: str) -> str:
        """What came of a call that was not answered: it is undone for good, or done, never both."""
        try:
            async with asyncio.timeout(TOOL_TIMEOUT_SECONDS):
                if await self._call_off(user_id, key):
                    return _UNAVAILABLE
                result = await self._request(user_id, "tools/call", params)
        except (McpError, TimeoutError, httpx2.HTTPError, Problem):
            return _UNCERTAIN
        return "\n".join(part["text"] for part in result["content"] if part["type"] == "text")

    async def _request(self, user_id: str, method: str, params: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._tokens.issue(user_id)}", "Mcp-Method": method}
        if "name" in params:
            headers["Mcp-Name"] = params["name"]
        response = await self._client.post(
            MCP_PATH,
            json={
                "jsonrpc": "2.0",
                "id": next(self._ids),
                "method": method,
                "params": {**params, "_meta": {**_META, **params.get("_meta", {})}},
            },
            headers=headers,
        )
        message: dict[str, Any] = {}
        if response.headers.get("content-type", "").startswith("application/json"):
            message = response.json()
        if "result" not in message:
            error = message.get("error")
            # Refused before the protocol: then it is a word of OAuth's.
            reason = error.get("message") if isinstance(error, dict) else error
            reason = reason or f"status {response.status_code}"
            raise McpError(
                f"{method} failed: {reason}", began=response.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR
            )
        result: dict[str, Any] = message["result"]
        return result

    async def close(self) -> None:
        """Close the client."""
        await self._client.aclose()
