"""Booking: every order reaches its operator exactly once, whatever becomes of the answers.

A shipment is claimed for a while (lease), the step it needs is decided and written down, the operator is called with
no transaction open, and what came of it is settled against the row as it is by then. Many calls are out at once, as
many as each operator agreed to; they are claimed together and settled together. A call whose outcome is unknown is
never simply repeated:

    look the order up by our number      -> found: adopt it
    not found, and time has passed       -> cancel that number: cancelled: it existed and is dead, next generation
                                                                not there: nothing can exist, book the same number
    no look-up, refuses duplicates       -> book the same number again: it is made or found, never made twice
    neither can be had from the operator -> wait for its own report (webhook) for a while, then park it for a person
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Semaphore
from typing import TypeVar

import structlog
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from carriers.call_log import CallRecord
from carriers.capabilities import UsesWaybillPool
from carriers.contract import BookingRequest, Carrier
from config.clock import wall_now
from config.errors import ConfigurationError
from dispatch import waybills
from dispatch.calls import kept_aside
from dispatch.context import Context
from dispatch.distinct import distinct_values
from dispatch.dossiers import preloaded
from dispatch.feeds import feed_positions
from dispatch.in_flight import work_off
from dispatch.problems import Problem
from dispatch.requests import booking_request
from dispatch.settlements import LONGEST_WAIT, Settlement, announce_cancelled, cancelled, wait
from dispatch.settling import Learnt, settle_all
from dispatch.shipments import FIRST, UNSETTLED, BookingState, Shipment, refresh_state
from dispatch.steps import Claim, Step, can_be_withdrawn, take

LANE = "booking"

Found = TypeVar("Found")

log = structlog.get_logger()


@dataclass(frozen=True)
class _Done:
    """What came of a claim, and the records of the calls that were made for it."""

    settlement: Settlement
    calls: Sequence[CallRecord]


def drain(context: Context, *, limit: int = 1000) -> int:
    """Work on shipments that are due, many at once; returns how many were worked on.

    What is left when the limit is reached gets a ring of its own.
    """
    at_once = context.settings.bookings_at_once
    gate = Semaphore(at_once)
    done = work_off(
        lambda room: _claim(context, room),
        lambda claim: _done(context, claim, gate),
        lambda results: _settle(context, results),
        at_once=at_once,
        limit=limit,
        ahead=at_once - 1,  # as many end while others are claimed and settled; with one at once, one after another
    )
    if done >= limit:
        context.ring(LANE)
    return done


def due_count(session: Session, now: datetime) -> int:
    """Return how many shipments are due for a step now or are being worked on."""
    in_work = and_(Shipment.lease_until.is_not(None), Shipment.lease_until > wall_now())
    due = and_(Shipment.next_at <= now, _wants_work(), or_(Shipment.lease_until.is_(None), ~in_work))
    counts = (select(func.count()).select_from(Shipment).where(which) for which in (due, and_(in_work, _wants_work())))
    return sum(session.scalar(count) or 0 for count in counts)


def _done(context: Context, claim: Claim, gate: Semaphore) -> _Done:
    try:
        with context.carriers.place(claim.account), gate, kept_aside() as calls:
            return _Done(take(context, claim), calls)
    finally:
        context.carriers.release({claim.account: 1})


def _settle(context: Context, results: Sequence[tuple[Claim, _Done]]) -> None:
    settle_all(
        context,
        [Learnt(claim.order.order_number, done.settlement, claim.lease) for claim, done in results],
        [call for _, done in results for call in done.calls],
    )


def _wants_work() -> ColumnElement[bool]:
    return or_(
        Shipment.booking.in_(UNSETTLED),
        Shipment.cancel_wanted,
        Shipment.recall_wanted,
        Shipment.new_citizen.is_not(None),
    )


def _claim(context: Context, room: int) -> list[Claim]:
    """Take shipments that are due, as many as there is room for. What needs no call is settled on the way."""
    while not context.closing.is_set() and (accounts := _accounts_with_work(context)):
        places = context.carriers.reserve(accounts, room)
        looked_at, claims = 0, list[Claim]()
        try:
            with context.database.write() as session:
                shipments = _take(session, places, context.clock.now())
                looked_at, claims = len(shipments), _claims(session, context, shipments)
        finally:
            context.carriers.release(_unused(places, claims))
        if claims or not looked_at:
            return claims
    return []


def _unused(places: Mapping[str, int], claims: Iterable[Claim]) -> dict[str, int]:
    unused = dict(places)
    for claim in claims:
        unused[claim.account] -= 1
    return unused


def _accounts_with_work(context: Context) -> list[str]:
    """Return the accounts for which something is due, the one that waits longest first.

    A look without the write lock, which on SQLite is one for all.
    """
    now = context.clock.now()
    with context.database.read() as session:
        accounts = session.scalars(distinct_values(Shipment.account, Shipment.next_at.is_not(None))).all()
        oldest = {account: session.scalar(_due(select(Shipment.next_at), account, now, 1)) for account in accounts}
    waiting = {account: since for account, since in oldest.items() if since is not None}
    return sorted(waiting, key=lambda account: (waiting[account], account))


def _take(session: Session, places: Mapping[str, int], now: datetime) -> list[Shipment]:
    taken: list[Shipment] = []
    for account, most in places.items():
        if most > 0:
            due = _due(select(Shipment), account, now, most).with_for_update(skip_locked=True)
            first = list(session.scalars(due.where(FIRST)))  # on a small index, and mostly none
            taken += first
            if left := most - len(first):
                taken += session.scalars(due.where(~Shipment.priority).limit(left))
    return taken


def _due(what: Select[Found], account: str, now: datetime, most: int) -> Select[Found]:
    free = or_(Shipment.lease_until.is_(None), Shipment.lease_until <= wall_now())
    due = what.where(Shipment.account == account, Shipment.next_at <= now, _wants_work(), free)
    return due.order_by(Shipment.next_at, Shipment.order_number).limit(most)


def _claims(session: Session, context: Context, shipments: Sequence[Shipment]) -> list[Claim]:
    lease = wall_now() + timedelta(seconds=context.settings.lease_seconds)
    with preloaded(session, [shipment.dossier_code for shipment in shipments]):
        positions = feed_positions(session, {shipment.account for shipment in shipments})
        claims = [_claim_one(session, context, one, positions.get(one.account), lease) for one in shipments]
    return [claim for claim in claims if claim is not None]


def _claim_one(
    session: Session, context: Context, shipment: Shipment, position: str | None, lease: datetime
) -> Claim | None:
    now = context.clock.now()
    try:
        carrier = context.carriers.get(shipment.account)
        request = booking_request(session, context.accounts, shipment, shipment.new_citizen)
    except ConfigurationError as error:  # one account that is missing must not hold up the others
        wait(shipment, now + LONGEST_WAIT, str(error))
        return None
    step = _decide(session, context, carrier, shipment)
    if step is None:
        return None
    if step is Step.BOOK and shipment.feed_position is None:
        shipment.feed_position = position
    shipment.lease_until, shipment.call_started_at = lease, now
    refresh_state(shipment, now)
    return _claim_of(shipment, step, request, lease)


def _claim_of(shipment: Shipment, step: Step, request: BookingRequest, lease: datetime) -> Claim:
    return Claim(
        order=shipment.ref,
        account=shipment.account,
        step=step,
        request=replace(request, waybill=shipment.waybill),
        feed_position=shipment.feed_position,
        unknown_since=shipment.unknown_since,
        lease=lease,
        may_be_dead=shipment.booking is not BookingState.BOOKED or shipment.withdrawn_at is not None,
    )


def _decide(session: Session, context: Context, carrier: Carrier, shipment: Shipment) -> Step | None:
    if shipment.booking is BookingState.BOOKING:  # the lease ran out: its worker died, perhaps inside the call
        shipment.booking = BookingState.OUTCOME_UNKNOWN
        shipment.unknown_since = shipment.unknown_since or shipment.call_started_at
    if shipment.booking is BookingState.OUTCOME_UNKNOWN:
        return Step.WITHDRAW if shipment.withdrawn_at else Step.RESOLVE
    if shipment.booking is BookingState.REQUESTED:
        return _prepare_booking(session, context, carrier, shipment)
    if shipment.cancel_wanted:
        return Step.CANCEL
    return Step.RECALL if shipment.recall_wanted else Step.READDRESS


def _prepare_booking(session: Session, context: Context, carrier: Carrier, shipment: Shipment) -> Step | None:
    now = context.clock.now()
    if shipment.cancel_wanted and shipment.unknown_since is not None and can_be_withdrawn(carrier):
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
    shipment.booking = BookingState.BOOKING
    shipment.attempts += 1
    return Step.BOOK
