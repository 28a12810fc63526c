"""The application's long-lived objects."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.chat.parts import ChatParts
    from app.core.config import Settings
    from app.core.database import Database, ReadinessProbe
    from app.core.deferred import Deferred
    from app.core.ratelimit import RateLimiter
    from app.core.security import JwksCache, UserTokenVerifier
    from app.core.streams import OpenStreams
    from app.services.account import AccountService
    from app.services.conversations import ConversationService
    from app.services.tasks import TaskService


@dataclass(slots=True, kw_only=True)
class Resources:
    """Made once per application by the factory, and closed when it stops.

    Attributes:
        chat: What answers messages, and the MCP server; made once the process is ready.
        draining: Set when the process was told to stop: /ready answers 503 from then on.
    """

    settings: Settings
    database: Database
    readiness: ReadinessProbe
    jwks: JwksCache
    users: UserTokenVerifier
    tasks: TaskService
    conversations: ConversationService
    account: AccountService
    chat: Deferred[ChatParts]
    api_limiter: RateLimiter
    streams: OpenStreams
    draining: asyncio.Event = field(default_factory=asyncio.Event)

    async def end_turns(self, timeout: float) -> None:
        """Let chat turns finish, and end those that take too long.

        Args:
            timeout: Seconds to wait before ending them.
        """
        parts = self.chat.made
        if parts is not None:
            await parts.turns.stop(timeout)
