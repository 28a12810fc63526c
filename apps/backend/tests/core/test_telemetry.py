"""Metrics and traces: what is told where they are asked for, and that they cost nothing where they are not."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from app.core import telemetry
from app.core.config import Settings
from tests.support.application import client_for, make_settings, running_app
from tests.support.chat import Chat
from tests.support.identity import Issuer
from tests.support.postgres import free_port
from tests.support.server import BACKEND

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@contextlib.contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """What is sent to it, beside its address."""
    received: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.path == "/v1/traces"
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", received
        finally:
            server.shutdown()
            thread.join()


def spans_of(received: list[bytes]) -> list[Span]:
    return [
        span
        for body in received
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def scraped(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
        text: str = response.read().decode()
    return text


async def test_metrics_count_requests_turns_and_tool_calls_on_a_port_of_their_own(
    database_url: str, issuer: Issuer, user_id: str
) -> None:
    port = free_port()
    settings = make_settings(database_url, metrics_port=port, host="127.0.0.1")
    async with running_app(settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
        await Chat(client).say("add secret milk")
        await client.get("/api/tasks/7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55")
        assert (await client.get("/metrics")).status_code == 404
        text = await asyncio.to_thread(scraped, port)
    assert 'http_server_request_duration_seconds_count{method="POST",route="/chatkit",status="200"} 1.0' in text
    assert 'route="/api/tasks/{task_id}",status="404"} 1.0' in text
    assert 'chat_turn_duration_seconds_count{outcome="done"} 1.0' in text
    assert "chat_turns_running 0.0" in text
    assert 'chat_tool_calls_total{outcome="done",tool="add_task"} 1.0' in text
    assert "secret" not in text
    assert user_id not in text
    with pytest.raises(OSError, match="refused"):
        await asyncio.to_thread(scraped, port)


async def test_a_trace_follows_a_turn_from_its_caller_to_its_tools(
    database_url: str, issuer: Issuer, user_id: str
) -> None:
    with collector() as (url, received):
        settings = make_settings(database_url, otel_exporter_otlp_endpoint=url)
        headers = {**issuer.headers(user_id), "traceparent": f"00-{TRACE}-{CALLER}-01"}
        async with running_app(settings, issuer) as app, client_for(app, headers) as client:
            await Chat(client).say("add secret milk")
    spans = spans_of(received)
    named = {span.name: span for span in spans}
    assert {"POST /chatkit", "chat.turn", "chat.model", "tool add_task"} <= set(named)
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    assert named["POST /chatkit"].parent_span_id.hex() == CALLER
    assert named["chat.turn"].parent_span_id == named["POST /chatkit"].span_id
    assert named["tool add_task"].parent_span_id == named["chat.turn"].span_id
    assert named["chat.model"].parent_span_id == named["chat.turn"].span_id
    assert not any(b"secret" in body or user_id.encode() in body for body in received)


async def test_a_collector_that_is_away_holds_up_neither_requests_nor_the_end(
    database_url: str, issuer: Issuer, user_id: str
) -> None:
    settings = make_settings(database_url, otel_exporter_otlp_endpoint=f"http://127.0.0.1:{free_port()}")
    async with asyncio.timeout(20):
        async with running_app(settings, issuer) as app, client_for(app, issuer.headers(user_id)) as client:
            assert (await client.get("/api/tasks")).status_code == 200


def test_nothing_of_it_is_imported_where_it_is_off(settings: Settings) -> None:
    assert (settings.metrics_port, settings.otel_exporter_otlp_endpoint) == (0, None)
    code = "import sys, app.main; print([m for m in sys.modules if m in ('prometheus_client', 'opentelemetry.sdk')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=BACKEND, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@contextlib.contextmanager
def counting() -> Iterator[int]:
    """Metrics, and the port on which they are told."""
    port = free_port()
    stop = telemetry.start_telemetry(make_settings("postgresql://h/d", metrics_port=port, host="127.0.0.1"))
    try:
        yield port
    finally:
        stop()


@pytest.mark.parametrize(
    ("error", "outcome"), [(None, "done"), (ValueError("secret"), "failed"), (asyncio.CancelledError(), "ended")]
)
def test_a_turn_counts_while_it_runs_and_then_by_how_it_ended(error: BaseException | None, outcome: str) -> None:
    with counting() as port:
        raised = contextlib.nullcontext() if error is None else pytest.raises(type(error))
        with raised, telemetry.turn("thr_1"):
            assert "chat_turns_running 1.0" in scraped(port)
            if error is not None:
                raise error
        text = scraped(port)
    assert "chat_turns_running 0.0" in text
    counts = [line for line in text.splitlines() if line.startswith("chat_turn_duration_seconds_count")]
    assert counts == [f'chat_turn_duration_seconds_count{{outcome="{outcome}"}} 1.0']


@pytest.mark.parametrize("outcome", ["done", "refused", "unavailable"])
def test_a_tool_call_counts_by_what_was_said_of_it_and_else_as_unavailable(outcome: str) -> None:
    with counting() as port:
        with telemetry.tool_call("add_task") as end_as:
            if outcome != "unavailable":
                end_as(outcome)
        assert f'chat_tool_calls_total{{outcome="{outcome}",tool="add_task"}} 1.0' in scraped(port)


@pytest.mark.parametrize(("route", "told"), [(SimpleNamespace(path="/api/tasks"), "/api/tasks"), (None, "other")])
def test_a_request_counts_with_its_route_also_where_it_fails(route: object, told: str) -> None:
    with counting() as port:
        scope = {"method": "GET", "headers": [], "route": route}
        with pytest.raises(ValueError, match="secret"), telemetry.request(scope, lambda: 500):
            raise ValueError("secret")
        text = scraped(port)
    counted = f'http_server_request_duration_seconds_count{{method="GET",route="{told}",status="500"}} 1.0'
    assert counted in text


def test_a_span_tells_that_it_failed_and_what_kind_of_error_it_was_but_not_its_words() -> None:
    with collector() as (url, received):
        stop = telemetry.start_telemetry(
            make_settings("postgresql://h/d", otel_exporter_otlp_endpoint=url, app_version="1.2.3")
        )
        scope = {"method": "GET", "headers": [], "route": SimpleNamespace(path="/chatkit")}
        with contextlib.suppress(ValueError), telemetry.request(scope, lambda: 500), telemetry.turn("thr_1"):
            with telemetry.tool_call("add_task") as end_as:
                end_as("refused")
            raise ValueError("secret")
        stop()
    named = {span.name: span for span in spans_of(received)}
    told = {
        name: {item.key: item.value.string_value or item.value.int_value for item in span.attributes}
        for name, span in named.items()
    }
    assert told == {
        "GET /chatkit": {
            "http.request.method": "GET",
            "http.route": "/chatkit",
            "http.response.status_code": 500,
            "error.type": "ValueError",
        },
        "chat.turn": {"chat.thread_id": "thr_1", "error.type": "ValueError"},
        "tool add_task": {"tool.outcome": "refused"},
    }
    assert named["GET /chatkit"].kind == Span.SpanKind.SPAN_KIND_SERVER
    assert named["chat.turn"].kind == Span.SpanKind.SPAN_KIND_INTERNAL
    assert named["chat.turn"].status.code == Status.StatusCode.STATUS_CODE_ERROR
    assert named["tool add_task"].status.code == Status.StatusCode.STATUS_CODE_UNSET
    assert not any(b"secret" in body for body in received)
    assert any(b"todo-backend" in body and b"1.2.3" in body for body in received)


def test_nothing_is_counted_where_it_is_off() -> None:
    with telemetry.request({"method": "GET", "headers": []}, lambda: 200), telemetry.turn("thr_1"):
        with telemetry.tool_call("add_task") as end_as:
            end_as("done")
        telemetry.model_call()()
