"""What needs a hand: every waiting state has an owner, a limit and a next step, in a clerk's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dispatch.context import Context
from tracking.office import Office
from tracking.watching import (
    apologies,
    clocks,
    counting,
    deliveries,
    incidents,
    money,
    reconciliation,
    reports,
    results,
    shipments,
    traffic,
)
from tracking.watching.items import Attention, View, item, tell_attention, was_told

_FINDERS = (
    shipments.bookings,
    shipments.unknown_codes,
    shipments.anomalies,
    shipments.made_twice,
    shipments.unproven_waybills,
    shipments.lost,
    shipments.cancelled_and_moving,
    shipments.late_collections,
    shipments.late_in_transit,
    shipments.unsigned_handovers,
    money.fees_not_remitted,
    money.refunds_not_paid,
    money.statement_differences,
    deliveries.unproven,
    deliveries.refused,
    deliveries.contradictions,
    incidents.incidents,
    results.undeliverable,
    results.turned_back_early,
    results.at_the_counter,
    results.recalls,
    results.new_addresses,
    results.unnamed_postage,
    clocks.due_dates,
    clocks.extensions,
    clocks.supplements,
    clocks.contradictions,
    clocks.frozen,
    clocks.results_too_early,
    clocks.changed_calendars,
    clocks.ending_calendar,
    clocks.passing_on,
    apologies.letters,
    counting.slips_at_odds,
    counting.unclear_faults,
    counting.rejected_transfers,
    counting.same_day,
    counting.unpaid_duties,
    traffic.parked_deliveries,
    traffic.refused_webhooks,
    traffic.undelivered_messages,
    traffic.silent_feeds,
    traffic.silent_onestops,
    reports.not_made,
    reconciliation.differences,
)
_LISTED_ONLY = frozenset({"supplement-closing", "apology-last-day", "pass-on", "copy-differs", "order-differs"})
"""Reminders that come with every dossier, and differences that commands mend: the list shows them, nobody is sent a
message for each."""

_CHUNK = 100

log = structlog.get_logger()


def attention(session: Session, context: Context, office: Office) -> list[Attention]:
    """Return everything that needs a hand now, oldest first."""
    view = View(session, context, office)
    found = [one for find in _FINDERS for one in _found(find, view)]
    return sorted(found, key=lambda one: (one.since, one.key))


def _found(find: Callable[[View], Iterator[Attention]], view: View) -> list[Attention]:
    """Let one finder look; what breaks on one row must not hide everything else that needs a hand."""
    try:
        return list(find(view))
    except DBAPIError:
        raise
    except Exception as error:
        name = f"{find.__module__.rpartition('.')[2]}.{find.__name__}"
        log.exception("finder_broke", finder=name)
        return [item("watch-failed", name, view.now, {"finder": name, "why": f"{type(error).__name__}: {error}"[:200]})]


def sweep(context: Context, office: Office) -> int:
    """Tell each one-stop, once, of every trouble of its dossiers. Returns how many troubles are open."""
    with context.database.read() as session:  # looking takes long where there is much, and must not hold the write lock
        items = attention(session, context, office)
        new = [one for one in items if _is_to_be_told(session, one)]
    for start in range(0, len(new), _CHUNK):
        with context.database.write() as session:
            for one in new[start : start + _CHUNK]:
                tell_attention(session, context, one)
    return len(items)


def _is_to_be_told(session: Session, one: Attention) -> bool:
    return one.dossier is not None and one.kind not in _LISTED_ONLY and not was_told(session, one)
