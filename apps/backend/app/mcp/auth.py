"""Whose token a request to the MCP server carries."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

import jwt

from app.core.problems import Unauthorized
from app.core.security import Identity, InternalTokens, UserTokenVerifier

SCOPE: Final = "tasks"

verified: ContextVar[tuple[str, Identity] | None] = ContextVar("verified", default=None)
"""The request's token and whose it is, where that was checked before the MCP server saw it."""


class McpTokens:
    """Accepts the agent's internal tokens, and users' own tokens from any MCP client.

    Args:
        internal: Checks HS256 tokens of this service.
        users: Checks EdDSA tokens of the front end.
    """

    def __init__(self, internal: InternalTokens, users: UserTokenVerifier) -> None:
        self._internal = internal
        self._users = users

    async def identify(self, token: str) -> Identity:
        """Whose token it is.

        Raises:
            Unauthorized: It is not valid.
            ServiceUnavailable: The keys to check it with can't be had.
        """
        known = verified.get()
        if known is not None and known[0] == token:
            return known[1]
        try:
            algorithm = jwt.get_unverified_header(token).get("alg")
        except jwt.PyJWTError:
            raise Unauthorized("The token is not a valid JWT.") from None
        if algorithm == "HS256":
            return self._internal.verify(token)
        return await self._users.verify(token)
