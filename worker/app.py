"""The Celery application: lanes as queues, jobs as tasks, a beat that asks for every job now and then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from celery import Celery
from kombu.exceptions import OperationalError

from config.settings import Settings
from worker.job_runs import RunLog
from worker.lanes import Lane, queue_name, queues
from worker.runtime import LazyRuntime, Runtime, build
from worker.schedule import schedule
from worker.spans import span
from worker.tasks import DOORBELL, JOBS, Job
from worker.turnstile import Turnstile

log = structlog.get_logger()


class Desk:
    """The Celery application of this process together with the runtime that its tasks work on."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.app = _make_app(settings)
        self.runtime = LazyRuntime(lambda: build(settings, self.ring))
        for job in JOBS:
            _register(self.app, job, self.runtime, self.ring)

    def ring(self, lane: str) -> None:
        """Tell a lane's workers that there may be work.

        A broker that cannot be reached is logged and otherwise ignored: the row is there, and the next sweep finds it.
        """
        self.ask_for(DOORBELL[Lane(lane)].name)

    def ask_for(self, name: str) -> None:
        """Ask for one job, as :meth:`ring` asks for the first of its lane."""
        job = next(one for one in JOBS if one.name == name)
        try:
            self.app.send_task(job.name, queue=queue_name(self.settings.queue_prefix, job.lane), retry=False)
        except OperationalError as error:
            log.warning("doorbell_failed", lane=job.lane.value, reason=str(error))


def _make_app(settings: Settings) -> Celery:
    app = Celery("onestop-postal", broker=settings.broker, set_as_current=False)
    app.conf.update(
        task_queues=queues(settings.queue_prefix, settings.broker),
        task_create_missing_queues=False,
        task_default_queue=queue_name(settings.queue_prefix, Lane.HOUSEKEEPING),
        task_ignore_result=True,
        task_acks_late=True,
        task_serializer="json",
        accept_content=["json"],
        timezone="UTC",  # the schedule has only intervals; local time would cost the beat a conversion a tick
        # The default drains about eight tasks a second on a broker that blocks; rows are claimed one by one anyway.
        worker_prefetch_multiplier=64,
        worker_soft_shutdown_timeout=10.0,
        worker_enable_soft_shutdown_on_idle=True,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options=_transport_options(settings),
        beat_scheduler="worker.schedule:Intervals",
        beat_schedule=schedule(settings),
    )
    return app


# Whoever rings is in the middle of answering a request: one more try at once, and no waiting for a dead broker.
_BRIEF = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


def _transport_options(settings: Settings) -> dict[str, Any]:
    if settings.broker.startswith("memory"):
        return {"polling_interval": 0.005}
    if settings.broker.startswith("redis"):
        # Jobs are short; a message whose worker died comes back after this, and the sweep is quicker anyway.
        return {**_BRIEF, "visibility_timeout": 600, "global_keyprefix": f"{settings.queue_prefix}:"}
    return {**_BRIEF, "confirm_publish": True}


def _register(app: Celery, job: Job, runtime: Callable[[], Runtime], ring: Callable[[str], None]) -> None:
    turnstile = Turnstile(job.at_once)

    runs = RunLog()

    def once() -> None:
        ours = runtime()
        with span(job.name):
            done = runs.watched(ours.context.database, job.name, lambda: job.run(ours))
        if done:
            for lane in job.then:
                ring(lane)

    def work() -> None:
        turnstile.run(once)

    app.task(work, name=job.name, shared=False)
