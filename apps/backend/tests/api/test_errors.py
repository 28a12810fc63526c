"""Problem documents, request ids, limits and headers."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.types import Message, Scope

from tests.support.application import client_for, make_settings, running_app
from tests.support.chat import message_request
from tests.support.identity import Issuer


def is_problem(response: httpx2.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:todo-app:problem:")
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"] == response.request.url.path
    assert problem["request_id"] == response.headers["x-request-id"]
    return problem


async def test_every_error_is_a_problem_document(client: httpx2.AsyncClient, anonymous: httpx2.AsyncClient) -> None:
    is_problem(await anonymous.get("/nowhere"), 404)
    is_problem(await anonymous.put("/health"), 405)
    unauthorized = await anonymous.get("/api/tasks")
    is_problem(unauthorized, 401)
    assert unauthorized.headers["www-authenticate"] == "Bearer"
    is_problem(await client.get("/api/tasks/not-an-id"), 422)
    problem = is_problem(await client.get("/api/tasks", params={"limit": "0", "sort": "colour"}), 422)
    assert {error["name"] for error in problem["errors"]} == {"query.limit", "query.sort"}
    is_problem(await client.post("/api/tasks", content=b"{", headers={"Content-Type": "application/json"}), 422)
    odd = await client.post("/api/tasks", content=b'{"\\ud800": 1}', headers={"Content-Type": "application/json"})
    is_problem(odd, 422)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "%00",
        base64.urlsafe_b64encode(b"[]").decode(),
        base64.urlsafe_b64encode(b'"text"').decode(),
        *(
            base64.urlsafe_b64encode(json.dumps(["-created_at", *rest]).encode()).decode()
            for rest in (
                ["not a date", "7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55"],
                [5, "7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55"],
                [True, "7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55"],
                ["2030-01-01T00:00:00+00:00", "not an id"],
                ["2030-01-01T00:00:00+00:00", 5],
            )
        ),
        base64.urlsafe_b64encode(b'["title","a","7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55"]').decode(),
    ],
)
async def test_a_made_up_cursor_is_refused(cursor: str, client: httpx2.AsyncClient) -> None:
    is_problem(await client.get("/api/tasks", params={"cursor": cursor}), 422)


@pytest.mark.parametrize(
    ("sort", "value"), [("priority", 9), ("priority", "high"), ("title", 5), ("due_date", 5), ("due_date", "soon")]
)
async def test_a_made_up_position_is_refused(sort: str, value: object, client: httpx2.AsyncClient) -> None:
    raw = json.dumps([sort, value, "7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55"]).encode()
    cursor = base64.urlsafe_b64encode(raw).decode()
    is_problem(await client.get("/api/tasks", params={"sort": sort, "cursor": cursor}), 422)


async def test_made_up_cursors_of_conversations_are_refused(client: httpx2.AsyncClient) -> None:
    raw = base64.urlsafe_b64encode(b'["-updated_at","soon","x"]').decode()
    is_problem(await client.get("/api/conversations", params={"cursor": raw}), 422)
    path = (await client.post("/api/conversations", json={})).headers["location"]
    raw = base64.urlsafe_b64encode(b'["position",-1,"x"]').decode()
    is_problem(await client.get(f"{path}/messages", params={"cursor": raw}), 422)
    naive = base64.urlsafe_b64encode(b'["-updated_at","2030-01-01T00:00:00","x"]').decode()
    assert (await client.get("/api/conversations", params={"cursor": naive})).status_code == 200


async def test_an_unexpected_error_hides_its_cause(
    app: FastAPI, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, log_output: io.StringIO
) -> None:
    async def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("postgresql://user:hunter2@host/db exploded")

    monkeypatch.setattr(app.state.resources.tasks, "list", broken)
    response = await client.get("/api/tasks")
    problem = is_problem(response, 500)
    assert problem["detail"] == "Something went wrong on our side."
    assert "hunter2" not in response.text
    logged = log_output.getvalue()
    assert "RuntimeError" in logged
    assert "hunter2" not in logged


async def test_a_client_that_leaves_while_it_sends_is_no_error(
    app: FastAPI, issuer: Issuer, user_id: str, log_output: io.StringIO
) -> None:
    sent: list[Message] = []
    parts: list[Message] = [
        {"type": "http.request", "body": b'{"type":', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return parts.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    authorization = issuer.headers(user_id)["Authorization"].encode()
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/chatkit",
        "query_string": b"",
        "headers": [(b"authorization", authorization), (b"content-type", b"application/json")],
    }
    await app(scope, receive, send)
    (line,) = (json.loads(line) for line in log_output.getvalue().splitlines() if '"app.access"' in line)
    assert (line["level"], line["status"]) == ("info", 499)
    assert not sent


async def test_a_request_id_is_kept_or_made(anonymous: httpx2.AsyncClient) -> None:
    given = await anonymous.get("/health", headers={"X-Request-ID": "abc-12345"})
    assert given.headers["x-request-id"] == "abc-12345"
    for bad in ("short", "x" * 65, "new\tline-and-more"):
        made = await anonymous.get("/health", headers={"X-Request-ID": bad})
        assert made.headers["x-request-id"] != bad
        assert len(made.headers["x-request-id"]) == 32


async def test_log_lines_carry_the_request_and_no_content(
    client: httpx2.AsyncClient, user_id: str, log_output: io.StringIO
) -> None:
    response = await client.post("/chatkit?secret=hush", json=message_request("add surprise party"))
    assert response.status_code == 200
    await client.post("/api/tasks", json={"title": "surprise cake"})
    await client.get("/health")
    lines = [json.loads(line) for line in log_output.getvalue().splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["path"], line["status"]) for line in requests] == [("/chatkit", 200), ("/api/tasks", 201)]
    assert requests[0]["request_id"] == response.headers["x-request-id"]
    assert requests[0]["user_id"] == user_id
    text = json.dumps(lines)
    for private in ("surprise", "hush", "eyJ", "Bearer"):
        assert private not in text


async def test_bodies_over_the_limit_are_refused(client: httpx2.AsyncClient) -> None:
    is_problem(await client.post("/api/tasks", json={"title": "x" * 300_000}), 413)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 10_000

    is_problem(await client.post("/api/tasks", content=endless()), 413)
    is_problem(await client.post("/mcp", content=endless()), 413)


async def test_rates_are_limited_per_user(database_url: str, issuer: Issuer, user_id: str) -> None:
    # So slow that nothing is given back meanwhile.
    settings = make_settings(
        database_url, api_rate_per_minute=1, api_rate_burst=5, chat_rate_per_minute=1, chat_rate_burst=2
    )
    async with running_app(settings, issuer) as app:
        async with client_for(app, issuer.headers(user_id)) as client:
            statuses = [(await client.post("/chatkit", json=message_request("hello"))).status_code for _ in range(3)]
            assert statuses == [200, 200, 429]
            responses = [await client.get("/api/tasks") for _ in range(4)]
            assert [response.status_code for response in responses] == [200, 200, 429, 429]
            is_problem(responses[-1], 429)
            assert int(responses[-1].headers["retry-after"]) >= 1
        async with client_for(app, issuer.headers(user_id + "-2")) as client:
            assert (await client.get("/api/tasks")).status_code == 200


async def test_browsers_of_other_origins_are_let_in_only_as_configured(
    database_url: str, issuer: Issuer, anonymous: httpx2.AsyncClient
) -> None:
    preflight = {"Origin": "https://todo.example.com", "Access-Control-Request-Method": "POST"}
    closed = await anonymous.options("/api/tasks", headers=preflight)
    assert "access-control-allow-origin" not in closed.headers
    settings = make_settings(database_url, cors_origins=["https://todo.example.com"])
    async with running_app(settings, issuer) as app, client_for(app) as client:
        allowed = await client.options("/api/tasks", headers=preflight)
        assert allowed.headers["access-control-allow-origin"] == "https://todo.example.com"
        other = await client.options("/api/tasks", headers=preflight | {"Origin": "https://evil.example.com"})
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("path", ["/api/tasks/" + "x" * 2_048, "/" + "a." * 30_000, "/api/tasks?search=" + "x" * 9_000])
async def test_a_long_address_is_refused_at_once_and_logged_short(
    path: str, anonymous: httpx2.AsyncClient, log_output: io.StringIO
) -> None:
    started = time.process_time()
    response = await anonymous.get(path)
    assert time.process_time() - started < 0.25
    assert response.status_code == 414
    assert response.headers["content-type"] == "application/problem+json"
    assert len(response.content) < 1_000
    assert len(log_output.getvalue()) < 1_000


async def test_an_address_or_a_body_at_its_limit_is_taken_and_one_byte_more_is_not(client: httpx2.AsyncClient) -> None:
    path = "/api/tasks/"
    is_problem(await client.get(path + "x" * (2_048 - len(path))), 422)
    assert (await client.get(path + "x" * (2_049 - len(path)))).status_code == 414
    query = "search=" + "x" * (8_192 - len("search="))
    assert (await client.get(f"/api/tasks?{query}")).status_code == 422  # the words' own limit
    assert (await client.get(f"/api/tasks?{query}x")).status_code == 414

    async def pieces(body: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    headers = {"Content-Type": "application/json"}
    task = b'{"title": "milk"}'
    for size, status in ((262_144, 201), (262_145, 413)):
        body = task + b" " * (size - len(task))
        assert (await client.post("/api/tasks", content=body, headers=headers)).status_code == status
        assert (await client.post("/api/tasks", content=pieces(body), headers=headers)).status_code == status


@pytest.mark.parametrize(("given", "kept"), [("x" * 7, False), ("x" * 8, True), ("x" * 64, True), ("x" * 65, False)])
async def test_a_request_id_has_8_to_64_characters(given: str, kept: bool, anonymous: httpx2.AsyncClient) -> None:
    response = await anonymous.get("/health", headers={"X-Request-ID": given})
    assert (response.headers["x-request-id"] == given) is kept


async def test_probes_are_logged_only_where_they_fail(
    app: FastAPI, anonymous: httpx2.AsyncClient, log_output: io.StringIO
) -> None:
    async def requests() -> list[tuple[str, int]]:
        for path in ("/health", "/ready"):
            await anonymous.get(path)
        lines = [json.loads(line) for line in log_output.getvalue().splitlines()]
        return [(line["path"], line["status"]) for line in lines if line["event"] == "request"]

    assert await requests() == []
    app.state.resources.draining.set()
    try:
        assert await requests() == [("/ready", 503)]
    finally:
        app.state.resources.draining.clear()
