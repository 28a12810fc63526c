from __future__ import annotations

import asyncio
import json

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from sqlmodel import SQLModel

from app import migrate as migrate_module
from app.migrate import main, migrate
from tests.support.application import make_settings
from tests.support.server import Process

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
    assert migrate(settings) == (None, "0005")
    assert tables(empty_database_url) == AUTH_TABLES | OWN_TABLES | {"alembic_version"}
    assert migrate(settings) == ("0005", "0005")
    assert migrate(settings, "0001") == ("0005", "0001")
    assert tables(empty_database_url) == AUTH_TABLES - {"rateLimit"} | {"alembic_version"}
    assert migrate(settings) == ("0001", "0005")
    assert migrate(settings, "base") == ("0005", None)
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
    assert migrate(make_settings(rendered(empty_database_url))) == (None, "0005")
    assert attempts == 2
