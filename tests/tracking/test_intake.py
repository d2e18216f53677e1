"""Webhooks over HTTP: each operator is answered in its own words, and nothing unproven moves anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from carriers.simulation import Fault, FaultRule, SimulatedOperator
from carriers.states import ShipmentState
from tests.support.desk import MONDAY, TestDesk
from tests.support.operators import joined
from tests.support.web import visit
from tracking import apply, inbox, item_polling, watch
from tracking.inbox import InboxDelivery, InboxState
from tracking.intake import WebhookRefusal

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


def refusals(desk: TestDesk) -> list[tuple[str, int]]:
    with desk.read() as session:
        return [(row.verdict.value, row.count) for row in session.scalars(select(WebhookRefusal))]


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


# --- not proven ---


def test_a_forged_delivery_is_refused_counted_and_shown_and_not_kept(
    desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client
) -> None:
    booked(desk, "viettelpost")
    before = len(kept(desk))
    body = {"DATA": {"ORDER_NUMBER": "1", "ORDER_REFERENCE": S1, "ORDER_STATUS": 501}, "TOKEN": "guessed"}
    for _ in range(3):
        assert httpx.post(hook(web, "viettelpost"), json=body).status_code == 401
    assert (refusals(desk), len(kept(desk))) == ([("forged", 3)], before)
    assert "webhook-refused" in attention(desk)
    desk.clock.forward(hours=30)
    assert "webhook-refused" not in attention(desk)


def test_the_count_begins_anew_after_a_quiet_day(desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client) -> None:
    for _ in range(2):
        httpx.post(hook(web, "viettelpost"), json={"TOKEN": "guessed"})
        desk.clock.forward(hours=30)
    assert refusals(desk) == [(refusals(desk)[0][0], 1)]


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


def test_a_body_over_the_limit_is_not_read_to_its_end(viettel: SimulatedOperator, web: httpx.Client) -> None:
    assert httpx.post(hook(web, "viettelpost"), content=b"x" * (600 * 1024)).status_code == 413


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
    for _ in range(40):
        desk.clock.forward(hours=1)
        desk.work()
    assert desk.shipment(S1).delivered_at is None
    assert "webhook-unconfirmed" in attention(desk)
    for _ in range(35):
        desk.clock.forward(hours=24)
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
    assert refusals(desk)[0][0] == "forged"


# --- trouble of our own ---


def test_what_cannot_be_kept_now_comes_again(
    desk: TestDesk, viettel: SimulatedOperator, web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(desk, "viettelpost")
    monkeypatch.setattr(inbox, "keep", _full_disk())
    viettel.send_webhooks_to(hook(web, "viettelpost"))
    viettel.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    answers = told(viettel)
    assert answers[0][0] == 503
    assert answers[-1][0] == 200
    apply.drain(desk.context, desk.office)
    assert desk.shipment(S1).state == "in_transit"


def _full_disk() -> Callable[..., bool]:
    keep, failures = inbox.keep, iter([OperationalError("INSERT", None, Exception("disk full"))])

    def keep_later(*args: Any, **kwargs: Any) -> bool:
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
    with desk.read() as session:
        assert session.scalar(select(func.sum(WebhookRefusal.count))) == 5


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
