"""What waits, what is under way, and when each job last ran.

``swift`` goes down indexes from their old end and counts no further than :data:`worker.lag.MOST`. ``slow`` counts all
that is under way (never what has ended) and looks for what needs a person; its answer is kept for a minute.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import ColumnElement, TextClause, func, select
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from dispatch.context import Context
from dispatch.outbox import OutboxMessage
from dispatch.outbox_lines import NOT_TAKEN
from dispatch.shipments import ENDED, Shipment
from tracking.inbox import UNDONE, InboxDelivery
from tracking.refusals import WebhookRefusal
from tracking.retention import months_ahead
from tracking.watch import attention
from worker.job_runs import last_runs
from worker.lag import MOST, lags
from worker.metrics.families import Families, gauge
from worker.runtime import Runtime
from worker.tasks import JOBS

_UNDER_WAY = tuple(state.value for state in ShipmentState if state not in ENDED)


def swift(session: Session, context: Context) -> Families:
    """Yield how far the lanes are behind, and the jobs' last runs."""
    behind = lags(session, context)
    yield gauge(
        "postal_backlog_rows",
        f"Rows that are due; {MOST} stands for as many or more",
        ("lane",),
        {(lane,): lag.rows for lane, lag in behind.items()},
    )
    yield gauge(
        "postal_backlog_oldest_seconds",
        "How long the longest-waiting row has been due",
        ("lane",),
        {(lane,): lag.oldest.total_seconds() for lane, lag in behind.items()},
    )
    yield from _jobs(session, context)


def _jobs(session: Session, context: Context) -> Families:
    runs = last_runs(session)
    known = {job.name: runs[job.name] for job in JOBS if job.name in runs}
    yield gauge(
        "postal_job_last_success_timestamp_seconds",
        "When a job last ran to its end; before the first time, when it was first expected",
        ("job",),
        {(name,): (run.ended_at or run.expected_since).timestamp() for name, run in known.items()},
    )
    yield gauge(
        "postal_job_last_failure_timestamp_seconds",
        "When a job last broke",
        ("job",),
        {(name,): run.failed_at.timestamp() for name, run in known.items() if run.failed_at},
    )
    yield gauge(
        "postal_job_last_duration_seconds",
        "How long its last run took",
        ("job",),
        {(name,): (run.duration_ms or 0) / 1000 for name, run in known.items()},
    )
    yield gauge(
        "postal_job_period_seconds",
        "How often the beat asks for a job",
        ("job",),
        {(job.name,): job.period(context.settings) for job in JOBS},
    )


def slow(session: Session, runtime: Runtime) -> Families:
    """Yield what is under way and undone by its state, and what needs a person by its kind."""
    yield gauge(
        "postal_shipments",
        "Shipments under way, by operator and state; those that have ended are not counted",
        ("carrier", "state"),
        _counted(session, (Shipment.carrier, Shipment.state), Shipment.state.in_(_UNDER_WAY)),
    )
    yield gauge(
        "postal_inbox_deliveries",
        "Deliveries that are kept and not applied, by source and state",
        ("source", "state"),
        _counted(session, (InboxDelivery.source, InboxDelivery.state), UNDONE),
    )
    yield gauge(
        "postal_outbox_messages",
        "Messages that are owed, by receiver and state; a parked one waits for a person",
        ("destination", "state"),
        _counted(session, (OutboxMessage.destination, OutboxMessage.state), NOT_TAKEN),
    )
    yield gauge(
        "postal_webhooks_refused",
        "Deliveries refused since they began to be, by account and verdict; begins anew after a day without",
        ("account", "verdict"),
        {(one.account, one.verdict.value): one.count for one in session.scalars(select(WebhookRefusal))},
    )
    yield gauge(
        "postal_partition_months_ahead",
        "Months from this one on that have their partition; none on SQLite, which has no partitions",
        ("table",),
        {(table,): count for table, count in months_ahead(runtime.context).items()},
    )
    kinds = Counter((item.kind,) for item in attention(session, runtime.context, runtime.office))
    yield gauge("postal_attention_items", "Things that need a person, by kind", ("kind",), kinds)


def _counted(session: Session, by: Any, condition: ColumnElement[bool] | TextClause) -> dict[tuple[str, ...], float]:
    query = select(*by, func.count()).where(condition).group_by(*by)
    return {tuple(str(part) for part in key): count for *key, count in session.execute(query)}
