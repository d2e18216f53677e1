"""Somebody decides about an order while the booking lane works on it, on PostgreSQL: neither overwrites the other.

The lane locks an order while it takes it up; whoever decides locks it from the look at it until the decision stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from carriers import registry
from carriers.call_log import CallRecord
from carriers.contract import BookingRequest
from carriers.plugin import Runtime
from dispatch import booking
from dispatch.citizens import Citizen
from dispatch.context import CarrierPool, Context
from dispatch.forms import Direction, HandoverForm, SignatureForm
from dispatch.handovers import draw_up
from dispatch.order_changes import ask_to_cancel
from dispatch.requests import booking_request
from dispatch.settlements import cancelled
from dispatch.settling import settle
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import Shipment
from tests.dispatch.bookings import held
from tests.dispatch.people import two_at_once
from tests.support.desk import AGENCY, CARRIER, MONDAY, TestDesk, opened_desk, order_body
from tests.support.schema import with_tables
from tests.support.town import wait_for
from tests.support.web import new_key, problem, visit
from tests.tracking.case import COLLECTED, Case, document, keep
from tests.tracking.deadlines.story import at
from tracking import apply
from tracking.acceptance import sign_handover
from tracking.events import events_of

NEW_ADDRESS = {"text": "Tổ 9, Xã Xuân Trường, tỉnh Cao Bằng", "era": "new2"}
_serial = count(1)


@dataclass(frozen=True)
class Order:
    """An order to send a dossier's papers, which nobody has booked yet."""

    id: str
    dossier: str
    number: str


Decision = Callable[[httpx.Client, Order], httpx.Response]


@pytest.fixture(scope="module")
def desk(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    folder: Path = tmp_path_factory.mktemp("desk")
    with with_tables(postgres_url) as url, opened_desk(folder, url) as desk:
        yield desk


@pytest.fixture(scope="module")
def web(desk: TestDesk) -> Iterator[httpx.Client]:
    with visit(desk) as caller:
        yield caller


@pytest.fixture
def rival() -> Iterator[ThreadPoolExecutor]:
    """Somebody who acts at the same time as we do."""
    with ThreadPoolExecutor(1) as rival:
        yield rival


@pytest.fixture
def order(desk: TestDesk, web: httpx.Client) -> Order:
    code = f"H14.10-260302-{next(_serial):04}"
    desk.register(code)
    placed = web.post("/v1/orders", json=order_body("send", dossier=code), headers=new_key())
    return Order(placed.json()["id"], code, f"{code}-S1")


@pytest.fixture
def told_addresses(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The address that the operator was told for each order number."""
    told: dict[str, str] = {}
    create = desk.operator.create

    def note(client: Any, body: dict[str, Any]) -> tuple[int, str]:
        told[body["OrderNumber"]] = body["SenderAddress"]
        return create(client, body)

    monkeypatch.setattr(desk.operator, "create", note)
    return told


def cancel(web: httpx.Client, order: Order) -> httpx.Response:
    return web.post(f"/v1/orders/{order.id}/cancel")


def withdraw(web: httpx.Client, order: Order) -> httpx.Response:
    event = {"event_id": "e-1", "type": "withdrawn", "at": MONDAY.isoformat(), "officer": "Hà Thị Mai"}
    return web.post(f"/v1/dossiers/{order.dossier}/events", json=event)


def readdress(web: httpx.Client, order: Order) -> httpx.Response:
    return web.post(f"/v1/orders/{order.id}/address", json={"address": NEW_ADDRESS})


def address_here(desk: TestDesk, order: Order) -> str:
    return Citizen.from_text(desk.shipment(order.number).citizen).address


def dead_on_both_sides(desk: TestDesk, order: Order) -> bool:
    return desk.shipment(order.number).state == "cancelled" and held(desk, order.number)["live"] == 0


# --- the lane comes by while somebody decides ----------------------------------------------------------------------


def lane_comes_by(monkeypatch: pytest.MonkeyPatch, desk: TestDesk, decided_in: str) -> list[int]:
    """Let the lane look for work when the order was looked at and nothing is decided yet; tells what it found."""
    module, _, name = decided_in.rpartition(".")
    decide = getattr(import_module(module), name)
    found: list[int] = []

    def decide_slowly(*about: Any, **more: Any) -> Any:
        with ThreadPoolExecutor(1) as lane:
            found.append(lane.submit(booking.drain, desk.context).result())
        return decide(*about, **more)

    monkeypatch.setattr(decided_in, decide_slowly)
    return found


@pytest.mark.parametrize(
    ("decision", "decided_in"),
    [(cancel, "tracking.citizen_orders.ask_to_cancel"), (withdraw, "tracking.withdrawal.ask_to_cancel")],
    ids=["cancelled", "withdrawn"],
)
def test_an_order_that_is_being_given_up_is_not_booked_any_more(
    desk: TestDesk,
    web: httpx.Client,
    order: Order,
    monkeypatch: pytest.MonkeyPatch,
    decision: Decision,
    decided_in: str,
) -> None:
    found = lane_comes_by(monkeypatch, desk, decided_in)
    assert decision(web, order).status_code == 202
    assert (found, held(desk, order.number)["calls"]) == ([0], [])
    assert dead_on_both_sides(desk, order)


def test_an_order_whose_address_is_being_changed_is_booked_with_the_new_one(
    desk: TestDesk, web: httpx.Client, order: Order, monkeypatch: pytest.MonkeyPatch, told_addresses: dict[str, str]
) -> None:
    found = lane_comes_by(monkeypatch, desk, "tracking.citizen_orders.change_address")
    assert readdress(web, order).status_code == 200
    booking.drain(desk.context)
    assert found == [0]
    assert "Tổ 9" in told_addresses[order.number] == address_here(desk, order)


# --- somebody decides while the lane takes the order up --------------------------------------------------------------


@contextmanager
def busy_lane(
    desk: TestDesk, *, order_in_hand: Callable[[], object], call_is_out: Callable[[], object] = lambda: None
) -> Iterator[Context]:
    """A lane that lets others act: while it holds an order that it takes up, and while the call about it is out."""

    def note(record: CallRecord) -> None:
        if record.operation == "book":
            call_is_out()

    def request(*order: Any) -> BookingRequest:
        order_in_hand()
        return booking_request(*order)

    runtime = Runtime(note, timeout=2.0, patient=False)
    lane = CarrierPool(desk.context.accounts, lambda account: registry.build(account, runtime))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dispatch.booking.booking_request", request)
        yield replace(desk.context, carriers=lane)
    lane.close()


def somebody_waits_for_a_lock(desk: TestDesk) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with desk.read() as session:
        return bool(session.scalar(text(waiting)))


@dataclass
class Meeting:
    """The lane takes up an order, and in the same moment somebody decides about it."""

    desk: TestDesk
    decide: Callable[[], httpx.Response]
    rival: ThreadPoolExecutor
    order: Order
    decided: Future[httpx.Response] | None = None
    state_during_the_call: str = ""

    def happens(self) -> httpx.Response:
        with busy_lane(self.desk, order_in_hand=self._begin, call_is_out=self._look) as lane:
            booking.drain(lane)
        assert self.decided is not None
        return self.decided.result()

    def _begin(self) -> None:
        if self.decided is not None:
            return  # the lane comes by again, for what was decided
        self.decided = self.rival.submit(self.decide)
        wait_for("the decision to come upon the lane's lock", lambda: somebody_waits_for_a_lock(self.desk))

    def _look(self) -> None:
        assert self.decided is not None
        self.decided.result()
        self.state_during_the_call = self.desk.shipment(self.order.number).state


@pytest.mark.parametrize("decision", [cancel, withdraw], ids=["cancelled", "withdrawn"])
def test_an_order_given_up_while_it_is_taken_up_is_not_called_dead_before_its_call_has_ended(
    desk: TestDesk, web: httpx.Client, order: Order, rival: ThreadPoolExecutor, decision: Decision
) -> None:
    meeting = Meeting(desk, lambda: decision(web, order), rival, order)
    assert meeting.happens().status_code == 202
    assert meeting.state_during_the_call == "booking"
    assert [call["operation"] for call in held(desk, order.number)["calls"]] == ["order", "cancel"]
    assert dead_on_both_sides(desk, order)


def test_a_new_address_for_an_order_that_is_just_taken_up_comes_too_late(
    desk: TestDesk, web: httpx.Client, order: Order, rival: ThreadPoolExecutor, told_addresses: dict[str, str]
) -> None:
    meeting = Meeting(desk, lambda: readdress(web, order), rival, order)
    problem(meeting.happens(), 409, "too-late-to-change")
    assert told_addresses[order.number] == address_here(desk, order)


# --- batches of the feed meet others who hold the same orders, and each other -----------------------------------------


@pytest.mark.parametrize("held", ["shipment", "dossier"])
def test_a_batch_leaves_what_somebody_else_holds_and_waits_for_nobody(desk: TestDesk, held: str) -> None:
    first, second = Case.opened(desk), Case.opened(desk)
    for case in (first, second):
        case.order("send")
        keep(desk, document(case.s1, COLLECTED, case.now("2026-03-02 09:00")))
    key = {"shipment": ("order_number", second.s1), "dossier": ("code", second.code)}[held]
    with desk.context.database.write() as session:
        session.execute(text(f"SELECT 1 FROM {held} WHERE {key[0]} = :key FOR NO KEY UPDATE"), {"key": key[1]})
        apply.drain(desk.context, desk.office)
        assert (first.shipment(first.s1).state, second.shipment(second.s1).state) == ("in_transit", "requested")
    apply.drain(desk.context, desk.office)
    assert second.shipment(second.s1).state == "in_transit"


def test_workers_that_apply_the_same_deliveries_at_once_double_nothing_and_never_lock_each_other_out(
    desk: TestDesk,
) -> None:
    cases = []
    for _ in range(12):
        cases.append(Case.opened(desk))
        cases[-1].order("both")
    cases[-1].now("2026-03-09 09:00")
    told = [(case, leg, code, day) for case in cases for leg in "SR" for day, code in enumerate((COLLECTED, 3, 4))]
    with desk.context.database.write() as session:
        for case, leg, code, day in Random(7).sample(told * 2, len(told) * 2):
            keep(desk, document(f"{case.code}-{leg}1", code, at(f"2026-03-0{day + 3} 09:00")), session=session)
    before = deadlocks(desk)
    with ThreadPoolExecutor(3) as workers:
        runs = [workers.submit(apply.drain, desk.context, desk.office, batch=size) for size in (7, 10, 13)]
        assert sum(run.result() for run in runs) == len(told) * 2
    assert deadlocks(desk) == before
    for case in cases:
        assert {case.shipment(number).journey for number in (case.s1, case.r1)} == {"delivered"}
        moved = [(one["order_number"], one["state"]) for one in case.told_onestop("postal.shipment_moved")]
        assert len(moved) == len(set(moved))
        with desk.read() as session:
            assert [len(events_of(session, number)) for number in (case.s1, case.r1)] == [3, 3]


def deadlocks(desk: TestDesk) -> int:
    with desk.read() as session:
        count = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return int(session.execute(text(count)).scalar_one())


def test_of_two_records_with_the_same_line_that_are_signed_at_once_the_first_stands(desk: TestDesk) -> None:
    case, other = Case.opened(desk), Case.opened(desk)
    for one in (case, other):
        one.order("send")

    def draft(session: Session, *orders: str) -> int:
        form = HandoverForm(agency=AGENCY, carrier=CARRIER, direction=Direction.TO_AGENCY, orders=list(orders))
        return draw_up(session, form, MONDAY)[0].id

    with desk.context.database.write() as session:
        drafts = iter([(draft(session, case.s1), [case.s1]), (draft(session, case.s1, other.s1), [case.s1, other.s1])])

    def sign_next(session: Session) -> str:
        record, orders = next(drafts)
        lines = [{"order": order, "accepted": True} for order in orders]
        body = {"signed_at": MONDAY, "officer": "Mai", "postman": "Páo", "lines": lines}
        sign_handover(session, desk.context, desk.office, record, SignatureForm.model_validate(body))
        return "signed"

    assert two_at_once(desk.context.database, sign_next) == ["signed", "handover-signature"]


def test_a_result_that_is_ready_while_its_post_is_being_cancelled_is_not_promised_by_post(desk: TestDesk) -> None:
    case = Case.opened(desk)
    case.order("receive")
    case.happens("accepted", "2026-03-02 08:00")
    with ThreadPoolExecutor(1) as rival, desk.context.database.write() as session:
        ask_to_cancel(shipments_of(session, case.code, lock=True), desk.clock.now())
        session.flush()
        ready = rival.submit(case.finished, "2026-03-02 08:00")
        wait_for("the event to come upon the lock", lambda: somebody_waits_for_a_lock(desk))
    ready.result()
    assert case.told_citizen("result_by_post") == []


@pytest.mark.parametrize("at_once", [False, True])
def test_a_result_that_is_ready_again_is_collected(desk: TestDesk, at_once: bool) -> None:
    case = Case.opened(desk)
    case.order("receive")
    case.happens("accepted", "2026-03-02 08:00")
    result = [{"name": "Kết quả", "originals": 1}]
    case.happens("result_ready", "2026-03-02 08:00", event_id="ready-1", result_papers=result)
    booking.drain(desk.context)
    case.happens("corrected", "2026-03-02 08:00", voids="ready-1", reason="nhầm")
    told: list[Future[Any]] = []
    with ThreadPoolExecutor(1) as rival:

        def cancelled_meanwhile(session: Session, shipment: Shipment, now: datetime) -> None:
            cancelled(session, shipment, now)
            session.flush()
            if at_once:
                told.append(rival.submit(case.finished, "2026-03-02 08:00"))
                wait_for("the event to come upon the lane's lock", lambda: somebody_waits_for_a_lock(desk))

        settle(desk.context, case.r1, cancelled_meanwhile)
        if not at_once:
            case.finished("2026-03-02 08:00")
    for one in told:
        one.result()
    desk.work()
    assert case.shipment(f"{case.code}-R2").booking == "booked"
