"""A local server that speaks the OpenAI chat completions protocol, and fails as told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.postgres import free_port
from tests.support.waiting import until


@dataclass(slots=True)
class Say:
    """Answer with a text, streamed word by word; `cut` breaks the stream off after as many words."""

    text: str
    cut: int | None = None


@dataclass(slots=True)
class Call:
    """Answer with tool calls, as (name, arguments), after some seconds."""

    calls: list[tuple[str, dict[str, Any] | str]]
    delay: float = 0.0


@dataclass(slots=True)
class Fail:
    """Answer with an error status."""

    status: int
    headers: dict[str, str] = field(default_factory=lambda: {"retry-after-ms": "10"})


@dataclass(slots=True)
class Hang:
    """Do not answer for a while."""

    seconds: float


Step = Say | Call | Fail | Hang


class LanguageModel:
    """Plays a script, one step for each request, and keeps what it was sent.

    Attributes:
        requests: Bodies of the requests since the script began.
        keys: Authorization headers of all requests.
        spoken: Words streamed since the script began.
    """

    def __init__(self) -> None:
        self.script: deque[Step] = deque()
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.spoken = 0
        self.port = free_port()
        self._closing = asyncio.Event()

    @property
    def base_url(self) -> str:
        """For OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def play(self, *steps: Step) -> None:
        """Set the script for the next requests."""
        self.script = deque(steps)
        self.requests.clear()
        self.spoken = 0

    async def _complete(self, request: Request) -> Response:
        self.requests.append(await request.json())
        self.keys.append(request.headers.get("authorization", ""))
        step = self.script.popleft()
        match step:
            case Fail(status, headers):
                return JSONResponse({"error": {"message": "as told"}}, status_code=status, headers=headers)
            case Hang(seconds):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), seconds)
                return JSONResponse({"error": {"message": "too late"}}, status_code=400)
            case Say() | Call():
                return StreamingResponse(self._stream(step), media_type="text/event-stream")

    async def _stream(self, step: Say | Call) -> AsyncIterator[bytes]:
        if isinstance(step, Say):
            words = [word + " " for word in step.text.split(" ")]
            for index, word in enumerate(words):
                if step.cut == index:
                    raise ConnectionResetError
                yield self._chunk({"role": "assistant", "content": word if word != words[-1] else word[:-1]})
                self.spoken += 1
                await asyncio.sleep(0.02)
            yield self._chunk({}, finish="stop")
        else:
            await asyncio.sleep(step.delay)
            calls = [
                {
                    "index": index,
                    "id": f"call_{len(self.requests)}_{index}",
                    "type": "function",
                    "function": {
                        "name": name,
                        "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
                    },
                }
                for index, (name, arguments) in enumerate(step.calls)
            ]
            yield self._chunk({"role": "assistant", "tool_calls": calls})
            yield self._chunk({}, finish="tool_calls")
        yield b"data: [DONE]\n\n"

    @staticmethod
    def _chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "stub",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        return b"data: " + json.dumps(chunk).encode() + b"\n\n"

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[LanguageModel]:
        """Serve on loopback."""
        app = Starlette(routes=[Route("/v1/chat/completions", self._complete, methods=["POST"])])
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve())
        await until(lambda: server.started)
        try:
            yield self
        finally:
            self._closing.set()
            server.should_exit = True
            await task
