"""Settling: what steps have come to is written down, many together, each against its row as it is by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from carriers.call_log import CallRecord
from config.batch import batched
from dispatch.calls import write_down
from dispatch.context import Context
from dispatch.dossiers import preloaded
from dispatch.settlements import Adopted, Settlement, announce_booked, announce_cancelled
from dispatch.shipments import BookingState, Shipment, refresh_state

log = structlog.get_logger()


@dataclass(frozen=True)
class Learnt:
    """What is to be settled of a shipment, and the lease under which its step was made (None: without a step)."""

    order_number: str
    settlement: Settlement
    lease: datetime | None = None


def settle(context: Context, number: str, settlement: Settlement, lease: datetime | None = None) -> bool:
    """Apply a settlement to the shipment as it is now, give up the lease, and tell the one-stop of a new booking.

    ``lease`` is the one under which the step was made, None for what was learnt without a step. Whoever comes after it
    ran out has been overtaken: the row is another's, to whom this step counts as one of unknown outcome. Only the proof
    that the operator holds the order is never too late. Returns whether the settlement was applied.
    """
    return _settle_together(context, [Learnt(number, settlement, lease)], []) == [True]


def settle_all(context: Context, learnt: Sequence[Learnt], calls: Sequence[CallRecord]) -> None:
    """Apply many settlements and write down the calls they come from, in one transaction.

    Where that breaks, each is settled by itself, so that one which cannot be settled takes no other with it.
    """
    try:
        _settle_together(context, learnt, calls)
    except Exception as error:
        if len(learnt) == 1:
            raise
        log.warning("settled_one_by_one", reason=type(error).__name__)
        _settle_apart(context, learnt, calls)


def _settle_apart(context: Context, learnt: Sequence[Learnt], calls: Sequence[CallRecord]) -> None:
    broken: list[Exception] = []
    for one in learnt:
        try:
            _settle_together(context, [one], [call for call in calls if call.order_number == one.order_number])
        except Exception as error:
            log.exception("settlement_broke", order_number=one.order_number)
            broken.append(error)
    if broken:
        raise broken[0]


def _settle_together(context: Context, learnt: Sequence[Learnt], calls: Sequence[CallRecord]) -> list[bool]:
    now = context.clock.now()
    with context.database.write() as session:
        numbers = [one.order_number for one in learnt]
        # In the order of their numbers, as everybody who locks several shipments does.
        rows = select(Shipment).where(Shipment.order_number.in_(numbers)).order_by(Shipment.order_number)
        # Whom the parcel is for is fetched only where a settlement asks for it.
        locked = rows.options(defer(Shipment.citizen)).with_for_update()
        shipments = {row.order_number: row for row in session.scalars(locked)}
        with preloaded(session, [row.dossier_code for row in shipments.values()]), batched(session, {}):
            applied = [_apply(session, context, shipments[one.order_number], one, now) for one in learnt]
        write_down(session, calls)
        if not any(applied) and not calls:
            session.rollback()  # nothing was changed, and so nothing of it is to be told anywhere
    return applied


def _apply(session: Session, context: Context, shipment: Shipment, learnt: Learnt, now: datetime) -> bool:
    if shipment.lease_until == learnt.lease:
        shipment.lease_until = None
    elif not isinstance(learnt.settlement, Adopted):
        log.warning("step_overtaken", order_number=shipment.order_number)
        return False
    before = shipment.booking
    learnt.settlement(session, shipment, now)
    refresh_state(shipment, now)
    if shipment.booking is BookingState.BOOKED and before is not BookingState.BOOKED:
        announce_booked(session, context, shipment, now)
    announce_cancelled(session, context, shipment, now)
    return True
