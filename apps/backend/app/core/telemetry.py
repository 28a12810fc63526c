"""Metrics and traces, both off unless the environment asks for them; their libraries are imported only then.

Metrics are served in Prometheus' format on `METRICS_PORT`, a port of its own, which neither the front end's proxy nor
a Service leads to. Traces are sent by OTLP over HTTP to `OTEL_EXPORTER_OTLP_ENDPOINT`. Neither has anything that a
user wrote: names, outcomes, times and ids only.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer
    from prometheus_client import Counter, Gauge, Histogram

    from app.core.config import Settings

_FLUSH_SECONDS: Final = 1.0
"""How long the end of the process waits for the last spans to be sent."""
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
_TRACE_HEADERS: Final = (b"traceparent", b"tracestate")


class _Metrics:
    """What is counted."""

    def __init__(self, port: int, host: str) -> None:
        import prometheus_client as prometheus

        registry = prometheus.CollectorRegistry()
        prometheus.ProcessCollector(registry=registry)
        self.requests: Histogram = prometheus.Histogram(
            "http_server_request_duration_seconds",
            "Time until the end of an answer, streams included.",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=registry,
        )
        self.turns: Histogram = prometheus.Histogram(
            "chat_turn_duration_seconds",
            "Time of a chat turn from its first step to its last.",
            ("outcome",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.turns_running: Gauge = prometheus.Gauge(
            "chat_turns_running", "Chat turns under way in this process.", registry=registry
        )
        self.tools: Counter = prometheus.Counter(
            "chat_tool_calls", "Tool calls of chat turns.", ("tool", "outcome"), registry=registry
        )
        self._server, self._thread = prometheus.start_http_server(port, host, registry)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _State:
    metrics: _Metrics | None = None
    tracer: Tracer | None = None


def start_telemetry(settings: Settings) -> Callable[[], None]:
    """Begin to count and to trace, as far as the settings ask for it.

    Returns:
        Ends it; blocks for a second at most.
    """
    closing: list[Callable[[], None]] = []
    if settings.metrics_port:
        metrics = _State.metrics = _Metrics(settings.metrics_port, settings.host)
        closing.append(metrics.close)
    if settings.otel_exporter_otlp_endpoint:
        closing.append(_start_tracing(settings))

    def stop() -> None:
        _State.metrics = _State.tracer = None
        for close in closing:
            close()

    return stop


def _start_tracing(settings: Settings) -> Callable[[], None]:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter: SpanExporter = OTLPSpanExporter(endpoint=f"{settings.otel_exporter_otlp_endpoint}/v1/traces")
    resource = Resource.create({"service.name": settings.otel_service_name, "service.version": settings.app_version})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _State.tracer = provider.get_tracer("app")

    def stop() -> None:
        # An unreachable collector must not hold up the end of the process.
        flushing = threading.Thread(target=provider.shutdown, daemon=True)
        flushing.start()
        flushing.join(_FLUSH_SECONDS)

    return stop


@contextmanager
def request(scope: Mapping[str, Any], outcome: Callable[[], int]) -> Iterator[None]:
    """Measure a request, as a part of its caller's trace.

    Args:
        scope: ASGI's; it has the route when the request is over.
        outcome: The status, asked for at the end.
    """
    metrics, tracer = _State.metrics, _State.tracer
    if metrics is None and tracer is None:
        yield
        return
    started = time.perf_counter()
    with _span(scope["method"], parent=scope["headers"]) as span:
        try:
            yield
        finally:
            method, route, status = scope["method"], getattr(scope.get("route"), "path", "other"), outcome()
            if metrics is not None:
                metrics.requests.labels(method, route, str(status)).observe(time.perf_counter() - started)
            if span is not None:
                span.update_name(f"{method} {route}")
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", status)


@contextmanager
def turn(thread_id: str) -> Iterator[None]:
    """Measure a chat turn."""
    metrics, tracer = _State.metrics, _State.tracer
    if metrics is None and tracer is None:
        yield
        return
    started, outcome = time.perf_counter(), "done"
    if metrics is not None:
        metrics.turns_running.inc()
    try:
        with _span("chat.turn", attributes={"chat.thread_id": thread_id}):
            yield
    except asyncio.CancelledError:
        outcome = "ended"
        raise
    except Exception:
        outcome = "failed"
        raise
    finally:
        if metrics is not None:
            metrics.turns_running.dec()
            metrics.turns.labels(outcome).observe(time.perf_counter() - started)


@contextmanager
def tool_call(tool: str) -> Iterator[Callable[[str], None]]:
    """Measure a tool call; yields what takes its outcome: "done", "refused" or "unavailable"."""
    outcome = "unavailable"

    def end_as(said: str) -> None:
        nonlocal outcome
        outcome = said

    with _span(f"tool {tool}") as span:
        try:
            yield end_as
        finally:
            if span is not None:
                span.set_attribute("tool.outcome", outcome)
            if _State.metrics is not None:
                _State.metrics.tools.labels(tool, outcome).inc()


def model_call() -> Callable[[], None]:
    """Begin to measure a call of the language model; returns what ends it."""
    if _State.tracer is None:
        return _nothing
    return _State.tracer.start_span("chat.model").end


def _nothing() -> None:
    pass


@contextmanager
def _span(
    name: str, *, attributes: dict[str, str] | None = None, parent: list[tuple[bytes, bytes]] | None = None
) -> Iterator[Span | None]:
    tracer = _State.tracer
    if tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = None
    if parent is not None:
        carrier = {key.decode(): value.decode("latin-1") for key, value in parent if key in _TRACE_HEADERS}
        context = TraceContextTextMapPropagator().extract(carrier)
    with tracer.start_as_current_span(
        name,
        context,
        kind=SpanKind.INTERNAL if parent is None else SpanKind.SERVER,
        attributes=attributes,
        # Its text may be a user's.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise
