"""Results that cannot be delivered, wait at the counter, or are wanted back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, time

from sqlalchemy import or_, select

from carriers.states import ShipmentState
from config.calendars import MissingCalendarYear
from config.clock import VIETNAM, local
from dispatch.money.unnamed import UnnamedPostage
from dispatch.recalls import COMES_BACK
from dispatch.shipments import Leg, Shipment
from tracking.counter_facts import CounterWait
from tracking.deadlines.rules import RuleId
from tracking.result_standing import standing_of
from tracking.undeliverable import Stage
from tracking.watching.items import Attention, View, item, of_shipment


def undeliverable(view: View) -> Iterator[Attention]:
    """A second invitation is due, or the result may go back (Circular 17/2017/TT-BTTTT Art. 5(2)(h))."""
    failed = (Shipment.leg == Leg.RETURN, Shipment.state == ShipmentState.DELIVERY_FAILED.value, Shipment.live)
    for shipment in view.session.scalars(select(Shipment).where(*failed)):
        standing = standing_of(view.session, view.context, view.office, shipment)
        if standing is None:
            continue
        if standing.stage is Stage.MAY_GO_BACK:
            why = standing.reason or f"{len(standing.invitations)} invitations"
            yield of_shipment(shipment, "return-due", shipment.state_since, why=why)
        elif standing.second_invitation_from is not None and view.today >= standing.second_invitation_from:
            first = f"{standing.invitations[0]:%d/%m/%Y}"
            since = datetime.combine(standing.second_invitation_from, time.min, VIETNAM)
            yield of_shipment(shipment, "second-invitation-due", since, first=first)


def turned_back_early(view: View) -> Iterator[Attention]:
    """The post brings a result back for which it had to invite twice; shown until the record is signed."""
    on_its_way = (Shipment.state == ShipmentState.RETURNING.value) & Shipment.live
    brought = (Shipment.state == ShipmentState.RETURNED.value) & Shipment.counted_at.is_(None)
    query = select(Shipment).where(Shipment.leg == Leg.RETURN, or_(on_its_way, brought))
    for shipment in view.session.scalars(query):
        standing = standing_of(view.session, view.context, view.office, shipment)
        if standing is not None and standing.turned_back_early:
            rule = view.office.rules.at(RuleId.INVITATION, local(shipment.created_at).date())
            count = len(standing.invitations)
            yield of_shipment(shipment, "turned-back-early", standing.since, count=count, law=rule.legal_source)


def at_the_counter(view: View) -> Iterator[Attention]:
    """Nobody has taken a result for as long as the agency keeps it."""
    over = (CounterWait.keep_until < view.today, CounterWait.over_at.is_(None))
    for wait in view.session.scalars(select(CounterWait).where(*over)):
        about = {"order": wait.order_number, "since_day": f"{local(wait.since):%d/%m/%Y}"}
        about["until"] = f"{wait.keep_until:%d/%m/%Y}"
        yield item("counter-too-long", wait.order_number, wait.since, about, wait.dossier_code)


def recalls(view: View) -> Iterator[Attention]:
    """Papers that are wanted back, and the operator has not turned them round."""
    wanted = (Shipment.live, Shipment.recall_asked_at.is_not(None))
    for shipment in view.session.scalars(select(Shipment).where(*wanted)):
        asked_at = shipment.recall_asked_at
        if asked_at is not None and shipment.journey not in COMES_BACK and _unanswered(view, asked_at):
            yield of_shipment(shipment, "recall-unanswered", asked_at, asked=f"{local(asked_at):%H:%M %d/%m/%Y}")


def new_addresses(view: View) -> Iterator[Attention]:
    """New addresses that an operator has yet to approve."""
    waits = (Shipment.live, Shipment.address_waits_since.is_not(None))
    for shipment in view.session.scalars(select(Shipment).where(*waits)):
        since = shipment.address_waits_since
        if since is not None and _unanswered(view, since):
            yield of_shipment(shipment, "address-unanswered", since, asked=f"{local(since):%H:%M %d/%m/%Y}")


def unnamed_postage(view: View) -> Iterator[Attention]:
    """Postage that somebody owes, and nobody has told how much it is."""
    for row in view.session.scalars(select(UnnamedPostage).where(UnnamedPostage.named_at.is_(None))):
        about = {"order": row.order_number, "debtor": row.debtor.value, "id": row.id, "law": row.legal_source}
        yield item("postage-unnamed", row.id, row.at, about, row.dossier_code)


def _unanswered(view: View, since: datetime) -> bool:
    asked_on = local(since).date()
    days = view.office.rules.at(RuleId.CHANGE_ANSWER, asked_on).number("working_days")
    with suppress(MissingCalendarYear):
        return view.today > view.office.working_time.add_working_days(asked_on, days)
    return True  # beyond the calendar nobody can tell, so somebody looks
