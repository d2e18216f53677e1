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
from dispatch.handovers import between_agencies
from dispatch.money.unnamed import Charge, owe_postage
from dispatch.news import tell_onestop
from dispatch.recalls import end_changes
from dispatch.riders import riders_of
from dispatch.settlements import (
    after_cancel_to_be_sure,
    announce_booked,
    announce_cancelled,
    lives_on,
    mark_booked,
)
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Leg, Shipment, refresh_state
from dispatch.transfers import carried_papers
from tracking.apologies.rows import look_at
from tracking.clock_facts import recompute
from tracking.counter import left_again
from tracking.deadlines.promises import Zone, transit_due
from tracking.doorstep import is_proven
from tracking.events import SLIP, journey_events
from tracking.incidents.losses import follow_losses
from tracking.journey import Attempt, Journey, fold
from tracking.losses import record_losses
from tracking.lost_slips import note_earlier_slips
from tracking.money import follow_journey
from tracking.notices import tell_citizen
from tracking.office import Office
from tracking.undeliverable import REFUSED, UNPAID

_NOTHING_TO_ADOPT = (BookingState.BOOKED, BookingState.CANCELLED, BookingState.RIDING)


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
    _let_records_count(change)
    _judge_transit(change)
    _follow_losses(change)
    follow_journey(session, change.dossier, shipment, before, change.after, change.now)
    _tell(change)


def journey_of(session: Session, shipment: Shipment) -> Journey:
    """Return a shipment's journey as its events make it now: its own, and those of the parcel in which it lies."""
    events = journey_events(session, shipment.order_number)
    if shipment.rides_with is not None:
        of_the_parcel = journey_events(session, shipment.rides_with)
        events = [
            *events,
            *(event for event in of_the_parcel if event.code != SLIP),
        ]  # which counts one dossier's papers
    return fold(events)


def journeys_with(session: Session, shipment: Shipment) -> list[tuple[Shipment, Journey]]:
    """Return a shipment and all that ride with it, each with its journey as it is now."""
    return [(one, journey_of(session, one)) for one in (shipment, *riders_of(session, shipment))]


def _adopt(change: _Change) -> None:
    """An event of the item proves the booking, whatever our own call seemed to say."""
    shipment = change.shipment
    if change.after.state is None or shipment.booking in _NOTHING_TO_ADOPT:
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
    if not shipment.live or journey.state is ShipmentState.RETURNING:
        end_changes(shipment)
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
    signed = change.shipment.slip_number is not None  # then the slip has said which papers went, and when
    if journey.collected_at and journey.collected_at != before.collected_at and not signed:
        post = custody.post(change.shipment.carrier)
        _hand(change, _papers_collected(change), post, journey.collected_at, "collected")
        if leg is Leg.RETURN and change.shipment.generation > 1:
            at = journey.collected_at
            left_again(change.session, change.office, change.dossier, change.shipment, at, change.now)
    if leg is Leg.RETURN and journey.delivered_at and journey.delivered_at != before.delivered_at:
        _result_delivered(change, journey.delivered_at)
    if leg is Leg.SEND and journey.returned_at and journey.returned_at != before.returned_at:
        _hand(change, _not_at_the_agency(change), custody.CITIZEN, journey.returned_at, "returned")
        _tell_citizen(change, "papers_back", change.shipment.order_number, at=journey.returned_at)


def _let_records_count(change: _Change) -> None:
    """Records of delivery that were here before the collection fit now; that attempts count, the fold has seen to."""
    if change.after.collected_at is None or change.before.collected_at is not None:
        return
    shipment = change.shipment
    if any(event.needs_collection for event in journey_events(change.session, shipment.order_number)):
        note_earlier_slips(change.session, change.context, change.office, change.dossier, shipment)


def _result_delivered(change: _Change, at: datetime) -> None:
    """A delivery after one that was reversed is another delivery, also by what the citizen is told."""
    number, again = change.shipment.order_number, change.after.reversals
    with_post = (custody.post(change.shipment.carrier), *([custody.STRANGER] if again else []))
    elsewhere = between_agencies(change.session, change.dossier.code) | _issued_since(change)
    held = custody.holdings(change.session, change.dossier.code)
    papers = [one.paper for one in held if one.holder in with_post and one.paper.id not in elsewhere]
    _hand(change, papers, custody.CITIZEN, at, f"delivered again {again}" if again else "delivered")
    required = change.context.accounts.requires_proof(change.shipment.account)
    change.shipment.proof_wanted = required and not is_proven(change.session, number, collected=True)
    fact = f"{number}:{again}" if again else number
    data = {"order_number": number, "at": local(at).isoformat()}
    _tell_onestop(change, "postal.result_delivered", fact, data)
    _tell_citizen(change, "result_delivered", fact, at=at)


def _papers_collected(change: _Change) -> list[DossierPaper]:
    """Return what the operator took: from the agency all it holds, from the citizen what the agency does not hold.

    A delivery at the desk that nothing came before does not tell when the operator took the papers. It may be reported
    with a time after the signature under the handover record, and must not take them from the agency again.
    """
    if change.shipment.leg is Leg.TRANSFER:
        carried = carried_papers(change.session, change.shipment)
        return [] if change.after.collected_at == change.after.delivered_at else carried
    if change.shipment.leg is Leg.RETURN:
        held = custody.held_by(change.session, change.dossier.code, custody.agency(change.dossier.agency_code))
        elsewhere = between_agencies(change.session, change.dossier.code) | _issued_since(change)
        return [paper for paper in held if paper.id not in elsewhere]
    return [] if change.after.collected_at == change.after.delivered_at else _not_at_the_agency(change)


def _not_at_the_agency(change: _Change) -> list[DossierPaper]:
    later = _issued_since(change)
    held = [h for h in custody.holdings(change.session, change.dossier.code) if h.paper.id not in later]
    return [h.paper for h in held if h.paper.kind is PaperKind.SUBMITTED and not custody.is_agency(h.holder)]


def _issued_since(change: _Change) -> set[int]:
    """Return what was issued again after this parcel had left: it is not in it, wherever that turns up."""
    return custody.issued_since(change.session, change.dossier.code, change.after.collected_at)


def _hand(change: _Change, papers: list[DossierPaper], holder: str, at: datetime, what: str) -> None:
    evidence = f"{change.shipment.order_number} {what}"
    custody.restate(change.session, change.dossier.code, evidence, at, change.now)
    custody.hand_over(change.session, papers, holder, at, evidence, change.now)


def _follow_losses(change: _Change) -> None:
    """Lost papers stop the agency's time where it runs and open an incident; papers that are found let it go on."""
    if change.before.losses == change.after.losses:
        return
    session, office, dossier, losses = change.session, change.office, change.dossier, change.after.losses
    fact = record_losses(session, office, change.shipment, losses, change.now)
    if fact is not None:
        recompute(session, office, change.context.accounts, dossier, fact.id, change.now)
    if change.after.state is ShipmentState.LOST and losses:
        _tell_citizen(change, "papers_lost", f"{change.shipment.order_number}:{losses[-1].lost_at.isoformat()}")
    follow_losses(session, change.context, office, dossier, change.shipment, change.before.losses, losses)


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
    arrived_at = journey.first_attempt_at if shipment.leg is Leg.RETURN else journey.delivered_at
    shipment.transit_kept = local(arrived_at).date() <= shipment.transit_due if arrived_at else None
    if shipment.transit_kept is False:
        look_at(change.session, shipment.dossier_code, change.now)


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
    for count, attempt in enumerate(journey.attempts, start=1):
        if attempt not in change.before.attempts:  # also an earlier one that was heard of late
            _tell_attempt(change, attempt, count)
    if journey.state is ShipmentState.RETURNING and not change.before.turned_back_at:
        _tell_citizen(change, "result_going_back", number)
    if journey.state is ShipmentState.RETURNED and journey.returned_at and not change.before.returned_at:
        data = {"order_number": number, "at": local(journey.returned_at).isoformat(), "reason": _why_returned(journey)}
        _tell_onestop(change, "postal.result_returned", number, data)


def _tell_attempt(change: _Change, attempt: Attempt, count: int) -> None:
    """A failed attempt invites the citizen; what was refused or not paid for is undeliverable at once.

    Postal Law 49/2010/QH12 Art. 11(1)(c), 17(1)(đ). Unpaid postage stays owed; a parcel's is its carrier's.
    """
    number = change.shipment.order_number
    if attempt.reason == UNPAID and change.shipment.rides_with is None:
        evidence = f"{number}: postage unpaid at {local(attempt.at):%H:%M %d/%m/%Y}"
        charge = Charge(change.shipment.payer, attempt.at, evidence, "Luật Bưu chính 49/2010/QH12, Điều 11(1)(c)")
        owe_postage(change.session, change.context.accounts, change.shipment, charge, change.now)
    if change.after.ended_at is None:
        kind = {REFUSED: "result_refused", UNPAID: "result_unpaid"}.get(attempt.reason or "", "invitation")
        about = {"attempt": count} if kind == "invitation" else {}
        _tell_citizen(change, kind, f"{number}:{count}", **about)


def _why_returned(journey: Journey) -> str:
    reasons = [attempt.reason for attempt in journey.attempts]
    if UNPAID in reasons:
        return "the postage was not paid"
    if REFUSED in reasons:
        return "the recipient refused it"
    return f"{len(reasons)} failed attempts at delivery"


def _tell_onestop(change: _Change, type: str, fact: str, data: dict[str, Any]) -> None:
    tell_onestop(change.session, change.context.accounts, change.dossier, type, fact, data, change.now)


def _tell_citizen(change: _Change, kind: str, fact: str, **values: object) -> None:
    tell_citizen(change.session, change.dossier, kind, fact, change.now, **values)
