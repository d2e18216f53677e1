"""Every table of the house: importing this module is what makes the metadata whole."""

from __future__ import annotations

from config.database import Base
from dispatch import (
    calls,
    connections,
    custody,
    dossiers,
    feeds,
    handovers,
    idempotency,
    orders,
    outbox,
    routing,
    shipments,
    waybills,
)
from tracking import calendar_versions, clock_facts, dossier_clocks, events, inbox, poll_accounts, refusals
from worker import job_runs, leases

_OWNERS = (
    calendar_versions, calls, clock_facts, connections, custody, dossier_clocks, dossiers, events, feeds, handovers,
    idempotency, inbox, job_runs, leases, orders, outbox, poll_accounts, refusals, routing, shipments, waybills,
)  # fmt: skip

METADATA = Base.metadata
