"""From the inbox into the journeys: decode, find the shipments, add what is new, and let the consequences follow.

A worker takes a few hundred deliveries at once. What they need is read for all of them together and what follows is
written together, in one transaction; in between each delivery is applied as if it were alone.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config.batch import batched, update_changed
from config.tracing import trace_of
from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.shipments import Shipment
from tracking.addressees import Addressees
from tracking.deliveries import CARRIER_SOURCE, TRACKING, Read, Verdict, broken, claim, due, read, settle
from tracking.hints import HINT
from tracking.inbox import InboxState
from tracking.office import Office
from tracking.placing import Placing

__all__ = ["CARRIER_SOURCE", "LANE", "TRACKING", "drain"]

LANE = "intake"
_BATCH = 500
_PAUSE = 0.05
_PAUSES = 20
log = structlog.get_logger()


def drain(context: Context, office: Office, *, limit: int = 10_000, batch: int = _BATCH) -> int:
    """Apply deliveries that wait, in batches of one transaction each; returns how many were settled.

    What others hold at the moment is tried again after a pause, and at last left to the next sweep.
    """
    done = pauses = 0
    while done < limit and pauses < _PAUSES and not context.closing.is_set() and _anything_due(context):
        claimed, settled = _apply_batch(context, office, batch)
        done += settled
        if claimed == 0:
            break  # other workers have it all
        if settled == 0:
            pauses += 1
            time.sleep(_PAUSE)
    if done >= limit:
        context.ring(LANE)
    return done


def _anything_due(context: Context) -> bool:
    """Look without taking the write lock, which on SQLite is one for all."""
    anything = due(context.clock.now(), InboxState.NEW, InboxState.PARKED).order_by(None).limit(1)
    with context.database.read() as session:
        return session.execute(anything).first() is not None


def _apply_batch(context: Context, office: Office, most: int) -> tuple[int, int]:
    """Return how many deliveries were claimed, and how many of them were settled."""
    now = context.clock.now()
    with _nothing_to_collect(), context.database.write() as session:
        deliveries = [read(context, delivery) for delivery in claim(session, now, most)]
        verdicts = _apply(session, context, office, deliveries, now)
        settle(session, verdicts, now)
    _note(verdicts)
    if any(one.reason is not None and one.delivery.kind == HINT for one in verdicts):
        context.ring("polling")
    return len(deliveries), len(verdicts)


def _note(verdicts: Sequence[Verdict]) -> None:
    """Put into the log what became of each delivery, under the id by which it is followed."""
    for one in verdicts:
        delivery = one.delivery
        values = {"delivery": delivery.id, "source": delivery.source, "trace": trace_of(delivery.source, delivery.key)}
        if one.reason is None:
            log.info("delivery_applied", **values)
        else:
            log.info("delivery_parked", reason=one.reason, **values)


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """Of what a batch has in hand nothing is garbage before its end; looking for it costs a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _apply(
    session: Session, context: Context, office: Office, deliveries: Sequence[Read], now: datetime
) -> list[Verdict]:
    """Apply deliveries together; what breaks is searched for by halves, so that it parks alone and harms nobody."""
    try:
        with session.begin_nested():
            return _apply_together(session, context, office, deliveries, now)
    except OperationalError:
        raise  # a deadlock or a lost connection is nobody's fault: the whole batch is taken up again
    except Exception as error:
        if len(deliveries) == 1:
            log.exception("delivery_failed", delivery=deliveries[0].delivery.id, source=deliveries[0].delivery.source)
            return [Verdict(deliveries[0].delivery, broken(deliveries[0].delivery, error))]
    half = len(deliveries) // 2
    parts = (deliveries[:half], deliveries[half:])
    return [verdict for part in parts for verdict in _apply(session, context, office, part, now)]


def _apply_together(
    session: Session, context: Context, office: Office, deliveries: Sequence[Read], now: datetime
) -> list[Verdict]:
    addressees = Addressees(session, [event for one in deliveries for event in one.events])
    with batched(session, {Dossier: addressees.dossiers.keys(), Shipment: addressees.shipments.keys()}):
        work = Placing(session, context, office, addressees, now)
        for delivery in deliveries:
            work.take(delivery)
        update_changed(session, addressees.shipments.values())
    return work.verdicts
