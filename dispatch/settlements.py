"""What becomes of a shipment when a step is done: changes of its row, made against what it is by then.

While we were calling, the operator's own event may have come in or somebody may have cancelled; so each settlement
looks at the row first and changes it only if it is still what the step was made for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from carriers.contract import Booking, ChangeOutcome
from carriers.outcomes import CarrierError, Rejected, Retryable
from carriers.states import ShipmentState
from config.clock import local
from dispatch import waybills
from dispatch.context import Context
from dispatch.dossiers import get_dossier
from dispatch.generations import succeed
from dispatch.money.unnamed import not_carried
from dispatch.news import tell_onestop
from dispatch.shipments import UNSETTLED, BookingState, Shipment, Successor, refresh_state

ASK_THE_OPERATOR = "ask the operator whether it holds this order, and say so with `postal settle`."
LOOKUP_EVERY = timedelta(minutes=5)
LONGEST_WAIT = timedelta(minutes=30)
_SHORTEST_PAUSE = timedelta(seconds=1)
_PATIENCE = timedelta(days=1)

Settlement = Callable[[Session, Shipment, datetime], None]

log = structlog.get_logger()


@dataclass(frozen=True)
class Adopted:
    """The operator holds the order: it said so, or it was found there. One that is dead here is cancelled there too."""

    booking: Booking

    def __call__(self, session: Session, shipment: Shipment, now: datetime) -> None:
        if shipment.withdrawn_at is not None:
            return  # we are cancelling it to be sure, and only the answer to that tells whether it lives
        shipment.operator_id = self.booking.operator_id or shipment.operator_id
        mark_booked(shipment, self.booking.waybill)
        if shipment.booking is BookingState.CANCELLED:
            shipment.cancel_wanted, shipment.next_at = True, now


def announce_booked(session: Session, context: Context, shipment: Shipment, now: datetime) -> None:
    """Owe the one-stop the news that an operator holds the order, in the transaction that found it out."""
    dossier = get_dossier(session, shipment.dossier_code)
    data = {
        "order_number": shipment.order_number,
        "leg": shipment.leg.value,
        "carrier": shipment.carrier,
        "waybill": shipment.waybill,
    }
    tell_onestop(session, context.accounts, dossier, "postal.order_booked", shipment.order_number, data, now)


def announce_cancelled(session: Session, context: Context, shipment: Shipment, now: datetime) -> None:
    """Owe the one-stop the news that a shipment is cancelled, if it is; it is told once."""
    if shipment.state != ShipmentState.CANCELLED:
        return
    not_carried(session, shipment, now)
    data = {
        "order_number": shipment.order_number,
        "leg": shipment.leg.value,
        "state": shipment.state,
        "at": local(shipment.state_since).isoformat(),
        "waybill": shipment.waybill,
    }
    dossier = get_dossier(session, shipment.dossier_code)
    fact = f"{shipment.order_number}:cancelled"
    tell_onestop(session, context.accounts, dossier, "postal.shipment_moved", fact, data, now)


def mark_booked(shipment: Shipment, waybill: str | None) -> None:
    """The operator holds this order: by its answer, by our look-up, or because it reported an event of the item."""
    shipment.waybill = waybill or shipment.waybill
    shipment.unknown_since = shipment.withdrawn_at = shipment.trouble = None
    if shipment.booking is not BookingState.CANCELLED:
        shipment.booking = BookingState.BOOKED
        shipment.next_at = shipment.next_at if shipment.cancel_wanted else None


def outcome_unknown(why: str) -> Settlement:
    """The call may have taken effect."""

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        if shipment.booking is BookingState.BOOKING:
            shipment.booking = BookingState.OUTCOME_UNKNOWN
            shipment.unknown_since = shipment.unknown_since or now
            wait(shipment, now + LOOKUP_EVERY, why)
        elif shipment.booking is BookingState.CANCELLED:  # what may exist there is dead here: it must be dead there too
            shipment.cancel_wanted, shipment.next_at = True, now

    return change


def look_again(why: str, after: timedelta = LOOKUP_EVERY) -> Settlement:
    """Nothing is known yet: look again, and after a day ask a person."""

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        unknown = shipment.booking is BookingState.OUTCOME_UNKNOWN
        if unknown and shipment.unknown_since is not None and now - shipment.unknown_since > _PATIENCE:
            parked(f"{why}; {ASK_THE_OPERATOR}")(session, shipment, now)
        elif unknown or shipment.wants_work:
            wait(shipment, now + after, why)

    return change


def try_later(error: CarrierError) -> Settlement:
    """Nothing happened at the operator: the same step again, when it has had a rest."""

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        if shipment.booking is BookingState.BOOKING:
            shipment.booking = BookingState.REQUESTED
        pause = min(timedelta(seconds=30) * 2 ** min(shipment.attempts, 8), LONGEST_WAIT)
        if isinstance(error, Retryable) and error.retry_after is not None:
            pause = max(timedelta(seconds=error.retry_after), _SHORTEST_PAUSE)
        if shipment.wants_work:
            wait(shipment, now + pause, str(error))

    return change


def refused(error: Rejected) -> Settlement:
    """The operator said no: its waybill is free again, and a person decides.

    Where an earlier answer was lost, the no is only about sending it again: the order may be there all the same.
    """

    park = parked(str(error))

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        if shipment.booking is BookingState.BOOKING and shipment.unknown_since is not None:
            parked(f"An earlier answer was lost, and now: {error} {ASK_THE_OPERATOR}")(session, shipment, now)
        elif shipment.booking is BookingState.BOOKING:
            waybills.give_back(session, shipment.account, shipment.order_number)
            shipment.waybill = None
            if shipment.cancel_wanted:  # nothing exists at the operator, so nobody need be asked
                cancelled(session, shipment, now)
            else:
                park(session, shipment, now)

    return change


def parked(why: str) -> Settlement:
    """Nobody here can settle this."""

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        if shipment.booking in UNSETTLED:
            shipment.booking, shipment.next_at, shipment.trouble = BookingState.PARKED, None, why[:1000]

    return change


def book_again(session: Session, shipment: Shipment, now: datetime) -> None:
    """Send the same number once more, to an operator that never makes a second order of it.

    That it may hold the order already stays written down (``unknown_since``) until it says so or denies it.
    """
    if shipment.booking is BookingState.OUTCOME_UNKNOWN:
        shipment.booking, shipment.next_at = BookingState.REQUESTED, now


def withdraw(session: Session, shipment: Shipment, now: datetime) -> None:
    """Cancel the order to be sure; written down first, so that a lost answer cannot make a dead order look alive."""
    if shipment.booking is BookingState.OUTCOME_UNKNOWN:
        shipment.withdrawn_at = shipment.next_at = now


def after_cancel_to_be_sure(outcome: ChangeOutcome) -> Settlement:
    """An order nobody has seen was cancelled: now it either is dead or never was."""

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        if shipment.booking is not BookingState.OUTCOME_UNKNOWN:
            return  # the operator's word came in meanwhile
        if outcome is ChangeOutcome.NOT_FOUND:
            shipment.booking, shipment.next_at = BookingState.REQUESTED, now
            shipment.unknown_since = shipment.withdrawn_at = None
        elif outcome is ChangeOutcome.ACCEPTED:
            if not shipment.cancel_wanted:  # what was in its parcel goes with the order that takes its place
                shipment.successor = shipment.successor or Successor.AT_ONCE
            cancelled(session, shipment, now)
        else:
            if outcome is ChangeOutcome.REFUSED:
                shipment.withdrawn_at = None  # it stands, if it is there: so it may be looked up again
            look_again(f"the operator's answer to a cancellation was '{outcome}'", LONGEST_WAIT)(session, shipment, now)

    return change


def cancelled(session: Session, shipment: Shipment, now: datetime) -> None:
    """The order is dead, at the operator and here."""
    shipment.booking, shipment.cancel_wanted = BookingState.CANCELLED, False
    shipment.next_at = shipment.unknown_since = shipment.withdrawn_at = shipment.trouble = None
    refresh_state(shipment, now)
    succeed(session, shipment, now)


def cancel_unknown(error: CarrierError) -> Settlement:
    """The order may be dead: it is cancelled again, and whatever is said then is heard with this in mind."""

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        if shipment.cancel_wanted:
            shipment.withdrawn_at = shipment.withdrawn_at or now
        try_later(error)(session, shipment, now)

    return change


def cancel_refused(words: str) -> Settlement:
    """The order stands; staff see why. After a cancellation whose answer was lost a no may mean that it is dead."""

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        shipment.cancel_wanted, shipment.next_at = False, None
        if shipment.withdrawn_at is None:
            shipment.disinherit()
            shipment.trouble = f"The operator did not cancel: {words}"[:1000]
        else:
            shipment.trouble = (
                "The answer to a cancellation was lost, and the operator does not cancel again: "
                f"{words}. Its next report tells whether the order lives; {ASK_THE_OPERATOR}"
            )[:1000]

    return change


def lives_on(shipment: Shipment) -> None:
    """The operator carries the papers of an order that may have been cancelled: it was not."""
    shipment.withdrawn_at = shipment.trouble = None
    shipment.disinherit()


def readdressed(session: Session, shipment: Shipment, now: datetime) -> None:
    """The operator takes the new address."""
    if shipment.new_citizen is not None:
        shipment.citizen, shipment.new_citizen, shipment.next_at = shipment.new_citizen, None, None
        shipment.address_waits_since = shipment.trouble = None


def address_waits(words: str) -> Settlement:
    """The operator has yet to approve the new address: it is asked again, which does no harm, until it says yes."""

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        if shipment.new_citizen is not None:
            shipment.address_waits_since = shipment.address_waits_since or now
            wait(shipment, now + LONGEST_WAIT, f"The operator has yet to approve the new address: {words}")

    return change


def address_refused(words: str) -> Settlement:
    """The parcel goes where it was going; staff see why."""

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        shipment.new_citizen = shipment.next_at = shipment.address_waits_since = None
        shipment.trouble = f"The operator did not take the new address: {words}"[:1000]

    return change


def recalled(session: Session, shipment: Shipment, now: datetime) -> None:
    """The operator brings the papers back; its next report says so, and when that does not come, staff see it."""
    if shipment.recall_wanted:
        shipment.recall_wanted, shipment.next_at, shipment.trouble = False, None, None


def recall_refused(words: str) -> Settlement:
    """The parcel goes where it was going; somebody has to speak with the operator."""

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        if shipment.recall_wanted:
            shipment.recall_wanted, shipment.next_at = False, None
            shipment.trouble = f"The operator was not told to bring the papers back: {words}"[:1000]

    return change


def wait(shipment: Shipment, until: datetime, why: str) -> None:
    """Look at the shipment again at ``until``; ``why`` is shown to staff in the meantime."""
    shipment.next_at, shipment.trouble = until, why[:1000]
