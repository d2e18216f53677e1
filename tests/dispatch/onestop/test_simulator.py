"""The simulated one-stop believes nobody, takes everything once, and ends with the right copy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from dispatch.onestop.deliveries import Fault
from dispatch.onestop.simulator import OneStopSimulator
from tests.support.servers import serve

CALLBACKS, GATEWAY = "whsec_" + "Y2FsbGJhY2tz" * 3, "whsec_" + "Z2F0ZXdheXM=" * 3
NOW = datetime(2026, 2, 23, 3, 0, tzinfo=UTC)
CODE = "H14.10-260211-0016"


def open_onestop(folder: Path) -> OneStopSimulator:
    return OneStopSimulator(folder / "onestop.db", CALLBACKS, GATEWAY, now=lambda: NOW)


@pytest.fixture
def onestop(tmp_path: Path) -> Iterator[OneStopSimulator]:
    simulator = open_onestop(tmp_path)
    yield simulator
    simulator.deliveries.close()


@pytest.fixture
def url(onestop: OneStopSimulator) -> Iterator[str]:
    with serve(onestop.app) as base:
        yield base


def due_date_changed(revision: int, due: str | None, event_id: str = "") -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id or f"due:{revision}",
        "source": "onestop-postal",
        "type": "dossier.due_date_changed",
        "subject": CODE,
        "time": "2026-02-23T10:00:00+07:00",
        "data": {
            "due": due,
            "revision": revision,
            "state": "running",
            "reason_vi": "Bắt đầu tính thời hạn",
            "reason_en": "The clock starts",
            "legal_source": "Quyết định 45/2016/QĐ-TTg, Điều 7(4)",
        },
    }


def post(base: str, path: str, event: dict[str, Any], secret: str, *, spoil: str = "") -> httpx.Response:
    body, now = json.dumps(event, ensure_ascii=False), datetime.now(UTC)
    headers = {
        "webhook-id": event["id"],
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(event["id"], now, body),
    }
    return httpx.post(base + path, content=(body + spoil).encode(), headers=headers, timeout=5)


def test_a_callback_with_a_good_signature_is_kept(url: str, onestop: OneStopSimulator) -> None:
    answer = post(url, "/callbacks", due_date_changed(1, "2026-03-06T17:00:00+07:00"), CALLBACKS)
    assert answer.is_success
    assert onestop.copies()[CODE].due == "2026-03-06T17:00:00+07:00"


@pytest.mark.parametrize(("secret", "spoil"), [(GATEWAY, ""), (CALLBACKS, " ")], ids=["wrong secret", "changed body"])
def test_a_bad_signature_is_refused_and_nothing_is_kept(
    url: str, onestop: OneStopSimulator, secret: str, spoil: str
) -> None:
    assert post(url, "/callbacks", due_date_changed(1, None), secret, spoil=spoil).status_code == 401
    assert onestop.copies() == {}
    assert onestop.deliveries.count("callbacks") == 0


def test_an_unsigned_body_is_refused(url: str) -> None:
    assert httpx.post(f"{url}/callbacks", json=due_date_changed(1, None)).status_code == 401


def test_something_that_is_no_cloud_event_is_refused_even_when_signed(url: str) -> None:
    assert post(url, "/callbacks", {"id": "x", "hello": "world"}, CALLBACKS).status_code == 400


def test_the_same_callback_twice_is_taken_once(url: str, onestop: OneStopSimulator) -> None:
    for _ in range(2):
        assert post(url, "/callbacks", due_date_changed(1, None), CALLBACKS).is_success
    (received,) = onestop.deliveries.received("callbacks")
    assert received.times == 2


def test_an_older_revision_that_comes_late_does_not_move_the_due_date_back(url: str, onestop: OneStopSimulator) -> None:
    post(url, "/callbacks", due_date_changed(2, "2026-03-12T17:00:00+07:00"), CALLBACKS)
    post(url, "/callbacks", due_date_changed(1, "2026-03-06T17:00:00+07:00"), CALLBACKS)
    copy = onestop.copies()[CODE]
    assert (copy.revision, copy.due) == (2, "2026-03-12T17:00:00+07:00")


def test_messages_to_citizens_come_in_by_their_own_door(url: str, onestop: OneStopSimulator) -> None:
    message = due_date_changed(1, None) | {"type": "citizen.message", "data": {"to": "+84912345678", "text_vi": "Chào"}}
    assert post(url, "/gateway/messages", message, GATEWAY).is_success
    assert onestop.deliveries.count("messages") == 1
    assert onestop.copies() == {}
    shown = httpx.get(f"{url}/_control/messages").json()["messages"]
    assert [m["data"]["to"] for m in shown] == ["+84912345678"]


def test_a_switched_on_error_keeps_nothing_and_is_over_after_its_turn(url: str, onestop: OneStopSimulator) -> None:
    assert httpx.post(f"{url}/_control/faults", json={"kind": "error", "match": CODE}).status_code == 201
    answers = [post(url, "/callbacks", due_date_changed(1, None), CALLBACKS).status_code for _ in range(2)]
    assert answers == [500, 204]
    assert onestop.deliveries.received("callbacks")[0].times == 1
    assert onestop.deliveries.fault_hits() == {CODE: 1}


def test_a_fault_for_another_dossier_does_not_strike(url: str, onestop: OneStopSimulator) -> None:
    onestop.deliveries.add_fault(Fault(kind="error", match="H14.99"))
    assert post(url, "/callbacks", due_date_changed(1, None), CALLBACKS).is_success


def test_a_fault_nobody_knows_is_refused(url: str) -> None:
    assert httpx.post(f"{url}/_control/faults", json={"kind": "flood"}).status_code == 422


def test_a_dropped_answer_leaves_the_delivery_in_place(url: str, onestop: OneStopSimulator) -> None:
    onestop.deliveries.add_fault(Fault(kind="drop"))
    with pytest.raises(httpx.RemoteProtocolError):
        post(url, "/callbacks", due_date_changed(1, None), CALLBACKS)
    assert CODE in onestop.copies()


def test_a_slow_answer_comes_all_the_same(url: str, onestop: OneStopSimulator) -> None:
    onestop.deliveries.add_fault(Fault(kind="slow", seconds=0.2))
    answer = post(url, "/callbacks", due_date_changed(1, None), CALLBACKS)
    assert answer.is_success
    assert answer.elapsed.total_seconds() >= 0.2


def test_after_a_restart_the_copy_and_the_faults_are_still_there(tmp_path: Path) -> None:
    before = open_onestop(tmp_path)
    with serve(before.app) as base:
        post(base, "/callbacks", due_date_changed(3, "2026-03-12T17:00:00+07:00"), CALLBACKS)
        before.deliveries.add_fault(Fault(kind="error", match=CODE))
    before.deliveries.close()
    after = open_onestop(tmp_path)
    with serve(after.app) as base:
        (shown,) = httpx.get(f"{base}/_control/dossiers").json()["dossiers"]
        assert shown["revision"] == 3
        assert post(base, "/callbacks", due_date_changed(4, None), CALLBACKS).status_code == 500
    after.deliveries.close()
