"""A slip signed at the citizen's door, and what follows from it: the journey, the papers, the fee, who is told.

Both signatures prove a pickup as well as the operator's event does (Decision 45/2016/QĐ-TTg Art. 6(4)). That event,
when it comes, says the same again and moves no paper a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from carriers.contract import Certainty, TrackingEvent
from carriers.states import ShipmentState
from config.clock import local
from dispatch import custody
from dispatch.checklist_forms import PickupRecordForm
from dispatch.checklists import fix
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.money.facts import Ledger, MoneyFact, MoneyKind, record_money
from dispatch.news import tell_onestop
from dispatch.parties import Party
from dispatch.pickup_slips import PickupSlip, counted_rows, record_slip
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BEFORE_COLLECTION, Shipment
from tracking.effects import journeys_with, move_on
from tracking.events import SLIP, add_event
from tracking.notices import tell_citizen
from tracking.office import Office

NO_DELIVERY = 0
"""The delivery of an event that no operator has sent: the slip itself is what it rests on."""


@dataclass(frozen=True)
class _Visit:
    session: Session
    context: Context
    office: Office
    dossier: Dossier
    shipment: Shipment
    slip: PickupSlip
    now: datetime


def take_slip(
    session: Session, context: Context, office: Office, order_number: str, form: PickupRecordForm
) -> PickupSlip:
    """Take a signed slip; the same slip again changes nothing.

    Raises:
        Problem: as :func:`dispatch.pickup_slips.record_slip`, or the next pickup is on no day to come.
    """
    now = context.clock.now()
    shipment = get_shipment(session, order_number)
    dossier = get_dossier(session, shipment.dossier_code, lock=True)
    session.refresh(shipment, with_for_update=True)
    _check_next_pickup(form, now)
    slip, new = record_slip(session, dossier, shipment, form, now)
    if new:
        visit = _Visit(session, context, office, dossier, shipment, slip, now)
        if slip.contradicts is None and slip.takes_papers:
            _took(visit)
        elif slip.contradicts is None:
            _waits(visit, form.next_pickup)
        _tell_onestop(visit)
    return slip


def _took(visit: _Visit) -> None:
    slip, shipment = visit.slip, visit.shipment
    shipment.slip_number = slip.number
    fix(visit.session, visit.dossier, slip.signed_at, slip.number, visit.now)
    _move_papers(visit)
    _move_on(visit, ShipmentState.IN_TRANSIT, None)
    _note_fee(visit)
    about = {"slip": slip.number, "at": slip.signed_at, "missing": ", ".join(slip.missing)}
    _tell_citizen(visit, "pickup_sent_incomplete" if slip.missing else "pickup_taken", **about)


def _waits(visit: _Visit, again: date | None) -> None:
    """Nothing was collected: it counts as a visit in vain, and the postman comes again when the citizen is ready."""
    slip, shipment = visit.slip, visit.shipment
    visited = local(slip.signed_at).date()
    if shipment.journey in BEFORE_COLLECTION:
        shipment.pickup_on = again or visit.office.working_time.next_working_day(visited)
    _move_on(visit, ShipmentState.COLLECTION_FAILED, "papers_missing")
    _tell_citizen(visit, "pickup_waits", missing=", ".join(slip.missing), pickup=shipment.pickup_on or visited)


def _move_papers(visit: _Visit) -> None:
    """The counted papers are with the post from the signature on; what it did not count is still the citizen's.

    The operator's event may have been here first, and have moved all papers at its own time.
    """
    session, code, slip, shipment = visit.session, visit.dossier.code, visit.slip, visit.shipment
    event = f"{shipment.order_number} collected"
    moved = {paper.id: paper for paper, fact in custody.chain(session, code) if fact.evidence == event}
    counted = counted_rows(session, visit.dossier, slip)
    taken = {paper.id for paper in counted}
    custody.restate(session, code, event, slip.signed_at, visit.now)
    post = custody.post(shipment.carrier)
    fresh = [paper for paper in counted if paper.id not in moved]
    custody.hand_over(session, fresh, post, slip.signed_at, slip.number, visit.now)
    left = [paper for paper in moved.values() if paper.id not in taken]
    custody.hand_over(session, left, custody.CITIZEN, slip.signed_at, slip.number, visit.now)


def _move_on(visit: _Visit, state: ShipmentState, reason: str | None) -> None:
    slip, session = visit.slip, visit.session
    account = visit.context.accounts.carrier_account_by_id(visit.shipment.account)
    event = TrackingEvent(
        carrier=visit.shipment.carrier,
        account_ref=account.customer_code,
        order_number=visit.shipment.order_number,
        waybill=visit.shipment.waybill,
        code=SLIP,
        state=state,
        reason=reason,
        money_only=False,
        moves_custody=slip.takes_papers,
        certainty=Certainty.CONFIRMED,
        event_time=slip.signed_at,
        location=None,
        text=slip.number,
        key=f"slip:{slip.digest[:64]}",
    )
    before = journeys_with(session, visit.shipment)
    times = {"received_at": visit.now, "now": visit.now}
    add_event(session, visit.shipment.order_number, event, delivery_id=NO_DELIVERY, **times)
    for shipment, journey in before:
        move_on(session, visit.context, visit.office, shipment, journey)


def _note_fee(visit: _Visit) -> None:
    slip = visit.slip
    if not slip.fee_vnd:
        return
    fact = MoneyFact(
        id=f"{slip.number}:fee",
        ledger=Ledger.FEE,
        kind=MoneyKind.COLLECTED,
        dossier_code=visit.dossier.code,
        debtor=Party.CITIZEN,
        creditor=Party.AGENCY,
        via=Party.POST,
        amount_vnd=slip.fee_vnd,
        at=slip.signed_at,
        evidence=f"{slip.number}, {slip.fee_receipt or slip.postman}",
        order_number=slip.order_number,
        legal_source="Quyết định 45/2016/QĐ-TTg, Điều 6(6)",
    )
    record_money(visit.session, fact, visit.now)


def _tell_citizen(visit: _Visit, kind: str, **values: object) -> None:
    tell_citizen(visit.session, visit.dossier, kind, visit.slip.number, visit.now, **values)


def _tell_onestop(visit: _Visit) -> None:
    slip = visit.slip
    data = {
        "slip": slip.number,
        "order_number": slip.order_number,
        "at": local(slip.signed_at).isoformat(),
        "missing_papers": slip.missing,
        "decision": slip.decision,
        "taken": slip.takes_papers,
        "contradicts": slip.contradicts,
        "postman": slip.postman,
    }
    accounts = visit.context.accounts
    tell_onestop(visit.session, accounts, visit.dossier, "postal.pickup_recorded", slip.number, data, visit.now)


def _check_next_pickup(form: PickupRecordForm, now: datetime) -> None:
    visited = local(max(form.postman_signed_at, form.citizen_signed_at)).date()
    if form.next_pickup is None or form.next_pickup >= visited:
        return
    raise Problem(
        "pickup-window",
        "The postman cannot come then",
        f"The next pickup on {form.next_pickup} lies before the visit of {visited} (now {local(now).date()}).",
        "Agree with the citizen on a day to come.",
        next_step_vi="Thống nhất với công dân một ngày thu gom sau lần này.",
    )
