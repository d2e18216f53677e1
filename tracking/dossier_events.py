"""What the one-stop tells us of a dossier, turned into clock facts, custody and news."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.clock import local
from dispatch import custody
from dispatch.context import Context
from dispatch.dossiers import Dossier, PaperKind, add_papers, get_dossier, list_papers, papers_of
from dispatch.forms import DossierEventForm, EventKind
from dispatch.orders import ask_to_cancel
from dispatch.problems import Problem
from dispatch.settlements import announce_cancelled
from dispatch.shipments import ENDED, BookingState, Leg, current_shipment, shipments_of
from tracking import inbox
from tracking.clock_facts import ClockFactRow, latest_version, recompute, record_fact
from tracking.deadlines.facts import ClockFact, FactKind
from tracking.deadlines.promises import Zone, expected_delivery
from tracking.notices import tell_citizen
from tracking.office import Office


@dataclass(frozen=True)
class Applied:
    """What an event did: ``contradiction`` names why it could not take its usual effect; it is kept all the same."""

    contradiction: str | None
    due: datetime | None
    revision: int


@dataclass(frozen=True)
class _Case:
    session: Session
    context: Context
    office: Office
    dossier: Dossier
    form: DossierEventForm
    client: str
    now: datetime


_FACTS: dict[EventKind, tuple[FactKind, str]] = {
    EventKind.SUPPLEMENT_REQUESTED: (FactKind.SUSPEND, "supplement.request_window"),
    EventKind.SUPPLEMENT_COMPLETED: (FactKind.RESTART, "restart.supplement"),
    EventKind.SUSPENDED: (FactKind.SUSPEND, "pause.other"),
    EventKind.RESUMED: (FactKind.RESUME, "pause.other"),
    EventKind.EXTENDED: (FactKind.EXTEND, "extension"),
    EventKind.RESULT_READY: (FactKind.STOP, "stop.result"),
    EventKind.WITHDRAWN: (FactKind.STOP, "stop.withdrawn"),
    EventKind.CORRECTED: (FactKind.CORRECT, "correction"),
}
_CLOCK_SKEW = timedelta(minutes=5)
_NEED_REASON = (EventKind.SUPPLEMENT_REQUESTED, EventKind.SUSPENDED, EventKind.EXTENDED, EventKind.CORRECTED)
_NEW_DATE = (EventKind.EXTENDED, EventKind.RESUMED, EventKind.SUPPLEMENT_COMPLETED, EventKind.CORRECTED)


def take_event(
    session: Session, context: Context, office: Office, code: str, form: DossierEventForm, client: str
) -> Applied:
    """Apply an event of the one-stop; the same event id again changes nothing and gets today's answer.

    An event that contradicts the others (a second extension, a resumption without a suspension) is kept as a fact,
    shown to staff and reported in the answer; it never moves the date in silence.

    Raises:
        Problem: the dossier is unknown, the event lacks what its type needs, or its id was used for another event.
    """
    now = context.clock.now()
    dossier = get_dossier(session, code, lock=True)
    _check(form, now)
    if not _keep(session, dossier, form, client, now):
        return _answer(session, dossier, _contradiction_of(session, context, office, dossier, form, client))
    case = _Case(session, context, office, dossier, form, client, now)
    _record(case)
    _, version = recompute(session, office, context.accounts, dossier, _fact_id(dossier, form, client), now)
    _EFFECTS.get(form.type, _no_effect)(case)
    if version is not None and version.due is not None and form.type in _NEW_DATE:
        _tell_new_date(case, version.due)
    return _answer(session, dossier, _contradiction_of(session, context, office, dossier, form, client))


def _check(form: DossierEventForm, now: datetime) -> None:
    if form.at > now + _CLOCK_SKEW:
        raise Problem(
            "event-in-future",
            "The event has not happened yet",
            f"It is dated {form.at.isoformat()}, and now is {local(now).isoformat()}.",
            "Report an event when it has happened, with its time and zone.",
            next_step_vi="Chỉ báo sự kiện đã xảy ra, kèm thời điểm và múi giờ.",
        )
    missing = []
    if form.type in _NEED_REASON and not form.reason:
        missing.append("reason")
    if form.type is EventKind.EXTENDED and form.new_due is None:
        missing.append("new_due")
    if form.type is EventKind.CORRECTED and form.voids is None:
        missing.append("voids")
    if missing:
        raise Problem(
            "event-incomplete",
            "The event is incomplete",
            f"An event of type '{form.type}' needs: {', '.join(missing)}.",
            "Add it and send the event again under the same event_id.",
            next_step_vi="Bổ sung lý do (và ngày hẹn mới nếu gia hạn) rồi gửi lại.",
        )


def _keep(session: Session, dossier: Dossier, form: DossierEventForm, client: str, now: datetime) -> bool:
    source, key, body = f"onestop:{client}", f"{dossier.code}:{form.event_id}", form.model_dump_json()
    known = session.scalar(
        select(inbox.InboxDelivery).where(inbox.InboxDelivery.source == source, inbox.InboxDelivery.key == key)
    )
    if known is not None and known.body != body:
        raise Problem(
            "event-id",
            "event_id used for another event",
            f"Event '{form.event_id}' of dossier {dossier.code} was sent before with another content.",
            "Send a new event under an id of its own; what was sent before stands.",
            next_step_vi="Gửi sự kiện mới với mã sự kiện riêng; sự kiện đã gửi vẫn giữ nguyên.",
            status=409,
        )
    return inbox.keep(
        session,
        source=source,
        key=key,
        kind=f"dossier.{form.type}",
        body=body,
        now=now,
        subject=dossier.code,
        state=inbox.InboxState.APPLIED,
    )


def _fact_id(dossier: Dossier, form: DossierEventForm, client: str) -> str:
    return f"{dossier.code}:event:{client}:{form.event_id}"


def _record(case: _Case) -> None:
    kind_and_rule = _start_fact(case) if case.form.type is EventKind.ACCEPTED else _FACTS[case.form.type]
    if kind_and_rule is None:
        return
    kind, rule = kind_and_rule
    fact = ClockFact(
        id=_fact_id(case.dossier, case.form, case.client),
        kind=kind,
        at=case.form.at,
        rule=rule,
        evidence=f"{case.form.type} {case.form.event_id}, {case.form.officer}",
        recorded_at=case.now,
        calendar_version=case.office.calendar_version,
        new_due=_new_due(case),
        reason=case.form.reason or "",
        voids=_voided(case),
    )
    record_fact(case.session, case.dossier.code, fact)


def _voided(case: _Case) -> str | None:
    """Return the fact that a correction strikes out: an event's, or a handover record's."""
    wrong = case.form.voids
    if wrong is None:
        return None
    of_handover = f"{case.dossier.code}:handover:{wrong}"
    known = case.session.get(ClockFactRow, of_handover) is not None
    return of_handover if known else f"{case.dossier.code}:event:{case.client}:{wrong}"


def _new_due(case: _Case) -> datetime | None:
    """A new date without a clock time means the end of that day, as everywhere else."""
    wanted = case.form.new_due
    if wanted is None:
        return None
    working_time = case.office.working_time
    day = local(wanted).date() if isinstance(wanted, datetime) else wanted
    if not working_time.is_working_day(day):
        raise Problem(
            "new-due-date",
            "The new due date is no working day",
            f"{day:%d/%m/%Y} is a day off for the office.",
            f"Choose a working day, for example {working_time.next_working_day(day):%d/%m/%Y}.",
            next_step_vi=f"Chọn ngày làm việc, ví dụ {working_time.next_working_day(day):%d/%m/%Y}.",
        )
    if isinstance(wanted, datetime) and local(wanted).time() != time.min:
        return wanted
    return working_time.closing(day)


def _start_fact(case: _Case) -> tuple[FactKind, str] | None:
    """An acceptance starts the clock at the counter only.

    Papers sent by post start it with the signature under their handover record (Decision 45/2016/QĐ-TTg Art. 7(4)).
    """
    return None if _sent_by_post(case) else (FactKind.START, "start.counter")


def _sent_by_post(case: _Case) -> bool:
    """Whether the papers came or come by post; after a cancellation, a return or a loss they come to the counter."""
    shipment = current_shipment(case.session, case.dossier.code, Leg.SEND)
    return shipment is not None and shipment.state not in ENDED - {ShipmentState.DELIVERED}


def _contradiction_of(
    session: Session, context: Context, office: Office, dossier: Dossier, form: DossierEventForm, client: str
) -> str | None:
    fact_id = _fact_id(dossier, form, client)
    if session.get(ClockFactRow, fact_id) is None:
        return None
    ledger, _ = recompute(session, office, context.accounts, dossier, fact_id, context.clock.now())
    line = next((one for one in ledger.lines if one.fact.id == fact_id), None)
    return line.contradiction.value if line is not None and line.contradiction else None


def _answer(session: Session, dossier: Dossier, contradiction: str | None) -> Applied:
    version = latest_version(session, dossier.code)
    return Applied(contradiction, version.due if version else None, version.revision if version else 0)


def _tell_new_date(case: _Case, due: datetime | None) -> None:
    rule = case.office.rules.at(_FACTS[case.form.type][1], local(case.form.at).date())
    about: dict[str, object] = {"due": due or "", "legal_source": rule.legal_source}
    if case.form.type is EventKind.EXTENDED:
        kind, about["reason"] = "due_extended", case.form.reason
    else:
        kind = "due_changed"
        about |= {"reason_vi": rule.text_vi.rstrip("."), "reason_en": rule.text_en.rstrip(".")}
    tell_citizen(case.session, case.dossier, kind, case.form.event_id, case.now, **about)


# --- what an event does beside the clock --------------------------------------------------------------------------


def _no_effect(case: _Case) -> None:
    """The clock is all that this kind of event touches."""


def _accepted(case: _Case) -> None:
    if _sent_by_post(case):
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


def _supplement_requested(case: _Case) -> None:
    tell_citizen(
        case.session, case.dossier, "supplement_requested", case.form.event_id, case.now, reason=case.form.reason or ""
    )


def _result_ready(case: _Case) -> None:
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


def _withdrawn(case: _Case) -> None:
    """Stop what has not been collected; papers under way are followed until they are back (Decree 118/2025 Art. 21)."""
    shipments = shipments_of(case.session, case.dossier.code)
    with suppress(Problem):  # everything is under way or has ended: there is nothing to stop
        ask_to_cancel(shipments, case.now)
    for shipment in shipments:
        announce_cancelled(case.session, case.context, shipment, case.now)
    tell_citizen(case.session, case.dossier, "withdrawn", case.form.event_id, case.now)


_EFFECTS: dict[EventKind, Callable[[_Case], None]] = {
    EventKind.ACCEPTED: _accepted,
    EventKind.SUPPLEMENT_REQUESTED: _supplement_requested,
    EventKind.RESULT_READY: _result_ready,
    EventKind.WITHDRAWN: _withdrawn,
}
