"""Run the server: `python -m app`."""

from __future__ import annotations

import asyncio
import gc
import math
import socket
import sys
from functools import partial
from importlib import import_module
from types import FrameType

import uvicorn

from app.core.authorities import trust_extra_authorities
from app.core.config import Settings, SettingsError, get_settings
from app.core.connections import ConnectionLimits, LimitedProtocol
from app.core.logging import configure_logging, get_logger
from app.core.resources import Resources

log = get_logger(__name__)


class DrainingServer(uvicorn.Server):
    """Stops in steps that lose nothing.

    On SIGTERM, /ready answers 503 for a moment while requests are still taken. Then the listener
    closes, requests finish, and chat turns that would take too long are ended in good order, before
    their connections are.

    Args:
        config: Uvicorn's.
        resources: The application's.
    """

    def __init__(self, config: uvicorn.Config, resources: Resources) -> None:
        super().__init__(config)
        self._resources = resources

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """React to SIGTERM and SIGINT; a second one does not wait."""
        if self._resources.draining.is_set():
            self.should_exit = True
            return
        log.info("app.stopping", signal=sig)
        self._resources.draining.set()
        delay = self._resources.settings.drain_seconds
        asyncio.get_running_loop().call_later(delay, setattr, self, "should_exit", True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the listener, then connections, then the application."""
        timeout = self._resources.settings.shutdown_timeout_seconds
        turns = asyncio.create_task(self._resources.end_turns(max(0.0, timeout - 0.5)))
        await super().shutdown(sockets)
        await turns


def create_server(settings: Settings, *, whole: bool = False) -> DrainingServer:
    """The server with the application in it.

    Args:
        settings: The application's.
        whole: Import everything at once, so that a mistake anywhere is one at the start.
    """
    # Importing makes objects that live as long as the process: collecting among them costs a
    # sixth of the start, and finds nothing.
    gc.disable()
    from app.main import create_app

    if whole:
        import_module("app.chat.parts")

    app = create_app(settings)
    gc.collect()
    gc.freeze()
    gc.enable()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=partial(LimitedProtocol, limits=ConnectionLimits(connections=settings.max_connections)),  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        # Turns are ended before this, so that it only cuts off what does not end by itself.
        timeout_graceful_shutdown=math.ceil(settings.shutdown_timeout_seconds) + 1,
    )
    return DrainingServer(config, app.state.resources)


def main() -> int:
    """Serve until told to stop; returns the exit code."""
    configure_logging()
    trust_extra_authorities()
    try:
        settings = get_settings()
    except SettingsError as error:
        log.error("settings.invalid", problems=error.problems)
        return 2
    server = create_server(settings)
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
