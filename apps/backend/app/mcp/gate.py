"""What a request to /mcp has to pass, as those to the REST API have: a token, the rate limit, a method that there is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from app.api.errors import problem_response
from app.core.config import Settings
from app.core.problems import MethodNotAllowed, Problem, TooManyRequests, Unauthorized
from app.core.ratelimit import RateLimiter
from app.mcp.auth import SCOPE, McpTokens, verified

MCP_PATH: Final = "/mcp"
MCP_HEADERS: Final = ("MCP-Protocol-Version", "Mcp-Method", "Mcp-Name", "Mcp-Session-Id", "Last-Event-ID")
"""What clients in browsers send beside the usual."""

METADATA_PATH: Final = "/.well-known/oauth-protected-resource"
"""Where RFC 9728 wants a resource's metadata; the resource's own path may follow."""


class McpGate:
    """Guards the MCP server's application.

    Args:
        get_app: Gives the MCP server's application, as soon as it is there.
        settings: Name the issuer and the public address.
        tokens: Tells whose a token is.
        limiter: Counts with the REST API's requests.
    """

    def __init__(
        self, get_app: Callable[[], Awaitable[ASGIApp]], settings: Settings, tokens: McpTokens, limiter: RateLimiter
    ) -> None:
        self._get_app = get_app
        self._settings = settings
        self._tokens = tokens
        self._limiter = limiter

    def install(self, app: FastAPI) -> None:
        """Add the routes; a mount would answer /mcp with a redirect, which MCP clients don't follow."""
        app.router.routes.append(Route(MCP_PATH, endpoint=self))
        for path in (METADATA_PATH, f"{METADATA_PATH}{MCP_PATH}"):
            app.router.routes.append(Route(path, endpoint=self._describe, methods=["GET"]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        try:
            if request.method != "POST":
                # A stateless server has nothing to say unasked: a stream would stay silent for ever.
                raise MethodNotAllowed(allowed="POST")
            await self._admit(request)
            app = await self._get_app()
        except Problem as problem:
            await problem_response(scope, problem)(scope, receive, send)
            return
        await app(scope, receive, send)

    async def _admit(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise self._unauthorized(request, "Send a token in the Authorization header.", "")
        token = token.strip()
        try:
            identity = await self._tokens.identify(token)
        except Unauthorized as error:
            raise self._unauthorized(request, error.detail, 'error="invalid_token", ') from None
        bind_contextvars(user_id=identity.user_id)
        wait = self._limiter.take(identity.user_id)
        if wait > 0:
            raise TooManyRequests("Too many requests; slow down.", retry_after_seconds=wait)
        verified.set((token, identity))

    def _unauthorized(self, request: Request, detail: str, error: str) -> Unauthorized:
        problem = Unauthorized(detail)
        metadata = f"{self._base(request)}{METADATA_PATH}{MCP_PATH}"
        problem.headers["WWW-Authenticate"] = f'Bearer {error}resource_metadata="{metadata}", scope="{SCOPE}"'
        return problem

    def _base(self, request: Request) -> str:
        return self._settings.mcp_public_url or str(request.base_url).rstrip("/")

    async def _describe(self, request: Request) -> Response:
        """RFC 9728: which authorization server issues the tokens that are taken here."""
        document: dict[str, Any] = {
            "resource": f"{self._base(request)}{MCP_PATH}",
            "resource_name": "Todo tasks",
            "authorization_servers": [self._settings.better_auth_url],
            "scopes_supported": [SCOPE],
            "bearer_methods_supported": ["header"],
        }
        return JSONResponse(document, headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=3600"})
