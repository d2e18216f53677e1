"""Citizens whose results wait at the counter are reminded, as often as the agency's rule says and no more."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from dispatch.context import Context
from dispatch.dossiers import get_dossier
from dispatch.shipment_queries import current_shipment
from dispatch.shipments import Leg
from tracking.counter_facts import CounterFact, CounterWait, record, stay_of
from tracking.counter_stay import CounterEvent
from tracking.notices import tell_citizen
from tracking.office import Office

_CHUNK = 100


def remind(context: Context, office: Office) -> int:
    """Remind everybody who is due; returns how many were told or, because the result goes out again, were not."""
    done = 0
    while not context.closing.is_set():
        with context.database.read() as session:  # a look without the write lock, which on SQLite is one for all
            due = list(session.scalars(_due(context).limit(_CHUNK)))
        if not due:
            break
        with context.database.write() as session:
            done += sum(_remind(session, context, office, number) for number in due)
    return done


def _due(context: Context) -> Select[str]:
    return select(CounterWait.order_number).where(CounterWait.remind_at <= context.clock.now())


def _remind(session: Session, context: Context, office: Office, number: str) -> bool:
    now = context.clock.now()
    wait = session.get(CounterWait, number, with_for_update=True, populate_existing=True)
    if wait is None or wait.remind_at is None or wait.remind_at > now:
        return False  # another process was quicker
    dossier = get_dossier(session, wait.dossier_code)
    stay = stay_of(session, number)
    count = len(stay.reminded_at) + 1 if stay is not None else 1
    fact = CounterFact(
        id=f"{number}:{CounterEvent.REMINDED}:{count}",
        order_number=number,
        kind=CounterEvent.REMINDED,
        at=now,
        evidence=f"reminder {count}",
        recorded_at=now,
    )
    record(session, office, dossier, fact)
    going_out = current_shipment(session, dossier.code, Leg.RETURN)
    if going_out is None or not going_out.live:
        about = {"since": wait.since, "until": wait.keep_until}
        tell_citizen(session, dossier, "counter_reminder", f"{number}:{count}", now, **about)
    return True
