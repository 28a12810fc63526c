from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from app.core.database import Database, connect_args, is_permanent, is_transaction_pooler, is_transient
from app.core.problems import ServiceUnavailable
from tests.support.application import make_settings
from tests.support.proxy import DatabaseProxy

ONE = sa.text("SELECT 1")


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
    database = Database(make_settings(proxy.url, db_timeout_seconds=0.3))
    assert await database.scalar(ONE) == 1
    proxy.freeze()
    with pytest.raises(ServiceUnavailable, match="in time"):
        await database.scalar(ONE)
    proxy.thaw()
    assert await database.scalar(ONE) == 1
    await database.close()


@pytest.mark.parametrize(("changes", "size"), [({}, 5), ({"db_pool_size": 2}, 2)], ids=["default", "given"])
async def test_fr_059_the_pool_has_the_size_it_was_given(database_url: str, changes: dict[str, int], size: int) -> None:
    database = Database(make_settings(database_url, db_timeout_seconds=1.0, **changes))
    async with contextlib.AsyncExitStack() as held:
        for _ in range(size):
            await held.enter_async_context(database.engine.connect())
        with pytest.raises(ServiceUnavailable, match="in time"):
            await database.scalar(ONE)
    assert await database.scalar(ONE) == 1
    await database.close()


def test_fr_056_neons_pooler_gets_no_prepared_statements() -> None:
    pooled = make_url("postgresql+psycopg://u:p@ep-cool-1-pooler.eu.aws.neon.tech/db?sslmode=require&connect_timeout=9")
    direct = make_url("postgresql+psycopg://u:p@ep-cool-1.eu.aws.neon.tech/db")
    assert is_transaction_pooler(pooled)
    assert connect_args(pooled)["prepare_threshold"] is None
    assert "connect_timeout" not in connect_args(pooled)
    assert not is_transaction_pooler(direct)
    assert "prepare_threshold" not in connect_args(direct)
    assert is_transaction_pooler(make_url("postgresql+psycopg://u:p@pgbouncer:6432/db"))


@pytest.mark.parametrize(
    ("error", "transient", "permanent"),
    [
        (psycopg.OperationalError("connection refused"), True, False),
        (psycopg.OperationalError('FATAL: password authentication failed for user "x"'), False, True),
        (psycopg.OperationalError('FATAL: database "x" does not exist'), False, True),
        (psycopg.errors.InvalidPassword("no"), False, True),
        (ConnectionResetError(), True, False),
        (ValueError(), False, False),
        (sa.exc.InterfaceError("x", None, psycopg.InterfaceError("gone")), True, False),
        (sa.exc.OperationalError("x", None, psycopg.errors.SerializationFailure("again")), True, False),
        (sa.exc.ProgrammingError("x", None, psycopg.errors.UndefinedTable("no")), False, False),
    ],
)
def test_errors_are_told_apart(error: Exception, transient: bool, permanent: bool) -> None:
    assert (is_transient(error), is_permanent(error)) == (transient, permanent)
