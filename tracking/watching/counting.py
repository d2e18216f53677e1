"""What was counted and does not fit, and what must be collected before the day's cutoff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import aliased

from config.clock import VIETNAM, local
from dispatch.dossiers import Dossier
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.pickup_slips import PickupSlip
from dispatch.rejections import FaultFinding
from dispatch.shipments import SAME_DAY_LIVE, Shipment
from dispatch.transfers import Transfer
from tracking.clock_facts import ClockFactRow
from tracking.deadlines.clock import ClockState
from tracking.deadlines.rules import RuleId
from tracking.dossier_clocks import DossierClock
from tracking.watching.items import Attention, View, item, of_shipment

_NEWS = timedelta(days=30)
_BEFORE_CUTOFF = timedelta(hours=2)
"""While a postman can still be sent."""


def slips_at_odds(view: View) -> Iterator[Attention]:
    """Slips that cannot be true beside the one by which the papers were taken."""
    query = (
        select(PickupSlip, Shipment)
        .join(Shipment, Shipment.order_number == PickupSlip.order_number)
        .where(PickupSlip.contradicts.is_not(None), PickupSlip.recorded_at >= view.now - _NEWS)
    )
    for slip, shipment in view.session.execute(query):
        about = {"slip": slip.number, "other": slip.contradicts, "postman": slip.postman}
        yield of_shipment(shipment, "slip-contradiction", slip.recorded_at, f":{slip.number}", **about)


def unclear_faults(view: View) -> Iterator[Attention]:
    """Rejected papers of which nobody knows yet who pays for carrying them again (Decision 45 Art. 12(4))."""
    query = (
        select(HandoverLine, Handover, Shipment)
        .join(Handover, Handover.id == HandoverLine.handover_id)
        .join(Shipment, Shipment.order_number == HandoverLine.order_number)
        .where(HandoverLine.fault_reason.is_not(None), HandoverLine.fault.is_(None))
        .where(~exists().where(FaultFinding.line_id == HandoverLine.id))
    )
    for line, handover, shipment in view.session.execute(query):
        about = {"handover": handover.number, "id": handover.id, "officer": handover.officer}
        since = handover.signed_at or handover.drawn_up_at
        yield of_shipment(shipment, "fault-unclear", since, f":{line.id}", **about)


def rejected_transfers(view: View) -> Iterator[Attention]:
    """Papers that the other agency did not take, and has not taken since."""
    later = aliased(HandoverLine)
    since_then = and_(later.order_number == HandoverLine.order_number, later.id > HandoverLine.id)
    taken = exists().where(since_then, later.accepted.is_(True))  # the first agency's own record came before
    query = (
        select(HandoverLine, Handover, Transfer, Shipment)
        .select_from(Transfer)
        .join(Shipment, Shipment.order_id == Transfer.order_id)
        .join(HandoverLine, HandoverLine.order_number == Shipment.order_number)
        .join(Handover, and_(Handover.id == HandoverLine.handover_id, Handover.agency_code == Transfer.to_agency))
        .where(HandoverLine.accepted.is_(False), ~taken)
    )
    for line, handover, transfer, shipment in view.session.execute(query):
        about = {"agency": transfer.to_name, "reason": line.reason or ", ".join(line.missing_papers)}
        since = handover.signed_at or handover.drawn_up_at
        yield of_shipment(shipment, "transfer-rejected", since, f":{line.id}", **about)


def same_day(view: View) -> Iterator[Attention]:
    """Papers of a same-day procedure that nobody has collected before the cutoff (Decision 45 Art. 16(3)(c))."""
    if not view.office.working_time.is_working_day(view.today):
        return
    query = select(Shipment, Dossier).join(Dossier, Dossier.code == Shipment.dossier_code)
    waiting = query.where(SAME_DAY_LIVE, Shipment.collected_at.is_(None), Shipment.book_at.is_not(None))
    for shipment, dossier in view.session.execute(waiting):
        cutoff = _cutoff(view, dossier)
        if _day_of(shipment) <= view.today and view.now >= cutoff - _BEFORE_CUTOFF:
            about = {"cutoff": f"{local(cutoff):%H:%M}"}
            yield of_shipment(shipment, "same-day-uncollected", shipment.state_since, f":{view.today}", **about)


def unpaid_duties(view: View) -> Iterator[Attention]:
    """The first appointment is over, and no payment has been reported."""
    query = (
        select(DossierClock, ClockFactRow.new_due)
        .join(ClockFactRow, ClockFactRow.dossier_code == DossierClock.dossier_code)
        .where(
            DossierClock.state == ClockState.SUSPENDED,
            DossierClock.standstill_rule == RuleId.PAUSE_FINANCIAL,
            ClockFactRow.rule == RuleId.PAUSE_FINANCIAL,
            ClockFactRow.at == DossierClock.standstill_at,
            ClockFactRow.new_due < view.now,
        )
    )
    for row, first in view.session.execute(query):
        if first is None:
            continue
        about = {"first": f"{local(first):%d/%m/%Y}"}
        yield item("duty-unpaid", f"{row.dossier_code}:{first}", first, about, row.dossier_code)


def _cutoff(view: View, dossier: Dossier) -> datetime:
    if isinstance(dossier.cutoff, time):
        return datetime.combine(view.today, dossier.cutoff, VIETNAM)
    return view.office.working_time.closing(view.today)


def _day_of(shipment: Shipment) -> date:
    return shipment.pickup_on or local(shipment.book_at or shipment.created_at).date()
