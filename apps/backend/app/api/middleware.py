"""ASGI middleware: request ids, one log line per request, and the body limit."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.api.errors import problem_response
from app.core import telemetry
from app.core.logging import get_logger
from app.core.problems import ContentTooLarge, Problem, UriTooLong

log = get_logger("app.access")

REQUEST_ID_HEADER: Final = "X-Request-ID"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_CLIENT_GONE: Final = 499
_LOGGED_PATH_LENGTH: Final = 256
_SEND_TIMEOUT_SECONDS: Final = 60.0
MAX_PATH_BYTES: Final = 2_048
MAX_QUERY_BYTES: Final = 8_192
_PROBE_PATHS: Final = frozenset({"/health", "/ready"})


class RequestContextMiddleware:
    """Gives every request an id, in its answer and in all log lines, and logs its outcome.

    A caller's X-Request-ID is kept when it looks like one, so that ids can span services. Bodies,
    headers and query strings are never logged; the probes only when they fail.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        draining = scope["app"].state.resources.draining  # an app inside this one would put itself there
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        status = 500
        started_sending = False
        started = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status, started_sending
            if message["type"] == "http.response.start":
                started_sending = True
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID_HEADER] = request_id
                if draining.is_set():
                    # Closed at once, a request on its way to this connection would be lost.
                    headers["Connection"] = "close"
            try:
                async with asyncio.timeout(_SEND_TIMEOUT_SECONDS):
                    await send(message)
            except TimeoutError:
                # It takes nothing of its answer: that would hold connection and memory for ever.
                raise ClientDisconnect from None

        path = scope["path"][:_LOGGED_PATH_LENGTH]
        try:
            if (problem := _too_long(scope)) is not None:
                await problem_response({**scope, "path": path}, problem)(scope, receive, send_with_id)
            else:
                with telemetry.request(scope, lambda: status):
                    await self._app(scope, receive, send_with_id)
        except ClientDisconnect:
            # It left while its request was read: there is nobody to answer, and nothing failed here.
            status = _CLIENT_GONE
        except Exception as error:
            log.error("request.failed", method=scope["method"], path=path, exc_info=error)
            if started_sending:
                raise
            await problem_response(scope, Problem("Something went wrong on our side."))(scope, receive, send_with_id)
        finally:
            if scope["path"] not in _PROBE_PATHS or status >= 500:
                log.info(
                    "request",
                    method=scope["method"],
                    path=path,
                    status=status,
                    duration_ms=round((time.perf_counter() - started) * 1000, 1),
                )


def _too_long(scope: Scope) -> UriTooLong | None:
    if len(scope.get("raw_path") or b"") > MAX_PATH_BYTES:
        return UriTooLong(f"The path is over the limit of {MAX_PATH_BYTES} bytes.")
    if len(scope.get("query_string", b"")) > MAX_QUERY_BYTES:
        return UriTooLong(f"The query is over the limit of {MAX_QUERY_BYTES} bytes.")
    return None


class BodyLimitMiddleware:
    """Refuses bodies over a limit, announced or not, before they are in memory.

    Args:
        app: The application.
        max_bytes: Largest body accepted.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problem = ContentTooLarge(f"The body is over the limit of {self._max_bytes} bytes.")
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > self._max_bytes:
            await problem_response(scope, problem)(scope, receive, send)
            return
        received = 0
        exceeded = started = False

        async def limited_receive() -> Message:
            nonlocal received, exceeded
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes and not started:
                exceeded = True
                raise problem
            return message

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if not exceeded:
                started = True
                await send(message)

        try:
            await self._app(scope, limited_receive, guarded_send)
        except Exception:
            if not exceeded:
                raise
        if exceeded:
            # Whatever the application made of the interrupted body, this is the answer.
            await problem_response(scope, problem)(scope, receive, send)
