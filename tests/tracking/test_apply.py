"""From the inbox into the journeys: nothing that came in is lost, and the order in which it came does not matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from structlog.testing import capture_logs

from dispatch.shipments import BookingState
from tests.support.desk import TestDesk
from tests.tracking.case import (
    AT_THE_DOOR,
    BOOKED,
    COLLECTED,
    COMING,
    DELIVERED,
    FAILED,
    RETURNED,
    RETURNING,
    UNKNOWN,
    Case,
    document,
    keep,
    local_text,
)
from tests.tracking.deadlines.story import at
from tracking import apply
from tracking.events import events_of
from tracking.inbox import InboxDelivery, InboxState


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What operations find in the log."""
    with capture_logs() as entries:
        yield entries


def drain(case: Case) -> None:
    apply.drain(case.desk.context, case.desk.office)


def delivery(case: Case, key: str) -> InboxDelivery:
    with case.desk.read() as session:
        return session.scalars(select(InboxDelivery).where(InboxDelivery.key == key)).one()


def codes(case: Case, number: str) -> list[str]:
    with case.desk.read() as session:
        return [row.code for row in events_of(session, number)]


# --- what cannot be applied yet ---


def test_an_unknown_item_waits_and_is_applied_when_the_shipment_appears(case: Case) -> None:
    key = f"early-{case.code}"
    keep(case.desk, document(case.s1, COLLECTED, case.now("2026-03-02 09:00")), key=key)
    drain(case)
    assert delivery(case, key).state is InboxState.PARKED
    assert case.s1 in str(delivery(case, key).reason)
    case.order("send")
    case.now("2026-03-02 09:10")
    drain(case)
    assert (delivery(case, key).state, delivery(case, key).reason) == (InboxState.APPLIED, None)
    assert case.shipment(case.s1).state == "in_transit"


def test_an_unknown_item_is_looked_at_ever_more_rarely(case: Case) -> None:
    key = f"stranger-{case.code}"
    keep(case.desk, document("H99.99-000000-0000-S1", COLLECTED, case.now("2026-03-02 09:00")), key=key)
    tries = []
    for _ in range(5):
        drain(case)
        tries.append(str(local_text(delivery(case, key).try_at)))
        case.now(tries[-1])
    assert tries == ["2026-03-02 09:10", "2026-03-02 10:10", "2026-03-02 16:10", "2026-03-03 16:10", "2026-03-04 16:10"]


def test_an_item_of_another_account_is_parked_and_moves_nothing(case: Case) -> None:
    case.order("send")
    key = f"foreign-{case.code}"
    foreign = document(case.s1, DELIVERED, case.now("2026-03-02 09:00"), CustomerCode="C99000999")
    keep(case.desk, foreign, key=key)
    drain(case)
    assert "C99000999" in str(delivery(case, key).reason)
    assert (codes(case, case.s1), case.shipment(case.s1).state) == ([], "requested")


def test_an_item_is_found_by_its_waybill(case: Case) -> None:
    case.order("send")
    waybill = f"HC{case.code[-5:]}0015VN"
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00", ItemCode=waybill)
    case.reported("their-own-number", DELIVERED, "2026-03-03 09:00", ItemCode=waybill)
    assert case.shipment(case.s1).state == "delivered"


def test_an_event_of_tomorrow_waits_until_it_has_happened(case: Case) -> None:
    case.order("send")
    key = f"future-{case.code}"
    raw = document(case.s1, COLLECTED, case.now("2026-03-02 09:00"), EventTime="2026-03-03T09:00:00+07:00")
    keep(case.desk, raw, key=key)
    drain(case)
    assert "lies in the future" in str(delivery(case, key).reason)
    assert codes(case, case.s1) == []


def test_what_cannot_be_read_is_parked_and_its_neighbours_are_applied(case: Case) -> None:
    case.order("send")
    good = [document(case.s1, code, case.now(f"2026-03-02 {9 + code}:00")) for code in (BOOKED, COLLECTED)]
    key = f"page-{case.code}"
    keep(case.desk, [good[0], {"OrderNumber": case.s1}, good[1]], key=key)
    drain(case)
    assert (delivery(case, key).state, "cannot be read" in str(delivery(case, key).reason)) == (InboxState.PARKED, True)
    assert codes(case, case.s1) == ["1", "2"]


@pytest.mark.parametrize("garbage", ["{half a docu", "", '"text"', "[[1, 2], null]", '{"StatusCode": {"a": 1}}'])
def test_garbage_is_kept_and_parked(case: Case, garbage: str) -> None:
    key = f"garbage-{case.code}"
    keep(case.desk, garbage, key=key)
    drain(case)
    assert delivery(case, key).state is InboxState.PARKED
    with case.desk.read() as session:
        assert session.scalars(select(InboxDelivery.body).where(InboxDelivery.key == key)).one() == garbage


def test_a_delivery_that_breaks_parks_alone(case: Case, logged: list[Any]) -> None:
    case.order("send")
    keep(case.desk, document(case.s1, BOOKED, case.now("2026-03-02 08:10")))
    key = f"locked-{case.code}"
    keep(case.desk, document(case.s1, AT_THE_DOOR, case.now("2026-03-02 08:20")), key=key)
    keep(case.desk, document(case.s1, COLLECTED, case.now("2026-03-02 08:30")))
    spoil(case, key)
    drain(case)
    assert codes(case, case.s1) == ["1", "2"]
    with case.desk.read() as session:
        query = select(InboxDelivery.state, InboxDelivery.reason).where(InboxDelivery.key == key)
        state, reason = session.execute(query).one()
    assert state is InboxState.PARKED
    assert "see the log for delivery" in str(reason)
    assert any(f"delivery {entry['delivery']}" in str(reason) for entry in logged)


def test_a_delivery_that_breaks_half_way_leaves_nothing_half_done(case: Case) -> None:
    case.order("send")
    key = f"beyond-our-calendars-{case.code}"
    keep(case.desk, document(case.s1, COLLECTED, case.now("2031-03-03 09:00")), key=key)
    keep(case.desk, document(case.s1, BOOKED, at("2026-03-02 08:30")))
    drain(case)
    assert "MissingCalendarYear" in str(delivery(case, key).reason)
    assert (codes(case, case.s1), case.shipment(case.s1).state) == (["1"], "booked")
    assert set(case.holders().values()) == {"citizen"}


@pytest.mark.parametrize(("when", "state"), [("2026-03-02 06:30", "requested"), ("2026-03-02 07:30", "delivered")])
def test_what_happened_before_the_order_was_made_cannot_be_about_it(case: Case, when: str, state: str) -> None:
    """An hour is left to clocks that differ; the order was made at eight."""
    case.order("send")
    key = f"early-{case.code}"
    keep(case.desk, document(case.s1, DELIVERED, at(when)), key=key)
    drain(case)
    assert case.shipment(case.s1).state == state
    assert ("lies before the order was made" in str(delivery(case, key).reason)) is (state == "requested")


def spoil(case: Case, key: str) -> None:
    """Overwrite a stored body with something that no key of ours opens."""
    with case.desk.context.database.write() as session:
        session.execute(text("UPDATE inbox_delivery SET body = 'nobody can read this' WHERE key = :key"), {"key": key})


def test_an_unknown_code_is_kept_and_shown(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, UNKNOWN, "2026-03-02 10:00")
    assert codes(case, case.s1) == ["2", "9"]
    assert case.shipment(case.s1).state == "in_transit"
    assert [item.kind for item in case.attention()] == ["unknown-code"]


def test_the_same_event_under_another_feed_id_is_one_event(case: Case) -> None:
    case.order("send")
    for _ in range(3):
        case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert codes(case, case.s1) == ["2"]
    assert len(case.told_onestop("postal.shipment_moved")) == 1


def test_what_is_applied_is_not_applied_again(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    before = case.messages("onestop:igate")
    case.now("2026-03-09 09:00")
    drain(case)
    assert case.messages("onestop:igate") == before


def test_a_great_many_deliveries_are_applied_in_one_go(case: Case) -> None:
    case.order("send")
    for number in range(120):
        keep(case.desk, document(case.s1, COLLECTED, case.now(f"2026-03-02 {9 + number // 60:02}:{number % 60:02}")))
    drain(case)
    assert len(codes(case, case.s1)) == 120


# --- the order of arrival ---

Step = Callable[[Case], object]


def told(leg: str, code: int, when: str) -> Step:
    """The operator reports, under a new feed id each time."""

    def step(case: Case) -> None:
        case.reported(f"{case.code}-{leg}", code, when)

    return step


def signed(leg: str, when: str, **how: Any) -> Step:
    return lambda case: case.signed(f"{case.code}-{leg}", when, **how)


def event(kind: str, when: str, **more: Any) -> Step:
    return lambda case: case.happens(kind, when, **more)


ACCEPTED = (
    told("S1", BOOKED, "2026-03-02 08:30"),
    told("S1", COMING, "2026-03-02 08:45"),
    told("S1", COLLECTED, "2026-03-02 09:00"),
    told("S1", AT_THE_DOOR, "2026-03-03 09:00"),
    told("S1", DELIVERED, "2026-03-03 10:10"),
    told("S1", UNKNOWN, "2026-03-03 10:11"),
    signed("S1", "2026-03-03 10:00"),
    event("supplement_requested", "2026-03-04 09:00", reason="bản sao hộ chiếu"),
    event("supplement_completed", "2026-03-05 09:00"),
    event("extended", "2026-03-06 09:00", reason="chờ ý kiến Sở", new_due="2026-03-16"),
)
REJECTED = (
    told("S1", COLLECTED, "2026-03-02 09:00"),
    told("S1", DELIVERED, "2026-03-03 09:50"),
    told("S1", DELIVERED, "2026-03-03 09:55"),
    signed("S1", "2026-03-03 10:00", accepted=False, missing_papers=["Tờ khai"]),
    told("S1", RETURNING, "2026-03-03 11:00"),
    told("S1", RETURNED, "2026-03-04 09:00"),
    told("S1", AT_THE_DOOR, "2026-03-04 10:00"),
)
SENT_BACK = (
    signed("R1", "2026-03-05 08:30", direction="to_post"),
    told("R1", COLLECTED, "2026-03-05 09:00"),
    told("R1", FAILED, "2026-03-06 09:00"),
    told("R1", FAILED, "2026-03-10 09:00"),
    told("R1", RETURNING, "2026-03-12 09:00"),
    told("R1", RETURNED, "2026-03-12 15:00"),
    signed("R1", "2026-03-13 09:00"),
)
DELIVERED_HOME = (
    *SENT_BACK[:3],
    told("R1", DELIVERED, "2026-03-09 09:00"),
    told("R1", FAILED, "2026-03-09 10:00"),
    told("R1", DELIVERED, "2026-03-09 11:00"),
)


def opened(desk: TestDesk) -> Case:
    """A dossier whose papers both ways are ordered; it is late enough for everything to have happened."""
    case = Case.opened(desk)
    case.order("both")
    case.now("2026-03-15 08:00")
    return case


def with_result(desk: TestDesk) -> Case:
    """The same, and the result has been ready since Wednesday."""
    case = opened(desk)
    case.signed(case.s1, "2026-03-02 16:00")
    case.finished("2026-03-04 15:00")
    return case


def outcome(case: Case) -> dict[str, Any]:
    """Return what everybody sees in the end."""
    last = case.versions()[-1] if case.versions() else None
    return {
        "shipments": [shipment(case, number) for number in (case.s1, case.r1)],
        "papers": case.holders(),
        "facts": case.facts(),
        "due": (last.state, last.due, last.original_due) if last else None,
        "contradictions": [item.kind for item in case.attention() if item.kind == "clock-contradiction"],
    }


def shipment(case: Case, number: str) -> tuple[object, ...]:
    row = case.shipment(number)
    state = (row.booking, row.journey, row.state, row.live, row.waybill)
    times = (row.collected_at, row.delivered_at, row.failed_attempts, row.transit_due, row.transit_kept)
    return (*state, *times, row.state_since if row.journey else None, row.anomalies)


def play(begin: Callable[[TestDesk], Case], desk: TestDesk, steps: list[Step]) -> Case:
    case = begin(desk)
    for step in steps:
        step(case)
    return case


STORIES = {
    "accepted": (opened, ACCEPTED),
    "rejected": (opened, REJECTED),
    "sent-back": (with_result, SENT_BACK),
    "delivered-home": (with_result, DELIVERED_HOME),
}


@pytest.mark.parametrize("story", STORIES)
def test_any_order_of_arrival_ends_the_same(shared_desk: TestDesk, story: str) -> None:
    begin, steps = STORIES[story]
    expected = outcome(play(begin, shared_desk, list(steps)))
    reports = [step for step in steps if step.__qualname__.startswith("told")]
    signatures = [step for step in steps if step.__qualname__.startswith("signed")]

    @settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
    @given(st.permutations(steps), st.lists(st.sampled_from(reports), max_size=3))
    def in_any_order(order: list[Step], again: list[Step]) -> None:
        waiting = iter(signatures)  # one signature follows another at the desk, however late the operator's news are
        order = [next(waiting) if step in signatures else step for step in order]
        assert outcome(play(begin, shared_desk, order + again)) == expected

    in_any_order()


def test_deliveries_that_come_at_once_end_as_those_that_come_one_by_one(shared_desk: TestDesk) -> None:
    one_by_one = play(opened, shared_desk, list(REJECTED[:3]))
    at_once = opened(shared_desk)
    for code, when in (
        (DELIVERED, "2026-03-03 09:55"),
        (DELIVERED, "2026-03-03 09:50"),
        (COLLECTED, "2026-03-02 09:00"),
    ):
        keep(shared_desk, document(at_once.s1, code, at_once.now(when)))
    drain(at_once)
    assert outcome(at_once) == outcome(one_by_one)


def test_an_account_that_is_gone_from_the_configuration_parks_its_deliveries(case: Case) -> None:
    key = f"gone-{case.code}"
    with case.desk.context.database.write() as session:
        deliver = partial(InboxDelivery, source="carrier:vnpost-of-old", key=key, kind=apply.TRACKING, body="{}")
        now = case.desk.clock.now()
        session.add(deliver(received_at=now, try_at=now, state=InboxState.NEW, attempts=0))
    drain(case)
    assert "vnpost-of-old" in str(delivery(case, key).reason)


def test_the_first_event_of_a_lost_booking_adopts_it_whatever_comes_first(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, DELIVERED, "2026-03-02 10:00")
    assert case.shipment(case.s1).booking is BookingState.BOOKED
