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
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

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
    spans = [
        span
        for body in received
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
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
