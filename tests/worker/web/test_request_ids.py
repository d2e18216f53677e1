from __future__ import annotations

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

SECRET = "the-secret-end-of-an-address"


def test_every_answer_carries_an_id_and_no_two_the_same(web: httpx.Client) -> None:
    ids = {web.get(path).headers["x-request-id"] for path in ("/healthz", "/readyz", "/v1/attention", "/nowhere")}
    assert len(ids) == 4
    assert all(len(one) == 16 and one.isalnum() for one in ids)


def test_the_callers_own_id_is_kept(web: httpx.Client) -> None:
    answer = web.get("/healthz", headers={"X-Request-ID": "0b7c2d9e-1f3a:from.the_gateway"})
    assert answer.headers["x-request-id"] == "0b7c2d9e-1f3a:from.the_gateway"


@pytest.mark.parametrize("sent", ["short", "x" * 65, "two words here", "điện-thoại-của-ai", "-begins-with-a-dash", ""])
def test_an_id_that_could_do_harm_in_a_log_is_not_taken_over(web: httpx.Client, sent: str) -> None:
    answered = web.get("/healthz", headers=[(b"X-Request-ID", sent.encode())]).headers["x-request-id"]
    assert answered != sent
    assert len(answered) == 16


def test_what_is_logged_on_the_way_carries_the_id(web: httpx.Client) -> None:
    with capture_logs(processors=[merge_contextvars]) as lines:
        web.post("/webhooks/ems/nobody", headers={"X-Request-ID": "a-request-of-ours"}, content=b"{}")
        web.put("/v1/dossiers/H14.10-260302-9999", headers={"X-Request-ID": "another-of-ours"}, json={})
    assert {line["request_id"] for line in lines} <= {"a-request-of-ours", "another-of-ours"}


def test_requests_are_counted_by_their_route_and_never_by_what_stands_in_its_place(web: httpx.Client) -> None:
    web.post(f"/webhooks/ems/nobody/{SECRET}", content=b"{}")
    web.get("/v1/dossiers/H14.10-260302-7777")
    web.get(f"/{SECRET}")
    web.request("BREW", "/healthz")
    text = web.get("/metrics").text
    assert SECRET not in text
    assert "7777" not in text
    counted = {
        tuple(one.labels.values())
        for family in text_string_to_metric_families(text)
        if family.name == "postal_http_requests"
        for one in family.samples
        if one.name.endswith("_total")
    }
    assert ("GET", "/v1/dossiers/{code}", "404") in counted
    assert ("GET", "(none)", "404") in counted
    assert ("POST", "/webhooks/…", "404") in counted
    assert "BREW" not in {method for method, *_ in counted}
