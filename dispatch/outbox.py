"""What we owe somebody outside: written with the decision that caused it, delivered afterwards, every attempt kept.

Receivers do not wait for each other, and one that fails is left alone (:mod:`dispatch.receivers`). What one receiver is
told of one dossier goes in the order in which it was written (:mod:`dispatch.outbox_lines`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import insert, or_, select, text, update
from sqlalchemy.orm import Session, defer

from config.batch import Together, insert_or_update, write_rows
from config.clock import wall_now
from config.tracing import current_trace
from dispatch.channels import quiet
from dispatch.context import Context
from dispatch.in_flight import work_off
from dispatch.outbox_lines import due_count, next_for, rooms, under_way
from dispatch.outbox_rows import Delivery, OutboxAttempt, OutboxDestination, OutboxMessage, OutboxState
from dispatch.receivers import is_news, note, room_at

__all__ = [
    "BACKOFF",
    "LANE",
    "Delivery",
    "OutboxAttempt",
    "OutboxDestination",
    "OutboxMessage",
    "OutboxState",
    "Send",
    "drain",
    "due_count",
    "owe",
    "send_again",
    "send_all_again",
]

LANE = "notices"

BACKOFF = tuple(timedelta(seconds=s) for s in (5, 60, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""Waiting times between attempts: the schedule of Standard Webhooks, about three days in all."""

Send = Callable[[OutboxMessage], Delivery]

_MAKE_ROW = text("INSERT INTO outbox_destination (destination, failures) VALUES (:name, 0) ON CONFLICT DO NOTHING")

log = structlog.get_logger()


@dataclass(frozen=True)
class _Claim:
    """A message that is ours to deliver until the lease ends."""

    message: OutboxMessage
    lease: datetime


def owe(
    session: Session,
    *,
    message_id: str,
    destination: str,
    type: str,
    subject: str,
    payload: str,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """Write down a message, in the transaction of the decision. The same id again is the same message."""
    message = {
        "id": message_id,
        "destination": destination,
        "type": type,
        "subject": subject,
        "payload": payload,
        "created_at": now,
        "state": OutboxState.PENDING,
        "due_at": due_at or now,
        "attempts": 0,
        "trace": current_trace(),
    }
    _write(session, message)


def _insert(session: Session, messages: list[dict[str, Any]]) -> None:
    write_rows(session, insert_or_update(session, OutboxMessage).on_conflict_do_nothing(), messages)


_write = Together(_insert)


def drain(context: Context, send: Send, *, limit: int = 1000) -> int:
    """Deliver what is due, to several receivers at once, until nothing is due or ``limit`` is reached.

    Returns how many deliveries were tried. What is left when the limit is reached gets a ring of its own.
    """
    tried = work_off(
        lambda room: _claim(context, room),
        lambda claim: _delivered(claim, send),
        lambda results: _settle(context, results),
        at_once=context.settings.notices_in_flight,
        limit=limit,
    )
    if tried >= limit:
        context.ring(LANE)
    return tried


def send_again(session: Session, message_id: str, now: datetime) -> bool:
    """Put a parked message back in line; tells whether there was one."""
    message = session.get(OutboxMessage, message_id)
    if message is None or message.state is not OutboxState.PARKED:
        return False
    message.state, message.due_at, message.attempts = OutboxState.PENDING, now, 0
    _let_through(session, [message.destination])
    return True


def send_all_again(session: Session, now: datetime, destination: str | None = None) -> int:
    """Send now whatever is parked or waits for its next attempt, to one receiver or to all; returns how many."""
    parked = OutboxMessage.state == OutboxState.PARKED
    waits = (OutboxMessage.state == OutboxState.PENDING) & (OutboxMessage.attempts > 0)
    chosen = update(OutboxMessage).where(or_(parked, waits), OutboxMessage.lease_until.is_(None))
    if destination is not None:
        chosen = chosen.where(OutboxMessage.destination == destination)
    again = chosen.values(state=OutboxState.PENDING, due_at=now, attempts=0).returning(OutboxMessage.destination)
    moved = session.scalars(again.execution_options(synchronize_session=False)).all()
    _let_through(session, set(moved))
    return len(moved)


def _let_through(session: Session, destinations: Iterable[str]) -> None:
    """Whoever says "send again" knows that the receiver is back: the pause is over, the first delivery tells."""
    paused = OutboxDestination.destination.in_(list(destinations))
    session.execute(update(OutboxDestination).where(paused).values(paused_until=None))


def _claim(context: Context, room: int) -> list[_Claim]:
    if context.closing.is_set():
        return []
    now, at_once = context.clock.now(), context.settings.notices_at_one_receiver
    quiet.keep(context, now)
    with context.database.read() as session:  # a look without the write lock, which on SQLite is one for all
        if not (waiting := rooms(session, now, at_once)):
            return []
    lease = wall_now() + timedelta(seconds=context.settings.lease_seconds)
    with context.database.write() as session:
        ids = _chosen(session, _held(session, waiting), room, now, at_once)
        if not ids:
            return []
        ours = OutboxMessage.id.in_(ids)
        messages = session.scalars(select(OutboxMessage).where(ours).order_by(OutboxMessage.written)).all()
        leased = update(OutboxMessage).where(ours).values(lease_until=lease)
        session.execute(leased.execution_options(synchronize_session=False))
        return [_Claim(message, lease) for message in messages]


def _held(session: Session, names: Iterable[str]) -> list[OutboxDestination]:
    """Return the receivers' rows, locked; those for which somebody else is choosing at this moment are left to them."""
    wanted = list(names)
    session.execute(_MAKE_ROW, [{"name": name} for name in wanted])
    rows = select(OutboxDestination).where(OutboxDestination.destination.in_(wanted))
    held = rows.order_by(OutboxDestination.destination).with_for_update(skip_locked=True)
    return list(session.scalars(held))


def _chosen(
    session: Session, receivers: Sequence[OutboxDestination], room: int, now: datetime, at_once: int
) -> list[str]:
    """Choose what goes next, an equal share of the room for every receiver."""
    out = under_way(session)
    share = max(1, room // len(receivers)) if receivers else 0
    ids: list[str] = []
    for receiver in receivers:
        name = receiver.destination
        most = min(share, room - len(ids), room_at(receiver, out.get(name, 0), at_once, now))
        if most > 0:
            ids += session.scalars(next_for(name, now).limit(most).with_for_update(skip_locked=True))
    return ids


def _delivered(claim: _Claim, send: Send) -> Delivery:
    """Make an attempt. What breaks on one message must not hold up the others."""
    try:
        delivery = send(claim.message)
    except Exception as error:
        log.exception("delivery_broke", message=claim.message.id)
        return Delivery(False, None, f"Something here broke ({type(error).__name__}); operations: see the log", 0)
    log.info(
        "message_tried",
        trace=claim.message.trace,
        message=claim.message.id,
        delivered=delivery.delivered,
        status=delivery.status,
    )
    return delivery


def _settle(context: Context, results: Sequence[tuple[_Claim, Delivery]]) -> None:
    now = context.clock.now()
    attempts = [
        {
            "message_id": claim.message.id,
            "at": now,
            "duration_ms": delivery.duration_ms,
            "status": delivery.status,
            "answer": delivery.answer[:500],
        }
        for claim, delivery in results
    ]
    with context.database.write() as session:
        session.execute(insert(OutboxAttempt), attempts)
        ids = [claim.message.id for claim, _ in results]
        rows = select(OutboxMessage).where(OutboxMessage.id.in_(ids)).order_by(OutboxMessage.id)
        locked = session.scalars(rows.options(defer(OutboxMessage.payload)).with_for_update())
        messages = {message.id: message for message in locked}
        for claim, delivery in results:
            _settle_one(messages[claim.message.id], claim.lease, delivery, now)
        _note_receivers(session, results, now)


def _settle_one(message: OutboxMessage, lease: datetime, delivery: Delivery, now: datetime) -> None:
    """Write down what came of an attempt. Whoever comes after the lease ran out brings only the news of success."""
    ours = message.lease_until == lease
    if not ours and not (delivery.delivered and message.state is not OutboxState.SENT):
        return
    message.attempts += 1
    message.lease_until = None if ours else message.lease_until
    if delivery.delivered:
        message.state, message.sent_at, message.trouble = OutboxState.SENT, now, None
    else:
        _try_later(message, delivery, now)


def _try_later(message: OutboxMessage, delivery: Delivery, now: datetime) -> None:
    message.trouble = delivery.answer[:1000]
    if delivery.gone or message.attempts > len(BACKOFF):
        message.state = OutboxState.PARKED
        return
    wait = BACKOFF[message.attempts - 1].total_seconds() * random.uniform(0.8, 1.2)
    message.due_at = now + timedelta(seconds=max(wait, delivery.retry_after or 0))


def _note_receivers(session: Session, results: Sequence[tuple[_Claim, Delivery]], now: datetime) -> None:
    by_receiver: dict[str, list[Delivery]] = {}
    for claim, delivery in results:
        by_receiver.setdefault(claim.message.destination, []).append(delivery)
    query = select(OutboxDestination).where(OutboxDestination.destination.in_(by_receiver))
    for row in session.scalars(query.order_by(OutboxDestination.destination)).all():
        if is_news(row, by_receiver[row.destination]):
            session.refresh(row, with_for_update=True)
            note(row, by_receiver[row.destination], now)
