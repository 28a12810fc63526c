"""Who may use the MCP server, and as whom."""

from __future__ import annotations

from typing import Final

import jwt
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.mcpserver.exceptions import ToolError

from app.core.logging import get_logger
from app.core.problems import ServiceUnavailable, Unauthorized
from app.core.security import Identity, InternalTokens, UserTokenVerifier

log = get_logger(__name__)

SCOPE: Final = "tasks"


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
        try:
            identity = await self._identify(token)
        except Unauthorized as error:
            log.info("mcp.token_refused", reason=error.detail)
            return None
        except ServiceUnavailable:
            return None
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
