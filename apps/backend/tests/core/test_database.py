from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ProgrammingError

from app.core.database import Database, ReadinessProbe, connect_args, is_permanent, is_transient
from app.core.problems import ServiceUnavailable, Unprocessable
from tests.support.application import make_settings
from tests.support.proxy import DatabaseProxy
from tests.support.waiting import until

ONE = sa.text("SELECT 1")
WRITE = sa.text("INSERT INTO written VALUES (1)")


class Sleeper:
    """Records how long it was asked to sleep, and calls back in between."""

    def __init__(self) -> None:
        self.naps: list[float] = []
        self.then: dict[int, object] = {}

    async def __call__(self, seconds: float) -> None:
        self.naps.append(seconds)
        action = self.then.get(len(self.naps))
        if callable(action):
            await action()


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[DatabaseProxy]:
    async with DatabaseProxy(make_url(database_url)) as proxy:
        yield proxy


async def test_fr_060_a_lasting_failure_is_retried_after_1_2_and_4_seconds(proxy: DatabaseProxy) -> None:
    sleeper = Sleeper()
    database = Database(make_settings(proxy.url), sleep=sleeper)
    await proxy.cut()
    with pytest.raises(ServiceUnavailable) as caught:
        await database.scalar(ONE)
    assert sleeper.naps == [1, 2, 4]
    assert caught.value.headers["Retry-After"]
    await database.close()


async def test_fr_060_a_passing_failure_is_not_noticed(proxy: DatabaseProxy) -> None:
    sleeper = Sleeper()
    sleeper.then[2] = proxy.restore
    database = Database(make_settings(proxy.url), sleep=sleeper)
    await proxy.cut()
    assert await database.scalar(ONE) == 1
    assert sleeper.naps == [1, 2]
    await database.close()


async def test_a_dead_pooled_connection_is_replaced_at_once(proxy: DatabaseProxy) -> None:
    sleeper = Sleeper()
    database = Database(make_settings(proxy.url), sleep=sleeper)
    assert await database.scalar(ONE) == 1
    await proxy.drop()
    assert await database.scalar(ONE) == 1
    assert sleeper.naps == []
    await database.close()


@pytest.fixture
def server_roles(empty_database_url: URL) -> Iterator[Callable[[str], None]]:
    """Makes new connections to the empty database those of a primary, or of one that was demoted."""
    with psycopg.connect(empty_database_url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("CREATE TABLE written (number int)")

        def change(read_only: str) -> None:
            name = sql.Identifier(str(empty_database_url.database))
            change = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
            connection.execute(change.format(name, sql.SQL(read_only)))

        yield change


async def test_after_a_failover_no_connection_to_the_old_primary_is_used_again(
    empty_database_url: URL, server_roles: Callable[[str], None]
) -> None:
    database = Database(
        make_settings(empty_database_url.render_as_string(hide_password=False)), sleep=(sleeper := Sleeper())
    )
    server_roles("on")
    await asyncio.gather(*(database.scalar(sa.text("SELECT pg_sleep(0.5)")) for _ in range(5)))
    server_roles("off")
    await asyncio.gather(*(database.execute(WRITE) for _ in range(10)))
    assert await database.scalar(sa.text("SELECT count(*) FROM written")) == 10
    assert sleeper.naps == []
    await database.close()


async def test_a_server_that_takes_no_writes_is_waited_for(
    empty_database_url: URL, server_roles: Callable[[str], None]
) -> None:
    database = Database(
        make_settings(empty_database_url.render_as_string(hide_password=False)), sleep=(sleeper := Sleeper())
    )
    server_roles("on")
    with pytest.raises(ServiceUnavailable):
        await database.execute(WRITE)
    assert sleeper.naps == [1, 2, 4]
    await database.close()


@pytest.mark.parametrize("limit", ["statement_timeout", "lock_timeout"])
async def test_a_statement_that_the_server_gives_up_is_no_fault_of_the_request(limit: str, database_url: str) -> None:
    url = make_url(database_url).update_query_dict({"options": f"-c {limit}=100"})
    database = Database(make_settings(url.render_as_string(hide_password=False)), sleep=(sleeper := Sleeper()))
    with psycopg.connect(database_url) as connection:
        connection.execute("LOCK TABLE chat_stop")
        with pytest.raises(ServiceUnavailable, match="in time"):
            await database.scalar(sa.text("SELECT count(*) FROM chat_stop"))
    assert sleeper.naps == []
    await database.close()


async def test_wrong_credentials_fail_at_once(database_url: str) -> None:
    sleeper = Sleeper()
    url = make_url(database_url).set(username="nobody-at-all", password="wrong")
    database = Database(make_settings(url.render_as_string(hide_password=False)), sleep=sleeper)
    with pytest.raises(ServiceUnavailable):
        await database.scalar(ONE)
    assert sleeper.naps == []
    await database.close()


async def test_a_wrong_statement_fails_at_once(database_url: str) -> None:
    sleeper = Sleeper()
    database = Database(make_settings(database_url), sleep=sleeper)
    with pytest.raises(ProgrammingError):
        await database.scalar(sa.text("SELECT nonsense"))
    assert sleeper.naps == []
    await database.close()


async def test_a_server_that_does_not_answer_is_given_up(proxy: DatabaseProxy) -> None:
    database = Database(make_settings(proxy.url, db_timeout_seconds=2.0))
    assert await database.scalar(ONE) == 1
    proxy.freeze()
    with pytest.raises(ServiceUnavailable, match="in time"):
        await database.scalar(ONE)
    proxy.thaw()
    assert await database.scalar(ONE) == 1
    await database.close()


@pytest.mark.parametrize(("changes", "size"), [({}, 5), ({"db_pool_size": 2}, 2)], ids=["default", "given"])
async def test_fr_059_the_pool_has_the_size_it_was_given(database_url: str, changes: dict[str, int], size: int) -> None:
    database = Database(make_settings(database_url, db_timeout_seconds=2.0, **changes))
    async with contextlib.AsyncExitStack() as held:
        for _ in range(size):
            await held.enter_async_context(database.engine.connect())
        with pytest.raises(ServiceUnavailable, match="in time"):
            await database.scalar(ONE)
    assert await database.scalar(ONE) == 1
    await database.close()


async def test_a_frozen_server_is_given_up_in_time_by_requests_that_hold_a_connection(proxy: DatabaseProxy) -> None:
    database = Database(make_settings(proxy.url, db_timeout_seconds=2.0))
    await asyncio.gather(*(database.scalar(ONE) for _ in range(5)))
    proxy.freeze()
    started = time.monotonic()
    results = await asyncio.gather(*(database.scalar(ONE) for _ in range(8)), return_exceptions=True)
    assert [type(result) for result in results] == [ServiceUnavailable] * 8
    assert time.monotonic() - started < 3.5
    proxy.thaw()
    assert await database.scalar(ONE) == 1
    await database.close()


async def test_a_statement_that_nobody_waits_for_has_no_effect(database_url: str, user_id: str) -> None:
    database = Database(make_settings(database_url, db_timeout_seconds=2.0))
    insertion = sa.text("INSERT INTO chat_stop (user_id, key) VALUES (:user_id, 'x')")
    with psycopg.connect(database_url) as connection:
        connection.execute("LOCK TABLE chat_stop")
        with pytest.raises(ServiceUnavailable):
            await database.execute(insertion, {"user_id": user_id})
        cancelled = asyncio.create_task(database.execute(insertion, {"user_id": user_id}))
        await asyncio.sleep(0.2)
        cancelled.cancel()
        await asyncio.wait({cancelled})
        await asyncio.sleep(0.5)
    count = await database.scalar(sa.text("SELECT count(*) FROM chat_stop WHERE user_id = :u"), {"u": user_id})
    assert count == 0
    await database.close()


async def test_while_it_is_known_to_be_away_nobody_waits(proxy: DatabaseProxy) -> None:
    database = Database(make_settings(proxy.url, db_timeout_seconds=3.0))
    probe = ReadinessProbe(make_url(proxy.url), availability=database.availability, max_age=0.0)
    await proxy.cut()
    with pytest.raises(ServiceUnavailable):
        await database.scalar(ONE)
    await until(lambda: database.availability.away)
    started = time.monotonic()
    with pytest.raises(ServiceUnavailable):
        await database.scalar(ONE)
    assert time.monotonic() - started < 0.1
    await proxy.restore()
    await until(lambda: not database.availability.away)
    assert await database.scalar(ONE) == 1
    await probe.close()
    await database.close()


async def test_one_hiccup_of_the_probe_refuses_nobody(proxy: DatabaseProxy) -> None:
    database = Database(make_settings(proxy.url), sleep=(sleeper := Sleeper()))
    probe = ReadinessProbe(make_url(proxy.url), availability=database.availability, max_age=0.0)
    await proxy.cut()
    assert await probe.check() is not None
    sleeper.then[1] = proxy.restore
    assert await database.scalar(ONE) == 1
    await probe.close()
    await database.close()


async def test_a_question_that_is_called_off_leaves_no_connection(proxy: DatabaseProxy) -> None:
    probe = ReadinessProbe(make_url(proxy.url), max_age=0.0)
    proxy.freeze()
    asking = asyncio.create_task(probe.check())
    await until(lambda: proxy.connections == 1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await probe.close()
    proxy.thaw()
    await until(lambda: proxy.connections == 0)


@pytest.mark.parametrize("value", ["\ud800", "a\x00b"])
async def test_what_the_database_cannot_hold_is_the_requests_fault(value: str, database_url: str) -> None:
    database = Database(make_settings(database_url))
    with pytest.raises(Unprocessable):
        await database.scalar(sa.text("SELECT CAST(:value AS text)"), {"value": value})
    with pytest.raises(Unprocessable):
        await database.scalar(sa.text("SELECT CAST('99999999999' AS int)"))
    await database.close()


def test_fr_056_any_pooler_works_as_nothing_is_prepared() -> None:
    pooled = make_url("postgresql+psycopg://u:p@ep-cool-1-pooler.eu.aws.neon.tech/db?sslmode=require&connect_timeout=9")
    direct = make_url("postgresql+psycopg://u:p@ep-cool-1.eu.aws.neon.tech/db")
    for url in (pooled, direct, make_url("postgresql+psycopg://u:p@aws-0-eu.pooler.supabase.com:6543/db")):
        assert connect_args(url)["prepare_threshold"] is None
    assert "connect_timeout" not in connect_args(pooled)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("?sslmode=prefer", {}),
        ("?sslmode=require", {}),
        ("?sslmode=verify-full", {"sslrootcert": True}),
        ("?sslmode=verify-ca", {"sslrootcert": True}),
        ("?sslrootcert=system", {"sslrootcert": True, "sslmode": "verify-full"}),
        ("?sslmode=verify-full&sslrootcert=/ca/root.crt", {}),
    ],
)
def test_a_server_is_verified_by_the_systems_authorities(
    query: str, expected: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.crt"
    bundle.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    arguments = connect_args(make_url(f"postgresql+psycopg://u:p@h/d{query}"))
    found = {name: arguments[name] for name in ("sslmode", "sslrootcert") if name in arguments}
    assert found == {name: str(bundle) if value is True else value for name, value in expected.items()}


@pytest.mark.parametrize(
    ("error", "transient", "permanent"),
    [
        (psycopg.OperationalError("connection refused"), True, False),
        (psycopg.OperationalError('FATAL: password authentication failed for user "x"'), False, True),
        (psycopg.OperationalError('FATAL: database "x" does not exist'), False, True),
        (psycopg.OperationalError("SSL error: certificate verify failed"), False, True),
        (psycopg.OperationalError('server certificate for "a" does not match host name "b"'), False, True),
        (psycopg.OperationalError("server does not support SSL, but SSL was required"), False, True),
        (psycopg.errors.InvalidPassword("no"), False, True),
        (ConnectionResetError(), True, False),
        (ValueError(), False, False),
        (sa.exc.InterfaceError("x", None, psycopg.InterfaceError("gone")), True, False),
        (sa.exc.OperationalError("x", None, psycopg.errors.SerializationFailure("again")), True, False),
        (sa.exc.ProgrammingError("x", None, psycopg.errors.UndefinedTable("no")), False, False),
        (sa.exc.ProgrammingError("x", None, psycopg.errors.InvalidSqlStatementName("no")), True, False),
        (sa.exc.ProgrammingError("x", None, psycopg.errors.DuplicatePreparedStatement("no")), True, False),
        (sa.exc.InternalError("x", None, psycopg.errors.ReadOnlySqlTransaction("demoted")), True, False),
        (sa.exc.OperationalError("x", None, psycopg.errors.QueryCanceled("late")), False, False),
        (sa.exc.OperationalError("x", None, psycopg.errors.LockNotAvailable("late")), False, False),
    ],
)
def test_errors_are_told_apart(error: Exception, transient: bool, permanent: bool) -> None:
    assert (is_transient(error), is_permanent(error)) == (transient, permanent)
