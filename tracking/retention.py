"""How long deliveries and events are kept, and their months on PostgreSQL, which are made ahead and dropped whole.

Personal data is kept no longer than it serves (Law 91/2025/QH15): a raw delivery serves complaints and the replay of a
corrected status table, an event the answer to where the papers were. The shipment's own row keeps what came of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import structlog
from sqlalchemy import Delete, delete, exists, select, text, tuple_

from config import partitions
from config.clock import wall_now
from config.partitions import SEQUENCE_BITS, Partitioned
from dispatch.context import Context
from dispatch.retention import CHUNK, delete_in_chunks
from dispatch.shipments import Shipment
from tracking import onestop_statements
from tracking.citizen import code_rows
from tracking.events import EVENTS, EventReading, TrackingEventRow
from tracking.inbox import DELIVERIES, UNDONE, InboxDelivery, InboxKey, InboxState

_AHEAD = 3
"""Months made beforehand: a job that fails for weeks does no harm."""
log = structlog.get_logger()


def keep_months_ahead(context: Context) -> int:
    """Make the months that are missing, from the oldest row that is in none up to some months from now."""
    if not partitions.has_partitions(context.database):
        return 0
    made = 0
    for kept, today in ((DELIVERIES, wall_now()), (EVENTS, context.clock.now())):
        first = min(_oldest_in_none(context, kept) or today, today)
        until = partitions.months(today.date(), _AHEAD + 1)[-1]
        made += partitions.make(context.database, kept, list(_months_until(first.date(), until)))
    return made


def drop_old(context: Context) -> int:
    """Drop what is older than the settings say; returns how many rows or months went."""
    now, settings = context.clock.now(), context.settings
    deliveries = now - timedelta(days=settings.delivery_days)
    events = now - timedelta(days=settings.event_days)
    if partitions.has_partitions(context.database):
        made = wall_now() - timedelta(days=settings.delivery_days)  # the ids of deliveries carry real time
        gone = _drop_months(context, DELIVERIES, made) + _drop_months(context, EVENTS, events)
    else:
        gone = delete_in_chunks(context, _old_deliveries(deliveries)) + delete_in_chunks(context, _old_events(events))
    gone += delete_in_chunks(context, onestop_statements.old(deliveries))
    gone += delete_in_chunks(context, code_rows.old(now))
    return gone + delete_in_chunks(context, _old_keys(deliveries)) + delete_in_chunks(context, _old_readings(events))


def _oldest_in_none(context: Context, kept: Partitioned) -> datetime | None:
    """Return the time of the oldest row of the default partition, or None when it is empty, as it should be."""
    with context.database.read() as session:
        oldest = session.scalar(text(f"SELECT min({kept.column}) FROM {kept.table}_default"))
    return datetime.fromtimestamp(oldest >> SEQUENCE_BITS, UTC) if kept.by_id and oldest else oldest


def _months_until(first: date, last: date) -> Iterator[date]:
    (month,) = partitions.months(first, 1)
    while month <= last:
        yield month
        month = partitions.following(month)


def _drop_months(context: Context, kept: Partitioned, before: datetime) -> int:
    with context.database.engine.connect() as connection:
        present = partitions.present(connection, kept)
    old = (month for month in present if partitions.following(month) <= before.date())
    return sum(_drop_month(context, kept, month) for month in old)


def _drop_month(context: Context, kept: Partitioned, month: date) -> bool:
    if _still_needed(context, kept, month):
        log.warning("month_kept", table=kept.table, month=f"{month:%Y-%m}", reason="some of it is still in work")
        return False
    return partitions.drop(context.database, kept, month)


def _still_needed(context: Context, kept: Partitioned, month: date) -> bool:
    """Whether a delivery of the month waits to be applied, or a shipment of that time is still under way."""
    ends = partitions.following(month)
    end = datetime(ends.year, ends.month, 1, tzinfo=UTC)
    in_work = (
        select(InboxDelivery.id).where(UNDONE, InboxDelivery.id < partitions.first_id(end))
        if kept is DELIVERIES
        else select(Shipment.order_number).where(Shipment.live, Shipment.created_at < end)
    )
    with context.database.read() as session:
        return session.scalar(in_work.limit(1)) is not None


def _old_deliveries(before: datetime) -> Delete:
    in_work = InboxDelivery.state.in_((InboxState.NEW, InboxState.PARKED))
    done = select(InboxDelivery.id).where(InboxDelivery.received_at < before, ~in_work).limit(CHUNK)
    return delete(InboxDelivery).where(InboxDelivery.id.in_(done))


def _old_events(before: datetime) -> Delete:
    under_way = exists().where(Shipment.order_number == TrackingEventRow.order_number, Shipment.live)
    old = select(TrackingEventRow.id).where(TrackingEventRow.event_time < before, ~under_way).limit(CHUNK)
    return delete(TrackingEventRow).where(TrackingEventRow.id.in_(old))


def _old_keys(before: datetime) -> Delete:
    """Keys of deliveries that are gone. A delivery that comes again even later adds nothing to any journey."""
    old = select(InboxKey.source, InboxKey.key).where(InboxKey.received_at < before).limit(CHUNK)
    return delete(InboxKey).where(tuple_(InboxKey.source, InboxKey.key).in_(old))


def _old_readings(before: datetime) -> Delete:
    kept = exists().where(TrackingEventRow.id == EventReading.event_id)
    old = select(EventReading.id).where(EventReading.read_at < before, ~kept).limit(CHUNK)
    return delete(EventReading).where(EventReading.id.in_(old))


def months_ahead(context: Context) -> dict[str, int]:
    """Return per table how many months from this one on have their partition; nothing on SQLite."""
    if not partitions.has_partitions(context.database):
        return {}
    with context.database.engine.connect() as connection:
        return {
            kept.table: sum(month >= today.date().replace(day=1) for month in partitions.present(connection, kept))
            for kept, today in ((DELIVERIES, wall_now()), (EVENTS, context.clock.now()))
        }
