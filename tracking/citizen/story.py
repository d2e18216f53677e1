"""What happened to a dossier, as its citizen reads it: both legs and the agency's work in one line of time.

Staff see more (:func:`tracking.views.timeline`): order numbers, why an operator was chosen, who signed. None of that
helps a citizen, and the names of officers and postmen are theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.dossiers import Dossier
from dispatch.forms import Direction, Service
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.orders import PostalOrder
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import Shipment
from tracking.citizen import words
from tracking.citizen.changes import changes_of
from tracking.counter_facts import CounterFact
from tracking.deadlines.clock import Happening
from tracking.deadlines.explain import explain_ledger
from tracking.deadlines.ledger import Ledger
from tracking.deadlines.wording import Text, same
from tracking.events import journeys_of
from tracking.office import Office

_TELLING = frozenset(
    {
        *(Happening.STARTED, Happening.SUSPENDED, Happening.RESUMED, Happening.RESTARTED),
        *(Happening.EXTENDED, Happening.RECALENDARED, Happening.STOPPED),
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``place`` is where, as the operator called it."""

    at: datetime
    text: Text
    place: Text | None = None


def story_of(session: Session, office: Office, dossier: Dossier, ledger: Ledger) -> list[Entry]:
    """Return everything that happened, the latest first."""
    entries = [  # of one moment, what follows from another thing stands before it
        *(_clock(office, ledger) if dossier.due_date_owner == "us" else ()),
        *_choices(session, dossier.code),
        *_journeys(session, dossier.code),
        *_handovers(session, dossier.code),
        *_counter(session, dossier.code),
        Entry(dossier.filed_at, words.FILED),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _choices(session: Session, code: str) -> Iterator[Entry]:
    yield from (Entry(one.at, words.CHANGED[one.change]) for one in reversed(changes_of(session, code)))
    his = (PostalOrder.dossier_code == code, PostalOrder.service != Service.TRANSFER)  # those are the agency's
    yield from (Entry(at, words.ORDERED) for at in session.scalars(select(PostalOrder.placed_at).where(*his)))


def _journeys(session: Session, code: str) -> Iterator[Entry]:
    said: dict[str, Text] = {}
    for shipment, event, place in journeys_of(session, shipments_of(session, code)):
        state = event.meaning.state
        text = words.HAPPENED.get((shipment.leg, state)) if state is not None else None
        if text is None or text == said.get(shipment.order_number):
            continue  # the same again, from one post office after another, is no news
        said[shipment.order_number] = text
        yield Entry(event.event_time, text, place)


def _handovers(session: Session, code: str) -> Iterator[Entry]:
    query = (
        select(Handover, HandoverLine)
        .join(HandoverLine, HandoverLine.handover_id == Handover.id)
        .join(Shipment, Shipment.order_number == HandoverLine.order_number)
        .where(Shipment.dossier_code == code, Handover.signed_at.is_not(None))
    )
    for handover, line in session.execute(query):
        at = handover.signed_at or handover.drawn_up_at
        if not line.accepted:
            why = line.reason or ", ".join(line.missing_papers)
            yield Entry(at, words.REJECTED.filled(reason=same(why)))
        else:
            yield Entry(at, words.SIGNED_IN if handover.direction is Direction.TO_AGENCY else words.SIGNED_OUT)


def _counter(session: Session, code: str) -> Iterator[Entry]:
    query = select(CounterFact.kind, CounterFact.at)
    query = query.join(Shipment, Shipment.order_number == CounterFact.order_number).where(Shipment.dossier_code == code)
    for kind, at in session.execute(query):
        if kind in words.AT_THE_COUNTER:
            yield Entry(at, words.AT_THE_COUNTER[kind])


def _clock(office: Office, ledger: Ledger) -> Iterator[Entry]:
    for line in explain_ledger(ledger, office.calendars, office.rules):
        if line["event"] in _TELLING:
            yield Entry(datetime.fromisoformat(line["at"]), Text(line["text_vi"], line["text_en"]))
