"""Who may use the MCP server, and as whom."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

import jwt
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.mcpserver.exceptions import ToolError

from app.core.logging import get_logger
from app.core.problems import Unauthorized
from app.core.security import Identity, InternalTokens, UserTokenVerifier

log = get_logger(__name__)

SCOPE: Final = "tasks"

verified: ContextVar[AccessToken | None] = ContextVar("verified", default=None)
"""The request's token, where it was checked before the MCP server saw it."""


class BearerTokenVerifier(TokenVerifier):
    """Accepts the agent's internal tokens, and users' own tokens from any MCP client.

    Args:
        internal: Checks HS256 tokens of this service.
        users: Checks EdDSA tokens of the front end.
    """

    def __init__(self, internal: InternalTokens, users: UserTokenVerifier) -> None:
        self._internal = internal
        self._users = users

    async def verify_token(self, token: str) -> AccessToken | None:
        """The verified token, or None when it is not valid."""
        access = verified.get()
        if access is not None and access.token == token:
            return access
        try:
            return await self.identify(token)
        except Unauthorized as error:
            log.info("mcp.token_refused", reason=error.detail)
            return None

    async def identify(self, token: str) -> AccessToken:
        """The verified token.

        Raises:
            Unauthorized: It is not valid.
            ServiceUnavailable: The keys to check it with can't be had.
        """
        identity = await self._identify(token)
        return AccessToken(
            token=token,
            client_id=identity.user_id,
            scopes=[SCOPE],
            expires_at=identity.expires_at,
            subject=identity.user_id,
        )

    async def _identify(self, token: str) -> Identity:
        try:
            algorithm = jwt.get_unverified_header(token).get("alg")
        except jwt.PyJWTError:
            raise Unauthorized("The token is not a valid JWT.") from None
        if algorithm == "HS256":
            return self._internal.verify(token)
        return await self._users.verify(token)


def current_user_id() -> str:
    """The user on whose behalf a tool runs.

    Raises:
        ToolError: The request carries no verified token.
    """
    token = get_access_token()
    if token is None or not token.subject:
        raise ToolError("You are not signed in.")
    return token.subject
