"""What answers messages, with the MCP server that its tools are of.

The libraries behind it take more than half of the time that all imports take, and no other request needs them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx2
from starlette.types import ASGIApp

from app.agent.assistant import Assistant
from app.agent.models import create_model
from app.agent.tools import TaskTools
from app.chat.following import Following
from app.chat.protocol import ChatKitProtocol
from app.chat.server import TodoChatServer
from app.chat.store import PostgresStore
from app.chat.turns import TurnRegistry
from app.chat.warm_up import warm_up
from app.core.config import Settings
from app.core.database import Database
from app.core.logging import get_logger, quiet_libraries
from app.core.ratelimit import RateLimiter
from app.core.security import InternalTokens
from app.core.streams import OpenStreams
from app.mcp.auth import McpTokens
from app.mcp.gate import MCP_PATH
from app.mcp.server import create_mcp_server, transport_security
from app.mcp.verifier import BearerTokenVerifier
from app.services.once import call_off
from app.services.tasks import TaskService

log = get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class ChatParts:
    """Made once per application.

    Attributes:
        mcp: The MCP server's application, which expects that its callers were let in.
        server: Answers messages.
        protocol: Answers requests of the ChatKit protocol.
        turns: Those that run in this process.
        following: Tells others what becomes of them.
    """

    mcp: ASGIApp
    server: TodoChatServer
    protocol: ChatKitProtocol
    turns: TurnRegistry
    following: Following


@asynccontextmanager
async def open_chat(
    settings: Settings,
    database: Database,
    tasks: TaskService,
    tokens: McpTokens,
    internal_tokens: InternalTokens,
    limiter: RateLimiter,
    streams: OpenStreams,
    *,
    model_http_client: httpx2.AsyncClient | None = None,
) -> AsyncIterator[ChatParts]:
    """Make the parts, and close them at the end.

    Args:
        settings: The application's.
        database: The application's.
        tasks: What the tools act on.
        tokens: Tells who calls the MCP server.
        internal_tokens: Signs the agent's own calls.
        limiter: Counts messages.
        streams: Counts answers that are being sent.
        model_http_client: Replaces the network towards the language model.
    """
    quiet_libraries(settings.log_level)
    mcp = create_mcp_server(settings, tasks, BearerTokenVerifier(tokens))
    mcp_app = mcp.streamable_http_app(
        streamable_http_path=MCP_PATH,
        stateless_http=True,
        json_response=True,
        max_request_body_size=settings.max_body_bytes,
        transport_security=transport_security(settings),
    )
    model, model_client = create_model(settings, http_client=model_http_client)
    tools = TaskTools(mcp_app, internal_tokens, partial(call_off, database))
    store = PostgresStore(database)
    turns = TurnRegistry(store)
    server = TodoChatServer(
        store,
        Assistant(model, tools, max_turns=settings.agent_max_turns),
        history_limit=settings.chat_history_limit,
        history_tokens=settings.chat_history_tokens,
        turn_timeout=settings.chat_turn_timeout_seconds,
        # The offline model asks by itself, and takes no orders from what it reads.
        approvals=settings.provider != "offline",
    )
    preparing = asyncio.create_task(warm_up())
    try:
        async with mcp.session_manager.run():
            log.info("chat.ready", provider=settings.provider, model=settings.model_name)
            yield ChatParts(
                mcp=mcp_app,
                server=server,
                protocol=ChatKitProtocol(server, turns, limiter, streams),
                turns=turns,
                following=Following(store, turns),
            )
    finally:
        preparing.cancel()
        await tools.close()
        if model_client is not None:
            await model_client.close()
