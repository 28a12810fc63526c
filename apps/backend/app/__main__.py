"""Run the server: `python -m app`."""

from __future__ import annotations

import asyncio
import sys
from types import FrameType

import uvicorn

from app.core.config import SettingsError, get_settings
from app.core.database import DatabaseCredentialsError
from app.core.logging import configure_logging, get_logger
from app.main import create_app

log = get_logger(__name__)


class DrainingServer(uvicorn.Server):
    """Answers 503 at /ready for a moment before it stops listening.

    Args:
        config: Uvicorn's.
        drain_seconds: Length of that moment.
        draining: Set when it begins.
    """

    def __init__(
        self, config: uvicorn.Config, *, drain_seconds: float, draining: asyncio.Event
    ) -> None:
        super().__init__(config)
        self._drain_seconds = drain_seconds
        self._draining = draining

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """React to SIGTERM and SIGINT; a second one stops at once."""
        if self._draining.is_set():
            super().handle_exit(sig, frame)
            return
        log.info("app.stopping", signal=sig)
        self._draining.set()
        asyncio.get_running_loop().call_later(
            self._drain_seconds, super().handle_exit, sig, frame
        )


def main() -> int:
    """Serve until told to stop; returns the exit code."""
    configure_logging()
    try:
        settings = get_settings()
    except SettingsError as error:
        log.error("settings.invalid", problems=error.problems)
        return 2
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=max(1, round(settings.shutdown_timeout_seconds)),
    )
    server = DrainingServer(
        config,
        drain_seconds=settings.drain_seconds,
        draining=app.state.resources.draining,
    )
    try:
        server.run()
    except DatabaseCredentialsError as error:
        log.error("database.credentials_refused", detail=str(error))
        return 1
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
