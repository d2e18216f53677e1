"""Booking: every order reaches its operator exactly once, whatever becomes of the answers.

A shipment is claimed for a while (lease), the step it needs is decided and written down, the operator is called with
no transaction open, and what came of it is settled against the row as it is by then. A call whose outcome is unknown
is never simply repeated:

    look the order up by our number      -> found: adopt it
    not found, and time has passed       -> cancel that number: cancelled: it existed and is dead, next generation
                                                                not there: nothing can exist, book the same number
    no look-up, refuses duplicates       -> book the same number again: it is made or found, never made twice
    neither can be had from the operator -> wait for its own report (webhook) for a while, then park it for a person
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from carriers.capabilities import CanCancel, CanChangeAddress, CanFindByReference, RefusesDuplicates, UsesWaybillPool
from carriers.contract import BookingRequest, Carrier, Change, ChangeOutcome, OrderRef
from carriers.outcomes import CarrierError, OutcomeUnknown, Rejected
from config.clock import local, wall_now
from config.errors import ConfigurationError
from dispatch import waybills
from dispatch.context import Context
from dispatch.failover import later_or_elsewhere
from dispatch.feeds import feed_position
from dispatch.problems import Problem
from dispatch.requests import booking_request
from dispatch.settlements import (
    ASK_THE_OPERATOR,
    LONGEST_WAIT,
    Adopted,
    Settlement,
    address_refused,
    after_cancel_to_be_sure,
    announce_cancelled,
    book_again,
    cancel_refused,
    cancel_unknown,
    cancelled,
    look_again,
    outcome_unknown,
    parked,
    readdressed,
    refused,
    settle,
    try_later,
    wait,
    withdraw,
)
from dispatch.shipments import UNSETTLED, BookingState, Shipment, refresh_state

LANE = "booking"
_NOBODY_KNOWS = f"Nobody here can find out what became of it: {ASK_THE_OPERATOR}"

log = structlog.get_logger()


class Step(StrEnum):
    """What a claimed shipment needs from its operator."""

    BOOK = "book"
    RESOLVE = "resolve"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    READDRESS = "readdress"


@dataclass(frozen=True)
class Claim:
    """A shipment that is ours until the lease ends, and the step it needs.

    ``may_be_dead``: nobody has told us of the order, or a cancellation of it may have worked.
    """

    order: OrderRef
    account: str
    step: Step
    request: BookingRequest
    feed_position: str | None
    unknown_since: datetime | None
    lease: datetime
    may_be_dead: bool


def drain(context: Context, *, limit: int = 100) -> int:
    """Work on shipments that are due, one after another; returns how many were worked on."""
    done = 0
    while done < limit and (claim := _claim(context)) is not None:
        settle(context, claim.order.order_number, _done(context, claim), claim.lease)
        done += 1
    return done


def _done(context: Context, claim: Claim) -> Settlement:
    """Do a claim's step. What breaks on one shipment must not hold up the others."""
    try:
        return _STEPS[claim.step](context, context.carriers.get(claim.account), claim)
    except Exception as error:
        log.exception("step_broke", order_number=claim.order.order_number, step=claim.step.value)
        why = f"The operator's answer broke something here ({type(error).__name__}); operations: see the log"
        return outcome_unknown(why) if claim.step is Step.BOOK else look_again(why)


def due_count(session: Session, now: datetime) -> int:
    """Return how many shipments are due for a step now or are being worked on."""
    query = select(func.count()).select_from(Shipment)
    in_work = Shipment.lease_until > wall_now()
    return session.scalar(query.where(_wants_work(), or_(Shipment.next_at <= now, in_work))) or 0


def _wants_work() -> ColumnElement[bool]:
    return or_(Shipment.booking.in_(UNSETTLED), Shipment.cancel_wanted, Shipment.new_citizen.is_not(None))


def _claim(context: Context) -> Claim | None:
    """Take the next due shipment, or None when nothing is due. What needs no call is settled on the way."""
    while _anything_due(context):
        with context.database.write() as session:
            shipment = session.scalars(_due(context.clock.now())).first()
            if shipment is None:
                return None
            step = _decide(session, context, shipment)
            if step is not None:
                return _leased(session, context, shipment, step)
    return None


def _anything_due(context: Context) -> bool:
    """Look without taking the write lock, which on SQLite is one for all."""
    with context.database.read() as session:
        return session.scalars(_due(context.clock.now())).first() is not None


def _due(now: datetime) -> Select[Shipment]:
    free = or_(Shipment.lease_until.is_(None), Shipment.lease_until <= wall_now())
    return (
        select(Shipment)
        .where(_wants_work(), Shipment.next_at <= now, free)
        .order_by(Shipment.next_at, Shipment.order_number)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _leased(session: Session, context: Context, shipment: Shipment, step: Step) -> Claim:
    shipment.lease_until = lease = wall_now() + timedelta(seconds=context.settings.lease_seconds)
    shipment.call_started_at = context.clock.now()
    refresh_state(shipment, context.clock.now())
    return Claim(
        order=shipment.ref,
        account=shipment.account,
        step=step,
        request=booking_request(session, context.accounts, shipment, shipment.new_citizen),
        feed_position=shipment.feed_position,
        unknown_since=shipment.unknown_since,
        lease=lease,
        may_be_dead=shipment.booking is not BookingState.BOOKED or shipment.withdrawn_at is not None,
    )


def _decide(session: Session, context: Context, shipment: Shipment) -> Step | None:
    try:
        carrier = context.carriers.get(shipment.account)
    except ConfigurationError as error:  # one account that is missing must not hold up the others
        wait(shipment, context.clock.now() + LONGEST_WAIT, str(error))
        return None
    if shipment.booking is BookingState.BOOKING:  # the lease ran out: its worker died, perhaps inside the call
        shipment.booking = BookingState.OUTCOME_UNKNOWN
        shipment.unknown_since = shipment.unknown_since or shipment.call_started_at
    if shipment.booking is BookingState.OUTCOME_UNKNOWN:
        return Step.WITHDRAW if shipment.withdrawn_at else Step.RESOLVE
    if shipment.booking is BookingState.REQUESTED:
        return _prepare_booking(session, context, carrier, shipment)
    return Step.CANCEL if shipment.cancel_wanted else Step.READDRESS


def _prepare_booking(session: Session, context: Context, carrier: Carrier, shipment: Shipment) -> Step | None:
    now = context.clock.now()
    if shipment.cancel_wanted and shipment.unknown_since is not None and _can_be_withdrawn(carrier):
        shipment.booking, shipment.withdrawn_at = BookingState.OUTCOME_UNKNOWN, now
        return Step.WITHDRAW
    if shipment.cancel_wanted and shipment.unknown_since is None:
        waybills.give_back(session, shipment.account, shipment.order_number)
        shipment.waybill = None
        cancelled(session, shipment, now)
        announce_cancelled(session, context, shipment, now)
        return None
    try:
        if isinstance(carrier, UsesWaybillPool) and carrier.needs_waybill:
            shipment.waybill = waybills.take(session, shipment.account, shipment.order_number)
    except Problem as problem:
        wait(shipment, now + LONGEST_WAIT, problem.detail)
        return None
    if shipment.feed_position is None:
        shipment.feed_position = feed_position(session, shipment.account)
    shipment.booking = BookingState.BOOKING
    shipment.attempts += 1
    return Step.BOOK


# --- the steps: each calls the operator and returns how to settle ---


def _book(context: Context, carrier: Carrier, claim: Claim) -> Settlement:
    try:
        booking = carrier.book(claim.request)
    except OutcomeUnknown as error:
        return outcome_unknown(str(error))
    except Rejected as error:
        return refused(error)
    except CarrierError as error:
        return later_or_elsewhere(context, error)
    return Adopted(booking)


def _resolve(context: Context, carrier: Carrier, claim: Claim) -> Settlement:
    if not isinstance(carrier, CanFindByReference):
        return _resolve_unseen(context, carrier, claim)
    try:
        found = carrier.find(claim.order.order_number, claim.feed_position)
    except CarrierError as error:
        return look_again(str(error))
    if found is not None:
        return Adopted(found)
    if _unknown_for(context, claim) < timedelta(minutes=context.settings.unknown_grace_minutes):
        return look_again("the operator does not show the order yet")
    return withdraw if _can_be_withdrawn(carrier) else parked(_NOBODY_KNOWS)


def _resolve_unseen(context: Context, carrier: Carrier, claim: Claim) -> Settlement:
    """The operator has no look-up: what it will not do twice is sent again, else its own word is waited for."""
    if isinstance(carrier, RefusesDuplicates) and carrier.refuses_duplicates:
        return book_again
    if _can_be_withdrawn(carrier):
        grace = timedelta(minutes=context.settings.unknown_grace_minutes)
        return (
            withdraw if _unknown_for(context, claim) >= grace else look_again("the operator may report the order yet")
        )
    window = timedelta(minutes=context.settings.webhook_window_minutes)
    if _unknown_for(context, claim) < window:
        until = local((claim.unknown_since or context.clock.now()) + window)
        return look_again(f"the operator cannot be asked; its own report is waited for until {until:%H:%M %d/%m/%Y}")
    return parked(_NOBODY_KNOWS)


def _can_be_withdrawn(carrier: Carrier) -> bool:
    return isinstance(carrier, CanCancel) and carrier.cancels_by_reference


def _withdraw(context: Context, carrier: Carrier, claim: Claim) -> Settlement:
    if not isinstance(carrier, CanCancel):
        return parked(_NOBODY_KNOWS)
    try:
        return after_cancel_to_be_sure(carrier.cancel(claim.order).outcome)
    except CarrierError as error:
        return look_again(str(error))


def _cancel(context: Context, carrier: Carrier, claim: Claim) -> Settlement:
    if not isinstance(carrier, CanCancel):
        return cancel_refused("this operator takes no cancellation from us; call it")
    try:
        cancellation = carrier.cancel(claim.order)
    except Rejected as error:
        return cancel_refused(str(error))
    except OutcomeUnknown as error:
        return cancel_unknown(error)
    except CarrierError as error:
        return try_later(error)
    return _after_cancellation(cancellation, claim)


def _after_cancellation(cancellation: Change, claim: Claim) -> Settlement:
    words = cancellation.operator_words
    if cancellation.outcome is ChangeOutcome.NOT_FOUND and not claim.may_be_dead:
        # It told us of this order, so this proves that something is wrong, and not that the order is dead.
        return cancel_refused(f"it says that it does not know the order ({words})")
    if cancellation.outcome is ChangeOutcome.REFUSED:
        return cancel_refused(words)
    if cancellation.outcome is ChangeOutcome.PENDING:
        return look_again(words, LONGEST_WAIT)
    return cancelled


def _readdress(_context: Context, carrier: Carrier, claim: Claim) -> Settlement:
    if not isinstance(carrier, CanChangeAddress):
        return address_refused("this operator takes no other address from us; call it")
    try:
        change = carrier.change_address(claim.order, claim.request.receiver)
    except Rejected as error:
        return address_refused(str(error))
    except CarrierError as error:  # also when its outcome is unknown: the same address again does no harm
        return try_later(error)
    if change.outcome in (ChangeOutcome.REFUSED, ChangeOutcome.NOT_FOUND):
        return address_refused(change.operator_words)
    return readdressed(change.operator_words if change.outcome is ChangeOutcome.PENDING else "")


_STEPS: dict[Step, Callable[[Context, Carrier, Claim], Settlement]] = {
    Step.BOOK: _book,
    Step.RESOLVE: _resolve,
    Step.WITHDRAW: _withdraw,
    Step.CANCEL: _cancel,
    Step.READDRESS: _readdress,
}


def _unknown_for(context: Context, claim: Claim) -> timedelta:
    now = context.clock.now()
    return now - (claim.unknown_since or now)
