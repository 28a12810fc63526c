"""Two replicas on sockets, under one hostile person and under many streams: both answer their probes as ever."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import signal
import socket
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from subprocess import Popen
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.support.chat import message_request, parse_sse
from tests.support.identity import Issuer
from tests.support.llm import silent_model
from tests.support.prober import waited_for_processor
from tests.support.server import BACKEND, two_replicas
from tests.test_hostile import MESSAGES

pytestmark = pytest.mark.slow

LIMIT_SECONDS = 0.25
"""Within which /health is answered, whatever one person sends."""
ATTACK_SECONDS = 6.0
ROUNDS = 3
"""Most rounds of probes. What one person sends comes again in each; what else this machine does, doesn't."""

Attack = Callable[[httpx2.AsyncClient], Coroutine[None, None, None]]


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


async def slowest_probes(replicas: dict[str, Popen[str]], seconds: float) -> list[float]:
    """Asks the replicas for /health for a while; the longest that each took to answer, in seconds.

    Rounds go on until all answers of one came in time.
    """
    command = [sys.executable, "-m", "tests.support.prober", str(seconds)]
    probed = [f"{url}={process.pid}" for url, process in replicas.items()]
    slowest: list[float] = []
    for _round in range(ROUNDS):
        prober = await asyncio.create_subprocess_exec(*command, *probed, cwd=BACKEND, stdout=asyncio.subprocess.PIPE)
        told, _ = await prober.communicate()
        slowest = json.loads(told)
        print("slowest /health, in seconds:", slowest)
        if max(slowest) <= LIMIT_SECONDS:
            break
    assert len(slowest) == len(replicas)
    return slowest


async def test_both_replicas_answer_their_probes_under_one_hostile_person(
    database_url: str, issuer: Issuer, user_id: str
) -> None:
    async with two_replicas(database_url, issuer) as replicas:
        attacks = [asyncio.create_task(attacked(url, issuer.headers(user_id))) for url in replicas]
        await asyncio.sleep(0.5)
        slowest = await slowest_probes(replicas, ATTACK_SECONDS)
        for attack in attacks:
            assert not attack.done(), attack.exception()
            attack.cancel()
        await asyncio.wait(attacks)
    assert max(slowest) <= LIMIT_SECONDS


STREAMS, STREAMS_OF_ONE = 200, 32
STOP_SECONDS = 5.0
"""Within which a replica ends when it is told to; the pod's own deadline comes later."""


class Audience:
    """Opens streams at two replicas in turn, a few at a time, and leaves them open."""

    def __init__(self, clients: list[httpx2.AsyncClient]) -> None:
        self._clients = clients
        self._entrance = asyncio.Semaphore(10)
        self.open: list[httpx2.Response] = []

    async def ask(self, number: int, headers: dict[str, str]) -> int:
        """Send a message; the status of its answer, which is read later."""
        client = self._clients[number % len(self._clients)]
        request = client.build_request("POST", "/chatkit", json=message_request("hello"), headers=headers)
        async with self._entrance:
            response = await client.send(request, stream=True)
        if response.status_code == 200:
            self.open.append(response)
        return response.status_code


async def end(process: Popen[str]) -> tuple[int, float]:
    """Tell a replica to stop; its exit code, and how long it took, in seconds, without those of other processes."""
    started, waited = time.monotonic(), 0.0
    waited_before = waited_for_processor(str(process.pid), process.pid)
    process.send_signal(signal.SIGTERM)
    while process.poll() is None:
        with contextlib.suppress(OSError, IndexError):  # gone meanwhile
            waited = waited_for_processor(str(process.pid), process.pid) - waited_before
        await asyncio.sleep(0.02)
    return process.returncode, time.monotonic() - started - waited


async def test_two_hundred_open_streams_hold_up_neither_the_probes_nor_the_end(
    database_url: str, issuer: Issuer, user_id: str
) -> None:
    with contextlib.ExitStack() as stack:
        model = stack.enter_context(silent_model())
        environment = {
            "LLM_PROVIDER": "openai-compatible",
            "LLM_MODEL": "stub",
            "OPENAI_BASE_URL": model,
            "LLM_TIMEOUT_SECONDS": "600",
            "CHAT_TURN_TIMEOUT_SECONDS": "900",
            "LOG_LEVEL": "ERROR",
            "CHAT_RATE_PER_MINUTE": "0",
            # A second less than usual: so long the database takes on a busy machine to note what was ended.
            "SHUTDOWN_TIMEOUT_SECONDS": "2",
        }
        async with (
            two_replicas(database_url, issuer, **environment) as replicas,
            contextlib.AsyncExitStack() as clients,
        ):
            limits = httpx2.Limits(max_connections=None)
            audience = Audience(
                [
                    await clients.enter_async_context(httpx2.AsyncClient(base_url=url, limits=limits, timeout=60))
                    for url in replicas
                ]
            )
            of_many = (issuer.headers(f"{user_id}-{number}") for number in range(STREAMS))
            assert await asyncio.gather(*map(audience.ask, range(STREAMS), of_many)) == [200] * STREAMS
            of_one = await asyncio.gather(*(audience.ask(n, issuer.headers(user_id)) for n in range(STREAMS)))
            assert Counter(of_one) == {200: 2 * STREAMS_OF_ONE, 429: STREAMS - 2 * STREAMS_OF_ONE}

            slowest = await slowest_probes(replicas, 1.0)
            assert max(slowest) <= LIMIT_SECONDS

            reading = [asyncio.create_task(response.aread()) for response in audience.open]
            ended = await asyncio.gather(*map(end, replicas.values()))
            print("exit codes, and seconds until then:", ended)
            assert [code for code, _ in ended] == [0, 0]
            assert max(took for _, took in ended) <= STOP_SECONDS
            for body in await asyncio.gather(*reading):
                last = parse_sse(body.decode())[-1]
                assert last["type"] == "error"
                assert "saved" in last["message"]
