"""The application factory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Final

import httpx2
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from app.api.errors import install_error_handlers
from app.api.middleware import REQUEST_ID_HEADER, BodyLimitMiddleware, RequestContextMiddleware
from app.api.openapi import DESCRIPTION, TAGS, install_openapi
from app.api.routes import account, chatkit, conversations, health, tasks
from app.core.config import Settings, get_settings
from app.core.database import Database, DatabaseCredentialsError, ReadinessProbe, raise_for_credentials
from app.core.deferred import Deferred
from app.core.logging import configure_logging, get_logger
from app.core.ratelimit import RateLimiter
from app.core.resources import Resources
from app.core.security import InternalTokens, create_verifier
from app.core.streams import OpenStreams
from app.core.telemetry import start_telemetry
from app.mcp.auth import McpTokens
from app.mcp.gate import MCP_HEADERS, McpGate
from app.services.account import AccountService, Housekeeping
from app.services.conversations import ConversationService
from app.services.tasks import TaskService

if TYPE_CHECKING:
    from app.chat.parts import ChatParts

log = get_logger(__name__)

_UNASKED_SECONDS: Final = 5.0
"""The chat is made after the first question whether the process is ready, or this long after the start."""


def create_app(
    settings: Settings | None = None,
    *,
    auth_transport: httpx2.AsyncBaseTransport | None = None,
    model_http_client: httpx2.AsyncClient | None = None,
) -> FastAPI:
    """Build one application with everything it needs.

    Args:
        settings: Read from the environment when left out.
        auth_transport: Replaces the network towards the token issuer.
        model_http_client: Replaces the network towards the language model.

    Raises:
        SettingsError: The environment does not make a valid configuration.
    """
    settings = settings or get_settings()
    # The MCP server would configure logging its own way, if there was no configuration yet.
    configure_logging(settings.log_level, version=settings.app_version)

    database = Database(settings)
    readiness = ReadinessProbe(settings.sqlalchemy_url, availability=database.availability)
    jwks, users = create_verifier(settings, transport=auth_transport)
    internal_tokens = InternalTokens(settings.jwt_secret.get_secret_value())
    task_service = TaskService(database)

    tokens = McpTokens(internal_tokens, users)
    chat_limiter = RateLimiter(per_minute=settings.chat_rate_per_minute, burst=settings.chat_rate_burst)
    # A fifth of the connections is left for everything else.
    streams = OpenStreams(per_user=settings.chat_streams_per_user, total=settings.max_connections * 4 // 5)

    def open_chat(parts: ModuleType) -> AbstractAsyncContextManager[ChatParts]:
        opened: AbstractAsyncContextManager[ChatParts] = parts.open_chat(
            settings,
            database,
            task_service,
            tokens,
            internal_tokens,
            chat_limiter,
            streams,
            model_http_client=model_http_client,
        )
        return opened

    chat = Deferred("app.chat.parts", open_chat)
    resources = Resources(
        settings=settings,
        database=database,
        readiness=readiness,
        jwks=jwks,
        users=users,
        tasks=task_service,
        conversations=ConversationService(database),
        account=AccountService(database),
        chat=chat,
        api_limiter=RateLimiter(per_minute=settings.api_rate_per_minute, burst=settings.api_rate_burst),
        streams=streams,
    )

    async def get_mcp_app() -> ASGIApp:
        return (await chat.get()).mcp

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop_telemetry = start_telemetry(settings)
        try:
            await _report_database(readiness)
            housekeeping = asyncio.create_task(Housekeeping(database, settings).run())
            conversing = asyncio.create_task(chat.run())
            # Where nobody asks whether this is ready.
            asyncio.get_running_loop().call_later(_UNASKED_SECONDS, chat.begin)
            log.info("app.started", provider=settings.provider, model=settings.model_name)
            yield
            resources.draining.set()
            housekeeping.cancel()
            await resources.end_turns(0)
            conversing.cancel()
            await asyncio.wait({conversing})
        finally:
            await jwks.close()
            await readiness.close()
            await database.close()
            stop_telemetry()
            log.info("app.stopped")

    app = FastAPI(
        title="Todo AI chatbot",
        summary="Tasks, conversations, and a chat that looks after both.",
        description=DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        openapi_tags=TAGS,
        version=settings.app_version,
        lifespan=lifespan,
        docs_url=None if settings.environment == "production" else "/docs",
        redoc_url=None,
        # Names that client generators make methods of: listTasks, and not listTasksApiTasksGet.
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.resources = resources
    for module in (health, tasks, conversations, chatkit, account):
        app.include_router(module.router)
    McpGate(get_mcp_app, settings, tokens, resources.api_limiter).install(app)
    install_error_handlers(app)
    install_openapi(app, resources)

    app.add_middleware(BodyLimitMiddleware, max_bytes=settings.max_body_bytes)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", REQUEST_ID_HEADER, *MCP_HEADERS],
            expose_headers=["Location", "Retry-After", "WWW-Authenticate", REQUEST_ID_HEADER],
        )
    app.add_middleware(RequestContextMiddleware)
    return app


async def _report_database(readiness: ReadinessProbe) -> None:
    """Say at the start whether the database answers; only wrong credentials stop the process."""
    error = await readiness.check()
    if error is None:
        log.info("database.connected")
        return
    try:
        raise_for_credentials(error)
    except DatabaseCredentialsError as refusal:
        log.error("database.refused", detail=str(refusal))
        raise
    log.warning("database.unreachable", error=type(error).__name__)
