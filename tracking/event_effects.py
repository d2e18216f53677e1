"""What an event of the one-stop does beside the clock: custody, the return leg, cancellations, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime

from config.calendars import MissingCalendarYear
from config.clock import local
from dispatch import custody
from dispatch.checklists import fix
from dispatch.dossiers import PaperKind, add_papers, papers_of
from dispatch.forms import EventKind
from dispatch.generations import succeed
from dispatch.order_changes import ask_to_cancel
from dispatch.riders import book_when_ready, carrier_of, get_off, leave
from dispatch.settlements import announce_cancelled
from dispatch.shipment_queries import awaiting_result, current_shipment, shipments_of
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Leg, Shipment, Successor
from tracking.clock_facts import ClockFactRow, latest_version
from tracking.deadlines.clock import ClockState, Happening
from tracking.deadlines.ledger import Verdict
from tracking.deadlines.rules import RuleId
from tracking.event_facts import FACTS, Case, sent_by_post, voided_fact
from tracking.incidents.records import papers_restored
from tracking.money import fee_falls_due
from tracking.notices import tell_citizen
from tracking.result_pickup import expected_at_home, pickup_day, plan_pickup
from tracking.withdrawal import withdraw

_NEW_DATE = (EventKind.EXTENDED, EventKind.RESUMED, EventKind.SUPPLEMENT_COMPLETED, EventKind.PAPERS_RESTORED)


def follow(case: Case, new_due: datetime | None) -> None:
    """Let everything follow from an event; ``new_due`` is the date if the event has changed it."""
    if case.form.type is EventKind.CORRECTED:
        _corrected(case, new_due)
        return
    _EFFECTS.get(case.form.type, _no_effect)(case)
    if new_due is not None and case.form.type is EventKind.RESUMED and case.form.ground is not None:
        _tell_second_appointment(case, new_due)
    elif new_due is not None and case.form.type in _NEW_DATE:
        _tell_new_date(case, new_due)


def _tell_new_date(case: Case, due: datetime) -> None:
    rule = case.office.rules.at(FACTS[case.form.type][1], local(case.form.at).date())
    about: dict[str, object] = {"due": due, "legal_source": rule.legal_source}
    if case.form.type is EventKind.EXTENDED:
        kind, about["reason"] = "due_extended", case.form.reason
    else:
        kind = "due_changed"
        about |= {"reason_vi": rule.text_vi.rstrip("."), "reason_en": rule.text_en.rstrip(".")}
    shipment = awaiting_result(case.session, case.dossier.code)
    if shipment is not None:
        with suppress(MissingCalendarYear):  # the date itself is known, only the days after it are not
            about["expected"] = expected_at_home(shipment, local(due).date(), case.office)
            kind += "_by_post"
    tell_citizen(case.session, case.dossier, kind, case.form.event_id, case.now, **about)


def _suspended(case: Case) -> None:
    """A payment is due: the first appointment is for its notice, and the second is told when it is paid."""
    standstill = case.ledger().standstill
    if standstill is None or standstill.fact.id != case.fact_id or standstill.fact.rule != RuleId.PAUSE_FINANCIAL:
        return
    about = {"first": _day(standstill.fact.new_due), "reason": case.form.reason or ""}
    tell_citizen(case.session, case.dossier, "financial_duty", case.form.event_id, case.now, **about)


def _tell_second_appointment(case: Case, due: datetime) -> None:
    rule = case.office.rules.at(RuleId.PAUSE_FINANCIAL, local(case.form.at).date())
    firsts = (
        line.fact.new_due
        for line in reversed(case.ledger().lines)
        if line.happening is Happening.SUSPENDED and line.fact.rule == RuleId.PAUSE_FINANCIAL
    )
    about = {"first": _day(next(firsts, None)), "due": due, "legal_source": rule.legal_source}
    tell_citizen(case.session, case.dossier, "financial_duty_done", case.form.event_id, case.now, **about)


def _day(when: date | datetime | None) -> date | str:
    return local(when).date() if isinstance(when, datetime) else when or "-"


def _corrected(case: Case, new_due: datetime | None) -> None:
    """A struck-out result means that there is nothing to collect; of other corrections the new date is told."""
    struck = case.session.get(ClockFactRow, voided_fact(case))
    if struck is not None and struck.rule == RuleId.STOP_RESULT and case.ledger().state is not ClockState.STOPPED:
        _take_back_result(case)
    elif new_due is not None:
        _tell_new_date(case, new_due)


def _take_back_result(case: Case) -> None:
    """The result was reported by mistake: nobody is to come for it, and the leg waits again for the true one."""
    code, due = case.dossier.code, case.ledger().current_due
    custody.discard_results(case.session, code)
    shipments_of(case.session, code, lock=True)
    shipment = current_shipment(case.session, code, Leg.RETURN)
    if shipment is not None and shipment.live and shipment.journey in BEFORE_COLLECTION:
        _wait_for_result(case, shipment)
        plan_pickup(case.session, case.office, code, due)
    tell_citizen(case.session, case.dossier, "result_not_ready", case.form.event_id, case.now, due=due or "-")


def _wait_for_result(case: Case, shipment: Shipment) -> None:
    if shipment.booking is BookingState.RIDING:
        leave(case.session, shipment, case.now)
        get_off(case.session, shipment, case.now)
    if shipment.booking is BookingState.REQUESTED and shipment.waybill is None:
        shipment.book_at = shipment.next_at = shipment.pickup_on = None
        return
    ask_to_cancel([shipment], case.now)
    shipment.successor = Successor.WAITING
    succeed(case.session, shipment, case.now)
    announce_cancelled(case.session, case.context, shipment, case.now)


def _no_effect(case: Case) -> None:
    """The clock is all that this kind of event touches."""


def _accepted(case: Case) -> None:
    if sent_by_post(case):
        return
    fee_falls_due(case.session, case.dossier, case.form.at, f"event {case.form.event_id}", case.now)
    papers = [p for p in custody.papers_in_use(case.session, case.dossier.code) if p.kind is PaperKind.SUBMITTED]
    fix(case.session, case.dossier, case.form.at, f"event {case.form.event_id}", case.now)
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
    session, office, result_day = case.session, case.office, local(case.form.at).date()
    add_papers(session, case.dossier.code, PaperKind.RESULT, papers_of(case.form.result_papers))
    shipments_of(session, case.dossier.code, lock=True)
    shipment = current_shipment(session, case.dossier.code, Leg.RETURN)
    early = _how_early(case)
    if shipment is None or not shipment.live or shipment.journey not in BEFORE_COLLECTION:
        tell_citizen(session, case.dossier, "result_ready", case.form.event_id, case.now, **early)
        return
    shipment.contents = [[p.name, p.originals, p.copies] for p in custody.papers_in_use(session, case.dossier.code)]
    shipment.pickup_on = pickup_day(shipment, result_day, office)
    if shipment.waits_for_result or shipment.rides_with:
        carrier_of(session, shipment).pickup_on = shipment.pickup_on
        book_when_ready(session, shipment, case.now)
    elif shipment.successor is not None:  # an earlier report was a mistake, and its order is still being cancelled
        shipment.successor = Successor.AT_ONCE
    about = {"pickup": shipment.pickup_on, "expected": expected_at_home(shipment, result_day, office)}
    tell_citizen(session, case.dossier, "result_by_post", case.form.event_id, case.now, **about, **early)


def _how_early(case: Case) -> dict[str, str]:
    """Say that a result came before its due date (Decree 61/2018/NĐ-CP Art. 20(4)); else nothing."""
    ledger = case.ledger()
    ours = case.dossier.due_date_owner == "us"
    if not ours or ledger.current_due is None or ledger.verdict_current is not Verdict.EARLY:
        return {"early_vi": "", "early_en": ""}
    due = f"{local(ledger.current_due):%d/%m/%Y}"
    return {"early_vi": f" sớm hơn ngày hẹn {due}", "early_en": f" before its due date {due}"}


def _papers_damaged(case: Case) -> None:
    """What the post is answerable for is settled with it (Decision 45/2016/QĐ-TTg Art. 14); the citizen is told now."""
    reason = case.form.reason or ""
    tell_citizen(case.session, case.dossier, "papers_damaged", case.form.event_id, case.now, reason=reason)


def _papers_restored(case: Case) -> None:
    papers_restored(case.session, case.context, case.office, case.dossier.code, case.form.at, case.form.officer)


_EFFECTS: dict[EventKind, Callable[[Case], None]] = {
    EventKind.ACCEPTED: _accepted,
    EventKind.SUPPLEMENT_REQUESTED: _supplement_requested,
    EventKind.RESULT_READY: _result_ready,
    EventKind.SUSPENDED: _suspended,
    EventKind.PAPERS_DAMAGED: _papers_damaged,
    EventKind.PAPERS_RESTORED: _papers_restored,
    EventKind.WITHDRAWN: withdraw,
}
