"""The work of the lanes, by the functions that do it: what a Celery task of the same lane does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dispatch import booking, connections, outbox
from dispatch.money.statements import importing as statements
from tracking import apply, calendar_change, counter_reminders, polling, watch
from tracking.apologies import keeping
from worker.lanes import Lane
from worker.runtime import Runtime


@dataclass(frozen=True)
class Work:
    """One kind of work; ``then`` are the lanes that may have work when this had some."""

    name: str
    run: Callable[[Runtime], int | None]
    then: tuple[Lane, ...] = ()


WORK = {
    Lane.BOOKING: Work("booking", lambda runtime: booking.drain(runtime.context), (Lane.NOTICES,)),
    Lane.POLLING: Work("polling", lambda runtime: polling.drain(runtime.context), (Lane.INTAKE,)),
    Lane.INTAKE: Work(
        "intake", lambda runtime: apply.drain(runtime.context, runtime.office), (Lane.NOTICES, Lane.BOOKING)
    ),
    Lane.NOTICES: Work("notices", lambda runtime: outbox.drain(runtime.context, runtime.messenger.send)),
}
"""What a doorbell wakes, by lane."""

HOUSEKEEPING = (
    Work("apologies", lambda runtime: keeping.sweep(runtime.context, runtime.office)),
    Work("reminders", lambda runtime: counter_reminders.remind(runtime.context, runtime.office), (Lane.NOTICES,)),
    Work("statements", lambda runtime: statements.review(runtime.context)),
    Work("watch", lambda runtime: watch.sweep(runtime.context, runtime.office), (Lane.NOTICES,)),
    Work("calendar", lambda runtime: calendar_change.review(runtime.context, runtime.office)),
    Work("connections", lambda runtime: connections.note_news(runtime.context)),
)
"""What the beat asks for now and then."""
