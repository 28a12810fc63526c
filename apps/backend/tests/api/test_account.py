"""Erasing a user's data, and removing what is older than it is kept for."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid

import httpx2
import psycopg
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from app.core.config import Settings
from app.core.problems import ServiceUnavailable
from app.services import account
from app.services.account import Housekeeping
from tests.support.application import resources_of
from tests.support.chat import Chat
from tests.support.waiting import until

TABLES = ("task", "chat_thread", "chat_stop", "idempotency")


def rows_of(database_url: str, user_id: str) -> dict[str, int]:
    """How many rows there are of a user, by table."""
    counts = {}
    with psycopg.connect(database_url, autocommit=True) as connection:
        for table in TABLES:
            query = f"SELECT count(*) FROM {table} WHERE user_id = %s"
            row = connection.execute(query.encode(), [user_id]).fetchone()
            counts[table] = row[0] if row is not None else -1
    return counts


def deleted_threads_of(database_url: str, user_id: str) -> int:
    """How many deleted conversations of a user can still be brought back."""
    query = "SELECT count(*) FROM chat_thread WHERE deleted_user_id = %s"
    with psycopg.connect(database_url) as connection:
        row = connection.execute(query, [user_id]).fetchone()
    return row[0] if row is not None else -1


async def leave_traces(client: httpx2.AsyncClient) -> None:
    """A task that is there, a deleted one, a conversation, a deleted one, a key and a stop."""
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    task = (await client.post("/api/tasks", json={"title": "milk"}, headers=headers)).json()
    await client.post("/api/tasks", json={"title": "bread"})
    await client.delete(f"/api/tasks/{task['id']}")
    await Chat(client).say("add jam", idempotency_key=uuid.uuid4().hex)
    deleted = (await client.post("/api/conversations", json={})).headers["location"]
    await client.delete(deleted)
    await client.post("/chatkit/stop", json={"idempotency_key": uuid.uuid4().hex})


async def test_a_user_can_have_everything_erased_and_nobody_elses_is_touched(
    client: httpx2.AsyncClient, other_client: httpx2.AsyncClient, user_id: str, database_url: str
) -> None:
    await leave_traces(client)
    await Chat(other_client).say("add their own")
    their_deleted = (await other_client.post("/api/conversations", json={})).headers["location"]
    await other_client.delete(their_deleted)
    assert all(rows_of(database_url, user_id).values())
    assert deleted_threads_of(database_url, user_id) == 1

    assert (await client.delete("/api/account")).status_code == 204
    assert rows_of(database_url, user_id) == dict.fromkeys(TABLES, 0)
    assert deleted_threads_of(database_url, user_id) == 0
    assert (await client.get("/api/conversations")).json()["items"] == []
    assert (await client.delete("/api/account")).status_code == 204
    assert await Chat(other_client).titles() == ["their own"]
    assert (await other_client.post(f"{their_deleted}/restore")).status_code == 200


async def test_a_table_of_users_rows_is_not_forgotten(database_url: str) -> None:
    """Who adds one has to say what becomes of it when its user is erased."""
    query = (
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'user_id'"
    )
    with psycopg.connect(database_url) as connection:
        assert {row[0] for row in connection.execute(query)} == set(TABLES)


async def test_tasks_deleted_long_ago_are_removed_for_good(
    app: FastAPI, client: httpx2.AsyncClient, settings: Settings, database_url: str
) -> None:
    old, recent = [(await client.post("/api/tasks", json={"title": title})).json()["id"] for title in ("old", "recent")]
    for task_id in (old, recent):
        await client.delete(f"/api/tasks/{task_id}")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE task SET deleted_at = now() - interval '31 days' WHERE id = %s", [old])
    await Housekeeping(resources_of(app).database, settings).expire()
    assert (await client.post(f"/api/tasks/{old}/restore")).status_code == 404
    assert (await client.post(f"/api/tasks/{recent}/restore")).status_code == 200


async def test_conversations_deleted_a_day_ago_are_removed_for_good(
    app: FastAPI, client: httpx2.AsyncClient, settings: Settings, database_url: str
) -> None:
    paths = [(await client.post("/api/conversations", json={})).headers["location"] for _ in range(3)]
    for path, age in zip(paths, ("25 hours", "23 hours"), strict=False):
        await client.delete(path)
        with psycopg.connect(database_url, autocommit=True) as connection:
            query = "UPDATE chat_thread SET deleted_at = now() - %s::interval WHERE id = %s"
            connection.execute(query, [age, path.rpartition("/")[2]])
    await Housekeeping(resources_of(app).database, settings).expire()
    statuses = [(await client.post(f"{path}/restore")).status_code for path in paths]
    assert statuses == [404, 200, 200]


@pytest.mark.parametrize(("days", "kept"), [(0, True), (365, True), (90, False)])
async def test_conversations_are_kept_for_as_long_as_is_said(
    days: int, kept: bool, app: FastAPI, chat: Chat, settings: Settings, database_url: str
) -> None:
    await chat.say("hello")
    with psycopg.connect(database_url, autocommit=True) as connection:
        query = "UPDATE chat_thread SET updated_at = now() - interval '100 days' WHERE id = %s"
        connection.execute(query, [chat.thread_id])
    keeping = settings.model_copy(update={"chat_retention_days": days})
    await Housekeeping(resources_of(app).database, keeping).expire()
    response = await chat.client.get(f"/api/conversations/{chat.thread_id}")
    assert response.status_code == (200 if kept else 404)


async def test_keys_are_remembered_for_a_week(
    app: FastAPI, client: httpx2.AsyncClient, settings: Settings, user_id: str, database_url: str
) -> None:
    for age in ("6 days", "8 days"):
        await client.post("/api/tasks", json={"title": "milk"}, headers={"Idempotency-Key": age.replace(" ", "-")})
        with psycopg.connect(database_url, autocommit=True) as connection:
            query = "UPDATE idempotency SET created_at = now() - %s::interval WHERE user_id = %s AND key LIKE %s"
            connection.execute(query, [age, user_id, f"%{age.replace(' ', '-')}"])
    await Housekeeping(resources_of(app).database, settings).expire()
    assert rows_of(database_url, user_id)["idempotency"] == 1


async def test_of_a_backlog_some_rows_at_a_time_are_removed_until_none_is_left(
    app: FastAPI,
    client: httpx2.AsyncClient,
    settings: Settings,
    user_id: str,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(account, "_AT_ONCE", 2)
    for number in range(5):
        headers = {"Idempotency-Key": str(number)}
        task = (await client.post("/api/tasks", json={"title": "old"}, headers=headers)).json()
        await client.delete(f"/api/tasks/{task['id']}")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE task SET deleted_at = now() - interval '31 days' WHERE user_id = %s", [user_id])
        connection.execute(
            "UPDATE idempotency SET created_at = now() - interval '8 days' WHERE user_id = %s", [user_id]
        )
    database = resources_of(app).database
    removed: list[int] = []
    real = database.scalar

    async def noted(statement: sa.Executable, parameters: dict[str, object]) -> object:
        removed.append(await real(statement, parameters))
        return removed[-1]

    monkeypatch.setattr(database, "scalar", noted)
    await Housekeeping(database, settings).expire()
    assert rows_of(database_url, user_id) == dict.fromkeys(TABLES, 0)
    assert max(removed) == 2
    assert sum(removed) >= 10


@pytest.mark.parametrize("error", [ServiceUnavailable("The database is not available."), ValueError("unexpected")])
async def test_housekeeping_outlasts_whatever_fails(
    error: Exception, app: FastAPI, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "_ROUND_SECONDS", 0.01)
    housekeeping = Housekeeping(resources_of(app).database, settings)
    rounds: list[dt.datetime] = []

    async def away() -> None:
        rounds.append(dt.datetime.now(dt.UTC))
        raise error

    monkeypatch.setattr(housekeeping, "expire", away)
    running = asyncio.create_task(housekeeping.run())
    await until(lambda: len(rounds) >= 3)
    assert not running.done()
    running.cancel()
    await asyncio.wait({running})
