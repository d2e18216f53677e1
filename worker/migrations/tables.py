"""Every table of the house: importing this module is what makes the metadata whole."""

from __future__ import annotations

from importlib import import_module

from config.database import Base

_OWNERS = (
    "dispatch.calls",
    "dispatch.channels.optout",
    "dispatch.checklists",
    "dispatch.connections",
    "dispatch.custody",
    "dispatch.documents.register",
    "dispatch.dossiers",
    "dispatch.feeds",
    "dispatch.forwarding",
    "dispatch.handover_lines",
    "dispatch.idempotency",
    "dispatch.money.debts",
    "dispatch.money.facts",
    "dispatch.money.postage",
    "dispatch.money.remittances",
    "dispatch.money.statements.rows",
    "dispatch.money.unnamed",
    "dispatch.onestop.synced",
    "dispatch.orders",
    "dispatch.outbox_rows",
    "dispatch.pickup_slips",
    "dispatch.rejections",
    "dispatch.routing",
    "dispatch.shipments",
    "dispatch.supplement_form",
    "dispatch.transfers",
    "dispatch.waybills",
    "tracking.apologies.rows",
    "tracking.calendar_versions",
    "tracking.citizen.changes",
    "tracking.citizen.code_rows",
    "tracking.clock_facts",
    "tracking.counter_facts",
    "tracking.doorstep",
    "tracking.dossier_clocks",
    "tracking.events",
    "tracking.inbox",
    "tracking.incidents.rows",
    "tracking.onestop_copies",
    "tracking.onestop_positions",
    "tracking.onestop_statements",
    "tracking.poll_accounts",
    "tracking.reconciliation.rows",
    "tracking.refusals",
    "tracking.reports.runs",
    "tracking.stop_notices",
    "worker.access.audit",
    "worker.access.tables",
    "worker.job_runs",
    "worker.leases",
    "worker.web.citizen.sessions",
)

for owner in _OWNERS:
    import_module(owner)

METADATA = Base.metadata
