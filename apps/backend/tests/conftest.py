"""Fixtures: one database and one application for the whole run, and a user for each test."""

from __future__ import annotations

import io
import uuid
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.migrate import migrate
from tests.support import postgres
from tests.support.application import captured_log, client_for, make_settings, running_app
from tests.support.chat import Chat
from tests.support.identity import Issuer
from tests.support.llm import LanguageModel


@pytest.fixture(scope="session")
def server_url() -> Iterator[URL]:
    """The PostgreSQL server."""
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def database_url(server_url: URL) -> Iterator[str]:
    """A migrated database, shared by tests that keep to their own users' rows."""
    with postgres.database(server_url) as url:
        rendered = url.render_as_string(hide_password=False)
        migrate(make_settings(rendered))
        yield rendered


@pytest.fixture
def empty_database_url(server_url: URL) -> Iterator[URL]:
    """A database without any table."""
    with postgres.database(server_url) as url:
        yield url


@pytest.fixture(scope="session")
def settings(database_url: str) -> Settings:
    """The shared application's settings."""
    return make_settings(database_url)


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    """Signs the tokens that the shared application accepts."""
    return Issuer()


@pytest.fixture(scope="session")
async def app(settings: Settings, issuer: Issuer) -> AsyncIterator[FastAPI]:
    """The shared application."""
    async with running_app(settings, issuer) as app:
        yield app


@pytest.fixture
def user_id() -> str:
    """A user that no other test knows."""
    return f"user-{uuid.uuid4().hex}"


@pytest.fixture
async def anonymous(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that is not signed in."""
    async with client_for(app) as client:
        yield client


@pytest.fixture
async def client(app: FastAPI, issuer: Issuer, user_id: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A signed-in client."""
    async with client_for(app, issuer.headers(user_id)) as client:
        yield client


@pytest.fixture
async def other_client(app: FastAPI, issuer: Issuer) -> AsyncIterator[httpx2.AsyncClient]:
    """A client signed in as somebody else."""
    async with client_for(app, issuer.headers(f"other-{uuid.uuid4().hex}")) as client:
        yield client


@pytest.fixture
def log_output(app: FastAPI) -> Iterator[io.StringIO]:
    """What is logged during the test, as it is written."""
    with captured_log() as output:
        yield output


@pytest.fixture
def chat(client: httpx2.AsyncClient) -> Chat:
    """A new conversation of the signed-in user."""
    return Chat(client)


@pytest.fixture(scope="module")
async def model() -> AsyncIterator[LanguageModel]:
    """A model's endpoint that plays a script."""
    async with LanguageModel().serving() as model:
        yield model


@pytest.fixture
def model_settings(database_url: str, model: LanguageModel) -> Settings:
    """Settings of an application of one's own that asks that model."""
    return make_settings(
        database_url,
        llm_provider="openai-compatible",
        llm_model="stub",
        openai_base_url=model.base_url,
        llm_max_retries=0,
    )
