"""From an event of the one-stop to the clock fact it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.clock import local
from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.forms import DossierEventForm, EventKind
from dispatch.problems import Problem
from dispatch.rejections import was_rejected
from dispatch.shipment_queries import current_shipment
from dispatch.shipments import ENDED, Leg
from tracking.clock_facts import ClockFactRow, handover_fact_id, ledger_of
from tracking.deadlines.facts import ClockFact, FactKind
from tracking.deadlines.ledger import Ledger
from tracking.deadlines.rules import RuleId
from tracking.office import Office


@dataclass(frozen=True)
class Case:
    """One event at the moment at which it is taken."""

    session: Session
    context: Context
    office: Office
    dossier: Dossier
    form: DossierEventForm
    client: str
    now: datetime

    @property
    def fact_id(self) -> str:
        """The id of the fact: the sender's own, so that the same event is the same fact."""
        return f"{self.dossier.code}:event:{self.client}:{self.form.event_id}"

    def ledger(self) -> Ledger:
        """Return the dossier's ledger as it is by now."""
        return ledger_of(self.session, self.office, self.dossier)


FACTS: dict[EventKind, tuple[FactKind, str]] = {
    EventKind.SUPPLEMENT_REQUESTED: (FactKind.SUSPEND, RuleId.SUPPLEMENT_REQUEST),
    EventKind.SUPPLEMENT_COMPLETED: (FactKind.RESTART, RuleId.SUPPLEMENT_RESTART),
    EventKind.SUSPENDED: (FactKind.SUSPEND, RuleId.PAUSE),
    EventKind.RESUMED: (FactKind.RESUME, RuleId.PAUSE),
    EventKind.PAPERS_DAMAGED: (FactKind.SUSPEND, RuleId.PAUSE_LOST),
    EventKind.PAPERS_RESTORED: (FactKind.RESUME, RuleId.PAUSE_LOST),
    EventKind.EXTENDED: (FactKind.EXTEND, RuleId.EXTENSION),
    EventKind.RESULT_READY: (FactKind.STOP, RuleId.STOP_RESULT),
    EventKind.WITHDRAWN: (FactKind.STOP, RuleId.STOP_WITHDRAWN),
    EventKind.CORRECTED: (FactKind.CORRECT, RuleId.CORRECTION),
}
_CLOCK_SKEW = timedelta(minutes=5)
_NEED_REASON = (
    EventKind.SUPPLEMENT_REQUESTED,
    EventKind.SUSPENDED,
    EventKind.PAPERS_DAMAGED,
    EventKind.EXTENDED,
    EventKind.CORRECTED,
)


def check_event(form: DossierEventForm, now: datetime) -> None:
    """Refuse an event that has not happened yet or lacks what its type needs.

    Raises:
        Problem: it says what is missing.
    """
    if form.at > now + _CLOCK_SKEW:
        raise Problem(
            "event-in-future",
            "The event has not happened yet",
            f"It is dated {form.at.isoformat()}, and now is {local(now).isoformat()}.",
            "Report an event when it has happened, with its time and zone.",
            next_step_vi="Chỉ báo sự kiện đã xảy ra, kèm thời điểm và múi giờ.",
        )
    if form.ground is not None and form.type not in (EventKind.SUSPENDED, EventKind.RESUMED):
        raise Problem(
            "event-ground",
            "Only a pause has this ground",
            f"An event of type '{form.type}' cannot have the ground '{form.ground}'.",
            "Send it with 'suspended' and 'resumed' only.",
            next_step_vi="Chỉ dùng căn cứ nghĩa vụ tài chính cho sự kiện tạm dừng và tiếp tục.",
        )
    missing = []
    if form.type in _NEED_REASON and not form.reason:
        missing.append("reason")
    if form.type is EventKind.EXTENDED and form.new_due is None:
        missing.append("new_due")
    if form.type is EventKind.SUSPENDED and form.ground is not None and form.new_due is None:
        missing.append("new_due, the first appointment")
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


def fact_of(case: Case) -> ClockFact | None:
    """Return the clock fact that an event stands for; None where it touches no clock.

    Raises:
        Problem: the new date of an extension is no working day.
    """
    kind_and_rule = _start_fact(case) if case.form.type is EventKind.ACCEPTED else FACTS[case.form.type]
    if kind_and_rule is None:
        return None
    kind, rule = kind_and_rule
    if case.form.ground is not None:
        rule = RuleId.PAUSE_FINANCIAL
    return ClockFact(
        id=case.fact_id,
        kind=kind,
        at=case.form.at,
        rule=rule,
        evidence=f"{case.form.type} {case.form.event_id}, {case.form.officer}",
        recorded_at=case.now,
        calendar_version=case.office.calendar_version,
        new_due=promised_moment(case.office, case.form.new_due) if case.form.new_due is not None else None,
        reason=case.form.reason or "",
        voids=voided_fact(case),
    )


def voided_fact(case: Case) -> str | None:
    """Return the fact that a correction strikes out: an event's, or a handover record's."""
    wrong = case.form.voids
    if wrong is None:
        return None
    of_handover = handover_fact_id(case.dossier.code, wrong)
    known = case.session.get(ClockFactRow, of_handover) is not None
    return of_handover if known else f"{case.dossier.code}:event:{case.client}:{wrong}"


def promised_moment(office: Office, wanted: date | datetime) -> datetime:
    """Return until when a new date is promised; without a clock time that is the end of the day, as everywhere else.

    Raises:
        Problem: it is no working day, or beyond the calendar.
    """
    working_time = office.working_time
    day = local(wanted).date() if isinstance(wanted, datetime) else wanted
    if not working_time.calendar.first_day <= day <= working_time.calendar.last_day:
        raise Problem(
            "new-due-date",
            "The new due date is beyond the calendar",
            f"There is no working calendar for {day.year}.",
            "Choose a date within the known calendar, or ask operations to add that year's official schedule.",
            next_step_vi="Chọn ngày trong lịch làm việc đã có, hoặc đề nghị bổ sung lịch của năm đó.",
        )
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


def _start_fact(case: Case) -> tuple[FactKind, str] | None:
    """An acceptance starts the clock at the counter and of what was filed online.

    Papers sent by post start it with the signature under their handover record (Decision 45/2016/QĐ-TTg Art. 7(4)).
    """
    if sent_by_post(case):
        return None
    online = case.dossier.filed_through == "online"
    return FactKind.START, RuleId.START_ONLINE if online else RuleId.START_COUNTER


def sent_by_post(case: Case) -> bool:
    """Whether, at the event, the papers came or were to come by post.

    After a cancellation (also one that is still being carried out), a rejection, a return or a loss they come to the
    counter.
    """
    shipment = current_shipment(case.session, case.dossier.code, Leg.SEND)
    if shipment is None or shipment.cancel_wanted or shipment.created_at > case.form.at:
        return False
    ended = shipment.state in ENDED - {ShipmentState.DELIVERED}
    return not ended and not was_rejected(case.session, shipment.order_number)
