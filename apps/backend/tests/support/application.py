"""Runs the application in the test process."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
from fastapi import FastAPI

from app.chat.parts import ChatParts
from app.core.config import Settings, load_settings
from app.core.resources import Resources
from app.main import create_app
from tests.support.identity import ISSUER, Issuer

JWT_SECRET = "4f1d0c9b7a6e5d3c2b1a09f8e7d6c5b4"


def make_settings(database_url: str, **changes: Any) -> Settings:
    """Settings as in development, with limits that tests don't meet."""
    values: dict[str, Any] = {
        "environment": "development",
        "database_url": database_url,
        "jwt_secret": JWT_SECRET,
        "better_auth_url": ISSUER,
        "llm_provider": "offline",
        "log_level": "INFO",
        "chat_rate_per_minute": 0,
        "api_rate_per_minute": 0,
    }
    return load_settings(**(values | changes))


@contextlib.asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[FastAPI]:
    """Run the application's lifespan in a task of its own, as servers do, until all of it is there."""
    started, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.router.lifespan_context(app):
            started.set()
            await stop.wait()

    task = asyncio.create_task(live())
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        await task
    await resources_of(app).chat.get()
    try:
        yield app
    finally:
        stop.set()
        await task


@contextlib.asynccontextmanager
async def running_app(settings: Settings, issuer: Issuer, **options: Any) -> AsyncIterator[FastAPI]:
    """Build and run an application."""
    app = create_app(settings, auth_transport=issuer.transport, **options)
    async with running(app):
        yield app


@contextlib.contextmanager
def captured_log() -> Iterator[io.StringIO]:
    """What is logged meanwhile, as it is written; building another application ends it."""
    (handler,) = (h for h in logging.getLogger().handlers if h.name == "stdout")
    assert isinstance(handler, logging.StreamHandler)
    # Not by setStream, which flushes: the stream may be one that a test has captured and closed.
    stream, handler.stream = handler.stream, io.StringIO()
    try:
        yield handler.stream
    finally:
        handler.stream = stream


def client_for(app: FastAPI, headers: dict[str, str] | None = None) -> httpx2.AsyncClient:
    """An HTTP client of the application, without sockets."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://localhost", headers=headers, timeout=60)


def resources_of(app: FastAPI) -> Resources:
    """The application's services."""
    resources: Resources = app.state.resources
    return resources


def parts_of(app: FastAPI) -> ChatParts:
    """What answers its messages."""
    parts = resources_of(app).chat.made
    assert parts is not None
    return parts
