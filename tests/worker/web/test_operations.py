from __future__ import annotations

from datetime import timedelta

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.support.desk import MONDAY, TestDesk
from worker import job_runs
from worker.tasks import JOBS

PATHS = {
    "/v1/dossiers/{code}": {"put", "get"},
    "/v1/dossiers/{code}/events": {"post"},
    "/v1/dossiers/{code}/deadline": {"get"},
    "/v1/orders": {"post"},
    "/v1/orders/{order_id}": {"get"},
    "/v1/orders/{order_id}/cancel": {"post"},
    "/v1/orders/{order_id}/address": {"post"},
    "/v1/quotes": {"post"},
    "/v1/handovers": {"post"},
    "/v1/handovers/expected": {"get"},
    "/v1/handovers/{handover_id}/sign": {"post"},
    "/v1/attention": {"get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
}


def test_the_interface_is_documented_path_by_path(web: httpx.Client) -> None:
    assert web.get("/docs").status_code == 200
    documented = web.get("/openapi.json").json()["paths"]
    assert {path: set(methods) for path, methods in documented.items() if path in PATHS} == PATHS


def test_a_process_that_answers_is_healthy(web: httpx.Client) -> None:
    assert web.get("/healthz").json() == {"status": "ok"}


def test_a_desk_takes_deliveries_before_any_worker_works_and_says_what_is_missing(
    web: httpx.Client, desk: TestDesk
) -> None:
    before = web.get("/readyz")
    for job in JOBS:
        job_runs.note(desk.context.database, job.name)
    after = web.get("/readyz")
    assert (before.status_code, before.json()["ready"], before.json()["status"]) == (200, True, "degraded")
    assert [check["name"] for check in before.json()["checks"] if check["next_step"]] == ["worker"]
    assert (after.status_code, after.json()["ready"], after.json()["status"]) == (200, True, "ok")


def test_a_desk_whose_schema_is_another_is_given_nothing_and_still_answers_that_it_lives(
    web: httpx.Client, desk: TestDesk
) -> None:
    with desk.context.database.engine.begin() as connection:
        (ours,) = connection.exec_driver_sql("SELECT version_num FROM alembic_version").one()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    answer = web.get("/readyz")
    assert (answer.status_code, answer.json()["ready"], answer.json()["status"]) == (503, False, "down")
    assert web.get("/healthz").status_code == 200
    with desk.context.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (ours,))


def test_the_backlog_counts_what_is_due_and_is_empty_when_it_is_done(
    web: httpx.Client, desk: TestDesk, registered: str
) -> None:
    desk.order("both", dossier=registered)
    assert web.get("/readyz").json()["backlog"]["booking"] == 1
    desk.work()
    assert set(web.get("/readyz").json()["backlog"].values()) == {0}


def test_the_metrics_count_shipments_messages_and_what_needs_a_hand(
    web: httpx.Client, desk: TestDesk, registered: str
) -> None:
    (number,) = desk.order("send", dossier=registered)
    desk.work()
    desk.report(number, 9, MONDAY)
    desk.poll()
    answer = web.get("/metrics")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert answer.headers["content-type"].startswith("text/plain")
    assert samples["postal_shipments", "vnpost_ngsp", "booked"] >= 1
    assert samples["postal_database_up",] == 1
    assert samples["postal_http_requests_total", "GET", "/readyz", "200"] >= 1
    assert samples["postal_attention_items", "unknown-code"] == 1
    assert samples["postal_backlog_rows", "inbox"] == 0


def test_what_needs_a_hand_comes_with_its_next_step_in_both_languages(
    web: httpx.Client, desk: TestDesk, registered: str
) -> None:
    (number,) = desk.order("send", dossier=registered)
    desk.work()
    desk.report(number, 9, MONDAY + timedelta(minutes=5))
    desk.poll()
    items = [item for item in web.get("/v1/attention").json()["items"] if item["shipment"] == number]
    assert [item["kind"] for item in items] == ["unknown-code"]
    assert all(items[0][text] for text in ("what_vi", "what_en", "next_step_vi", "next_step_en"))
    assert items[0]["dossier"] == registered
