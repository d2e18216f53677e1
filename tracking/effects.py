"""What follows when a journey moves on: adoption of a lost booking, custody, the transit promise, and who is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from carriers.contract import ChangeOutcome
from carriers.states import ShipmentState
from config.clock import local
from dispatch import custody
from dispatch.context import Context
from dispatch.dossiers import Dossier, DossierPaper, PaperKind, get_dossier
from dispatch.generations import succeed
from dispatch.news import tell_onestop
from dispatch.settlements import (
    after_cancel_to_be_sure,
    announce_booked,
    announce_cancelled,
    lives_on,
    mark_booked,
)
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Leg, Shipment, refresh_state
from tracking.clock_facts import recompute
from tracking.deadlines.promises import Zone, transit_due
from tracking.events import journey_events
from tracking.journey import Journey, fold
from tracking.losses import record_losses
from tracking.notices import tell_citizen
from tracking.office import Office


@dataclass(frozen=True)
class _Change:
    session: Session
    context: Context
    office: Office
    shipment: Shipment
    dossier: Dossier
    before: Journey
    after: Journey
    now: datetime


def move_on(session: Session, context: Context, office: Office, shipment: Shipment, before: Journey) -> None:
    """Fold the shipment's events anew and let everything follow that differs from the journey ``before``."""
    change = _Change(
        session=session,
        context=context,
        office=office,
        shipment=shipment,
        dossier=get_dossier(session, shipment.dossier_code),
        before=before,
        after=journey_of(session, shipment),
        now=context.clock.now(),
    )
    _adopt(change)
    _write(change)
    _move_papers(change)
    _judge_transit(change)
    _follow_losses(change)
    _tell(change)


def journey_of(session: Session, shipment: Shipment) -> Journey:
    """Return a shipment's journey as its events make it now."""
    return fold(journey_events(session, shipment.order_number))


def _adopt(change: _Change) -> None:
    """An event of the item proves the booking, whatever our own call seemed to say."""
    shipment = change.shipment
    if change.after.state is None or shipment.booking in (BookingState.BOOKED, BookingState.CANCELLED):
        return
    if shipment.withdrawn_at is not None and change.after.state is ShipmentState.CANCELLED:
        after_cancel_to_be_sure(ChangeOutcome.ACCEPTED)(change.session, shipment, change.now)
        return
    if shipment.withdrawn_at is not None and change.after.state in BEFORE_COLLECTION:
        return  # we are cancelling it to be sure, and this event may be older than that
    mark_booked(shipment, None)
    announce_booked(change.session, change.context, shipment, change.now)


def _write(change: _Change) -> None:
    shipment, journey = change.shipment, change.after
    shipment.heard_at, shipment.poll_at = change.now, None  # after news the next question is planned anew
    shipment.journey = journey.state.value if journey.state else None
    shipment.collected_at, shipment.delivered_at = journey.collected_at, journey.delivered_at
    shipment.failed_attempts = [at.isoformat() for at in journey.failed_attempts]
    shipment.anomalies = [{"at": a.at.isoformat(), "what": a.what} for a in journey.anomalies]
    refresh_state(shipment, journey.since or change.now)
    # Of the whole journey, not of this step: an end that is heard of late is an end, and its time is the true one.
    shipment.live = shipment.live and journey.ended_at is None
    if journey.since and shipment.state == shipment.journey:
        shipment.state_since = journey.since
    if shipment.state == ShipmentState.CANCELLED:
        shipment.cancel_wanted = shipment.cancel_wanted and shipment.booking is not BookingState.BOOKED
        succeed(change.session, shipment, change.now)
    elif shipment.booking is BookingState.BOOKED and shipment.withdrawn_at and journey.state not in BEFORE_COLLECTION:
        lives_on(shipment)


def _move_papers(change: _Change) -> None:
    """Say whose hands the papers went through; also again, when an event that was heard of late tells the true time."""
    before, journey, leg = change.before, change.after, change.shipment.leg
    if journey.collected_at and journey.collected_at != before.collected_at:
        post = custody.post(change.shipment.carrier)
        _hand(change, _papers_collected(change), post, journey.collected_at, "collected")
    if leg is Leg.RETURN and journey.delivered_at and journey.delivered_at != before.delivered_at:
        _result_delivered(change, journey.delivered_at)
    if leg is Leg.SEND and journey.returned_at and journey.returned_at != before.returned_at:
        _hand(change, _not_at_the_agency(change), custody.CITIZEN, journey.returned_at, "returned")
        _tell_citizen(change, "papers_back", change.shipment.order_number, at=journey.returned_at)


def _result_delivered(change: _Change, at: datetime) -> None:
    number = change.shipment.order_number
    papers = custody.held_by(change.session, change.dossier.code, custody.post(change.shipment.carrier))
    _hand(change, papers, custody.CITIZEN, at, "delivered")
    data = {"order_number": number, "at": local(at).isoformat()}
    _tell_onestop(change, "postal.result_delivered", number, data)
    _tell_citizen(change, "result_delivered", number, at=at)


def _papers_collected(change: _Change) -> list[DossierPaper]:
    """Return what the operator took: from the agency all it holds, from the citizen what the agency does not hold.

    A delivery at the desk that nothing came before does not tell when the operator took the papers. It may be reported
    with a time after the signature under the handover record, and must not take them from the agency again.
    """
    if change.shipment.leg is Leg.RETURN:
        return custody.held_by(change.session, change.dossier.code, custody.agency(change.dossier.agency_code))
    return [] if change.after.collected_at == change.after.delivered_at else _not_at_the_agency(change)


def _not_at_the_agency(change: _Change) -> list[DossierPaper]:
    agency = custody.agency(change.dossier.agency_code)
    held = custody.holdings(change.session, change.dossier.code)
    return [h.paper for h in held if h.paper.kind is PaperKind.SUBMITTED and h.holder != agency]


def _hand(change: _Change, papers: list[DossierPaper], holder: str, at: datetime, what: str) -> None:
    evidence = f"{change.shipment.order_number} {what}"
    custody.restate(change.session, change.dossier.code, evidence, at, change.now)
    custody.hand_over(change.session, papers, holder, at, evidence, change.now)


def _follow_losses(change: _Change) -> None:
    """Lost papers stop the agency's time where it runs; papers that are found let it go on."""
    if change.before.losses == change.after.losses:
        return
    session, office, dossier, losses = change.session, change.office, change.dossier, change.after.losses
    fact = record_losses(session, office, change.shipment, losses, change.now)
    if fact is not None:
        recompute(session, office, change.context.accounts, dossier, fact.id, change.now)
    if change.after.state is ShipmentState.LOST and losses:
        _tell_citizen(change, "papers_lost", f"{change.shipment.order_number}:{losses[-1].lost_at.isoformat()}")


def _judge_transit(change: _Change) -> None:
    """J+n counts from acceptance to the desk, or to the first attempt at the citizen's door.

    Circular 17/2017/TT-BTTTT Art. 3(4)-(5), 7(2)(a).
    """
    shipment, journey = change.shipment, change.after
    if journey.collected_at is None:
        return
    accepted_on = local(journey.collected_at).date()
    shipment.transit_due = transit_due(
        accepted_on, Zone(shipment.zone), False, change.office.rules, change.office.working_time
    )
    arrived_at = journey.delivered_at if shipment.leg is Leg.SEND else journey.first_attempt_at
    shipment.transit_kept = local(arrived_at).date() <= shipment.transit_due if arrived_at else None


def _tell(change: _Change) -> None:
    shipment, journey = change.shipment, change.after
    if shipment.state == ShipmentState.CANCELLED:
        announce_cancelled(change.session, change.context, shipment, change.now)
    elif journey.state is not None and journey.since is not None and journey.state is not change.before.state:
        data = {
            "order_number": shipment.order_number,
            "leg": shipment.leg.value,
            "state": shipment.state,
            "at": local(journey.since).isoformat(),
            "waybill": shipment.waybill,
        }
        fact = f"{shipment.order_number}:{journey.state}:{journey.since.isoformat()}"
        _tell_onestop(change, "postal.shipment_moved", fact, data)
    if shipment.leg is Leg.RETURN:
        _tell_about_result(change)


def _tell_about_result(change: _Change) -> None:
    shipment, journey, number = change.shipment, change.after, change.shipment.order_number
    if journey.collected_at and not change.before.collected_at and not journey.delivered_at:
        _tell_citizen(
            change, "result_on_the_way", number, expected=shipment.transit_due, waybill=shipment.waybill or number
        )
    for attempt, _at in enumerate(journey.failed_attempts, start=1):
        if attempt > len(change.before.failed_attempts) and journey.ended_at is None:
            _tell_citizen(change, "invitation", f"{number}:{attempt}", attempt=attempt)
    if journey.state is ShipmentState.RETURNED and journey.returned_at and not change.before.returned_at:
        at = local(journey.returned_at).isoformat()
        reason = f"{len(journey.failed_attempts)} failed attempts at delivery"
        data = {"order_number": number, "at": at, "reason": reason}
        _tell_onestop(change, "postal.result_returned", number, data)


def _tell_onestop(change: _Change, type: str, fact: str, data: dict[str, Any]) -> None:
    tell_onestop(change.session, change.context.accounts, change.dossier, type, fact, data, change.now)


def _tell_citizen(change: _Change, kind: str, fact: str, **values: object) -> None:
    tell_citizen(change.session, change.dossier, kind, fact, change.now, **values)
