"""What needs a hand: every waiting state has an owner, a limit and a next step, in a clerk's words."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy.orm import Session

from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.news import message_id, tell_onestop
from dispatch.outbox import OutboxMessage
from tracking.office import Office
from tracking.watching import clocks, shipments, traffic
from tracking.watching.items import Attention, View

_FINDERS = (
    shipments.bookings,
    shipments.unknown_codes,
    shipments.anomalies,
    shipments.made_twice,
    shipments.unproven_waybills,
    shipments.lost,
    shipments.late_collections,
    shipments.late_in_transit,
    shipments.unsigned_handovers,
    shipments.returns_due,
    clocks.due_dates,
    clocks.extensions,
    clocks.supplements,
    clocks.contradictions,
    clocks.frozen,
    clocks.results_too_early,
    clocks.changed_calendars,
    clocks.ending_calendar,
    traffic.parked_deliveries,
    traffic.refused_webhooks,
    traffic.undelivered_messages,
    traffic.silent_feeds,
)
_LISTED_ONLY = frozenset({"supplement-closing"})
"""Reminders that come with every dossier: the list shows them, but nobody is sent a message for each."""

_TYPE = "postal.attention_needed"
_CHUNK = 100
_TOLD = ("kind", "what_vi", "what_en", "next_step_vi", "next_step_en")


def attention(session: Session, context: Context, office: Office) -> list[Attention]:
    """Return everything that needs a hand now, oldest first."""
    view = View(session, context, office)
    found = [one for find in _FINDERS for one in find(view)]
    return sorted(found, key=lambda one: (one.since, one.key))


def sweep(context: Context, office: Office) -> int:
    """Tell each one-stop, once, of every trouble of its dossiers. Returns how many troubles are open."""
    with context.database.read() as session:  # looking takes long where there is much, and must not hold the write lock
        items = attention(session, context, office)
        new = [one for one in items if _is_to_be_told(session, one)]
    for start in range(0, len(new), _CHUNK):
        with context.database.write() as session:
            for one in new[start : start + _CHUNK]:
                _tell(session, context, one)
    return len(items)


def _is_to_be_told(session: Session, one: Attention) -> bool:
    if one.dossier is None or one.kind in _LISTED_ONLY:
        return False
    return session.get(OutboxMessage, message_id(one.dossier, _TYPE, one.key)) is None


def _tell(session: Session, context: Context, one: Attention) -> None:
    dossier = session.get_one(Dossier, one.dossier)
    data = {name: value for name, value in asdict(one).items() if name in _TOLD}
    tell_onestop(session, context.accounts, dossier, _TYPE, one.key, data, context.clock.now())
