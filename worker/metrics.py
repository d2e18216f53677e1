"""Figures for Prometheus, counted from the rows when they are asked for: they survive a restart and cannot drift."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select

from dispatch.outbox import OutboxMessage
from dispatch.shipments import Shipment
from tracking import inbox
from tracking.watch import attention
from worker.health import backlog
from worker.runtime import Runtime


def render(runtime: Runtime) -> bytes:
    """Return the exposition text."""
    registry = CollectorRegistry()
    waiting = Gauge("postal_backlog_rows", "Rows due now or being worked on", ["lane"], registry=registry)
    shipments = Gauge("postal_shipments", "Shipments by carrier and state", ["carrier", "state"], registry=registry)
    outbox = Gauge("postal_outbox_messages", "Outgoing messages by state", ["state"], registry=registry)
    kept = Gauge(
        "postal_inbox_deliveries", "Incoming deliveries by source and state", ["source", "state"], registry=registry
    )
    hands = Gauge("postal_attention_items", "Things that need a person, by kind", ["kind"], registry=registry)
    context = runtime.context
    with context.database.read() as session:
        for lane, count in backlog(session, context).items():
            waiting.labels(lane).set(count)
        by_state = select(Shipment.carrier, Shipment.state, func.count()).group_by(Shipment.carrier, Shipment.state)
        for carrier, state, count in session.execute(by_state):
            shipments.labels(carrier, state).set(count)
        for state, count in session.execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)):
            outbox.labels(state.value).set(count)
        for source, states in inbox.counts(session).items():
            for state, count in states.items():
                kept.labels(source, state).set(count)
        for item in attention(session, context, runtime.office):
            hands.labels(item.kind).inc()
    return generate_latest(registry)
