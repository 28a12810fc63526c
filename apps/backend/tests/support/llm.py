"""A local server that speaks the OpenAI chat completions protocol, and misbehaves as told.

In tests it plays a script. On its own, `python -m tests.support.llm --port 9100`, it plays the script that was
posted to `/script`, or does what the user's last message says: see `commanded`. `GET /requests` tells what it was sent.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.postgres import free_port
from tests.support.waiting import until

Calls = Sequence[tuple[str, dict[str, Any] | str]]


@dataclass(slots=True)
class Say:
    """Answer with a text, streamed word by word.

    Attributes:
        text: The answer.
        cut: Break the stream off after as many words.
        delay: Seconds before the first word.
        pause: Seconds after each word.
        finish: Whether a finish reason is sent.
        empty: Send chunks without choices between the words, as some gateways do.
    """

    text: str
    cut: int | None = None
    delay: float = 0.0
    pause: float = 0.02
    finish: bool = True
    empty: bool = False


@dataclass(slots=True)
class Call:
    """Answer with tool calls.

    Attributes:
        calls: Names and arguments.
        delay: Seconds before the calls.
        ids: Ids of the calls, instead of ones that never repeat.
        finish: Whether a finish reason is sent.
        indexed: Whether the calls carry their index, as the protocol wants.
    """

    calls: Calls
    delay: float = 0.0
    ids: Sequence[str] | None = None
    finish: bool = True
    indexed: bool = True


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


def step_from(description: dict[str, Any]) -> Step:
    """A step from its JSON: `{"say": text}`, `{"call": [[tool, arguments]]}`, `{"fail": status}` or `{"hang": seconds}`.

    The other attributes of the step may stand beside it, e.g. `{"say": "hello", "pause": 0.5, "finish": false}`.
    """
    options = dict(description)
    if "say" in options:
        return Say(options.pop("say"), **options)
    if "call" in options:
        return Call([(name, arguments) for name, arguments in options.pop("call")], **options)
    if "fail" in options:
        return Fail(options.pop("fail"), **options)
    return Hang(options.pop("hang"), **options)


def commanded(text: str) -> Step:
    """What a user's message tells the model to do; anything but a command is echoed.

    `!say TEXT` · `!call TOOL {json}` · `!slow SECONDS TEXT` · `!words NUMBER` · `!repeat` (two calls with one id) ·
    `!unknown` (a tool that doesn't exist) · `!nofinish TEXT` · `!empty TEXT` · `!cut TEXT` · `!status CODE` · `!hang SECONDS`
    """
    command, _, rest = text.partition(" ")
    first, _, tail = rest.partition(" ")
    match command:
        case "!call":
            return Call([(first, tail or "{}")])
        case "!slow":
            return Say(tail or "Here I am.", delay=float(first or 5))
        case "!words":
            return Say("word " * int(first or 100))
        case "!repeat":
            return Call([("add_task", {"title": "one"}), ("add_task", {"title": "two"})], ids=["call_0", "call_0"])
        case "!unknown":
            return Call([("launch_rocket", {"to": "the moon"})])
        case "!nofinish":
            return Say(rest or "No end.", finish=False)
        case "!empty":
            return Say(rest or "Nothing between the words.", empty=True)
        case "!cut":
            return Say(rest or "This is where it", cut=2)
        case "!status":
            return Fail(int(first or 500))
        case "!hang":
            return Hang(float(first or 60))
        case "!say":
            return Say(rest)
        case _:
            return Say(f"You said: {text}")


@contextlib.contextmanager
def silent_model() -> Iterator[str]:
    """The base URL of a model's endpoint that takes connections and says nothing."""
    connections: list[socket.socket] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connections.append(listener.accept()[0])

    with socket.create_server(("127.0.0.1", 0), backlog=500) as listener:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in connections:
                connection.close()


class LanguageModel:
    """Plays a script, one step for each request, and keeps what it was sent.

    Args:
        port: Where to listen; a free port when None.

    Attributes:
        requests: Bodies of the requests since the script began.
        keys: Authorization headers of all requests.
        spoken: Words streamed since the script began.
    """

    def __init__(self, port: int | None = None) -> None:
        self.script: deque[Step] = deque()
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.spoken = 0
        self.port = port or free_port()
        self._closing = asyncio.Event()

    @property
    def base_url(self) -> str:
        """For OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def app(self) -> Starlette:
        """The server's application."""
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
                Route("/script", self._set_script, methods=["POST"]),
                Route("/requests", self._tell, methods=["GET"]),
            ]
        )

    def play(self, *steps: Step) -> None:
        """Set the script for the next requests."""
        self.script = deque(steps)
        self.requests.clear()
        self.spoken = 0

    async def _set_script(self, request: Request) -> Response:
        self.play(*(step_from(description) for description in await request.json()))
        return Response(status_code=204)

    async def _tell(self, _request: Request) -> Response:
        return JSONResponse(self.requests)

    def _next(self, messages: list[dict[str, Any]]) -> Step:
        if self.script:
            return self.script.popleft()
        last = messages[-1]
        if last["role"] == "tool":
            return Say("Done.")
        return commanded(str(last.get("content", "")))

    async def _complete(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(body)
        self.keys.append(request.headers.get("authorization", ""))
        step = self._next(body["messages"])
        match step:
            case Fail(status, headers):
                return JSONResponse({"error": {"message": "as told"}}, status_code=status, headers=headers)
            case Hang(seconds):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), seconds)
                return JSONResponse({"error": {"message": "too late"}}, status_code=400)
            case Say():
                return StreamingResponse(self._say(step), media_type="text/event-stream")
            case Call():
                return StreamingResponse(self._call(step), media_type="text/event-stream")

    async def _say(self, step: Say) -> AsyncIterator[bytes]:
        await asyncio.sleep(step.delay)
        words = [word + " " for word in step.text.split(" ")]
        for index, word in enumerate(words):
            if step.cut == index:
                raise ConnectionResetError
            if step.empty:
                yield self._chunk(None)
            yield self._chunk({"role": "assistant", "content": word if word != words[-1] else word[:-1]})
            self.spoken += 1
            await asyncio.sleep(step.pause)
        if step.finish:
            yield self._chunk({}, finish="stop")
        yield b"data: [DONE]\n\n"

    async def _call(self, step: Call) -> AsyncIterator[bytes]:
        await asyncio.sleep(step.delay)
        calls = [
            {
                **({"index": index} if step.indexed else {}),
                "id": f"call_{len(self.requests)}_{index}" if step.ids is None else step.ids[index],
                "type": "function",
                "function": {
                    "name": name,
                    "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
                },
            }
            for index, (name, arguments) in enumerate(step.calls)
        ]
        yield self._chunk({"role": "assistant", "tool_calls": calls})
        if step.finish:
            yield self._chunk({}, finish="tool_calls")
        yield b"data: [DONE]\n\n"

    @staticmethod
    def _chunk(delta: dict[str, Any] | None, finish: str | None = None) -> bytes:
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "stub",
            "choices": [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        return b"data: " + json.dumps(chunk).encode() + b"\n\n"

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[LanguageModel]:
        """Serve on loopback."""
        config = uvicorn.Config(self.app, host="127.0.0.1", port=self.port, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve())
        await until(lambda: server.started)
        try:
            yield self
        finally:
            self._closing.set()
            server.should_exit = True
            await task


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--script", type=Path, help="JSON list of steps to begin with")
    arguments = parser.parse_args()
    model = LanguageModel(arguments.port)
    if arguments.script:
        model.play(*(step_from(description) for description in json.loads(arguments.script.read_text())))
    uvicorn.run(model.app, host=arguments.host, port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
