"""What an event of the one-stop does beside the clock: custody, the return leg, cancellations, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from config.clock import local
from dispatch import custody
from dispatch.dossiers import PaperKind, add_papers, list_papers, papers_of
from dispatch.forms import EventKind
from dispatch.orders import ask_to_cancel
from dispatch.problems import Problem
from dispatch.settlements import announce_cancelled
from dispatch.shipments import BookingState, Leg, current_shipment, shipments_of
from tracking.clock_facts import latest_version
from tracking.deadlines.promises import Zone, expected_delivery
from tracking.event_facts import FACTS, Case, sent_by_post
from tracking.notices import tell_citizen

_NEW_DATE = (EventKind.EXTENDED, EventKind.RESUMED, EventKind.SUPPLEMENT_COMPLETED, EventKind.CORRECTED)


def follow(case: Case, new_due: datetime | None) -> None:
    """Let everything follow from an event; ``new_due`` is the date if the event has changed it."""
    _EFFECTS.get(case.form.type, _no_effect)(case)
    if new_due is not None and case.form.type in _NEW_DATE:
        _tell_new_date(case, new_due)


def _tell_new_date(case: Case, due: datetime) -> None:
    rule = case.office.rules.at(FACTS[case.form.type][1], local(case.form.at).date())
    about: dict[str, object] = {"due": due, "legal_source": rule.legal_source}
    if case.form.type is EventKind.EXTENDED:
        kind, about["reason"] = "due_extended", case.form.reason
    else:
        kind = "due_changed"
        about |= {"reason_vi": rule.text_vi.rstrip("."), "reason_en": rule.text_en.rstrip(".")}
    tell_citizen(case.session, case.dossier, kind, case.form.event_id, case.now, **about)


def _no_effect(case: Case) -> None:
    """The clock is all that this kind of event touches."""


def _accepted(case: Case) -> None:
    if sent_by_post(case):
        return
    papers = [p for p in list_papers(case.session, case.dossier.code) if p.kind is PaperKind.SUBMITTED]
    holder = custody.agency(case.dossier.agency_code)
    custody.hand_over(case.session, papers, holder, case.form.at, f"event {case.form.event_id}", case.now)
    version = latest_version(case.session, case.dossier.code)
    if version is not None and version.due is not None:
        tell_citizen(
            case.session,
            case.dossier,
            "papers_at_agency",
            case.form.event_id,
            case.now,
            at=case.form.at,
            due=version.due,
        )


def _supplement_requested(case: Case) -> None:
    tell_citizen(
        case.session, case.dossier, "supplement_requested", case.form.event_id, case.now, reason=case.form.reason or ""
    )


def _result_ready(case: Case) -> None:
    """The postman collects the result on the next working day (practice; Decision 45/2016/QĐ-TTg Art. 8(4))."""
    add_papers(case.session, case.dossier.code, PaperKind.RESULT, papers_of(case.form.result_papers))
    shipment = current_shipment(case.session, case.dossier.code, Leg.RETURN)
    if shipment is None or not shipment.live or shipment.booking is not BookingState.REQUESTED:
        tell_citizen(case.session, case.dossier, "result_ready", case.form.event_id, case.now)
        return
    shipment.contents = [[p.name, p.originals, p.copies] for p in list_papers(case.session, case.dossier.code)]
    shipment.pickup_on = case.office.working_time.next_working_day(local(case.form.at).date())
    shipment.book_at = shipment.next_at = case.now
    office, result_day = case.office, local(case.form.at).date()
    about = {
        "pickup": shipment.pickup_on,
        "expected": expected_delivery(result_day, Zone(shipment.zone), office.rules, office.working_time),
    }
    tell_citizen(case.session, case.dossier, "result_by_post", case.form.event_id, case.now, **about)


def _withdrawn(case: Case) -> None:
    """Stop what has not been collected; papers under way are followed until they are back (Decree 118/2025 Art. 21)."""
    shipments = shipments_of(case.session, case.dossier.code, lock=True)
    with suppress(Problem):  # everything is under way or has ended: there is nothing to stop
        ask_to_cancel(shipments, case.now)
    for shipment in shipments:
        announce_cancelled(case.session, case.context, shipment, case.now)
    tell_citizen(case.session, case.dossier, "withdrawn", case.form.event_id, case.now)


_EFFECTS: dict[EventKind, Callable[[Case], None]] = {
    EventKind.ACCEPTED: _accepted,
    EventKind.SUPPLEMENT_REQUESTED: _supplement_requested,
    EventKind.RESULT_READY: _result_ready,
    EventKind.WITHDRAWN: _withdrawn,
}
