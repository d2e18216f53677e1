"""Spans by OpenTelemetry's own SDK; sent over HTTP to where its own variable says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from carriers.call_log import CallRecord
from config.clock import wall_now
from dispatch.outbox import OutboxMessage
from tests.support.desk import TestDesk
from tests.support.servers import serve
from tests.support.town import ROOT
from tests.support.web import visit
from worker.spans import recording, sending, span, tracer, wanted

pytest.importorskip("opentelemetry.sdk", reason="the extra 'otel' is not installed here")

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """A collector of spans over HTTP; the list fills with what comes."""
    came: list[Any] = []

    async def take(request: Request) -> Response:
        sent = ExportTraceServiceRequest.FromString(await request.body())
        came.extend(one for resource in sent.resource_spans for scope in resource.scope_spans for one in scope.spans)
        return Response()

    with serve(Starlette(routes=[Route("/v1/traces", take, methods=["POST"])])) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        tracer.cache_clear()
        yield came
        tracer.cache_clear()


def flush() -> None:
    made: Any = tracer()
    made.span_processor.force_flush()


def attributes(one: Any) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in one.attributes}


def test_a_request_a_job_its_calls_and_callbacks_are_spans_of_their_lengths(
    desk: TestDesk, collector: list[Any]
) -> None:
    with visit(desk) as web:
        web.get("/healthz", headers={"X-Request-ID": "a-request-of-ours"})
    desk.register()
    desk.order("send")
    desk.work()
    message = _first_message(desk)
    with span("postal.notices.drain"):
        assert sending(desk.messenger.send)(message).delivered
        kept: list[Any] = []
        recording(kept.append)(_call())
    flush()
    by_name = {one.name: one for one in collector}
    assert set(by_name) == {"request", "postal.notices.drain", "callback", "ems track"}
    assert attributes(by_name["request"]) == {"postal.request_id": "a-request-of-ours"}
    assert attributes(by_name["callback"])["postal.message"] == message.id
    assert attributes(by_name["ems track"]) == {"postal.account": "ems-1", "postal.outcome": "ok"}
    call, job = by_name["ems track"], by_name["postal.notices.drain"]
    assert call.end_time_unix_nano - call.start_time_unix_nano == pytest.approx(250_000_000, abs=1000)
    assert call.parent_span_id == job.span_id == by_name["callback"].parent_span_id
    assert len(kept) == 1


def _first_message(desk: TestDesk) -> Any:
    with desk.read() as session:
        return session.scalars(select(OutboxMessage)).first()


def _call() -> Any:
    return CallRecord("ems", "ems-1", "track", None, wall_now(), 250, 200, "ok", "", "")


def test_spans_are_wanted_only_where_the_environment_says_so() -> None:
    assert not wanted({})
    assert wanted({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})
    assert wanted({"OTEL_TRACES_EXPORTER": "otlp"})
    assert not wanted({"OTEL_TRACES_EXPORTER": "none"})
    assert not wanted({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"})


def test_without_the_variables_nothing_of_the_sdk_is_imported() -> None:
    look = (
        "import json, sys; from worker.spans import span\nwith span('x'): pass\nprint(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    assert not [
        name for name in json.loads(done.stdout) if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))
    ]


def test_where_the_sdk_is_missing_it_is_said_once_and_work_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    tracer.cache_clear()
    with capture_logs() as lines, span("x"), span("y"):
        pass
    tracer.cache_clear()
    assert [line["event"] for line in lines] == ["spans_not_sent"]
    assert "onestop-postal[otel]" in lines[0]["reason"]
