"""Every table of the house: importing this module is what makes the metadata whole."""

from __future__ import annotations

from config.database import Base
from dispatch import calls, custody, dossiers, feeds, handovers, idempotency, orders, outbox, shipments, waybills
from tracking import clock_facts, events, inbox
from worker import health

_OWNERS = (
    calls, clock_facts, custody, dossiers, events, feeds, handovers, health, idempotency, inbox, orders, outbox,
    shipments, waybills,
)  # fmt: skip

METADATA = Base.metadata
