"""What the postman does and reports: the rounds of a parcel, as events at the operator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from worker.training.book import Act
from worker.training.casting import Part
from worker.training.view import View

UNEXPLAINED = "unexplained"
"""A state that the operator reports under a code which no table lists."""

_MORNING = time(8, 0)
_MIDDAY = time(11, 0)


def plan(view: View) -> Iterator[Act]:
    """Decide what the postman does next about a dossier's parcels; the same view gives the same acts."""
    for number, created_at in view.orders.items():
        if "-S" in number[len(view.case.code) :]:
            yield from _to_agency(view, number, created_at)
        else:
            yield from _to_citizen(view, number)


def _to_agency(view: View, number: str, created_at: datetime) -> Iterator[Act]:
    hours = view.hours
    collected_at = hours.after(created_at, 1, time(9, 30))
    yield _report(view, number, "collecting", hours.after(created_at, 1, _MORNING))
    yield from _on_the_road(view, number, collected_at)
    yield _report(view, number, "out_for_delivery", hours.after(created_at, 2, _MORNING))
    record = view.copy.handover(number, "to_agency")
    if _reports_at_the_door(view):
        yield _report(view, number, "delivered", hours.after(created_at, 2, time(9, 30)))
    elif record and record.accepted:
        yield _report(view, number, "delivered", _after(record.signed_at, minutes=30))
    if record and not record.accepted:
        signed_at = datetime.fromisoformat(record.signed_at)
        yield _report(view, number, "returning", _after(record.signed_at, minutes=60))
        yield _report(view, number, "returned", hours.after(signed_at, 1, _MIDDAY))


def _to_citizen(view: View, number: str) -> Iterator[Act]:
    record = view.copy.handover(number, "to_post")
    if record is None:
        return
    hours, taken_at = view.hours, datetime.fromisoformat(record.signed_at)
    yield from _on_the_road(view, number, taken_at + timedelta(minutes=60))
    yield _report(view, number, "out_for_delivery", hours.after(taken_at, 1, _MORNING))
    if view.part is not Part.RETURNED_RESULT:
        yield _report(view, number, "delivered", hours.after(taken_at, 1, _MIDDAY))
        return
    yield _report(view, number, "delivery_failed", hours.after(taken_at, 1, _MIDDAY))
    yield _report(view, number, "out_for_delivery", hours.after(taken_at, 3, _MORNING), round_=2)
    yield _report(view, number, "delivery_failed", hours.after(taken_at, 3, _MIDDAY), round_=2)
    yield _report(view, number, "returning", hours.after(taken_at, 5, _MIDDAY))
    yield _report(view, number, "returned", hours.after(taken_at, 6, _MORNING))


def _on_the_road(view: View, number: str, at: datetime) -> Iterator[Act]:
    """The parcel leaves the post office; the parts about odd reports play here."""
    late = timedelta(days=2) if view.part is Part.TWICE_AND_LATE else timedelta()
    yield _report(view, number, "in_transit", at, reported_after=late)
    if view.part is Part.TWICE_AND_LATE:
        yield _report(view, number, "in_transit", at, reported_after=late + timedelta(minutes=20), round_=2)
    if view.part is Part.UNKNOWN_CODE:
        yield _report(view, number, UNEXPLAINED, at + timedelta(minutes=90))


def _reports_at_the_door(view: View) -> bool:
    """Some postmen report the delivery at the door, before the desk has counted; others after the signature."""
    return view.luck % 2 == 1


def _after(instant: str, *, minutes: int) -> datetime:
    return datetime.fromisoformat(instant) + timedelta(minutes=minutes)


def _report(
    view: View, number: str, state: str, at: datetime, *, reported_after: timedelta = timedelta(), round_: int = 1
) -> Act:
    act_id = f"{view.case.code}/report:{number}:{state}:{round_}"
    payload = {"order": number, "state": state, "at": at.isoformat()}
    return Act(act_id, at + reported_after, "report", view.case.code, payload)
