"""Runs the application behind a socket, in a thread or in a process of its own."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
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
    def running(self, *, whole: bool = True) -> Iterator[subprocess.Popen[str]]:
        """Run in the background, from when it is ready.

        Args:
            whole: Wait for what it loads beside the first requests, too.
        """
        with subprocess.Popen(
            [sys.executable, "-m", "app"], cwd=BACKEND, env=self._environment, stdout=subprocess.PIPE, text=True
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
