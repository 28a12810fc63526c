from __future__ import annotations

import asyncio
import datetime as dt
import json
import time
import uuid

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from app import migrate as migrate_module
from app.core.database import Database
from app.migrate import main, migrate
from app.models.task import position_of
from app.services.conversations import delete_conversation
from tests.support.application import make_settings
from tests.support.postgres import free_port
from tests.support.proxy import DatabaseProxy
from tests.support.server import Process

pytestmark = pytest.mark.slow

AUTH_TABLES = {"user", "session", "account", "verification", "jwks", "rateLimit"}
OWN_TABLES = {"task", "chat_thread", "chat_item", "chat_stop", "chat_ticket", "idempotency"}


def rendered(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def tables(url: URL) -> set[str]:
    with psycopg.connect(rendered(url)) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {row[0] for row in rows}


def test_fr_062_it_goes_up_and_down_and_does_nothing_twice(empty_database_url: URL) -> None:
    settings = make_settings(rendered(empty_database_url))
    assert migrate(settings) == (None, "0008")
    assert tables(empty_database_url) == AUTH_TABLES | OWN_TABLES | {"alembic_version"}
    assert migrate(settings) == ("0008", "0008")
    assert migrate(settings, "0001") == ("0008", "0001")
    assert tables(empty_database_url) == AUTH_TABLES - {"rateLimit"} | {"alembic_version"}
    assert migrate(settings) == ("0001", "0008")
    assert migrate(settings, "base") == ("0008", None)
    assert tables(empty_database_url) == {"alembic_version"}


def test_the_models_and_the_migrations_agree(database_url: str) -> None:
    engine = create_engine(make_settings(database_url).sqlalchemy_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "include_name": lambda name, kind, _parents: name not in AUTH_TABLES},
        )
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    # Indexes and server defaults are the migrations' alone.
    assert [d for d in differences if d[0] not in {"remove_index", "modify_default"}] == []


def test_better_auths_tables_have_its_columns(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_name = ANY(%s)",
            [list(AUTH_TABLES)],
        ).fetchall()
    columns = {row[0] for row in rows}
    assert {
        "user.emailVerified",
        "session.expiresAt",
        "session.userId",
        "account.accessTokenExpiresAt",
        "account.password",
        "verification.identifier",
        "jwks.publicKey",
        "jwks.privateKey",
        "rateLimit.lastRequest",
    } <= columns
    assert len(columns) == 45


async def test_fr_062_five_at_once_all_succeed_and_one_migrates(empty_database_url: URL) -> None:
    process = Process(DATABASE_URL=rendered(empty_database_url))
    results = await asyncio.gather(*(asyncio.to_thread(process.run, "-m", "app.migrate") for _ in range(5)))
    assert [result.returncode for result in results] == [0] * 5
    lines = [json.loads(line) for result in results for line in result.stdout.splitlines()]
    done = [line for line in lines if line["event"] == "migrate.done"]
    assert sorted(line["changed"] for line in done) == [False] * 4 + [True]
    assert tables(empty_database_url) >= OWN_TABLES


def test_the_command_reports_what_is_wrong(
    empty_database_url: URL, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "development")
    monkeypatch.setenv("JWT_SECRET", "x")
    monkeypatch.setenv("DATABASE_URL", rendered(empty_database_url))
    assert main([]) == 0
    assert main(["base"]) == 0
    monkeypatch.setenv("DATABASE_URL", rendered(empty_database_url.set(username="nobody-at-all", password="hunter2")))
    assert main([]) == 1
    monkeypatch.delenv("DATABASE_URL")
    assert main([]) == 2
    output = capsys.readouterr().out
    assert "credentials refused" in output
    assert "DATABASE_URL is required" in output
    assert "hunter2" not in output


def test_fr_060_a_database_that_is_not_up_yet_is_waited_for(
    empty_database_url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = 0
    real = migrate_module._migrate

    def flaky(*arguments: object) -> tuple[str | None, str | None]:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise psycopg.OperationalError("connection refused")
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(migrate_module, "_migrate", flaky)
    assert migrate(make_settings(rendered(empty_database_url))) == (None, "0008")
    assert attempts == 2


async def test_a_pod_made_during_an_outage_is_there_soon_after_its_end(empty_database_url: URL) -> None:
    async with DatabaseProxy(empty_database_url) as proxy:
        await proxy.cut()
        process = Process(DATABASE_URL=proxy.url, ENVIRONMENT="development")
        migration = asyncio.create_task(asyncio.to_thread(process.run, "-m", "app.migrate"))
        await asyncio.sleep(12)  # longer than the first tries take
        assert not migration.done()
        await proxy.restore()
        started = time.monotonic()
        assert (await migration).returncode == 0
        assert time.monotonic() - started < 10


def test_a_database_that_stays_away_is_given_up() -> None:
    settings = make_settings(f"postgresql://u:p@127.0.0.1:{free_port()}/d", migration_wait_seconds=0)
    started = time.monotonic()
    with pytest.raises(OperationalError):
        migrate(settings)
    assert time.monotonic() - started < 15


def test_it_does_not_hold_up_others_while_it_waits_for_a_table(empty_database_url: URL) -> None:
    migrate(make_settings(rendered(empty_database_url)), "0004")
    with psycopg.connect(rendered(empty_database_url)) as busy:
        busy.execute("SELECT * FROM task")  # a long query keeps its lock until the end
        engine = create_engine(make_settings(rendered(empty_database_url)).sqlalchemy_url, poolclass=NullPool)
        with pytest.raises(OperationalError, match="lock timeout"):
            migrate_module._migrate(engine, "head")
    assert migrate(make_settings(rendered(empty_database_url))) == ("0004", "0008")


def test_tasks_of_before_stand_in_the_order_in_which_they_were_added(empty_database_url: URL) -> None:
    settings = make_settings(rendered(empty_database_url))
    migrate(settings, "0005")
    insertion = "INSERT INTO task (id, user_id, title, created_at) VALUES (%s, 'u', %s, %s)"
    moment = dt.datetime(2020, 1, 2, 3, 4, 5, 678_901, tzinfo=dt.UTC)
    with psycopg.connect(rendered(empty_database_url)) as connection:
        for title, earlier in ("a", 1), ("b", 2), ("c", 0):
            connection.execute(insertion, (uuid.uuid4(), title, moment - dt.timedelta(microseconds=earlier)))
    migrate(settings)
    with psycopg.connect(rendered(empty_database_url)) as connection:
        # The version before adds one while the rollout lasts.
        connection.execute("INSERT INTO task (id, user_id, title) VALUES (%s, 'u', 'd')", (uuid.uuid4(),))
        rows = connection.execute("SELECT title, id, created_at, position FROM task ORDER BY position").fetchall()
    assert [row[0] for row in rows] == ["b", "a", "c", "d"]
    assert [row[3] for row in rows[:3]] == [position_of(row[1], row[2]) for row in rows[:3]]
    assert rows[3][3] < position_of(uuid.uuid4(), dt.datetime.now(dt.UTC))


def test_conversations_of_before_stay_and_deleted_ones_are_hidden_from_the_version_before(
    empty_database_url: URL,
) -> None:
    settings = make_settings(rendered(empty_database_url))
    migrate(settings, "0007")
    as_before = "SELECT id FROM chat_thread WHERE user_id = 'u' ORDER BY id"
    with psycopg.connect(rendered(empty_database_url), autocommit=True) as connection:
        for thread in "ab":
            connection.execute("INSERT INTO chat_thread (id, user_id) VALUES (%s, 'u')", (thread,))
        migrate(settings)
        assert connection.execute(as_before).fetchall() == [("a",), ("b",)]
        # The version before adds one while the rollout lasts.
        connection.execute("INSERT INTO chat_thread (id, user_id) VALUES ('c', 'u')")

        async def delete() -> bool:
            database = Database(settings)
            try:
                return await delete_conversation(database, "u", "b")
            finally:
                await database.close()

        assert asyncio.run(delete())
        assert connection.execute(as_before).fetchall() == [("a",), ("c",)]
        migrate(settings, "0007")
        assert connection.execute("SELECT id FROM chat_thread ORDER BY id").fetchall() == [("a",), ("c",)]


def test_migrations_go_to_their_own_url(empty_database_url: URL) -> None:
    elsewhere = "postgresql://nobody-at-all:x@127.0.0.1:1/none"
    assert migrate(make_settings(elsewhere, migration_database_url=rendered(empty_database_url))) == (None, "0008")


def test_a_step_up_or_down_is_what_it_says(empty_database_url: URL) -> None:
    settings = make_settings(rendered(empty_database_url))
    migrate(settings, "0003")
    assert migrate(settings, "+1") == ("0003", "0004")
    assert migrate(settings, "-1") == ("0004", "0003")
    assert migrate(settings, "0004") == ("0003", "0004")
