"""A server with the few members of Uvicorn's that the supervisor touches, on the standard library alone."""

import asyncio
import sys
from types import SimpleNamespace

from app.answer import ANSWER


class Protocol(asyncio.Protocol):
    """Answers each request with the answer; one for /slow without an end."""

    def __init__(self, config, server_state, app_state, _loop=None):
        self.state = server_state
        self.transport = None
        self.cycle = None

    def connection_made(self, transport):
        self.transport = transport
        self.state.connections.add(self)

    def connection_lost(self, error):
        self.state.connections.discard(self)

    def data_received(self, data):
        slow = data.startswith(b"GET /slow")
        self.cycle = SimpleNamespace(response_complete=not slow)
        length = 1000 if slow else len(ANSWER)
        self.transport.write(f"HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{ANSWER}".encode())

    def end(self):
        if self.transport is not None:
            self.transport.close()


class Server:
    def __init__(self):
        self.started = self.should_exit = False
        self.config = SimpleNamespace(http_protocol_class=Protocol)
        self.lifespan = SimpleNamespace(state={})
        self.server_state = SimpleNamespace(connections=set())
        self.servers = []

    async def startup(self, sockets=None):
        for sock in sockets:
            make = lambda: self.config.http_protocol_class(self.config, self.server_state, {})  # noqa: E731
            self.servers.append(await asyncio.get_running_loop().create_server(make, sock=sock))
        self.started = True

    def handle_exit(self, number, frame):
        self.should_exit = True

    async def serve(self, sockets):
        await self.startup(sockets)
        while not self.should_exit:
            await asyncio.sleep(0.01)
        for connection in list(self.server_state.connections):
            if ANSWER != "stubborn":
                connection.end()
        while self.server_state.connections:
            await asyncio.sleep(0.01)

    def run(self, sockets=None):
        asyncio.run(self.serve(sockets))


def create_server(settings, *, whole):
    return Server()
