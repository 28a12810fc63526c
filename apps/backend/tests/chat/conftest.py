"""Two replicas of one application."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from app.core.config import Settings
from tests.support.application import client_for, running_app
from tests.support.identity import Issuer


@pytest.fixture
async def replicas(
    model_settings: Settings, issuer: Issuer, user_id: str
) -> AsyncIterator[tuple[httpx2.AsyncClient, httpx2.AsyncClient]]:
    """The user's clients at both; a model's endpoint answers."""
    async with running_app(model_settings, issuer) as one, running_app(model_settings, issuer) as two:
        headers = issuer.headers(user_id)
        async with client_for(one, headers) as first, client_for(two, headers) as second:
            yield first, second
