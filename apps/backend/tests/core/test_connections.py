"""Clients that take their time, against the server on a socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from functools import partial

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.connections import MAX_HEAD_BYTES, ConnectionLimits, LimitedProtocol
from tests.support.postgres import free_port
from tests.support.waiting import until

HEAD = b"POST /api/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@contextlib.asynccontextmanager
async def server_of(app: ASGIApp, **limits: float) -> AsyncIterator[uvicorn.Server]:
    protocol = partial(LimitedProtocol, limits=ConnectionLimits(**limits))  # type: ignore[arg-type]
    config = uvicorn.Config(app, host="127.0.0.1", port=free_port(), http=protocol, log_config=None, lifespan="off")  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    try:
        yield server
    finally:
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def serving(app: FastAPI, **limits: float) -> AsyncIterator[int]:
    async with server_of(app, **limits) as server:
        yield server.config.port


async def closed_with(port: int, *sent: bytes, pause: float = 0.0) -> tuple[bytes, float]:
    """What the server says until it closes the connection, and how long that takes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    started = time.monotonic()
    with contextlib.suppress(ConnectionError):
        for part in sent:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
    answer = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(10):
            answer = await reader.read()
    writer.close()
    return answer, time.monotonic() - started


@pytest.mark.parametrize(
    "sent",
    [(), (b"GET /health HTTP/1.1\r\nHost: x\r\n",), (HEAD + b"Content-Length: 20\r\n\r\n{",)],
    ids=["nothing", "half a head", "half a body"],
)
async def test_a_request_that_does_not_arrive_is_not_waited_for(sent: tuple[bytes, ...], app: FastAPI) -> None:
    async with serving(app, head_seconds=0.3, body_seconds=0.3) as port:
        answer, seconds = await closed_with(port, *sent)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert 0.25 < seconds < 5


async def test_a_head_that_drips_in_gains_no_time(app: FastAPI) -> None:
    async with serving(app, head_seconds=0.5) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        started = time.monotonic()

        async def drip() -> None:
            for byte in HEAD:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.1)

        dripping = asyncio.create_task(drip())
        answer = await reader.readline()
        dripping.cancel()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - started < 5  # all of it would take eight


async def test_a_head_that_never_ends_is_refused(app: FastAPI) -> None:
    async with serving(app) as port:
        lines = [b"x-%d: " % number + b"y" * 8_000 + b"\r\n" for number in range(MAX_HEAD_BYTES // 8_000 + 2)]
        answer, _ = await closed_with(port, HEAD, *lines)
        assert answer.startswith(b"HTTP/1.1 431 ") or answer == b""
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/health")).status_code == 200


async def test_a_connection_between_two_requests_and_a_slow_answer_have_their_time(app: FastAPI) -> None:
    async with serving(app, head_seconds=0.2, body_seconds=0.2) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
            while (await reader.readline()).strip():
                pass
            await reader.readuntil(b"}")
            await asyncio.sleep(0.5)
        writer.close()


async def test_the_probe_gets_through_when_others_hold_all_connections(app: FastAPI) -> None:
    async with serving(app, connections=20) as port:
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
        for number, connection in enumerate(held):
            if number % 2:
                with contextlib.suppress(OSError):
                    connection.sendall(HEAD)
        started = time.monotonic()
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/health")).status_code == 200
        assert time.monotonic() - started < 2
        for connection in held:
            connection.close()


LARGE = 32 * 1024 * 1024
"""More than the system takes for a reader that doesn't read."""


async def large_answers(scope: Scope, receive: Receive, send: Send) -> None:
    """A large answer in one piece, or in many."""
    piece = b"x" * (LARGE // 256)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(256):
            yield piece

    streamed = Request(scope).url.path == "/pieces"
    await (StreamingResponse(pieces()) if streamed else Response(piece * 256))(scope, receive, send)


async def asking(port: int, path: str) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(connection, ("127.0.0.1", port))
    await loop.sock_sendall(connection, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


@pytest.mark.parametrize("path", ["/whole", "/pieces"])
async def test_who_never_reads_an_answer_is_left(path: str) -> None:
    async with server_of(large_answers, read_seconds=0.5) as server:
        with await asking(server.config.port, path):
            await until(lambda: server.server_state.connections)
            await until(lambda: not server.server_state.connections)


@pytest.mark.parametrize("path", ["/whole", "/pieces"])
async def test_who_reads_slowly_gets_the_whole_answer(path: str) -> None:
    async with server_of(large_answers, read_seconds=5.0) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        started, taken = time.monotonic(), 0
        while part := await reader.read(256 * 1024):
            taken += len(part)
            await asyncio.sleep(0.06)
        writer.close()
        assert taken > LARGE
        assert time.monotonic() - started > 5.0
