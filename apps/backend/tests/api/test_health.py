from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from app.core.database import DatabaseCredentialsError
from app.core.problems import ServiceUnavailable
from app.main import create_app
from tests.support.application import captured_log, client_for, make_settings, resources_of, running, running_app
from tests.support.identity import Issuer
from tests.support.proxy import DatabaseProxy


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[DatabaseProxy]:
    async with DatabaseProxy(make_url(database_url)) as proxy:
        yield proxy


@pytest.fixture
async def proxied(proxy: DatabaseProxy, issuer: Issuer) -> AsyncIterator[FastAPI]:
    async with running_app(make_settings(proxy.url, db_timeout_seconds=2.0, app_version="9.8.7"), issuer) as app:
        yield app


async def seconds_until(client: httpx2.AsyncClient, status: int) -> float:
    started = time.monotonic()
    while time.monotonic() - started < 15:
        if (await client.get("/ready")).status_code == status:
            return time.monotonic() - started
        await asyncio.sleep(0.1)
    raise AssertionError(f"/ready never answered {status}")


async def test_health_names_service_and_version(proxied: FastAPI) -> None:
    async with client_for(proxied) as client:
        response = await client.get("/health")
        assert response.status_code == 200
        assert response.json() == {"status": "healthy", "service": "todo-backend", "version": "9.8.7"}


async def test_fr_058_ready_says_that_the_database_answers(anonymous: httpx2.AsyncClient) -> None:
    response = await anonymous.get("/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ready", "checks": {"database": "ok"}})


async def test_fr_058_ready_follows_a_database_that_goes_and_comes_back(
    proxied: FastAPI, proxy: DatabaseProxy, issuer: Issuer, user_id: str
) -> None:
    async with client_for(proxied, issuer.headers(user_id)) as client:
        assert (await client.get("/api/tasks")).status_code == 200
        with captured_log() as output:
            await proxy.cut()
            assert await seconds_until(client, 503) < 5
            response = await client.get("/ready")
            assert response.json() == {"status": "unavailable", "checks": {"database": "unreachable"}}
            assert (await client.get("/health")).status_code == 200
            await proxy.restore()
            assert await seconds_until(client, 200) < 5
        assert (await client.get("/api/tasks")).status_code == 200
    # Each is told once, however often it is asked for.
    events = [json.loads(line)["event"] for line in output.getvalue().splitlines()]
    assert [event for event in events if event in {"database.away", "database.back"}] == [
        "database.away",
        "database.back",
    ]


async def test_fr_058_ready_follows_a_database_that_hangs(
    proxied: FastAPI, proxy: DatabaseProxy, issuer: Issuer, user_id: str
) -> None:
    async with client_for(proxied, issuer.headers(user_id)) as client:
        assert (await client.get("/api/tasks")).status_code == 200
        proxy.freeze()
        hanging = [asyncio.create_task(client.get("/api/tasks")) for _ in range(8)]
        assert await seconds_until(client, 503) < 5
        assert (await client.get("/ready")).json()["checks"] == {"database": "timeout"}
        assert (await client.get("/health")).status_code == 200
        for response in await asyncio.gather(*hanging):
            assert response.status_code == 503
            assert response.headers["content-type"] == "application/problem+json"
        proxy.thaw()
        assert await seconds_until(client, 200) < 5
        assert (await client.get("/api/tasks")).status_code == 200


async def test_ready_asks_the_database_once_for_many_probes(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    probe = resources_of(app).readiness
    asked = 0
    query = probe._query

    async def counted() -> None:
        nonlocal asked
        asked += 1
        await query()

    monkeypatch.setattr(probe, "_query", counted)
    monkeypatch.setattr(probe, "_checked_at", float("-inf"))
    async with client_for(app) as client:
        await asyncio.gather(*(client.get("/ready") for _ in range(20)))
    assert asked == 1


async def test_ready_is_over_when_the_process_stops(database_url: str, issuer: Issuer) -> None:
    async with running_app(make_settings(database_url), issuer) as app, client_for(app) as client:
        resources_of(app).draining.set()
        response = await client.get("/ready")
        assert response.status_code == 503
        assert response.json()["status"] == "shutting-down"
        # Clients are asked to leave their connections, which close soon.
        assert response.headers["connection"] == "close"
        assert (await client.get("/health")).status_code == 200


async def test_a_process_whose_chat_cannot_start_is_not_ready(
    database_url: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise ImportError("a mistake")

    monkeypatch.setattr("app.chat.parts.create_mcp_server", broken)
    with pytest.raises(ServiceUnavailable):
        async with running_app(make_settings(database_url), issuer):
            raise AssertionError("it runs")
    app = create_app(make_settings(database_url), auth_transport=issuer.transport)
    with captured_log() as output:
        async with app.router.lifespan_context(app), client_for(app, issuer.headers("somebody")) as client:
            assert (await client.get("/ready")).status_code == 200  # nobody has tried it yet
            assert (await client.post("/chatkit", content=b"{}")).status_code == 503
            response = await client.get("/ready")
            assert (response.status_code, response.json()["checks"]) == (503, {"chat": "did not start"})
            assert (await client.get("/health")).status_code == 200
    assert "a mistake" in output.getvalue()


async def test_fr_058_the_start_checks_the_database(proxy: DatabaseProxy, issuer: Issuer) -> None:
    app = create_app(make_settings(proxy.url), auth_transport=issuer.transport)
    with captured_log() as output:
        async with running(app), client_for(app) as client:
            assert (await client.get("/ready")).status_code == 200
    events = [json.loads(line)["event"] for line in output.getvalue().splitlines()]
    assert events.index("database.connected") < events.index("app.started")


async def test_fr_058_it_starts_without_a_database_says_so_and_waits_for_it(
    proxy: DatabaseProxy, issuer: Issuer
) -> None:
    await proxy.cut()
    app = create_app(make_settings(proxy.url), auth_transport=issuer.transport)
    with captured_log() as output:
        async with running(app), client_for(app) as client:
            assert (await client.get("/health")).status_code == 200
            assert (await client.get("/ready")).status_code == 503
            await proxy.restore()
            assert await seconds_until(client, 200) < 5
    events = [json.loads(line)["event"] for line in output.getvalue().splitlines()]
    assert events.index("database.unreachable") < events.index("app.started")
    assert "database.connected" not in events


async def test_fr_058_it_does_not_start_with_wrong_credentials(database_url: str, issuer: Issuer) -> None:
    url = make_url(database_url).set(username="nobody-at-all", password="wrong")
    settings = make_settings(url.render_as_string(hide_password=False))
    with pytest.raises(DatabaseCredentialsError):
        async with running_app(settings, issuer):
            pass


async def test_a_connection_lost_between_requests_is_not_noticed(
    proxy: DatabaseProxy, issuer: Issuer, user_id: str
) -> None:
    app = create_app(make_settings(proxy.url), auth_transport=issuer.transport)
    async with running(app), client_for(app, issuer.headers(user_id)) as client:
        responses = await asyncio.gather(*(client.get("/api/tasks") for _ in range(10)))
        assert {response.status_code for response in responses} == {200}
        await proxy.drop()
        with captured_log() as output:
            assert (await client.post("/api/tasks", json={"title": "milk"})).status_code == 201
        assert "database.retry" not in output.getvalue()
