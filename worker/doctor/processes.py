"""Broker, queues, workers and beat: whether the news of work finds somebody who does it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator

from kombu.connection import Connection
from kombu.exceptions import ChannelError

from config.clock import wall_now
from config.settings import Settings
from tracking.retention import months_ahead
from worker import job_runs
from worker.checks import State, Watch, lag_check
from worker.doctor.finding import Finding, TroubleError, look
from worker.lag import lags
from worker.lanes import Lane, queue_name
from worker.runtime import Runtime
from worker.tasks import JOBS

_FEWEST_MONTHS = 2


def broker(settings: Settings) -> Finding:
    """Return whether the broker answers."""
    return look("broker", lambda: _answers(settings), "Check POSTAL_BROKER_URL and that the broker runs.")


def running(runtime: Runtime) -> Iterator[Finding]:
    """Yield how the processes stand. A system that was never started, or is stopped on purpose, is not ill."""
    context = runtime.context
    with context.database.read() as session:
        runs = job_runs.last_runs(session)
        behind = lag_check(lags(session, context), context.settings)
    if not any(run.ended_at for run in runs.values()):
        yield Finding("processes", True, "no job has run yet: start `postal up`, or web, worker and beat")
        return
    if context.settings.embedded_database and not _held(context.settings):
        yield Finding("processes", True, "the embedded system is stopped; `postal up` starts it")
        return
    if not context.settings.embedded_database:
        yield look("queues", lambda: _queues(context.settings), "Start `postal worker`: it makes the queues it takes.")
        yield look("months", lambda: _months(runtime), "See the log of the job postal.housekeeping.months.")
    for check in (*Watch(JOBS, runs, context.settings, wall_now()).checks(), behind):
        yield Finding(check.name, check.state is State.OK, check.detail, check.next_step)


def _answers(settings: Settings) -> str:
    with Connection(settings.broker, connect_timeout=3) as connection:
        connection.ensure_connection(max_retries=1, timeout=3)
        return f"{connection.transport.driver_type} answers"


def _queues(settings: Settings) -> str:
    """Look at every lane's queue without making it. Only RabbitMQ tells who consumes."""
    waiting, alone = [], []
    with Connection(settings.broker, connect_timeout=3) as connection:
        connection.ensure_connection(max_retries=1, timeout=3)
        tells = connection.transport.driver_type == "amqp"
        for lane in Lane:
            messages, consumers = _queue(connection, queue_name(settings.queue_prefix, lane))
            waiting.append(f"{lane.value}: {messages}")
            if tells and not consumers:
                alone.append(lane.value)
    if alone:
        raise TroubleError(
            f"nobody takes from {', '.join(alone)}; waiting messages: {', '.join(waiting)}",
            "Start a worker for these lanes: `postal worker` takes all, `postal worker --lane NAME` some.",
        )
    return f"waiting messages: {', '.join(waiting)}"


def _queue(connection: Connection, name: str) -> tuple[int, int]:
    try:
        with connection.channel() as channel:
            declared = channel.queue_declare(queue=name, passive=True)
    except (ChannelError, *connection.channel_errors) as error:
        raise TroubleError(
            f"there is no queue {name}",
            "Start `postal worker`, and see that POSTAL_QUEUE_PREFIX is the same everywhere.",
        ) from error
    return declared.message_count, declared.consumer_count


def _months(runtime: Runtime) -> str:
    ahead = months_ahead(runtime.context)
    detail = ", ".join(f"{table}: {count}" for table, count in sorted(ahead.items()))
    if min(ahead.values(), default=_FEWEST_MONTHS) < _FEWEST_MONTHS:
        raise TroubleError(
            f"months that have a partition, from this one on: {detail}",
            "See that a worker takes the lane 'housekeeping'; the job postal.housekeeping.months makes them.",
        )
    return f"months that have a partition, from this one on: {detail}"


def _held(settings: Settings) -> bool:
    """Whether a process works in the folder of the embedded system."""
    path = settings.home / "lock"
    if not path.exists():
        return False
    with path.open("r+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
