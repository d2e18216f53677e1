"""What needs a hand: every waiting state has an owner, a limit and a next step, in a clerk's words."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy.orm import Session

from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.news import tell_onestop
from tracking.office import Office
from tracking.watching import clocks, shipments, traffic
from tracking.watching.items import Attention, View

_FINDERS = (
    shipments.bookings,
    shipments.unknown_codes,
    shipments.anomalies,
    shipments.lost,
    shipments.late_collections,
    shipments.late_in_transit,
    shipments.unsigned_handovers,
    shipments.returns_due,
    clocks.due_dates,
    clocks.extensions,
    clocks.supplements,
    clocks.contradictions,
    clocks.changed_calendars,
    traffic.parked_deliveries,
    traffic.undelivered_messages,
    traffic.silent_feeds,
)
_LISTED_ONLY = frozenset({"supplement-closing"})
"""Reminders that come with every dossier: the list shows them, but nobody is sent a message for each."""

_TOLD = ("kind", "what_vi", "what_en", "next_step_vi", "next_step_en")


def attention(session: Session, context: Context, office: Office) -> list[Attention]:
    """Return everything that needs a hand now, oldest first."""
    view = View(session, context, office)
    found = [one for find in _FINDERS for one in find(view)]
    return sorted(found, key=lambda one: (one.since, one.key))


def sweep(context: Context, office: Office) -> int:
    """Tell each one-stop, once, of every trouble of its dossiers. Returns how many troubles are open."""
    now = context.clock.now()
    with context.database.write() as session:
        items = attention(session, context, office)
        for one in items:
            dossier = session.get(Dossier, one.dossier) if one.dossier else None
            if dossier is not None and one.kind not in _LISTED_ONLY:
                data = {name: value for name, value in asdict(one).items() if name in _TOLD}
                tell_onestop(session, context.accounts, dossier, "postal.attention_needed", one.key, data, now)
        return len(items)
