"""PostgreSQL access: pooled sessions with bounded waiting and retries, and the readiness ping."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import psycopg
from sqlalchemy import CursorResult, Executable, Row, event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
)

from app.core.authorities import trusted_authorities
from app.core.config import Settings
from app.core.logging import get_logger
from app.core.problems import ServiceUnavailable, Unprocessable

log = get_logger(__name__)

Result = TypeVar("Result")
Parameters = Mapping[str, Any] | None

MAX_RETRIES: Final = 3
"""Retries after the first attempt, waiting 1, 2 and 4 seconds."""

CONNECT_TIMEOUT_SECONDS: Final = 5
_CANCEL_SECONDS: Final = 1.0
_WATCH_SECONDS: Final = 1.0

_PERMANENT_SQLSTATES: Final = ("28", "3D")  # wrong credentials, no such database
_READ_ONLY_SQLSTATE: Final = "25006"
"""A server that takes no writes: after a failover, what was the primary."""
# Among them a pooler's: a prepared statement that another client's connection has, or hasn't.
_TRANSIENT_SQLSTATES: Final = ("08", "40", "53", "57P", "26000", "42P05", _READ_ONLY_SQLSTATE)
_BUSY_SQLSTATES: Final = ("57014", "55P03")
"""The server's own limits of a statement's time, and of waiting for a lock."""
# A connection that fails carries the server's text, but no SQLSTATE.
_PERMANENT_MESSAGE: Final = re.compile(
    r"password authentication failed|no password supplied|no pg_hba\.conf entry"
    r"|(role|database) \".*\" does not exist"
)
# libpq's words, without a SQLSTATE: the connection was never begun.
_UNTRUSTED_MESSAGE: Final = re.compile(
    r"certificate verify failed|server certificate for .* does not match|server does not support SSL"
)


class DatabaseCredentialsError(Exception):
    """The server refuses the configured user, password or database, or isn't trusted: retrying can't help."""


def connect_args(url: URL) -> dict[str, Any]:
    """Libpq options that make a dead server noticed in seconds, and any pooler work.

    `sslmode` means what libpq means by it. Where a server is to be verified and no file of authorities is given, it
    is the system's, which libpq doesn't look for by itself.

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
    # A transaction pooler gives a connection of the server to many clients, and can't be told by its address:
    # statements are not prepared, which costs next to nothing here.
    arguments["prepare_threshold"] = None
    verified = str(url.query.get("sslmode", "")).startswith("verify-")
    root = url.query.get("sslrootcert")
    authorities = trusted_authorities()
    if authorities.exists() and (root == "system" or (verified and root is None)):
        arguments["sslrootcert"] = str(authorities)
        if root == "system":  # libpq doesn't allow less with it
            arguments["sslmode"] = "verify-full"
    return arguments


def is_permanent(error: BaseException) -> bool:
    """Whether the server refused the credentials or the database's name, or isn't trusted itself."""
    for cause in _chain(error):
        if isinstance(cause, psycopg.Error):
            if cause.sqlstate is not None:
                return cause.sqlstate.startswith(_PERMANENT_SQLSTATES)
            return _PERMANENT_MESSAGE.search(str(cause)) is not None or is_untrusted(error)
    return False


def is_untrusted(error: BaseException) -> bool:
    """Whether the server's certificate was refused, or it had none where one is asked for."""
    return any(
        isinstance(cause, psycopg.Error) and _UNTRUSTED_MESSAGE.search(str(cause)) is not None
        for cause in _chain(error)
    )


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


def _is_busy(error: DBAPIError) -> bool:
    return isinstance(error.orig, psycopg.Error) and error.orig.sqlstate in _BUSY_SQLSTATES


def _leave_read_only_server(context: ExceptionContext) -> None:
    """Have a connection to a server that was demoted leave the pool, with all of its age."""
    if isinstance(context.original_exception, psycopg.Error):
        context.is_disconnect |= context.original_exception.sqlstate == _READ_ONLY_SQLSTATE


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


class Availability:
    """What is known of the database: while it is away, nobody need wait to find that out again.

    Told by the readiness probe, which is asked by Kubernetes, and by this while somebody has found the database away.
    """

    def __init__(self) -> None:
        self.away = False
        self.check: Callable[[], Awaitable[BaseException | None]] | None = None
        self._failures = 0
        self._watch: asyncio.Task[None] | None = None

    def note(self, error: BaseException | None) -> None:
        """The probe's finding. One failure may be a hiccup, which requests outlast by trying again."""
        self._failures = 0 if error is None else self._failures + 1
        self.away = self._failures > 1

    def suspect(self) -> None:
        """A request has waited in vain."""
        if self.check is not None and (self._watch is None or self._watch.done()):
            self._watch = asyncio.create_task(self._until_back())

    async def _until_back(self) -> None:
        assert self.check is not None
        while await self.check() is not None:  # noqa: ASYNC110 - nothing tells of it by itself
            await asyncio.sleep(_WATCH_SECONDS)

    def close(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()


@dataclass(slots=True)
class _Use:
    """One use of a connection, once there is one."""

    connection: psycopg.AsyncConnection[Any] | None = None


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
        self._leaving: set[asyncio.Task[None]] = set()
        self.availability = Availability()
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
        event.listen(self.engine.sync_engine, "handle_error", _leave_read_only_server)

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
        """Run one statement, again when a transient error calls for it, within the time limit in all.

        Raises:
            ServiceUnavailable: When the database stays away or does not answer in time, or is known to be away.
            Unprocessable: A value is none that the database can hold.
        """
        if self.availability.away:
            raise ServiceUnavailable("The database is not available.")
        deadline = asyncio.get_running_loop().time() + self._timeout
        try:
            async for attempt in retrying(self._sleep):
                with attempt:
                    return await self._fresh(statement, parameters, read, deadline)
        except (TimeoutError, PoolTimeoutError) as error:
            self.availability.suspect()
            log.error("database.timeout", seconds=self._timeout)
            raise ServiceUnavailable("The database did not answer in time.") from error
        except (UnicodeEncodeError, DataError) as error:
            log.warning("database.value_refused", error=type(getattr(error, "orig", None) or error).__name__)
            raise Unprocessable("Some part of the request is out of range, or no text that can be stored.") from error
        except DBAPIError as error:
            if _is_busy(error):
                log.error("database.busy", error=type(error.orig).__name__)
                raise ServiceUnavailable("The database did not answer in time.") from error
            if is_permanent(error) or is_transient(error):
                self.availability.suspect()
                log.error("database.unavailable", error=type(error.orig).__name__)
                raise ServiceUnavailable("The database is not available.") from error
            raise
        raise AssertionError("unreachable: the retry policy re-raises")

    async def _fresh(
        self,
        statement: Executable,
        parameters: Parameters,
        read: Callable[[CursorResult[Any]], Result],
        deadline: float,
    ) -> Result:
        """Run a statement, at once a second time when its pooled connection turns out to be dead.

        That takes the place of a ping before each use: when one connection is found dead, all
        those of its age leave the pool.
        """
        try:
            return await self._bounded(statement, parameters, read, deadline)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return await self._bounded(statement, parameters, read, deadline)

    async def _bounded(
        self,
        statement: Executable,
        parameters: Parameters,
        read: Callable[[CursorResult[Any]], Result],
        deadline: float,
    ) -> Result:
        """Run a statement in a task of its own, and leave it behind when its time is up.

        To cancel it instead would take as long as the driver's attempts to tell a server that doesn't listen.

        Raises:
            TimeoutError: The time is up.
        """
        use = _Use()
        task = asyncio.create_task(self._once(statement, parameters, read, use))
        try:
            done, _ = await asyncio.wait({task}, timeout=max(0.0, deadline - asyncio.get_running_loop().time()))
        except asyncio.CancelledError:
            self._leave(task, use)
            raise
        if not done:
            self._leave(task, use)
            raise TimeoutError
        return task.result()

    async def _once(
        self,
        statement: Executable,
        parameters: Parameters,
        read: Callable[[CursorResult[Any]], Result],
        use: _Use,
    ) -> Result:
        async with self.engine.connect() as connection:
            use.connection = (await connection.get_raw_connection()).driver_connection
            return read(await connection.execute(statement, parameters))

    def _leave(self, task: asyncio.Task[Any], use: _Use) -> None:
        leaving = asyncio.create_task(self._end(task, use))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _end(self, task: asyncio.Task[Any], use: _Use) -> None:
        """End a statement that nobody waits for: by the server where it listens, else by closing the connection."""
        connection = use.connection
        if connection is not None and not connection.closed:
            with contextlib.suppress(psycopg.Error, OSError):
                await connection.cancel_safe(timeout=_CANCEL_SECONDS)
            await asyncio.wait({task}, timeout=_CANCEL_SECONDS)
            if not task.done():
                # PQfinish only: a goodbye to a server that hangs would hang as well.
                connection.pgconn.finish()
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()

    async def close(self) -> None:
        """Close every pooled connection."""
        self.availability.close()
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=2 * _CANCEL_SECONDS)
        await self.engine.dispose()


class ReadinessProbe:
    """Asks the database whether it answers, on a connection of its own.

    The pool is left out on purpose: a busy pool must not take a pod out of service, and a hung
    connection in the pool must not hide that the database is back.

    Args:
        url: The database URL.
        availability: Told what is found.
        max_age: Seconds for which an answer is reused.
        timeout: Seconds after which no answer counts as a failure.
    """

    def __init__(
        self, url: URL, *, availability: Availability | None = None, max_age: float = 1.0, timeout: float = 2.0
    ) -> None:
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._arguments = {**connect_args(url), "connect_timeout": max(2, int(timeout))}
        self._max_age = max_age
        self._timeout = timeout
        self._availability = availability
        if availability is not None:
            availability.check = self.check
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
            if self._availability is not None:
                self._availability.note(self._error)
            return self._error

    def _tell(self, before: BaseException | None) -> None:
        """Logs once that the database is away, and once that it is back."""
        if self._error is not None and before is None:
            log.error("database.away", error=type(self._error).__name__, detail=str(self._error))
        elif self._error is None and before is not None:
            log.info("database.back")

    async def _ping(self) -> BaseException | None:
        query = asyncio.create_task(self._query())
        try:
            done, _ = await asyncio.wait({query}, timeout=self._timeout)
        finally:
            # Its time is over, or whoever asked has left: a connection that comes later would be nobody's.
            if not query.done():
                self._drop()
                query.cancel()
                # The cancelled query may itself wait for the silent server: don't wait for it.
                query.add_done_callback(lambda task: task.cancelled() or task.exception())
        if not done:
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
        DatabaseCredentialsError: The server refuses user, password or database, or isn't trusted.
    """
    if is_untrusted(error):
        raise DatabaseCredentialsError(
            "the database's certificate isn't trusted as sslmode in DATABASE_URL asks for: "
            "a company's own authority is named by EXTRA_CA_CERTS"
        ) from error
    if is_permanent(error):
        raise DatabaseCredentialsError(
            "the database refuses the user, password or database name in DATABASE_URL"
        ) from error
