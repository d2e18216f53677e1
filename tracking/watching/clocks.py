"""Due dates: about to end, over, contradictory, or waiting for somebody who does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlalchemy import Select, select

from config.clock import VIETNAM, local
from dispatch.shipments import Leg, Shipment
from tracking.calendar_versions import CalendarVersion
from tracking.clock_facts import ClockContradiction, ClockFactRow
from tracking.deadlines.clock import ClockState
from tracking.deadlines.promises import after_cutoff
from tracking.deadlines.rules import RuleId
from tracking.deadlines.windows import due_soon, extension_closing, overdue, silent_supplement, supplement_closing
from tracking.dossier_clocks import DossierClock
from tracking.watching.items import Attention, View, item, of_shipment

_LEAD = 1
"""Working days before an end at which staff are told."""

_CALENDAR_LEAD = timedelta(days=90)
"""Long before it ends: time limits reach over it, and the schedule is announced in autumn."""

_LOOK_AHEAD = timedelta(days=30)
"""Longer than any holiday: dates beyond it cannot be within the lead, so they are not looked at."""


def contradictions(view: View) -> Iterator[Attention]:
    """Facts about a time limit that cannot all be true."""
    query = select(ClockContradiction, ClockFactRow.evidence).join(
        ClockFactRow, ClockFactRow.id == ClockContradiction.fact_id
    )
    for row, evidence in view.session.execute(query):
        about = {"what": row.what, "evidence": evidence}
        yield item("clock-contradiction", row.fact_id, row.recorded_at, about, row.dossier_code)


def due_dates(view: View) -> Iterator[Attention]:
    """Results that are due within a working day, and those whose due day is over."""
    for row, due in _running(view):
        if late := overdue(due, view.now, view.office.working_time):
            yield _of(row, "overdue", due, due=_spoken(due), days=late.days_late)
        elif soon := due_soon(due, view.now, _LEAD, view.office.working_time):
            yield _of(row, "due-soon", view.now, due, due=_spoken(due), days=soon.days_left)


def extensions(view: View) -> Iterator[Attention]:
    """The last practical working day for an apology and a new date (Decree 61/2018/NĐ-CP Art. 19(9))."""
    office = view.office
    for row, due in _running(view):
        closing = extension_closing(due, row.extensions, view.now, _LEAD, office.rules, office.working_time)
        if closing is not None:
            last = f"{closing.last_working_day:%d/%m/%Y}"
            yield _of(row, "extension-closing", view.now, due, due=_spoken(due), last=last)


def supplements(view: View) -> Iterator[Attention]:
    """The window for asking for papers closes; or the citizen was asked and has not answered."""
    office = view.office
    newest = select(DossierClock).where(
        DossierClock.state == ClockState.RUNNING, DossierClock.accepted_on >= view.today - _LOOK_AHEAD
    )
    for row in view.session.scalars(newest):
        if row.accepted_on is None:
            continue
        closing = supplement_closing(row.accepted_on, view.now, _LEAD, office.rules, office.working_time)
        if closing is not None:
            yield _of(row, "supplement-closing", view.now, row.accepted_on, last=f"{closing.last_day:%d/%m/%Y}")
    for row in view.session.scalars(_waiting_for_papers()):
        silent = silent_supplement(row.standstill_at or view.now, view.now, office.rules, office.working_time)
        if silent is not None:
            since = row.standstill_at or view.now
            requested = f"{silent.requested_on:%d/%m/%Y}"
            yield _of(row, "supplement-silent", since, requested=requested, days=silent.days_silent)


def frozen(view: View) -> Iterator[Attention]:
    """Papers are lost or damaged and the agency's time stands still (Decision 45/2016/QĐ-TTg Art. 14)."""
    stands = (DossierClock.state == ClockState.SUSPENDED, DossierClock.standstill_rule == RuleId.PAUSE_LOST)
    for row in view.session.scalars(select(DossierClock).where(*stands)):
        since = row.standstill_at or view.now
        yield _of(row, "clock-frozen", since, since_day=f"{local(since):%d/%m/%Y}")


def results_too_early(view: View) -> Iterator[Attention]:
    """A result is with the post although there is none, by what the agency has corrected since."""
    query = (
        select(Shipment)
        .join(DossierClock, DossierClock.dossier_code == Shipment.dossier_code)
        .where(
            Shipment.leg == Leg.RETURN,
            Shipment.live,
            Shipment.collected_at.is_not(None),
            DossierClock.state != ClockState.STOPPED,
        )
    )
    for shipment in view.session.scalars(query):
        yield of_shipment(shipment, "result-too-early", shipment.collected_at or shipment.state_since)


def ending_calendar(view: View) -> Iterator[Attention]:
    """Next year's calendar is not there yet, and soon due dates fall into it."""
    last = view.office.working_time.calendar.last_day
    if view.today > last - _CALENDAR_LEAD:
        since = datetime.combine(last - _CALENDAR_LEAD, time.min, VIETNAM)
        yield item("calendar-ending", f"{last.year + 1}", since, {"last": f"{last:%d/%m/%Y}", "year": last.year + 1})


def changed_calendars(view: View) -> Iterator[Attention]:
    """The calendar in force would move printed dates, and nobody has confirmed that yet."""
    version = view.session.get(CalendarVersion, view.office.calendar_version)
    if version is not None and version.affected:
        values = {"calendar": version.version, "affected": version.affected}
        yield item("calendar-changed", version.version, version.first_used_at, values)


def passing_on(view: View) -> Iterator[Attention]:
    """Taken in after the cutoff: it goes to the competent unit at the start of the next working day, and not now."""
    office = view.office
    newest = select(DossierClock).where(
        DossierClock.state == ClockState.RUNNING,
        DossierClock.accepted_on >= view.today - _LOOK_AHEAD,
        DossierClock.rest_left.is_(None),  # after a pause it has long been there
    )
    for row in view.session.scalars(newest):
        if row.basis_at is None or (by := after_cutoff(row.basis_at, office.rules, office.working_time)) is None:
            continue
        if view.now <= office.working_time.closing(by.date()):
            yield _of(row, "pass-on", row.basis_at, by=_spoken(by))


def _running(view: View) -> Iterator[tuple[DossierClock, datetime]]:
    query = select(DossierClock).where(
        DossierClock.state == ClockState.RUNNING, DossierClock.due <= view.now + _LOOK_AHEAD
    )
    for row in view.session.scalars(query):
        if row.due is not None:
            yield row, row.due


def _waiting_for_papers() -> Select[DossierClock]:
    return select(DossierClock).where(
        DossierClock.state == ClockState.SUSPENDED, DossierClock.standstill_rule == RuleId.SUPPLEMENT_REQUEST
    )


def _of(row: DossierClock, kind: str, since: datetime, at: object = None, **values: object) -> Attention:
    return item(kind, f"{row.dossier_code}:{at or since}", since, values, row.dossier_code)


def _spoken(due: datetime) -> str:
    return f"{local(due):%H:%M %d/%m/%Y}"
