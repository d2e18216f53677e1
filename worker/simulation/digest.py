"""One number for everything that counts at the end of a run: the same seed has to bring the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import custody
from dispatch.dossiers import Dossier
from dispatch.onestop.simulator import OneStopSimulator
from dispatch.outbox import OutboxMessage
from dispatch.shipments import Shipment
from tracking.clock_facts import DueVersion
from tracking.events import TrackingEventRow


def digest(session: Session, onestop: OneStopSimulator) -> str:
    """Return the digest of our rows and of the one-stop's copies; ids that are made up at random stay out of it."""
    lines = [json.dumps(line, default=str, ensure_ascii=False) for line in _lines(session)]
    copies = sorted(repr(copy) for copy in onestop.copies().values())
    return hashlib.sha256("\n".join(sorted(lines) + copies).encode()).hexdigest()[:16]


def _lines(session: Session) -> Iterator[list[Any]]:
    for one in session.scalars(select(Shipment)):
        state = (one.booking, one.journey, one.state, one.state_since, one.live, one.waybill, one.trouble)
        yield ["shipment", one.order_number, one.account, *state]
    for event in session.scalars(select(TrackingEventRow)):
        yield ["event", event.order_number, event.code, event.event_time, event.received_at]
    for version in session.scalars(select(DueVersion)):
        yield ["due", version.dossier_code, version.revision, version.state, version.due, version.cause]
    for message in session.scalars(select(OutboxMessage)):
        yield ["message", message.id, message.state, message.attempts, message.sent_at]
    for code in session.scalars(select(Dossier.code)):
        for holding in custody.holdings(session, code):
            yield ["paper", code, holding.paper.name, holding.holder, holding.since]
