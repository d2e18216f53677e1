"""Every table of the house: importing this module is what makes the metadata whole."""

from __future__ import annotations

from config.database import Base
from dispatch import calls, custody, dossiers, feeds, handovers, idempotency, orders, outbox, shipments, waybills
from tracking import calendar_versions, clock_facts, dossier_clocks, events, inbox
from worker import health

_OWNERS = (
    calendar_versions, calls, clock_facts, custody, dossier_clocks, dossiers, events, feeds, handovers, health,
    idempotency, inbox, orders, outbox, shipments, waybills,
)  # fmt: skip

METADATA = Base.metadata
