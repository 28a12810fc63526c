"""One hostile person against two replicas on sockets: both answer their probes as ever."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import socket
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.support.chat import message_request
from tests.support.identity import Issuer
from tests.support.server import BACKEND, Process, publishing
from tests.test_hostile import MESSAGES

LIMIT_SECONDS = 0.25
"""Within which /health is answered, whatever one person sends."""
ATTACK_SECONDS = 6.0

Attack = Callable[[httpx2.AsyncClient], Coroutine[None, None, None]]


@pytest.fixture
async def replicas(database_url: str, issuer: Issuer) -> AsyncIterator[dict[str, int]]:
    with contextlib.ExitStack() as stack:
        frontend = stack.enter_context(publishing(issuer))
        processes = [
            Process(
                DATABASE_URL=database_url,
                FRONTEND_URL=frontend,
                BETTER_AUTH_URL="http://todo.test",
                LLM_PROVIDER="offline",
                DB_POOL_SIZE="3",
                LOG_LEVEL="WARNING",
            )
            for _ in range(2)
        ]
        running = await asyncio.gather(
            *(asyncio.to_thread(stack.enter_context, process.running()) for process in processes),
        )
        yield {process.url: started.pid for process, started in zip(processes, running, strict=True)}


async def long_messages(client: httpx2.AsyncClient) -> None:
    for message in itertools.cycle(MESSAGES.values()):
        await client.post("/chatkit", json=message_request(message, idempotency_key=uuid.uuid4().hex))


async def long_addresses(client: httpx2.AsyncClient) -> None:
    for path in itertools.cycle(("/" + "a." * 20_000, "/" + "eyJ" * 600, "/api/tasks?search=" + "a" * 190)):
        await client.get(path)


async def heavy_bodies(client: httpx2.AsyncClient) -> None:
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    for path in itertools.cycle(("/api/tasks", "/chatkit", "/mcp")):
        for body in (b"[" * 200_000, b'{"a":' * 40_000, b"1" * 250_000):
            await client.post(path, content=body, headers=headers)


async def unfinished_requests(client: httpx2.AsyncClient) -> None:
    address = urlsplit(str(client.base_url))
    head = b"POST /api/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with contextlib.ExitStack() as sockets:
        for number in itertools.count():
            with contextlib.suppress(OSError):
                connection = sockets.enter_context(socket.create_connection((address.hostname, address.port)))
                connection.sendall(head[: number % len(head)])
            await asyncio.sleep(0.01)


async def lists_of_everything(client: httpx2.AsyncClient) -> None:
    for _ in range(100):
        await client.post("/api/tasks", json={"title": "a" * 200, "description": "b" * 4_000})
    while True:
        await client.get("/api/tasks", params={"limit": 100})


ATTACKS: tuple[Attack, ...] = (
    long_messages,
    long_messages,
    long_addresses,
    heavy_bodies,
    unfinished_requests,
    lists_of_everything,
)


async def attacked(url: str, headers: dict[str, str]) -> None:
    async def one(attack: Attack) -> None:
        async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            while True:
                # Refused or cut off is what it may be; then it comes again.
                with contextlib.suppress(httpx2.HTTPError):
                    await attack(client)

    await asyncio.gather(*(one(attack) for attack in ATTACKS))


async def test_both_replicas_answer_their_probes_under_one_hostile_person(
    replicas: dict[str, int], issuer: Issuer, user_id: str
) -> None:
    headers = issuer.headers(user_id)
    attacks = [asyncio.create_task(attacked(url, headers)) for url in replicas]
    await asyncio.sleep(0.5)
    command = [sys.executable, "-m", "tests.support.prober", str(ATTACK_SECONDS)]
    probed = [f"{url}={pid}" for url, pid in replicas.items()]
    prober = await asyncio.create_subprocess_exec(*command, *probed, cwd=BACKEND, stdout=asyncio.subprocess.PIPE)
    told, _ = await prober.communicate()
    for attack in attacks:
        assert not attack.done(), attack.exception()
        attack.cancel()
    await asyncio.wait(attacks)
    slowest = json.loads(told)
    print("slowest /health under attack, in seconds:", slowest)
    assert len(slowest) == 2
    assert max(slowest) <= LIMIT_SECONDS
