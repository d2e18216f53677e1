"""Each delivery of a batch in its turn: its events into the journeys they belong to, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from carriers.capabilities import CanTrackItems
from carriers.contract import TrackingEvent, Undecodable
from config.tracing import following, trace_of
from dispatch.context import Context
from dispatch.shipments import Shipment
from tracking.addressees import Addressees, HeldElsewhereError
from tracking.deliveries import Read, Verdict, wake
from tracking.effects import journey_of, move_on
from tracking.events import CLOCK_SKEW, add_event
from tracking.hints import HINT, has_been_shown
from tracking.journey import Journey
from tracking.money import follow_word
from tracking.office import Office

_LONGEST_NAME = 40
"""Of a code or waybill; what the columns hold."""


@dataclass(frozen=True)
class Placing:
    """The deliveries of one batch, taken one after another."""

    session: Session
    context: Context
    office: Office
    addressees: Addressees
    now: datetime
    verdicts: list[Verdict] = field(default_factory=list)
    _waiting: dict[str, list[Verdict]] = field(default_factory=dict)

    def take(self, delivery: Read) -> None:
        """Apply one delivery, unless another worker holds one of its shipments."""
        try:
            for event in delivery.events:
                self.addressees.find(event)
        except HeldElsewhereError:
            return
        with following(trace_of(delivery.delivery.source, delivery.delivery.key)):
            self._take(delivery)

    def _take(self, delivery: Read) -> None:
        verdict = Verdict(delivery.delivery, None)
        before: dict[str, Journey] = {}
        reasons = [delivery.trouble] if delivery.trouble else []
        for document in delivery.documents:
            if isinstance(document, Undecodable):
                reasons.append(f"cannot be read: {document.reason}")
            elif why := self._place(delivery, verdict, document, before):
                reasons.append(why)
        verdict.reason = "; ".join(reasons) or None
        self.verdicts.append(verdict)
        for number, journey in before.items():
            move_on(self.session, self.context, self.office, self.addressees.shipments[number], journey)
            self._wake(number)
        if verdict.reason is not None and verdict.awaits is not None:
            self._waiting.setdefault(verdict.awaits, []).append(verdict)

    def _place(self, delivery: Read, verdict: Verdict, event: TrackingEvent, before: dict[str, Journey]) -> str | None:
        """Return why an event must wait, or None when it is in its journey."""
        shipment = self.addressees.find(event)
        if shipment is None:
            verdict.awaits = verdict.awaits or event.waybill or event.order_number
            return f"no shipment has order number '{event.order_number}' or waybill '{event.waybill or '-'}'"
        if why := self._misplaced(shipment, event, delivery.delivery.received_at):
            return why
        if delivery.delivery.kind == HINT:
            verdict.awaits = shipment.order_number
            return self._confirm(delivery, shipment, event)
        self._add(delivery, shipment, event, before)
        return None

    def _misplaced(self, shipment: Shipment, event: TrackingEvent, received_at: datetime) -> str | None:
        """Return why the event can belong to none of our shipments, or None."""
        if self.context.accounts.carrier_account_by_id(shipment.account).customer_code != event.account_ref:
            return f"order '{shipment.order_number}' belongs to another account than '{event.account_ref}'"
        if max(len(event.code), len(event.waybill or "")) > _LONGEST_NAME:
            return f"its code or waybill is longer than {_LONGEST_NAME} characters, as none is"
        when = event.event_time
        if when > received_at + CLOCK_SKEW:
            return f"its time {when.isoformat()} lies in the future; ask the operator to correct it"
        if when < shipment.created_at - CLOCK_SKEW:
            return f"its time {when.isoformat()} lies before the order was made; ask the operator to correct it"
        return None

    def _add(self, delivery: Read, shipment: Shipment, event: TrackingEvent, before: dict[str, Journey]) -> None:
        """Put the event into its journey."""
        self._note_waybill(shipment, event.waybill)
        numbers = (shipment.order_number, *self.addressees.riders_of(shipment.order_number))
        ours = [(number, self.addressees.shipments[number]) for number in numbers]
        journeys = {number: before.get(number) or journey_of(self.session, one) for number, one in ours}
        kept = delivery.delivery
        times = {"received_at": kept.received_at, "now": self.now}
        if add_event(self.session, shipment.order_number, event, delivery_id=kept.id, **times):
            before |= journeys
            if event.money_only:
                told = f"{event.carrier}: {shipment.order_number}, code {event.code}"
                follow_word(self.session, shipment, event.reason, event.event_time, told, self.now)

    def _note_waybill(self, shipment: Shipment, waybill: str | None) -> None:
        """Learn the item's number; a second one means that the operator may have made the order twice."""
        if waybill is None or shipment.waybill == waybill:
            return
        if shipment.waybill is not None:
            shipment.other_waybill = waybill
            return
        shipment.waybill = waybill
        self.addressees.learn_waybill(shipment, waybill)
        self._wake(waybill)

    def _confirm(self, delivery: Read, shipment: Shipment, event: TrackingEvent) -> str | None:
        """Let a hint be followed up: nothing rests on it until the operator's own tracking has shown the same."""
        if has_been_shown(self.session, shipment.order_number, event):
            return None
        if not isinstance(delivery.carrier, CanTrackItems):
            return "nobody vouches for it, and this operator cannot be asked; call the operator"
        if shipment.waybill is None and event.waybill is not None:
            shipment.hinted_waybill = event.waybill
        shipment.poll_at = self.now
        return "nobody vouches for it; it counts when the operator's own tracking shows the same"

    def _wake(self, name: str) -> None:
        """Look again at once at what awaits news of this order number or waybill, here and in the inbox."""
        wake(self.session, name)
        for verdict in self._waiting.pop(name, ()):
            verdict.at_once = True
