from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from config.clock import wall_now
from dispatch import connections
from dispatch.calls import CarrierCall
from dispatch.outbox import OutboxMessage, OutboxState
from tests.support.desk import CODE, MONDAY, TestDesk, opened_desk
from worker import job_runs
from worker.health import Health
from worker.metrics import Figures
from worker.tasks import JOBS

Samples = dict[tuple[str, ...], float]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    with opened_desk(tmp_path) as desk:
        yield desk


def samples(text: bytes) -> Samples:
    """Return every sample by its name and label values."""
    families = text_string_to_metric_families(text.decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def figures(desk: TestDesk) -> Samples:
    return samples(Figures(desk.runtime, Health(desk.context)).render())


def test_every_name_keeps_the_conventions_and_says_what_it_counts(desk: TestDesk) -> None:
    text = Figures(desk.runtime, Health(desk.context)).render().decode()
    ours = {one.name: one for one in text_string_to_metric_families(text) if one.name.startswith("postal_")}
    assert len(ours) > 20
    assert all(one.documentation for one in ours.values())
    assert all(re.fullmatch(r"postal_[a-z_]+", name) for name in ours)
    assert all("_ms" not in name and "_milliseconds" not in name for name in ours)


def test_the_figures_follow_a_shipment_from_order_to_delivery(desk: TestDesk) -> None:
    desk.work()
    desk.register()
    (number,) = desk.order("send")
    desk.clock.forward(seconds=90)
    waiting = figures(desk)
    assert waiting["postal_shipments", "vnpost_ngsp", "requested"] == 1
    assert waiting["postal_backlog_rows", "booking"] == 1
    assert waiting["postal_backlog_oldest_seconds", "booking"] == 90
    desk.work()
    booked = figures(desk)
    assert booked["postal_shipments", "vnpost_ngsp", "booked"] == 1
    assert (booked["postal_backlog_rows", "booking"], booked["postal_backlog_oldest_seconds", "booking"]) == (0, 0)
    assert booked["postal_carrier_recent_calls", "vnpost-province", "vnpost_ngsp", "book", "ok"] == 1
    desk.report(number, 4, MONDAY)
    desk.poll()
    assert not [key for key in figures(desk) if key[0] == "postal_shipments"], "what has ended is counted no more"


def test_calls_are_counted_while_they_are_recent_and_by_how_they_ended(desk: TestDesk) -> None:
    long_ago = wall_now() - timedelta(minutes=6)
    call = {
        "carrier": "ems",
        "account": "ems-1",
        "operation": "track",
        "duration_ms": 1500,
        "request_excerpt": "",
        "response_excerpt": "",
    }
    with desk.context.database.write() as session:
        session.add(CarrierCall(**call, outcome="retryable", started_at=wall_now()))
        session.add(CarrierCall(**call, outcome="retryable", started_at=wall_now()))
        session.add(CarrierCall(**call, outcome="ok", started_at=long_ago))
    found = figures(desk)
    assert found["postal_carrier_recent_calls", "ems-1", "ems", "track", "retryable"] == 2
    assert found["postal_carrier_recent_call_seconds", "ems-1", "ems", "track", "retryable"] == 3.0
    assert ("postal_carrier_recent_calls", "ems-1", "ems", "track", "ok") not in found


def test_the_breaker_of_every_process_is_seen(desk: TestDesk) -> None:
    with desk.context.database.write() as session:
        connections.note(session, desk.context)
    assert figures(desk)["postal_carrier_breaker_processes", "vnpost-province", "closed"] == 1


def test_every_job_has_its_last_run_and_its_period(desk: TestDesk) -> None:
    before = wall_now().timestamp()
    job_runs.note(desk.context.database, "postal.intake.drain", took=1.25)
    job_runs.note(desk.context.database, "postal.polling.drain", failure="ValueError")
    found = figures(desk)
    for job in JOBS:
        assert found["postal_job_last_success_timestamp_seconds", job.name] > before - 60
        assert found["postal_job_period_seconds", job.name] == job.period(desk.context.settings)
    assert found["postal_job_last_duration_seconds", "postal.intake.drain"] == 1.25
    assert found["postal_job_last_failure_timestamp_seconds", "postal.polling.drain"] >= before
    assert ("postal_job_last_failure_timestamp_seconds", "postal.intake.drain") not in found


def test_what_needs_a_person_is_counted_by_kind_and_what_is_owed_by_receiver(desk: TestDesk) -> None:
    desk.register()
    desk.order("send")
    desk.report("H14.10-999999-0001-S1", 4, MONDAY)
    desk.work()
    with desk.context.database.write() as session:
        message = session.get_one(OutboxMessage, f"{CODE}:postal.order_booked:{CODE}-S1")
        message.state = OutboxState.PARKED
    found = figures(desk)
    assert found["postal_attention_items", "delivery-parked"] == 1
    assert found["postal_attention_items", "message-undelivered"] == 1
    assert found["postal_inbox_deliveries", "carrier:vnpost-province", "parked"] == 1
    assert found["postal_outbox_messages", "onestop:igate", "parked"] == 1
    assert not [key for key in found if key[-1] in ("sent", "applied")], "what is done is counted no more"


def test_what_takes_long_to_count_is_counted_once_a_minute_and_what_is_urgent_every_time(desk: TestDesk) -> None:
    now = 0.0
    seen = Figures(desk.runtime, Health(desk.context), lambda: now)
    desk.work()
    seen.render()
    desk.register()
    desk.order("send")
    assert ("postal_shipments", "vnpost_ngsp", "requested") not in samples(seen.render())
    assert samples(seen.render())["postal_backlog_rows", "booking"] == 1
    now = 60.0
    assert samples(seen.render())["postal_shipments", "vnpost_ngsp", "requested"] == 1


def test_a_database_that_is_away_is_a_figure_and_no_error(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Figures(desk.runtime, Health(desk.context))
    assert samples(seen.render())["postal_database_up",] == 1
    desk.context.database.dispose()
    monkeypatch.setattr(desk.context.database.engine.dialect, "connect", lambda *_, **__: sqlite3.connect("/no/such"))
    found = samples(seen.render())
    assert (found["postal_database_up",], found["postal_ready",], found["postal_check_ok", "database"]) == (0, 0, 0)
    assert found["process_resident_memory_bytes",] > 0
