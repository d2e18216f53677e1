"""The jobs of the system: thin, without arguments, harmless when run twice, each in a lane.

A Celery message only says that there may be work; what work there is stands in the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.settings import Settings
from dispatch import booking, connections, outbox, retention
from dispatch.context import Context
from dispatch.money.statements import importing as statements
from tracking import (
    apply,
    calendar_change,
    counter_reminders,
    onestop_copies,
    onestop_importing,
    onestop_inbox,
    polling,
    watch,
)
from tracking import retention as tracking_retention
from tracking.apologies import keeping
from tracking.reconciliation import rounds
from tracking.reports import runs
from worker.access import checkpoints
from worker.job_runs import HEARTBEAT
from worker.lanes import Lane
from worker.spans import sending

if TYPE_CHECKING:  # a runtime knows the jobs by name
    from worker.runtime import Runtime


ONESTOPS = "postal.intake.onestops"
"""The job that applies what one-stop systems told; whoever keeps such a message may ask for it by name."""


@dataclass(frozen=True)
class Job:
    """One kind of work.

    Attributes:
        name: the Celery task's name; fixed, so that moving code cannot orphan queued messages.
        run: does the work that is due and returns how much there was.
        every: how many sweeps the beat lets pass between two runs.
        at_least: seconds between two runs, however quick the sweeps are.
        then: lanes that may have work when this job had some.
        at_once: how many runs of it one process lets in; each has a thread of its own, so no lane starves another.
    """

    name: str
    lane: Lane
    run: Callable[[Runtime], int]
    every: int = 1
    at_least: float = 0.0
    then: tuple[Lane, ...] = ()
    at_once: int = 1

    def period(self, settings: Settings) -> float:
        """Return how many seconds the beat lets pass between two runs."""
        return max(settings.sweep_seconds * self.every, self.at_least)


def _speaking(runtime: Runtime, drain: Callable[[Context], int]) -> int:
    """Work that speaks to operators, after which this process tells the others how its connections stand."""
    done = drain(runtime.context)
    connections.note_news(runtime.context)
    return done


def _drop_old(context: Context) -> int:
    return retention.drop_old(context) + tracking_retention.drop_old(context)


JOBS = (
    Job(
        "postal.booking.drain",
        Lane.BOOKING,
        lambda runtime: _speaking(runtime, booking.drain),
        then=(Lane.NOTICES,),
        at_once=2,
    ),
    Job(
        "postal.notices.drain",
        Lane.NOTICES,
        lambda runtime: outbox.drain(runtime.context, sending(runtime.messenger.send)),
    ),
    Job(
        "postal.intake.drain",
        Lane.INTAKE,
        lambda runtime: apply.drain(runtime.context, runtime.office),
        then=(Lane.NOTICES, Lane.BOOKING),
    ),
    Job(
        ONESTOPS,
        Lane.INTAKE,
        lambda runtime: onestop_inbox.drain(runtime.context, runtime.office, runtime.messenger.onestops),
        then=(Lane.NOTICES, Lane.BOOKING),
    ),
    Job(
        "postal.polling.drain",
        Lane.POLLING,
        lambda runtime: _speaking(runtime, polling.drain),
        then=(Lane.INTAKE,),
        at_once=2,
    ),
    Job(
        "postal.polling.onestops",
        Lane.POLLING,
        lambda runtime: onestop_importing.drain(runtime.context, runtime.messenger.onestops),
        then=(Lane.INTAKE,),
    ),
    Job(
        "postal.housekeeping.apologies",
        Lane.HOUSEKEEPING,
        lambda runtime: keeping.sweep(runtime.context, runtime.office),
        every=12,
    ),
    Job(
        "postal.housekeeping.sweep",
        Lane.HOUSEKEEPING,
        lambda runtime: watch.sweep(runtime.context, runtime.office),
        every=12,
        then=(Lane.NOTICES,),
    ),
    Job(
        "postal.housekeeping.reminders",
        Lane.HOUSEKEEPING,
        lambda runtime: counter_reminders.remind(runtime.context, runtime.office),
        at_least=600.0,
        then=(Lane.NOTICES,),
    ),
    Job(
        "postal.housekeeping.calendar",
        Lane.HOUSEKEEPING,
        lambda runtime: calendar_change.review(runtime.context, runtime.office),
        at_least=3600.0,
    ),
    Job(
        "postal.housekeeping.copies",
        Lane.HOUSEKEEPING,
        lambda runtime: onestop_copies.drain(runtime.context, runtime.office),
        at_least=60.0,
        then=(Lane.NOTICES,),
    ),
    Job(
        "postal.housekeeping.retention",
        Lane.HOUSEKEEPING,
        lambda runtime: _drop_old(runtime.context),
        at_least=3600.0,
    ),
    Job(
        "postal.housekeeping.money",
        Lane.HOUSEKEEPING,
        lambda runtime: statements.review(runtime.context),
        at_least=86400.0,
    ),
    Job(
        "postal.housekeeping.reconciliation",
        Lane.HOUSEKEEPING,
        lambda runtime: _speaking(
            runtime, lambda context: rounds.drain(context, runtime.office, runtime.messenger.onestops)
        ),
        at_least=1800.0,
    ),
    Job(
        "postal.housekeeping.months",
        Lane.HOUSEKEEPING,
        lambda runtime: tracking_retention.keep_months_ahead(runtime.context),
        at_least=3600.0,
    ),
    Job(
        "postal.housekeeping.reports",
        Lane.HOUSEKEEPING,
        lambda runtime: runs.make_due(runtime.context, runtime.office),
        at_least=3600.0,
    ),
    Job(
        "postal.housekeeping.audit",
        Lane.HOUSEKEEPING,
        lambda runtime: checkpoints.keep(runtime.context.database, runtime.context.settings.audit_checkpoints_dir),
        at_least=3600.0,
    ),
    Job(
        HEARTBEAT,
        Lane.HOUSEKEEPING,
        lambda runtime: runtime.heart.beat(runtime.context.settings),
        at_least=2.0,
    ),
)


def places(lanes: Collection[Lane] = tuple(Lane)) -> int:
    """Return how many threads a process needs so that no job of these lanes ever waits for another."""
    return sum(job.at_once for job in JOBS if job.lane in lanes)


DOORBELL = {lane: next(job for job in JOBS if job.lane is lane) for lane in Lane}
"""The job that a lane's doorbell wakes."""
