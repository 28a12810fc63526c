"""The application factory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx2
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from app.agent.assistant import Assistant
from app.agent.models import create_model
from app.agent.tools import TaskTools
from app.api.errors import install_error_handlers
from app.api.middleware import REQUEST_ID_HEADER, BodyLimitMiddleware, RequestContextMiddleware
from app.api.openapi import install_openapi
from app.api.routes import account, chatkit, conversations, health, tasks
from app.chat.following import Following
from app.chat.server import TodoChatServer
from app.chat.store import PostgresStore
from app.chat.turns import TurnRegistry
from app.chat.warm_up import warm_up
from app.core.config import Settings, get_settings
from app.core.database import Database, DatabaseCredentialsError, ReadinessProbe, raise_for_credentials
from app.core.logging import configure_logging, get_logger
from app.core.ratelimit import RateLimiter
from app.core.resources import Resources
from app.core.security import InternalTokens, create_verifier
from app.core.telemetry import start_telemetry
from app.mcp.auth import BearerTokenVerifier
from app.mcp.gate import McpGate
from app.mcp.server import MCP_HEADERS, MCP_PATH, create_mcp_server, transport_security
from app.services.account import AccountService, Housekeeping
from app.services.conversations import ConversationService
from app.services.once import call_off
from app.services.tasks import TaskService

log = get_logger(__name__)


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

    verifier = BearerTokenVerifier(internal_tokens, users)
    mcp = create_mcp_server(settings, task_service, verifier)
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
    chat = TodoChatServer(
        store,
        Assistant(model, tools, max_turns=settings.agent_max_turns),
        history_limit=settings.chat_history_limit,
        history_tokens=settings.chat_history_tokens,
        turn_timeout=settings.chat_turn_timeout_seconds,
        # The offline model asks by itself, and takes no orders from what it reads.
        approvals=settings.provider != "offline",
    )
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
        turns=turns,
        following=Following(store, turns),
        api_limiter=RateLimiter(per_minute=settings.api_rate_per_minute, burst=settings.api_rate_burst),
        chat_limiter=RateLimiter(per_minute=settings.chat_rate_per_minute, burst=settings.chat_rate_burst),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop_telemetry = start_telemetry(settings)
        try:
            await _report_database(readiness)
            async with mcp.session_manager.run():
                housekeeping = asyncio.create_task(Housekeeping(database, settings).run())
                preparing = asyncio.create_task(warm_up())
                log.info("app.started", provider=settings.provider, model=settings.model_name)
                yield
                resources.draining.set()
                preparing.cancel()
                housekeeping.cancel()
                await resources.turns.stop(0)
        finally:
            await jwks.close()
            await tools.close()
            await readiness.close()
            await database.close()
            if model_client is not None:
                await model_client.close()
            stop_telemetry()
            log.info("app.stopped")

    app = FastAPI(
        title="Todo AI chatbot",
        summary="Tasks, conversations, and a chat that looks after both.",
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
    McpGate(mcp_app, settings, verifier, resources.api_limiter).install(app)
    install_error_handlers(app)
    install_openapi(app)

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
