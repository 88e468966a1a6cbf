"""Logs, metrics and the trace context of a process."""

import logging
import os
import re
import sys
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

requests = Counter("xiaoke_http_requests", "Requests answered.", ["route", "method", "status"])
seconds = Histogram("xiaoke_http_seconds", "Seconds from request to answer.", ["route", "method"])
published = Counter("xiaoke_events_published", "Events that the broker confirmed.", ["topic"])
returned = Counter("xiaoke_events_returned", "Events that no queue wanted.", ["topic"])
stored = Counter("xiaoke_events_stored", "Events that arrived.")
repeated = Counter("xiaoke_events_repeated", "Events that arrived again and were absorbed.")
applied = Counter("xiaoke_events_applied", "Events that were tried.", ["topic", "outcome"])
applying = Histogram("xiaoke_events_apply_seconds", "Seconds of an event's effect.", ["topic"])
jobs_run = Counter("xiaoke_jobs_run", "Runs of jobs.", ["job", "outcome"])


def start_logging(service: str, level: str, out: Any = None) -> None:
    """Write JSON lines to standard output, or to `out`: an event name and its fields."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: _line(service, event)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.BytesLoggerFactory(file=out or sys.stdout.buffer),
    )


def _line(service: str, event: MutableMapping[str, Any]) -> bytes:
    return orjson.dumps({"service": service, **event}, default=str)


def begin(request_id: str | None, traceparent: str | None) -> float:
    """Bind what every log line of this request carries; returns the moment it began, in seconds."""
    structlog.contextvars.clear_contextvars()
    given = request_id if request_id and _REQUEST_ID.fullmatch(request_id) else uuid.uuid4().hex
    structlog.contextvars.bind_contextvars(request_id=given)
    if traceparent and _TRACEPARENT.fullmatch(traceparent):
        structlog.contextvars.bind_contextvars(traceparent=traceparent)
    return time.perf_counter()


def follow(traceparent: str | None) -> None:
    """Bind what every log line of this event's effect carries, and what is handed on from it."""
    structlog.contextvars.clear_contextvars()
    if traceparent and _TRACEPARENT.fullmatch(traceparent):
        structlog.contextvars.bind_contextvars(traceparent=traceparent)


def register(gauges: Collector) -> None:
    """Have gauges read whenever this process's metrics are asked for."""
    REGISTRY.register(gauges)


def request_id() -> str:
    """The id of the request at hand."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def traceparent() -> str | None:
    """The trace context to hand on, where the caller gave one."""
    given = structlog.contextvars.get_contextvars().get("traceparent")
    return None if given is None else str(given)


def measured(route: str, method: str, status: int, began: float) -> None:
    """Count a request and the time it took."""
    requests.labels(route, method, status).inc()
    seconds.labels(route, method).observe(time.perf_counter() - began)


def metrics() -> bytes:
    """What this process counted, or all web processes of the service, in Prometheus' format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
