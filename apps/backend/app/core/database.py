"""PostgreSQL access: pooled sessions with bounded waiting and retries, and the readiness ping."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import psycopg
from sqlalchemy import CursorResult, Executable, Row
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
)

from app.core.config import Settings
from app.core.logging import get_logger
from app.core.problems import ServiceUnavailable

log = get_logger(__name__)

Result = TypeVar("Result")
Parameters = Mapping[str, Any] | None

MAX_RETRIES: Final = 3
"""Retries after the first attempt, waiting 1, 2 and 4 seconds."""

CONNECT_TIMEOUT_SECONDS: Final = 5

_PERMANENT_SQLSTATES: Final = ("28", "3D")  # wrong credentials, no such database
_TRANSIENT_SQLSTATES: Final = ("08", "40", "53", "57P")
# A connection that fails carries the server's text, but no SQLSTATE.
_PERMANENT_MESSAGE: Final = re.compile(
    r"password authentication failed|no password supplied|no pg_hba\.conf entry"
    r"|(role|database) \".*\" does not exist"
)


class DatabaseCredentialsError(Exception):
    """The server refuses the configured user, password or database: retrying can't help."""


def connect_args(url: URL) -> dict[str, Any]:
    """Libpq options that make a dead server noticed in seconds, and poolers work.

    Args:
        url: The database URL. Options that it sets itself win.
    """
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "application_name": "todo-backend",
    }
    arguments = {key: value for key, value in arguments.items() if key not in url.query}
    if is_transaction_pooler(url):
        # A server connection is shared between clients, so prepared statements can't be relied on.
        arguments["prepare_threshold"] = None
    return arguments


def is_transaction_pooler(url: URL) -> bool:
    """Whether the URL points at a transaction pooler such as Neon's `-pooler` hosts."""
    host = url.host or ""
    return "-pooler" in host.split(".", 1)[0] or url.port == 6432


def is_permanent(error: BaseException) -> bool:
    """Whether the server refused the credentials or the database's name."""
    for cause in _chain(error):
        if isinstance(cause, psycopg.Error):
            if cause.sqlstate is not None:
                return cause.sqlstate.startswith(_PERMANENT_SQLSTATES)
            return _PERMANENT_MESSAGE.search(str(cause)) is not None
    return False


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is tried again."""
    if is_permanent(error):
        return False
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        original = error.orig
        if isinstance(original, psycopg.Error) and original.sqlstate is not None:
            return original.sqlstate.startswith(_TRANSIENT_SQLSTATES)
        return isinstance(error, OperationalError | InterfaceError)
    return isinstance(error, psycopg.OperationalError | ConnectionError)


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = getattr(current, "orig", None) or current.__cause__
    return chain


def retrying(sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> AsyncRetrying:
    """The retry policy for transient database errors: 3 retries after 1, 2 and 4 seconds."""

    def warn(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        log.warning(
            "database.retry",
            attempt=state.attempt_number,
            error=type(getattr(error, "orig", None) or error).__name__,
        )

    return AsyncRetrying(
        retry=retry_if_exception(is_transient),
        stop=stop_after_attempt(MAX_RETRIES + 1),
        wait=wait_exponential(multiplier=1, min=1, max=4),
        before_sleep=warn,
        sleep=sleep,
        reraise=True,
    )


class Database:
    """The process's connection pool.

    Statements run one at a time in autocommit mode, which saves two round trips each. As any of
    them may be run again after a lost connection, inserted rows carry keys chosen beforehand.

    Args:
        settings: Where the database is, and how many connections to hold.
        sleep: How to wait between retries; replaced in tests.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        url = settings.sqlalchemy_url
        self._timeout = settings.db_timeout_seconds
        self._sleep = sleep
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=settings.db_pool_size,
            max_overflow=0,
            pool_timeout=self._timeout,
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            pool_recycle=300,
            connect_args=connect_args(url),
            hide_parameters=True,
        )

    async def execute(self, statement: Executable, parameters: Parameters = None) -> None:
        """Run a statement for its effect."""
        await self._run(statement, parameters, lambda _result: None)

    async def scalar(self, statement: Executable, parameters: Parameters = None) -> Any:
        """Run a statement; return the first column of its first row, or None."""
        return await self._run(statement, parameters, lambda result: result.scalar())

    async def one(self, statement: Executable, parameters: Parameters = None) -> Row[Any] | None:
        """Run a statement; return its first row, or None."""
        return await self._run(statement, parameters, lambda result: result.first())

    async def all(self, statement: Executable, parameters: Parameters = None) -> Sequence[Row[Any]]:
        """Run a statement; return its rows."""
        return await self._run(statement, parameters, lambda result: result.all())

    async def _run(
        self,
        statement: Executable,
        parameters: Parameters,
        read: Callable[[CursorResult[Any]], Result],
    ) -> Result:
        """Run one statement, again when a transient error calls for it.

        Raises:
            ServiceUnavailable: When the database stays away or does not answer in time.
        """
        try:
            async for attempt in retrying(self._sleep):
                with attempt:
                    async with asyncio.timeout(self._timeout):
                        return await self._fresh(statement, parameters, read)
        except (TimeoutError, PoolTimeoutError) as error:
            log.error("database.timeout", seconds=self._timeout)
            raise ServiceUnavailable("The database did not answer in time.") from error
        except DBAPIError as error:
            if is_permanent(error) or is_transient(error):
                log.error("database.unavailable", error=type(error.orig).__name__)
                raise ServiceUnavailable("The database is not available.") from error
            raise
        raise AssertionError("unreachable: the retry policy re-raises")

    async def _fresh(
        self,
        statement: Executable,
        parameters: Parameters,
        read: Callable[[CursorResult[Any]], Result],
    ) -> Result:
        """Run a statement, at once a second time when its pooled connection turns out to be dead.

        That takes the place of a ping before each use: when one connection is found dead, all
        those of its age leave the pool.
        """
        try:
            return await self._once(statement, parameters, read)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return await self._once(statement, parameters, read)

    async def _once(
        self,
        statement: Executable,
        parameters: Parameters,
        read: Callable[[CursorResult[Any]], Result],
    ) -> Result:
        async with self.engine.connect() as connection:
            return read(await connection.execute(statement, parameters))

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()


class ReadinessProbe:
    """Asks the database whether it answers, on a connection of its own.

    The pool is left out on purpose: a busy pool must not take a pod out of service, and a hung
    connection in the pool must not hide that the database is back.

    Args:
        url: The database URL.
        max_age: Seconds for which an answer is reused.
        timeout: Seconds after which no answer counts as a failure.
    """

    def __init__(self, url: URL, *, max_age: float = 1.0, timeout: float = 2.0) -> None:
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._arguments = {**connect_args(url), "connect_timeout": max(2, int(timeout))}
        self._max_age = max_age
        self._timeout = timeout
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._checked_at = float("-inf")
        self._error: BaseException | None = None
        self._lock = asyncio.Lock()

    async def check(self) -> BaseException | None:
        """None when the database answers, otherwise what went wrong."""
        async with self._lock:
            if time.monotonic() - self._checked_at < self._max_age:
                return self._error
            before, self._error = self._error, await self._ping()
            self._checked_at = time.monotonic()
            self._tell(before)
            return self._error

    def _tell(self, before: BaseException | None) -> None:
        """Logs once that the database is away, and once that it is back."""
        if self._error is not None and before is None:
            log.error("database.away", error=type(self._error).__name__, detail=str(self._error))
        elif self._error is None and before is not None:
            log.info("database.back")

    async def _ping(self) -> BaseException | None:
        query = asyncio.create_task(self._query())
        done, _ = await asyncio.wait({query}, timeout=self._timeout)
        if not done:
            self._drop()
            query.cancel()
            # The cancelled query may itself wait for the silent server: don't wait for it.
            query.add_done_callback(lambda task: task.cancelled() or task.exception())
            return TimeoutError(f"no answer within {self._timeout:g} s")
        error = query.exception()
        if error is not None:
            self._drop()
        return error

    async def _query(self) -> None:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True, **self._arguments)
        await self._connection.execute("SELECT 1")

    def _drop(self) -> None:
        if self._connection is not None:
            # PQfinish only: a goodbye to a server that hangs would hang as well.
            self._connection.pgconn.finish()
            self._connection = None

    async def close(self) -> None:
        """Close the probe's connection."""
        self._drop()


def raise_for_credentials(error: BaseException) -> None:
    """Raise when the error is one that no waiting can heal.

    Raises:
        DatabaseCredentialsError: The server refuses user, password or database.
    """
    if is_permanent(error):
        raise DatabaseCredentialsError(
            "the database refuses the user, password or database name in DATABASE_URL"
        ) from error
