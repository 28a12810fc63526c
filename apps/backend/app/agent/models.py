"""The language model behind the agent, as configured."""

from __future__ import annotations

import httpx2
from agents.models.interface import Model
from agents.models.openai_chatcompletions import OpenAIChatCompletionsModel
from openai import AsyncOpenAI

from app.agent.offline import OfflineModel
from app.core.config import Settings


def create_model(
    settings: Settings, *, http_client: httpx2.AsyncClient | None = None
) -> tuple[Model, AsyncOpenAI | None]:
    """The model for LLM_PROVIDER, and the client to close with the application.

    Timeouts, 429 and 5xx are retried with exponential backoff by the client, which honours
    Retry-After, before the agent sees an error.

    Args:
        settings: Name the provider, the endpoint, the key, and the patience with them.
        http_client: Replaces the network.
    """
    if settings.provider == "offline":
        return OfflineModel(), None
    key = settings.openai_api_key
    client = AsyncOpenAI(
        base_url=settings.model_base_url,
        # Local endpoints want no key, but the client insists on one.
        api_key=key.get_secret_value() if key is not None else "none",
        timeout=settings.llm_timeout_seconds,
        max_retries=settings.llm_max_retries,
        http_client=http_client,
    )
    return OpenAIChatCompletionsModel(settings.model_name, client), client
