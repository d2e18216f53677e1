"""A result on its way to the citizen, and what the post and the desk do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from carriers.contract import Certainty, TrackingEvent
from carriers.states import ShipmentState
from dispatch.change_forms import CounterPickupForm, ForwardForm, SecondSendingForm
from dispatch.money.facts import money_of
from dispatch.money.kinds import Ledger, MoneyFact
from dispatch.orders import get_order
from dispatch.routing import note_price
from dispatch.shipment_queries import get_shipment, shipments_of
from dispatch.shipments import Shipment
from tests.support.desk import ACCOUNT
from tests.tracking.case import COLLECTED, FAILED, RETURNED, RETURNING, Case
from tracking.counter import take_at_counter
from tracking.counter_facts import CounterFact
from tracking.effects import journeys_with, move_on
from tracking.events import add_event
from tracking.forwarding import forward
from tracking.result_standing import newest_standing
from tracking.second_sending import send_from_counter
from tracking.undeliverable import Standing

RECEIVER = {"name": "Bế Đức Hiếu", "id_kind": "cccd", "id_last": "9013"}
THERE = {"text": "Số 9, Phường Thục Phán, tỉnh Cao Bằng", "era": "new2"}


def on_its_way(case: Case) -> Case:
    """The result was ready on Monday, 2 March, and the postman has it since Tuesday morning, 3 March."""
    case.order("receive")
    case.happens("accepted", "2026-03-02 08:30")
    case.finished("2026-03-02 15:00")
    case.signed(case.r1, "2026-03-03 08:00", direction="to_post")
    case.reported(case.r1, COLLECTED, "2026-03-03 08:00")
    return case


def brought_back(case: Case) -> Case:
    """Invited twice in vain, the result comes back: it waits at the counter since Tuesday, 10 March, 10:00."""
    on_its_way(case)
    for code, when in ((FAILED, "03 10:00"), (FAILED, "05 10:00"), (RETURNING, "09 15:00"), (RETURNED, "10 09:00")):
        case.reported(case.r1, code, f"2026-03-{when}")
    case.signed(case.r1, "2026-03-10 10:00")
    return case


def failed(case: Case, reason: str, when: str, number: str | None = None) -> None:
    """The delivery fails for a reason of which the operator has told us the code (VNPost's assumed table has none)."""
    heard(case, number or case.r1, ShipmentState.DELIVERY_FAILED, when, reason)


def heard(case: Case, number: str, state: ShipmentState, when: str, reason: str | None = None) -> None:
    """The operator of an order reports a state, in whichever of its codes."""
    moment = case.now(when)
    desk, shipment = case.desk, case.shipment(number)
    event = TrackingEvent(
        carrier=shipment.carrier,
        account_ref=desk.context.accounts.carrier_account_by_id(shipment.account).customer_code,
        order_number=number,
        waybill=None,
        code=state.value,
        state=state,
        reason=reason,
        money_only=False,
        moves_custody=False,
        certainty=Certainty.CONFIRMED,
        event_time=moment,
        location=None,
        text="",
        key=f"{number}:{when}",
    )
    with desk.context.database.write() as session:
        together = journeys_with(session, get_shipment(session, number))
        add_event(session, number, event, delivery_id=1, received_at=moment, now=moment)
        for one, before in together:
            move_on(session, desk.context, desk.office, one, before)


def price_known(case: Case, vnd: int = 26_000) -> None:
    """The operator has told what it charges from the desk to a citizen of the province."""
    with case.desk.context.database.write() as session:
        note_price(session, ACCOUNT, ("04", "04"), vnd, case.desk.clock.now())


def standing(case: Case) -> Standing | None:
    with case.desk.read() as session:
        found = newest_standing(session, case.desk.context, case.desk.office, case.code)
        return found[1] if found else None


def collected(case: Case, when: str, **receiver: Any) -> CounterFact:
    """Somebody takes the result at the counter."""
    moment = case.now(when)
    form = CounterPickupForm.model_validate(
        {"at": moment, "officer": "Hà Thị Mai", "receiver": {**RECEIVER, **receiver}}
    )
    with case.desk.context.database.write() as session:
        return take_at_counter(session, case.desk.context, case.desk.office, case.code, form)


def sent_again(case: Case, when: str, payer: str = "citizen", **more: Any) -> Shipment:
    """The result is sent once more."""
    case.now(when)
    body = {"payer": payer, "reason": "công dân vắng nhà", "officer": "Hà Thị Mai", **more}
    with case.desk.context.database.write() as session:
        form = SecondSendingForm.model_validate(body)
        return send_from_counter(session, case.desk.context, case.desk.office, case.code, form)


def forwarded(
    case: Case, when: str, takes_addresses: Callable[[Shipment], bool] = lambda _shipment: False, **more: Any
) -> Shipment:
    """Somebody asks for the result at another address."""
    case.now(when)
    desk = case.desk
    with desk.context.database.write() as session:
        order = get_order(session, get_shipment(session, case.r1).order_id)
        form = ForwardForm.model_validate({"address": THERE, "reason": "chuyển nhà", **more})
        found = shipments_of(session, case.code, lock=True)
        return forward(session, desk.context, desk.office, order, found, form, takes_addresses)


def money(case: Case, number: str) -> list[MoneyFact]:
    """Return what happened to the postage of one order."""
    with case.desk.read() as session:
        facts = money_of(session, case.code)
    return [fact for fact in facts if fact.ledger is Ledger.POSTAGE and fact.order_number == number]
