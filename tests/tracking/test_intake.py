"""Webhooks over HTTP: each operator is answered in its own words, and nothing unproven moves anything."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from carriers.simulation import Fault, FaultRule, SimulatedOperator
from carriers.states import ShipmentState
from tests.support.desk import MONDAY, TestDesk
from tests.support.operators import joined
from tests.support.town import wait_for
from tests.support.web import visit
from tests.tracking.conftest import ON_BOTH
from tracking import apply, inbox, item_polling, watch
from tracking import refusals as tallies
from tracking.inbox import InboxDelivery, InboxState
from tracking.inbox_rows import Incoming
from tracking.refusals import WebhookRefusal

S1 = "H14.10-260302-0001-S1"


@pytest.fixture
def viettel(desk: TestDesk) -> Iterator[SimulatedOperator]:
    """Viettel Post, which vouches for its webhooks with a shared secret."""
    with joined(desk, "viettelpost") as operator:
        yield operator


@pytest.fixture
def ems(desk: TestDesk) -> Iterator[SimulatedOperator]:
    """EMS, which vouches for nothing; who knows the address may send."""
    with joined(desk, "ems") as operator:
        yield operator


@pytest.fixture
def web(desk: TestDesk) -> Iterator[httpx.Client]:
    with visit(desk) as caller:
        yield caller


def hook(web: httpx.Client, carrier: str, secret: str = "") -> str:
    return f"{web.base_url}/webhooks/{carrier}/{carrier}{f'/{secret}' if secret else ''}"


def booked(desk: TestDesk, carrier: str) -> None:
    desk.order("send", carrier=carrier)
    desk.work()
    assert desk.shipment(S1).booking == "booked"


def told(operator: SimulatedOperator) -> list[tuple[int, bytes]]:
    """Wait until the operator has told everything; returns the answers it got."""
    assert operator.webhooks is not None
    assert operator.webhooks.settle()
    return [(status, body) for _, status, body in operator.webhooks.answers]


def kept(desk: TestDesk, *, kind: str | None = None) -> list[InboxDelivery]:
    query = select(InboxDelivery).where(InboxDelivery.source.startswith("carrier:")).order_by(InboxDelivery.id)
    with desk.read() as session:
        return [one for one in session.scalars(query) if kind in (None, one.kind)]


def refusals(desk: TestDesk, wanted: int) -> list[tuple[str, int]]:
    """Return what was refused, as soon as so many are counted: no answer waits for that."""

    def counted() -> list[tuple[str, int]]:
        with desk.read() as session:
            return [(row.verdict.value, row.count) for row in session.scalars(select(WebhookRefusal))]

    wait_for("the refusals to be counted", lambda: sum(count for _, count in counted()) >= wanted)
    return counted()


def reasons(desk: TestDesk) -> list[str]:
    with desk.read() as session:
        return list(session.scalars(select(WebhookRefusal.last_reason)))


def attention(desk: TestDesk) -> set[str]:
    with desk.read() as session:
        return {item.kind for item in watch.attention(session, desk.context, desk.office)}


# --- proven ---


def test_a_proven_delivery_moves_the_shipment_and_is_kept_once(
    desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client
) -> None:
    booked(desk, "viettelpost")
    viettel.faults.replace([FaultRule(fault=Fault.DUPLICATE_EVENTS, operation="webhook")])
    viettel.send_webhooks_to(hook(web, "viettelpost"))
    viettel.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    answers = told(viettel)
    assert len(answers) >= 2
    assert {status for status, _ in answers} == {200}
    apply.drain(desk.context, desk.office)
    shipment = desk.shipment(S1)
    assert (shipment.state, shipment.waybill is not None) == ("in_transit", True)
    keys = [one.key for one in kept(desk)]
    assert len(keys) == len(set(keys))


def test_secrets_do_not_come_to_rest_in_the_inbox(
    desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client
) -> None:
    booked(desk, "viettelpost")
    viettel.send_webhooks_to(hook(web, "viettelpost"))
    viettel.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    told(viettel)
    secrets = [
        secret.get_secret_value() for secret in desk.context.carriers.get("viettelpost").account.secrets.values()
    ]
    with desk.read() as session:
        bodies = session.scalars(select(InboxDelivery.body)).all()
    assert bodies
    assert not [body for body in bodies for secret in secrets if secret in body]


def test_events_that_come_in_the_wrong_order_end_where_the_right_order_ends(
    desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client
) -> None:
    booked(desk, "viettelpost")
    steps = (
        ShipmentState.COLLECTING,
        ShipmentState.IN_TRANSIT,
        ShipmentState.OUT_FOR_DELIVERY,
        ShipmentState.DELIVERED,
    )
    for hours, state in reversed(list(enumerate(steps, start=1))):
        viettel.report(S1, state, MONDAY + timedelta(hours=hours))
    desk.clock.forward(hours=6)
    viettel.send_webhooks_to(hook(web, "viettelpost"))
    told(viettel)
    apply.drain(desk.context, desk.office)
    assert desk.shipment(S1).state == "delivered"
    assert desk.shipment(S1).anomalies == []


def test_a_delivery_about_an_order_of_unknown_outcome_adopts_it(
    desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client
) -> None:
    viettel.faults.replace([FaultRule(fault=Fault.TIMEOUT_AFTER, order=S1, times=1, seconds=0)])
    desk.order("send", carrier="viettelpost")
    desk.work()
    assert desk.shipment(S1).booking == "outcome_unknown"
    assert "its own report is waited for until" in str(_after_a_while(desk).trouble)
    viettel.send_webhooks_to(hook(web, "viettelpost"))
    viettel.report(S1, ShipmentState.COLLECTING, desk.clock.now())
    told(viettel)
    apply.drain(desk.context, desk.office)
    assert desk.shipment(S1).booking == "booked"
    assert [row["create_calls"] for row in viettel.orders()] == [1]


def test_an_order_of_unknown_outcome_that_nobody_reports_is_a_persons(
    desk: TestDesk, viettel: SimulatedOperator
) -> None:
    viettel.faults.replace([FaultRule(fault=Fault.TIMEOUT_AFTER, order=S1, times=1, seconds=0)])
    desk.order("send", carrier="viettelpost")
    desk.work()
    for _ in range(6):
        desk.clock.forward(hours=1)
        desk.work()
    assert desk.shipment(S1).booking == "parked"
    assert "booking-parked" in attention(desk)
    assert [row["create_calls"] for row in viettel.orders()] == [1]


def _after_a_while(desk: TestDesk) -> Any:
    desk.clock.forward(minutes=6)
    desk.work()
    return desk.shipment(S1)


def test_of_one_proven_delivery_a_hundred_hints_are_kept_and_all_that_is_proven(desk: TestDesk) -> None:
    """MyVNPost signs the first element alone: around it anybody can write any number of others."""
    with joined(desk, "myvnpost") as myvnpost, visit(desk) as web:
        booked(desk, "myvnpost")
        myvnpost.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
        event = myvnpost.books.events_of(myvnpost.default_customer, S1)[-1]
        genuine, before = myvnpost.delivery(event, hook(web, "myvnpost")), len(kept(desk, kind="tracking"))
        assert genuine is not None
        body = json.loads(genuine.body)
        body["data"] += [{**body["data"][0], "itemCode": f"EM{number:09}VN"} for number in range(2000)]
        assert httpx.post(hook(web, "myvnpost"), json=body).status_code == 200
        assert len(kept(desk, kind="tracking")) == before + 1
        assert len(kept(desk, kind="tracking.hint")) == 100


# --- not proven ---


def test_a_forged_delivery_is_refused_counted_and_shown_and_not_kept(
    desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client
) -> None:
    booked(desk, "viettelpost")
    before = len(kept(desk))
    body = {"DATA": {"ORDER_NUMBER": "1", "ORDER_REFERENCE": S1, "ORDER_STATUS": 501}, "TOKEN": "guessed"}
    for _ in range(3):
        assert httpx.post(hook(web, "viettelpost"), json=body).status_code == 401
    assert (refusals(desk, 3), len(kept(desk))) == ([("forged", 3)], before)
    assert "webhook-refused" in attention(desk)
    desk.clock.forward(hours=30)
    assert "webhook-refused" not in attention(desk)


def test_the_count_begins_anew_after_a_quiet_day(desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client) -> None:
    for number in range(3):
        httpx.post(hook(web, "viettelpost"), json={"TOKEN": "guessed"})
        assert refusals(desk, 1) == [("malformed", 1)], number
        desk.clock.forward(hours=30)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"null", b"[]", b'"x"', b"[" * 20_000, b"\x00" * 100],
    ids=lambda body: repr(body[:8]),
)
def test_unreadable_bodies_are_answered_and_lose_nothing(
    desk: TestDesk, viettel: SimulatedOperator, ems: SimulatedOperator, web: httpx.Client, body: bytes
) -> None:
    for url in (hook(web, "viettelpost"), hook(web, "ems", "path-secret-of-the-simulator")):
        answer = httpx.post(url, content=body, headers={"ems-transaction": "t-1"})
        assert answer.status_code in (200, 400, 401, 403), answer.text
        assert json.loads(answer.content)
    assert kept(desk) == []


@pytest.mark.parametrize("pieces", [1, 600], ids=["with its length", "without"])
def test_a_body_over_the_limit_is_refused_in_the_operators_words(
    desk: TestDesk, ems: SimulatedOperator, web: httpx.Client, pieces: int
) -> None:
    body = b"x" * (600 * 1024)
    step = len(body) // pieces
    content = body if pieces == 1 else (body[i : i + step] for i in range(0, len(body), step))
    url = hook(web, "ems", "path-secret-of-the-simulator")
    answer = httpx.post(url, content=content, headers={"ems-transaction": "t-1"})
    assert answer.json() == {"code": "error", "transaction": "t-1"}
    assert (refusals(desk, 1), reasons(desk)) == ([("malformed", 1)], ["longer than 524288 bytes"])


def test_a_body_over_the_limit_to_nobody_is_told_that_there_is_nobody(
    desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client
) -> None:
    answer = httpx.post(f"{web.base_url}/webhooks/viettelpost/nobody", content=b"x" * (600 * 1024))
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:onestop-postal:problem:unknown-webhook")
    assert refusals(desk, 0) == []


@pytest.mark.parametrize(
    "path", ["ems/viettelpost", "viettelpost/nobody", "vnpost_ngsp/vnpost-caobang", "nobody/nobody"]
)
def test_an_address_that_nobody_has_is_said_so(viettel: SimulatedOperator, web: httpx.Client, path: str) -> None:
    answer = httpx.post(f"{web.base_url}/webhooks/{path}", json={})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:onestop-postal:problem:unknown-webhook")


# --- hints ---


def test_a_hint_moves_nothing_until_the_operators_own_tracking_shows_the_same(
    desk: TestDesk, ems: SimulatedOperator, web: httpx.Client
) -> None:
    booked(desk, "ems")
    ems.send_webhooks_to(hook(web, "ems", "path-secret-of-the-simulator"))
    ems.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    told(ems)
    apply.drain(desk.context, desk.office)
    assert desk.shipment(S1).journey in (None, "booked")
    assert [one.state for one in kept(desk, kind="tracking.hint")][-1] is InboxState.PARKED
    item_polling.drain(desk.context)
    apply.drain(desk.context, desk.office)
    assert desk.shipment(S1).state == "in_transit"
    apply.drain(desk.context, desk.office)
    assert {one.state for one in kept(desk)} == {InboxState.APPLIED}


def test_a_hint_about_what_was_delivered_is_followed_up_too(
    desk: TestDesk, ems: SimulatedOperator, web: httpx.Client
) -> None:
    """What the agency rejected at its door goes back, and news of the way there may come after that of its end."""
    booked(desk, "ems")
    for state in (ShipmentState.COLLECTING, ShipmentState.DELIVERED):
        ems.report(S1, state, desk.clock.now())
        desk.clock.forward(hours=2)
        desk.work()
    assert desk.shipment(S1).state == "delivered"
    ems.send_webhooks_to(hook(web, "ems", "path-secret-of-the-simulator"))
    ems.report(S1, ShipmentState.RETURNING, desk.clock.now())
    told(ems)
    for _ in range(3):
        desk.work()
    assert desk.shipment(S1).state == "returning"
    assert {one.state for one in kept(desk)} == {InboxState.APPLIED}


def test_a_forged_hint_never_counts_and_is_shown_after_a_while(
    desk: TestDesk, ems: SimulatedOperator, web: httpx.Client
) -> None:
    booked(desk, "ems")
    genuine = ems.push_event(S1, ems.code_of(ShipmentState.DELIVERED), desk.clock.now())
    event = next(one for one in ems.books.events_of(ems.default_customer, S1) if one.id == genuine)
    forged = ems.delivery(event, hook(web, "ems", "path-secret-of-the-simulator"))
    assert forged is not None
    ems.books._all("DELETE FROM events WHERE id = ?", genuine)  # it never happened: somebody made it up
    assert httpx.post(forged.url, content=forged.body, headers=dict(forged.headers)).status_code == 200
    for _ in range(10):
        desk.clock.forward(hours=4)
        desk.work()
    assert desk.shipment(S1).delivered_at is None
    assert "webhook-unconfirmed" in attention(desk)
    for _ in range(12):
        desk.clock.forward(days=3)
        desk.work()
    assert [one.state for one in kept(desk, kind="tracking.hint")] == [InboxState.GIVEN_UP]
    assert "webhook-unconfirmed" not in attention(desk)


def test_whoever_does_not_know_the_address_sends_no_hints(
    desk: TestDesk, ems: SimulatedOperator, web: httpx.Client
) -> None:
    booked(desk, "ems")
    body = {"tracking_code": "EA1", "order_code": S1, "status_code": 4, "datetime": "02/03/2026 09:00:00"}
    for secret in ("", "guessed"):
        answer = httpx.post(hook(web, "ems", secret), json=body, headers={"ems-transaction": "t-1"})
        assert answer.json()["code"] == "error"
    assert kept(desk, kind="tracking.hint") == []
    assert refusals(desk, 2) == [("forged", 2)]


# --- trouble of our own ---


@pytest.mark.parametrize("desk", ON_BOTH, indirect=True)
def test_the_same_delivery_twice_at_one_moment_is_kept_once_and_taken_twice(
    desk: TestDesk, ems: SimulatedOperator, web: httpx.Client
) -> None:
    url, headers = hook(web, "ems", "path-secret-of-the-simulator"), {"ems-transaction": "t-1"}
    body = {"tracking_code": "EA1", "order_code": S1, "status_code": 4, "datetime": "02/03/2026 09:00:00"}
    twin = Incoming("carrier:ems", "webhook:ems-transaction:t-1", "tracking.hint", json.dumps(body), MONDAY)
    with ThreadPoolExecutor(1) as other:
        with desk.context.database.write() as session:
            assert inbox.keep_many(session, [twin]) == 1
            answer = other.submit(httpx.post, url, json=body, headers=headers)
            time.sleep(0.5)  # the other one waits for what becomes of us
            assert not answer.done()
        assert (answer.result().status_code, answer.result().json()["code"]) == (200, "success")
    assert len(kept(desk)) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        PoolTimeout("QueuePool limit reached"),
        DBAPIError("INSERT", None, Exception("gone")),
        IntegrityError("", None, Exception()),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_whatever_the_database_lacks_the_operator_is_asked_in_its_own_words_to_come_again(
    desk: TestDesk, ems: SimulatedOperator, web: httpx.Client, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    monkeypatch.setattr(inbox, "keep_many", Mock(side_effect=trouble))
    url = hook(web, "ems", "path-secret-of-the-simulator")
    answer = httpx.post(url, json={"tracking_code": "EA1"}, headers={"ems-transaction": "t-1"})
    assert (answer.status_code, answer.json()) == (503, {"code": "error", "transaction": "t-1"})
    assert int(answer.headers["retry-after"]) > 0


def test_a_refusal_that_cannot_be_counted_is_a_refusal_all_the_same(
    desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(tallies, "write_down", Mock(side_effect=PoolTimeout("QueuePool limit reached")))
        answer = httpx.post(hook(web, "viettelpost"), json={"TOKEN": "guessed", "DATA": {"ORDER_NUMBER": "1"}})
        assert (answer.status_code, answer.json()["error"]) == (401, True)
        wait_for("the count to fail", lambda: tallies.write_down.called)  # type: ignore[attr-defined]
        assert refusals(desk, 0) == []
    assert refusals(desk, 1) == [("forged", 1)]


def test_what_cannot_be_kept_now_comes_again(
    desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(desk, "viettelpost")
    monkeypatch.setattr(inbox, "keep_many", _full_disk())
    viettel.send_webhooks_to(hook(web, "viettelpost"))
    viettel.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    answers = told(viettel)
    assert answers[0][0] == 503
    assert answers[-1][0] == 200
    apply.drain(desk.context, desk.office)
    assert desk.shipment(S1).state == "in_transit"


def _full_disk() -> Callable[..., int]:
    keep, failures = inbox.keep_many, iter([OperationalError("INSERT", None, Exception("disk full"))])

    def keep_later(*args: Any, **kwargs: Any) -> int:
        if (error := next(failures, None)) is not None:
            raise error
        return keep(*args, **kwargs)

    return keep_later


def test_a_delivery_about_an_item_of_tomorrow_waits_for_it(
    desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client
) -> None:
    """The operator may be quicker than our own commit, or know an order that a clerk keyed in."""
    viettel.send_webhooks_to(hook(web, "viettelpost"))
    viettel.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    told(viettel)
    apply.drain(desk.context, desk.office)
    assert [one.state for one in kept(desk)] == [InboxState.PARKED]
    booked(desk, "viettelpost")
    desk.clock.forward(minutes=11)
    apply.drain(desk.context, desk.office)
    assert desk.shipment(S1).state == "in_transit"


def test_refusals_at_one_moment_are_counted_without_an_error(
    desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client
) -> None:
    for _ in range(5):
        assert httpx.post(hook(web, "viettelpost"), json={"TOKEN": "guessed"}).status_code in (400, 401)
    assert sum(count for _, count in refusals(desk, 5)) == 5


def test_a_delivery_with_half_a_character_in_it_is_kept(
    desk: TestDesk, ems: SimulatedOperator, web: httpx.Client
) -> None:
    url = hook(web, "ems", "path-secret-of-the-simulator")
    answer = httpx.post(url, content=rb'{"tracking_code": "\ud800"}', headers={"ems-transaction": "t-1"})
    assert (answer.status_code, answer.json()["code"]) == (200, "success")
    apply.drain(desk.context, desk.office)
    assert [one.state for one in kept(desk)] == [InboxState.PARKED]


@pytest.mark.parametrize("field", ["tracking_code", "status_code"])
def test_a_name_longer_than_any_column_parks_the_delivery(
    desk: TestDesk, ems: SimulatedOperator, web: httpx.Client, field: str
) -> None:
    booked(desk, "ems")
    body = {"tracking_code": "EA1", "order_code": S1, "status_code": "4", "datetime": "02/03/2026 07:00:00"}
    url = hook(web, "ems", "path-secret-of-the-simulator")
    httpx.post(url, json=body | {field: "9" * 60}, headers={"ems-transaction": "t-1"})
    apply.drain(desk.context, desk.office)
    assert "longer than 40" in str(kept(desk, kind="tracking.hint")[0].reason)


def test_a_hint_under_another_code_of_the_same_state_is_settled_by_it(
    desk: TestDesk, ems: SimulatedOperator, web: httpx.Client
) -> None:
    """EMS's two interfaces have codes of their own."""
    booked(desk, "ems")
    ems.report(S1, ShipmentState.OUT_FOR_DELIVERY, MONDAY)
    shown = desk.shipment(S1)
    v2 = {"TrackingCode": shown.waybill, "OrderCode": S1, "StatusCode": 11000, "CreatedAt": "2026-03-02 08:00:00"}
    url = hook(web, "ems", "path-secret-of-the-simulator")
    assert httpx.post(url, json=v2, headers={"ems-transaction": "t-1"}).status_code == 200
    desk.clock.forward(minutes=1)
    desk.work()
    assert [one.state for one in kept(desk, kind="tracking.hint")] == [InboxState.APPLIED]
