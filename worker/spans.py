"""Spans for OpenTelemetry, where its SDK is installed (extra ``otel``) and the environment says where to send them.

The usual variables count: ``OTEL_EXPORTER_OTLP_ENDPOINT`` or ``OTEL_TRACES_EXPORTER`` turns them on.
Without them nothing of OpenTelemetry is imported, and a span costs one call that does nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from functools import cache
from typing import Any, Protocol

import structlog

from carriers.call_log import CallRecord, Recorder
from config.tracing import following
from dispatch.outbox import Delivery, OutboxMessage, Send

_TURNED_ON_BY = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")

log = structlog.get_logger()


class Tracer(Protocol):
    """What we need of OpenTelemetry's tracer."""

    @property
    def start_as_current_span(self) -> Callable[..., AbstractContextManager[Any]]: ...

    @property
    def start_span(self) -> Callable[..., Any]: ...


def wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment asks for spans."""
    off = (
        environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none"
    )
    return not off and any(environment.get(name) for name in _TURNED_ON_BY)


@cache
def tracer() -> Tracer | None:
    """Return the tracer of this process, made on first use, or None where no spans are wanted or possible."""
    if not wanted():
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        log.warning("spans_not_sent", reason=f"{error.name} is not installed: install onestop-postal[otel]")
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": "onestop-postal"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    made: Tracer = provider.get_tracer("onestop-postal")
    return made


def span(name: str, **attributes: str) -> AbstractContextManager[Any]:
    """Return a span around what is done within."""
    ours = tracer()
    if ours is None:
        return nullcontext()
    return ours.start_as_current_span(name, attributes={f"postal.{key}": value for key, value in attributes.items()})


def recording(record: Recorder) -> Recorder:
    """Return a recorder of calls to operators that makes a span of each, too, from when it began to its end."""

    def record_and_tell(call: CallRecord) -> None:
        ours = tracer()
        if ours is not None:
            begun = call.started_at
            told = ours.start_span(
                f"{call.carrier} {call.operation}",
                start_time=_nanoseconds(begun.timestamp()),
                attributes={"postal.account": call.account, "postal.outcome": call.outcome},
            )
            told.end(_nanoseconds((begun + timedelta(milliseconds=call.duration_ms)).timestamp()))
        record(call)

    return record_and_tell


def sending(send: Send) -> Send:
    """Return a way of sending that has a span and its cause around every message."""

    def send_within(message: OutboxMessage) -> Delivery:
        cause = message.trace or ""
        with following(cause) if cause else nullcontext(), span("callback", message=message.id, trace=cause):
            return send(message)

    return send_within


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1_000_000_000)
