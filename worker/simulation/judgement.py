"""The end of a story held against every promise of the design (section 6)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from dispatch import custody
from dispatch.orders import SAME_DAY
from dispatch.outbox import OutboxMessage, OutboxState
from dispatch.shipments import BookingState, Leg, Shipment
from tracking.clock_facts import DueVersion, latest_version
from tracking.events import SLIP, TrackingEventRow
from tracking.inbox import InboxDelivery, InboxState
from tracking.watch import attention
from tracking.watching.items import Attention
from worker.runtime import Runtime
from worker.simulation.calendar import Calendars
from worker.simulation.history import true_clock_state, true_due, true_state
from worker.simulation.post import Branch
from worker.simulation.reckoning import Reckoning
from worker.simulation.truth import CITIZEN, DossierTruth
from worker.simulation.world import World

_LEGS = {"send": {Leg.SEND}, "receive": {Leg.RETURN}, "both": {Leg.SEND, Leg.RETURN}}


class Judgement:
    """Looks at everything once, after all trouble is over and all has settled."""

    def __init__(self, world: World, runtime: Runtime, calendars: Calendars) -> None:
        self._world, self._runtime, self._calendars = world, runtime, calendars
        self._holds = world.verdict.holds

    def pass_(self, unfinished: dict[str, str]) -> None:
        """Check every promise."""
        with self._runtime.context.database.read() as session:
            items = attention(session, self._runtime.context, self._runtime.office)
            shipments = {one.order_number: one for one in session.scalars(select(Shipment))}
            self._nothing_is_lost(session, unfinished, shipments, items)
            self._everything_has_had_its_effect(session, shipments)
            for truth in self._world.truth.dossiers.values():
                self._dates_are_true(session, truth)
                self._the_copy_is_ours(session, truth, shipments)
                self._papers_are_where_they_are(session, truth)
            Reckoning(self._world, self._runtime).pass_(session)
        self._states_are_true(shipments)

    # --- 1: nothing is lost, and nobody waits without a next action ---

    def _nothing_is_lost(
        self,
        session: Session,
        unfinished: dict[str, str],
        shipments: dict[str, Shipment],
        items: list[Attention],
    ) -> None:
        for code, missing in unfinished.items():
            self._holds(1, False, f"{code} never comes to its end: {missing}")
        for truth in self._world.truth.dossiers.values():
            legs = {one.leg for one in shipments.values() if one.dossier_code == truth.case.code}
            wanted = _LEGS[truth.case.service] if truth.order_ids else set()
            hurries = {one.priority for one in shipments.values() if _is_for_the_citizen_of(truth.case.code, one)}
            right = hurries <= {truth.case.term[1] == SAME_DAY}
            self._holds(1, right, f"{truth.case.code} is to be settled in {truth.case.term}, and priority is {hurries}")
            self._holds(1, wanted <= legs, f"{truth.case.code}: an order that was acknowledged has no shipment")
            early = [item for item in items if item.kind == "turned-back-early" and item.shipment == truth.unpaid]
            self._holds(1, not early, f"{truth.unpaid} was not paid for, and its operator is said to be too early")
        seen = {item.shipment for item in items}
        for shipment in shipments.values():
            followed = shipments.get(shipment.rides_with or "", shipment)  # what lies in a parcel goes where that goes
            self._holds(1, _has_a_next_step(followed, seen), f"{shipment.order_number} waits without a next action")
        self._queues_are_empty(session, {item.key for item in items})

    def _queues_are_empty(self, session: Session, seen: set[str]) -> None:
        waiting = select(OutboxMessage).where(OutboxMessage.state != OutboxState.SENT)
        for message in session.scalars(waiting):
            self._holds(1, False, f"message {message.id} is never delivered ({message.state}: {message.trouble})")
        undone = select(InboxDelivery).where(InboxDelivery.state.in_((InboxState.NEW, InboxState.PARKED)))
        for delivery in session.scalars(undone):
            shown = any(f"{kind}:{delivery.id}" in seen for kind in ("delivery-parked", "webhook-unconfirmed"))
            visible = delivery.state is InboxState.PARKED and shown
            self._holds(1, visible, f"delivery {delivery.key} of {delivery.source} waits unseen ({delivery.state})")

    # --- 3 and 8: every delivery once, with its effect; what nobody understands is kept ---

    def _everything_has_had_its_effect(self, session: Session, shipments: dict[str, Shipment]) -> None:
        truth = self._world.truth
        deliveries = list(session.scalars(select(InboxDelivery)))
        states = {(one.source, one.key): one.state for one in deliveries}
        reasons = {(one.source, one.key): f"{one.subject}, {one.reason}" for one in deliveries}
        rows = Counter((one.source, one.key) for one in deliveries)
        for key in sorted(truth.taken - truth.foreign):
            applied = states.get(key) is InboxState.APPLIED or key in truth.hints
            self._holds(3, rows[key] == 1, f"delivery {key} is kept {rows[key]} times")
            self._holds(3, applied, f"delivery {key} has had no effect: {states.get(key)}, {reasons.get(key)}")
        for key in sorted(truth.foreign):
            kept = states.get(key) in (InboxState.PARKED, InboxState.GIVEN_UP)
            self._holds(8, kept, f"news of a foreign item is not kept for people: {key}, {states.get(key)}")
        for branch in self._world.post:
            for number in sorted(n for n, one in shipments.items() if one.carrier == branch.name):
                self._events_are_ours(session, branch, number)

    def _events_are_ours(self, session: Session, branch: Branch, number: str) -> None:
        told = branch.operator.books.events_of(branch.operator.default_customer, number)
        query = select(TrackingEventRow).where(TrackingEventRow.order_number == number)
        of_theirs = (row for row in session.scalars(query) if row.code != SLIP)  # that word is people's
        ours = Counter((row.code, _second(row.event_time)) for row in of_theirs)
        theirs = {(event.code, _second(event.happened)) for event in told}
        for code, at in sorted(theirs - ours.keys()):
            accepted = branch.is_feed or (number, code, at) in self._world.truth.told
            self._holds(3, not accepted, f"{number}: {branch.name} told {code} of {at}, and the journey has it not")
        for (code, at), count in sorted(ours.items()):
            what = f"{number}: the journey has {code} at {at} {count} times"
            self._holds(3, count == 1 and (code, at) in theirs, what)

    # --- 4: states and due dates are those of the true history ---

    def _states_are_true(self, shipments: dict[str, Shipment]) -> None:
        for branch in self._world.post:
            for order in branch.operator.books.orders_after(0):
                shipment = shipments.get(order.number)
                if shipment is None:
                    self._holds(1, False, f"{branch.name} holds {order.number}, of which we know nothing")
                    continue
                truth = true_state(branch.reports(order.number), live=branch.is_live(order.number))
                what = f"{order.number} is '{truth}' at {branch.name} and '{shipment.state}' here"
                self._holds(4, truth is None or truth.value == shipment.state, what)
        self._riders_have_the_state_of_their_parcel(shipments)
        for number, shipment in shipments.items():
            there = self._world.post.branches[shipment.carrier].operator.books.customer_of(number) is not None
            booked = shipment.booking is BookingState.BOOKED
            self._holds(4, there or not booked, f"{number} counts as booked, and {shipment.carrier} never had it")

    def _riders_have_the_state_of_their_parcel(self, shipments: dict[str, Shipment]) -> None:
        for number, rider in shipments.items():
            if rider.booking is BookingState.RIDING and rider.rides_with is not None:
                carrier = shipments[rider.rides_with]
                branch = self._world.post.branches[carrier.carrier]
                truth = true_state(branch.reports(carrier.order_number), live=branch.is_live(carrier.order_number))
                what = f"{number} rides with {carrier.order_number}, which is '{truth}', and is '{rider.state}' here"
                self._holds(4, truth is None or truth.value == rider.state, what)

    def _dates_are_true(self, session: Session, truth: DossierTruth) -> None:
        code = truth.case.code
        version = latest_version(session, code)
        due, state = (version.due, version.state) if version else (None, "not_started")
        expected = true_due(truth, self._calendars, self._world.truth.confirmed_at)
        self._holds(4, due == expected, f"{code} is due {expected}, and here {due}")
        self._holds(4, state == true_clock_state(truth), f"{code}'s clock is {true_clock_state(truth)}, here {state}")

    # --- 5: the one-stop's copy ---

    def _the_copy_is_ours(self, session: Session, truth: DossierTruth, shipments: dict[str, Shipment]) -> None:
        code = truth.case.code
        copy = self._world.onestop.copies().get(code)
        version = latest_version(session, code)
        ours = (version.due, version.revision, version.state) if version else (None, 0, "unknown")
        theirs = (_instant(copy.due), copy.revision, copy.state) if copy else (None, 0, "unknown")
        self._holds(5, ours == theirs, f"{code}: ours is {ours}, the one-stop's copy {theirs}")
        revisions = list(session.scalars(select(DueVersion.revision).where(DueVersion.dossier_code == code)))
        self._holds(5, sorted(revisions) == list(range(1, len(revisions) + 1)), f"{code}: revisions {revisions}")
        for number, shipment in shipments.items():
            if shipment.dossier_code == code:
                known = copy.shipment(number) if copy else None
                told = known.state if known else None
                self._holds(5, _is_told(shipment, told), f"{number}: {shipment.state}, told {known}")

    # --- 6: every paper has its true holder ---

    def _papers_are_where_they_are(self, session: Session, truth: DossierTruth) -> None:
        for holding in custody.holdings(session, truth.case.code):
            expected = truth.holder(holding.paper.kind.value) or CITIZEN
            what = f"{truth.case.code}: '{holding.paper.name}' is with {expected}, and here with {holding.holder}"
            self._holds(6, holding.holder == expected, what)


def _is_for_the_citizen_of(code: str, shipment: Shipment) -> bool:
    return shipment.dossier_code == code and shipment.leg is not Leg.TRANSFER


def _has_a_next_step(shipment: Shipment, seen: set[str | None]) -> bool:
    followed = shipment.booking is BookingState.BOOKED
    planned = shipment.next_at is not None or shipment.waits_for_result
    return not shipment.live or followed or planned or shipment.order_number in seen


def _is_told(shipment: Shipment, told: str | None) -> bool:
    untold = shipment.journey is None and shipment.booking is not BookingState.BOOKED
    if untold and shipment.state != ShipmentState.CANCELLED.value:
        return True  # nobody outside has to know of an order before the operator holds it
    return told == shipment.state


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
