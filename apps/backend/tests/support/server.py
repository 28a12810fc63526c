"""Runs the application behind a socket, in a thread or in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError

import uvicorn
from fastapi import FastAPI

from tests.support.application import JWT_SECRET
from tests.support.identity import Issuer
from tests.support.postgres import free_port

BACKEND = Path(__file__).parents[2]


@contextlib.contextmanager
def in_thread(app: FastAPI) -> Iterator[str]:
    """Serve an application; yields its base URL."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def publishing(issuer: Issuer) -> Iterator[str]:
    """Publish an issuer's keys as the front end does; yields the front end's URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(issuer.jwks).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class Process:
    """`python -m app` with an environment of its own."""

    def __init__(self, **environment: str) -> None:
        self.port = free_port()
        keep = {
            name: value
            for name, value in os.environ.items()
            if name in {"PATH", "PYTHONPATH", "HOME"} or name.startswith("COV")
        }
        self._environment = {
            **keep,
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "JWT_SECRET": JWT_SECRET,
            **environment,
        }

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run to the end."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=BACKEND,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @contextlib.contextmanager
    def running(self, *, whole: bool = True, log_kept: bool = True) -> Iterator[subprocess.Popen[str]]:
        """Run in the background, from when it is ready.

        Args:
            whole: Wait for what it loads beside the first requests, too.
            log_kept: Leave its log in `stdout`, where it stops the process once 64 KiB of it aren't read.
        """
        output = subprocess.PIPE if log_kept else None
        with subprocess.Popen(
            [sys.executable, "-m", "app"], cwd=BACKEND, env=self._environment, stdout=output, text=True
        ) as process:
            try:
                deadline = time.monotonic() + 120
                while True:
                    assert process.poll() is None, process.stdout.read() if process.stdout else ""
                    assert time.monotonic() < deadline, "it isn't ready after two minutes"
                    try:
                        with urllib.request.urlopen(f"{self.url}/ready", timeout=2) as response:
                            if response.status == 200:
                                break
                    except (URLError, OSError):
                        time.sleep(0.1)
                if whole:
                    # Described with what the chat is made of.
                    urllib.request.urlopen(f"{self.url}/openapi.json", timeout=120).close()
                yield process
            finally:
                process.kill()


@contextlib.asynccontextmanager
async def two_replicas(
    database_url: str, issuer: Issuer, **environment: str
) -> AsyncIterator[dict[str, subprocess.Popen[str]]]:
    """Two processes on one database, by their URLs; offline, unless the environment says otherwise."""
    with contextlib.ExitStack() as stack:
        shared = {
            "DATABASE_URL": database_url,
            "FRONTEND_URL": stack.enter_context(publishing(issuer)),
            "BETTER_AUTH_URL": "http://todo.test",
            "LLM_PROVIDER": "offline",
            "DB_POOL_SIZE": "3",
            "LOG_LEVEL": "WARNING",
        }
        processes = [Process(**shared | environment) for _ in range(2)]
        running = await asyncio.gather(
            *(asyncio.to_thread(stack.enter_context, process.running(log_kept=False)) for process in processes)
        )
        yield {process.url: started for process, started in zip(processes, running, strict=True)}
