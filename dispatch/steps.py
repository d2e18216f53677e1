"""What a shipment may need from its operator: each step calls it, with no transaction open, and says how to settle.

A call whose outcome is unknown is never simply repeated; :mod:`dispatch.booking` tells what happens instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from carriers.capabilities import CanCancel, CanChangeAddress, CanFindByReference, CanRecall, RefusesDuplicates
from carriers.contract import BookingRequest, Carrier, Change, ChangeOutcome, OrderRef
from carriers.outcomes import CarrierError, OutcomeUnknown, Rejected, Retryable
from config.clock import local, wall_now
from dispatch.context import Context
from dispatch.failover import later_or_elsewhere
from dispatch.settlements import (
    ASK_THE_OPERATOR,
    LONGEST_WAIT,
    Adopted,
    Settlement,
    address_refused,
    address_waits,
    after_cancel_to_be_sure,
    book_again,
    cancel_refused,
    cancel_unknown,
    cancelled,
    look_again,
    outcome_unknown,
    parked,
    readdressed,
    recall_refused,
    recalled,
    refused,
    try_later,
    withdraw,
)

_NOBODY_KNOWS = f"Nobody here can find out what became of it: {ASK_THE_OPERATOR}"

log = structlog.get_logger()


class Step(StrEnum):
    """What a claimed shipment needs from its operator."""

    BOOK = "book"
    RESOLVE = "resolve"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    READDRESS = "readdress"
    RECALL = "recall"


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


def take(context: Context, claim: Claim) -> Settlement:
    """Do a claim's step. What breaks on one shipment must not hold up the others."""
    if claim.lease - wall_now() < timedelta(seconds=context.settings.call_timeout):
        return try_later(Retryable("There was no time left to send this; it is tried again by itself.", code="late"))
    try:
        return _STEPS[claim.step](context, context.carriers.get(claim.account), claim)
    except Exception as error:
        log.exception("step_broke", order_number=claim.order.order_number, step=claim.step.value)
        why = f"The operator's answer broke something here ({type(error).__name__}); operations: see the log"
        return outcome_unknown(why) if claim.step is Step.BOOK else look_again(why)


def can_be_withdrawn(carrier: Carrier) -> bool:
    """Whether an order that may not exist can be cancelled to be sure."""
    return isinstance(carrier, CanCancel) and carrier.cancels_by_reference


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
    return withdraw if can_be_withdrawn(carrier) else parked(_NOBODY_KNOWS)


def _resolve_unseen(context: Context, carrier: Carrier, claim: Claim) -> Settlement:
    """The operator has no look-up: what it will not do twice is sent again, else its own word is waited for."""
    if isinstance(carrier, RefusesDuplicates) and carrier.refuses_duplicates:
        return book_again
    if can_be_withdrawn(carrier):
        grace = timedelta(minutes=context.settings.unknown_grace_minutes)
        return (
            withdraw if _unknown_for(context, claim) >= grace else look_again("the operator may report the order yet")
        )
    window = timedelta(minutes=context.settings.webhook_window_minutes)
    if _unknown_for(context, claim) < window:
        until = local((claim.unknown_since or context.clock.now()) + window)
        return look_again(f"the operator cannot be asked; its own report is waited for until {until:%H:%M %d/%m/%Y}")
    return parked(_NOBODY_KNOWS)


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
    return address_waits(change.operator_words) if change.outcome is ChangeOutcome.PENDING else readdressed


def _recall(_context: Context, carrier: Carrier, claim: Claim) -> Settlement:
    if not isinstance(carrier, CanRecall):
        return recall_refused("this operator takes no recall from us; call it")
    try:
        change = carrier.recall(claim.order)
    except Rejected as error:
        return recall_refused(str(error))
    except CarrierError as error:  # also when its outcome is unknown: the same recall again does no harm
        return try_later(error)
    if change.outcome in (ChangeOutcome.REFUSED, ChangeOutcome.NOT_FOUND):
        return recall_refused(change.operator_words)
    return recalled


_STEPS: dict[Step, Callable[[Context, Carrier, Claim], Settlement]] = {
    Step.BOOK: _book,
    Step.RESOLVE: _resolve,
    Step.WITHDRAW: _withdraw,
    Step.CANCEL: _cancel,
    Step.READDRESS: _readdress,
    Step.RECALL: _recall,
}


def _unknown_for(context: Context, claim: Claim) -> timedelta:
    now = context.clock.now()
    return now - (claim.unknown_since or now)
