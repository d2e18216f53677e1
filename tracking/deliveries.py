"""Deliveries on their way out of the inbox: claimed by one worker, read, and marked with what became of them.

A delivery that must wait is looked at again ever more rarely, and at once when there is news of what it is about.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Select, Text, bindparam, event, inspect, select, type_coerce, update
from sqlalchemy.orm import Session

from carriers.contract import Carrier, Normalised, TrackingEvent
from config.batch import Together, among
from config.database import Base, keyring
from config.errors import ConfigurationError
from dispatch.context import Context
from dispatch.shipments import Shipment
from tracking.hints import HINT
from tracking.inbox import UNDONE, InboxDelivery, InboxState

TRACKING = "tracking"
CARRIER_SOURCE = "carrier:"
_PATIENCE = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
_LONGEST_HOPE = timedelta(days=30)
_TABLE = Base.metadata.tables[InboxDelivery.__tablename__]
_C = _TABLE.c
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that no other worker looks at while our transaction lasts. ``body`` is still encrypted."""

    id: int
    source: str
    key: str
    kind: str
    body: str
    received_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Read:
    """A delivery and what it says; ``trouble``: why it cannot be read."""

    delivery: Claimed
    carrier: Carrier | None = None
    documents: tuple[Normalised, ...] = ()
    trouble: str | None = None

    @property
    def events(self) -> Iterator[TrackingEvent]:
        return (document for document in self.documents if isinstance(document, TrackingEvent))


@dataclass(slots=True)
class Verdict:
    """What became of a delivery.

    Attributes:
        reason: why it must wait; None when all of it is in the journeys.
        awaits: the order number or waybill of which it awaits news.
        at_once: there has been news since; look at it again at once.
    """

    delivery: Claimed
    reason: str | None
    awaits: str | None = None
    at_once: bool = False


def due(now: datetime, *states: InboxState) -> Select[Any]:
    """Return the query for what may be applied now, longest waiting first."""
    return (
        select(
            *(_C.id, _C.source, _C.key, _C.kind),
            type_coerce(_C.body, Text),  # one that cannot be decrypted stops nobody but itself
            *(_C.received_at, _C.attempts),
        )
        .where(UNDONE, _C.state.in_(states), _C.kind.in_((TRACKING, HINT)), _C.try_at <= now)
        .order_by(_C.try_at, _C.id)
    )


def claim(session: Session, now: datetime, most: int) -> list[Claimed]:
    """Claim what is due: at most a quarter of what is tried again, so that it starves nothing new, nor the new it."""
    found: list[Claimed] = []
    for state, room in ((InboxState.PARKED, most // 4), (InboxState.NEW, most)):
        query = due(now, state).limit(room - len(found)).with_for_update(skip_locked=True)
        found += [Claimed(*row) for row in session.execute(query)]
    return found


def read(context: Context, delivery: Claimed) -> Read:
    """Decrypt and decode a delivery; whatever breaks here is this delivery's alone."""
    try:
        carrier = context.carriers.get(delivery.source.removeprefix(CARRIER_SOURCE))
    except ConfigurationError as error:
        return Read(delivery, trouble=str(error))
    try:
        return Read(delivery, carrier, tuple(carrier.normalise(json.loads(keyring.decrypt(delivery.body)))))
    except Exception as error:
        log.exception("delivery_failed", delivery=delivery.id, source=delivery.source)
        return Read(delivery, trouble=broken(delivery, error))


def broken(delivery: Claimed, error: Exception) -> str:
    """Return what staff see of a delivery on which something broke."""
    return f"applying it failed ({type(error).__name__}); operations: see the log for delivery {delivery.id}"


def settle(session: Session, verdicts: Collection[Verdict], now: datetime) -> None:
    """Mark deliveries with what became of them."""
    applied = [one.delivery.id for one in verdicts if one.reason is None]
    waiting = [_waiting(one, one.reason, now) for one in verdicts if one.reason is not None]
    again = update(InboxDelivery).values(attempts=InboxDelivery.attempts + 1)
    aside = {"synchronize_session": False}
    if applied:
        done = again.values(state=InboxState.APPLIED, applied_at=now, reason=None)
        session.execute(done.where(among(session, InboxDelivery.id, applied)), execution_options=aside)
    if waiting:
        put_off: dict[str, Any] = {name: bindparam(name) for name in ("state", "reason", "try_at", "subject")}
        statement = update(_TABLE).values(attempts=_C.attempts + 1, **put_off)
        session.connection().execute(statement.where(_C.id == bindparam("delivery")), waiting)


def _waiting(verdict: Verdict, reason: str, now: datetime) -> dict[str, object]:
    """Let a delivery wait, ever longer and at last for good."""
    delivery = verdict.delivery
    hopeless = now - delivery.received_at > _LONGEST_HOPE
    pause = timedelta() if verdict.at_once else _PATIENCE[min(delivery.attempts, len(_PATIENCE) - 1)]
    return {
        "delivery": delivery.id,
        "state": InboxState.GIVEN_UP if hopeless else InboxState.PARKED,
        "reason": reason[:300],
        "try_at": now + pause,
        "subject": verdict.awaits,
    }


def _wake(session: Session, names: Collection[str]) -> None:
    """Let what awaits news of these order numbers and waybills be due since it came in."""
    waiting = select(InboxDelivery.id).where(
        UNDONE, InboxDelivery.state == InboxState.PARKED, among(session, InboxDelivery.subject, set(names))
    )
    # Whoever holds one of them is looking at it just now; we wait for nobody.
    waiting = waiting.with_for_update(skip_locked=True)
    statement = update(InboxDelivery).where(InboxDelivery.id.in_(waiting)).values(try_at=InboxDelivery.received_at)
    session.execute(statement, execution_options={"synchronize_session": False})


wake = Together(_wake)
"""There is news of these order numbers and waybills."""


@event.listens_for(Session, "after_flush")
def _wake_what_awaits_it(session: Session, _flush: object) -> None:
    """An order is made, or gets its waybill, in many places; what came too early for it is always woken here."""
    rows = (row for row in (*session.new, *session.dirty) if isinstance(row, Shipment))
    names = {name for row in rows for name in _new_names(row, made=row in session.new)}
    if names:
        _wake(session, names)


def _new_names(shipment: Shipment, *, made: bool) -> Iterator[str]:
    if made:
        yield shipment.order_number
    if shipment.waybill is not None and (made or inspect(shipment).attrs.waybill.history.added):
        yield shipment.waybill
