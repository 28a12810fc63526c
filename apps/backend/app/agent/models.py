"""The language model behind the agent, as configured."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from agents.items import ModelResponse, TResponseStreamEvent
from agents.models.interface import Model
from agents.models.openai_chatcompletions import OpenAIChatCompletionsModel
from openai import AsyncOpenAI
from openai.types.responses import (
    ResponseCompletedEvent,
    ResponseFunctionToolCall,
    ResponseOutputItem,
    ResponseOutputItemDoneEvent,
)

from app.agent.offline.model import OfflineModel
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
    return OwnCallIds(OpenAIChatCompletionsModel(settings.model_name, client)), client


class OwnCallIds(Model):
    """Gives tool calls ids of our own: some endpoints send `call_0` each time, and calls would be taken for one.

    Args:
        model: The model.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    async def get_response(self, *arguments: Any, **options: Any) -> ModelResponse:
        """The whole answer at once."""
        response = await self._model.get_response(*arguments, **options)
        response.output = self._renamed(response.output, [])
        return response

    async def stream_response(self, *arguments: Any, **options: Any) -> AsyncIterator[TResponseStreamEvent]:
        """The answer as it comes."""
        ids: list[str] = []
        async for event in self._model.stream_response(*arguments, **options):
            if isinstance(event, ResponseOutputItemDoneEvent) and isinstance(event.item, ResponseFunctionToolCall):
                ids.append(_new_call_id())
                event = event.model_copy(update={"item": event.item.model_copy(update={"call_id": ids[-1]})})
            elif isinstance(event, ResponseCompletedEvent):
                output = self._renamed(event.response.output, ids)
                event = event.model_copy(update={"response": event.response.model_copy(update={"output": output})})
            yield event

    @staticmethod
    def _renamed(output: list[ResponseOutputItem], ids: list[str]) -> list[ResponseOutputItem]:
        """The items with new ids of calls: those that are given, in order, as long as they last."""
        given = iter(ids)
        return [
            item.model_copy(update={"call_id": next(given, None) or _new_call_id()})
            if isinstance(item, ResponseFunctionToolCall)
            else item
            for item in output
        ]


def _new_call_id() -> str:
    return f"call_{uuid.uuid4().hex}"
