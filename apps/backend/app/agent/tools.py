"""The agent's side of the MCP hop."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

import httpx2
from agents.mcp import MCPServerStreamableHttp
from starlette.types import ASGIApp

from app.core.security import InternalTokens
from app.mcp.server import MCP_PATH

_BASE_URL: Final = "http://localhost"
TOOL_TIMEOUT_SECONDS: Final = 20.0


class _InternalAuth(httpx2.Auth):
    """Signs a token for each request, as a turn may outlast a token."""

    def __init__(self, tokens: InternalTokens, user_id: str) -> None:
        self._tokens = tokens
        self._user_id = user_id

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._tokens.issue(self._user_id)}"
        yield request


class TaskTools:
    """Opens MCP sessions that act for one user.

    The protocol, its authentication and the server are the ones that outside clients meet. Only
    the socket is left out, as client and server are in one process.

    Args:
        mcp_app: The MCP server's ASGI application.
        tokens: Signs the token of each session.
    """

    def __init__(self, mcp_app: ASGIApp, tokens: InternalTokens) -> None:
        self._transport = httpx2.ASGITransport(app=mcp_app, raise_app_exceptions=False)
        self._tokens = tokens

    def session(self, user_id: str) -> MCPServerStreamableHttp:
        """An MCP session for the user; use it as an async context manager."""
        return MCPServerStreamableHttp(
            {
                "url": _BASE_URL + MCP_PATH,
                "auth": _InternalAuth(self._tokens, user_id),
                "timeout": TOOL_TIMEOUT_SECONDS,
                "terminate_on_close": False,
                "httpx_client_factory": self._client,
            },
            name="todo-app",
            cache_tools_list=True,
            client_session_timeout_seconds=TOOL_TIMEOUT_SECONDS,
            use_structured_content=True,
        )

    def _client(
        self,
        headers: dict[str, str] | None = None,
        timeout: httpx2.Timeout | None = None,
        auth: httpx2.Auth | None = None,
        **_options: Any,
    ) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=self._transport,
            headers=headers,
            timeout=timeout,
            auth=auth,
            base_url=_BASE_URL,
        )
