"""Who may use the MCP server, and as whom: in the form that its library wants."""

from __future__ import annotations

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.mcpserver.exceptions import ToolError

from app.core.logging import get_logger
from app.core.problems import Unauthorized
from app.mcp.auth import SCOPE, McpTokens

log = get_logger(__name__)


class BearerTokenVerifier(TokenVerifier):
    """Accepts what McpTokens does.

    Args:
        tokens: Tells whose a token is.
    """

    def __init__(self, tokens: McpTokens) -> None:
        self._tokens = tokens

    async def verify_token(self, token: str) -> AccessToken | None:
        """The verified token, or None when it is not valid."""
        try:
            identity = await self._tokens.identify(token)
        except Unauthorized as error:
            log.info("mcp.token_refused", reason=error.detail)
            return None
        return AccessToken(
            token=token,
            client_id=identity.user_id,
            scopes=[SCOPE],
            expires_at=identity.expires_at,
            subject=identity.user_id,
        )


def current_user_id() -> str:
    """The user on whose behalf a tool runs.

    Raises:
        ToolError: The request carries no verified token.
    """
    token = get_access_token()
    if token is None or not token.subject:
        raise ToolError("You are not signed in.")
    return token.subject
