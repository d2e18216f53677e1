"""The operator's events as they stand in a journey: each once, in the order in which things happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers.contract import Certainty, TrackingEvent
from carriers.states import ShipmentState
from tests.tracking.case import Case, document, keep
from tests.tracking.deadlines.story import at
from tracking.events import TrackingEventRow, add_event, events_of, journey_events
from tracking.inbox import InboxDelivery

HAPPENED = at("2026-03-02 09:00")
HEARD = HAPPENED + timedelta(minutes=20)
APPLIED = HAPPENED + timedelta(minutes=21)


def event(number: str, **more: Any) -> TrackingEvent:
    plain = TrackingEvent(
        carrier="vnpost_ngsp",
        account_ref="C14000123",
        order_number=number,
        waybill=None,
        code="2",
        state=ShipmentState.IN_TRANSIT,
        reason=None,
        money_only=False,
        moves_custody=True,
        certainty=Certainty.ASSUMED,
        event_time=HAPPENED,
        location="271000",
        text="Đã thu gom",
        key="k1",
    )
    return replace(plain, **more)


@pytest.fixture
def delivery(case: Case) -> int:
    """The delivery in which all of a test's events come."""
    case.order("send")
    keep(case.desk, document(case.s1, 1, HAPPENED), key=f"all-{case.code}")
    with case.desk.read() as session:
        return session.scalars(select(InboxDelivery.id).where(InboxDelivery.key == f"all-{case.code}")).one()


def added(case: Case, delivery: int, one: TrackingEvent) -> bool:
    with case.desk.context.database.write() as session:
        return add_event(session, case.s1, one, delivery_id=delivery, received_at=HEARD, now=APPLIED)


def rows(session: Session, case: Case) -> list[TrackingEventRow]:
    return [session.get_one(TrackingEventRow, event.id) for event in events_of(session, case.s1)]


def test_an_event_stands_in_the_journey_once(case: Case, delivery: int) -> None:
    assert added(case, delivery, event(case.s1))
    assert not added(case, delivery, event(case.s1, text="the same fact in other words"))
    with case.desk.read() as session:
        assert [row.text for row in rows(session, case)] == ["Đã thu gom"]


def test_when_it_happened_was_heard_and_was_applied_are_three_times(case: Case, delivery: int) -> None:
    added(case, delivery, event(case.s1))
    with case.desk.read() as session:
        (row,) = rows(session, case)
        assert (row.event_time, row.received_at, row.applied_at) == (HAPPENED, HEARD, APPLIED)


def test_events_are_told_in_the_order_in_which_they_happened(case: Case, delivery: int) -> None:
    times: list[datetime] = [HAPPENED + timedelta(hours=hours) for hours in (3, 1, 2)]
    for number, when in enumerate(times):
        added(case, delivery, event(case.s1, key=f"k{number}", event_time=when))
    with case.desk.read() as session:
        assert [row.event_time for row in rows(session, case)] == sorted(times)


def test_the_fold_gets_what_was_stored(case: Case, delivery: int) -> None:
    added(case, delivery, event(case.s1))
    with case.desk.read() as session:
        (one,) = journey_events(session, case.s1)
    assert (one.key, one.state, one.event_time, one.code, one.location) == (
        *("k1", ShipmentState.IN_TRANSIT, HAPPENED),
        *("2", "271000"),
    )


def test_a_very_long_text_is_cut_to_what_the_column_holds(case: Case, delivery: int) -> None:
    added(case, delivery, event(case.s1, text="ắ" * 2000))
    with case.desk.read() as session:
        assert len(rows(session, case)[0].text) == 500
