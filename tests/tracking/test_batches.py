"""Many deliveries applied at once come to the same as each by itself, cost as few statements, and harm nobody."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import DeadlockDetected
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from carriers.contract import Booking
from dispatch.context import Context
from dispatch.settlements import Adopted
from dispatch.settling import settle
from dispatch.shipments import Shipment
from tests.support.desk import TestDesk
from tests.support.statements import statements
from tests.tracking.case import (
    AT_THE_DOOR,
    COLLECTED,
    COMING,
    DELIVERED,
    FAILED,
    RETURNED,
    RETURNING,
    Case,
    document,
    keep,
)
from tests.tracking.conftest import ON_BOTH
from tests.tracking.deadlines.story import at
from tests.tracking.test_apply import outcome
from tracking import apply, placing
from tracking.deliveries import claim
from tracking.effects import move_on
from tracking.events import events_of
from tracking.inbox import InboxDelivery, InboxState
from tracking.journey import Journey
from tracking.office import Office

Report = tuple[int, int, int, str]
"""Which dossier, which of its legs, which code, and when."""

THEN = "2026-03-15 08:00"
STORIES = (
    ((0, COLLECTED), (0, AT_THE_DOOR), (0, DELIVERED), (0, FAILED)),
    ((0, COLLECTED), (0, FAILED), (0, RETURNING), (0, RETURNED), (1, COMING)),
    ((1, COLLECTED), (1, FAILED), (1, AT_THE_DOOR), (1, DELIVERED)),
)


def reports(dossiers: int) -> list[Report]:
    """Return what the operator tells of so many dossiers, as it happened."""
    return [
        (dossier, leg, code, f"2026-03-{2 + step:02} {9 + dossier % 8:02}:{dossier % 60:02}")
        for dossier in range(dossiers)
        for step, (leg, code) in enumerate(STORIES[dossier % len(STORIES)])
    ]


def under_way(desk: TestDesk, dossiers: int) -> list[Case]:
    """Dossiers whose papers both ways are ordered; it is late enough for everything to have happened."""
    cases = []
    for _ in range(dossiers):
        cases.append(Case.opened(desk))
        cases[-1].order("both")
    cases[-1].now(THEN)
    return cases


def arrive(cases: Sequence[Case], told: Sequence[Report]) -> None:
    """Put what is told into the inbox, in this order."""
    with cases[0].desk.context.database.write() as session:
        for dossier, leg, code, when in told:
            case = cases[dossier]
            keep(case.desk, document((case.s1, case.r1)[leg], code, at(when)), session=session)


def drain(case: Case, **how: int) -> None:
    apply.drain(case.desk.context, case.desk.office, **how)


def messages(case: Case) -> list[tuple[str, str]]:
    """Return what everybody was told of a dossier, without its code."""
    told = (case.messages("onestop:igate"), case.messages("citizen"))
    return sorted((one["type"], str(one["data"]).replace(case.code, "")) for some in told for one in some)


def codes(case: Case, number: str) -> list[str]:
    with case.desk.read() as session:
        return [row.code for row in events_of(session, number)]


def waiting(desk: TestDesk) -> list[str]:
    with desk.read() as session:
        parked = select(InboxDelivery.reason).where(InboxDelivery.state != InboxState.APPLIED)
        return [str(reason) for reason in session.scalars(parked)]


def test_a_batch_comes_to_the_same_as_its_deliveries_one_by_one_in_any_order(desk: TestDesk) -> None:
    told = reports(3)

    @settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
    @given(st.permutations(told), st.lists(st.sampled_from(told), max_size=6), st.integers(2, 20))
    def in_batches(order: list[Report], again: list[Report], size: int) -> None:
        alone, together = under_way(desk, 3), under_way(desk, 3)
        arrive(alone, order + again)
        drain(alone[0], batch=1)
        arrive(together, order + again)
        drain(together[0], batch=size)
        for one, other in zip(alone, together, strict=True):
            assert plain(one) == plain(other)
            assert messages(one) == messages(other)

    in_batches()


def plain(case: Case) -> dict[str, Any]:
    """Return what has become of a dossier, its code left out."""
    return {what: str(value).replace(case.code, "") for what, value in outcome(case).items()}


def test_hundreds_of_deliveries_of_tens_of_shipments_end_as_in_the_true_order(desk: TestDesk) -> None:
    told = reports(24)
    shuffled = random.Random(5).sample(told * 2, len(told) * 2)
    in_order, in_disorder = under_way(desk, 24), under_way(desk, 24)
    for cases, order in ((in_order, told), (in_disorder, shuffled)):
        arrive(cases, order)
        drain(cases[0])
    assert len(shuffled) > 200
    assert [plain(case) for case in in_disorder] == [plain(case) for case in in_order]
    assert waiting(desk) == []


@pytest.mark.parametrize("desk", ON_BOTH, indirect=True)
def test_a_poisoned_delivery_among_two_hundred_parks_alone(desk: TestDesk) -> None:
    cases = under_way(desk, 20)
    told = reports(20)
    arrive(cases, told)
    cases[7].now("2031-03-03 09:00")  # no calendar reaches so far
    arrive(cases, [(7, 1, COLLECTED, "2031-03-03 08:00")])
    arrive(cases, [report for report in told * 2 if report[0] != 7][: 199 - len(told)])
    drain(cases[0])
    (reason,) = waiting(desk)
    assert "MissingCalendarYear" in reason
    assert (len(codes(cases[7], cases[7].s1)), codes(cases[7], cases[7].r1)) == (len(STORIES[1]) - 1, [str(COMING)])
    assert {case.shipment(case.s1).journey for case in cases[::3]} == {"delivered"}


@pytest.mark.parametrize("desk", ON_BOTH, indirect=True)
def test_a_batch_ten_times_as_large_takes_as_many_statements(desk: TestDesk) -> None:
    sent = {}
    for dossiers in (3, 3, 30):  # the first time something is looked up once for all
        cases = under_way(desk, dossiers)
        arrive(cases, reports(dossiers))
        with statements(desk.context.database.engine) as sent[dossiers]:
            drain(cases[0])
    assert [statement[:60] for statement in sent[30]] == [statement[:60] for statement in sent[3]]
    assert len(sent[30]) < 30


def test_what_came_before_its_waybill_was_known_is_applied_as_soon_as_it_is(case: Case) -> None:
    case.order("send")
    waybill = f"HC{case.code[-5:]}0077VN"
    case.reported("their-own-number", AT_THE_DOOR, "2026-03-02 10:00", ItemCode=waybill)
    assert case.shipment(case.s1).journey is None
    settle(case.desk.context, case.s1, Adopted(Booking(case.s1, waybill, already_existed=False)))
    drain(case)
    assert case.shipment(case.s1).journey == "out_for_delivery"


def test_what_came_before_its_waybill_was_reported_is_applied_with_the_report(case: Case) -> None:
    case.order("send")
    waybill = f"HC{case.code[-5:]}0078VN"
    keep(case.desk, document("their-own-number", AT_THE_DOOR, case.now("2026-03-02 10:00"), ItemCode=waybill))
    keep(case.desk, document(case.s1, COLLECTED, at("2026-03-02 09:00"), ItemCode=waybill))
    drain(case)
    assert codes(case, case.s1) == [str(COLLECTED), str(AT_THE_DOOR)]


def test_what_came_before_its_order_was_placed_is_applied_once_it_is(case: Case) -> None:
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.order("send")
    drain(case)
    assert case.shipment(case.s1).journey == "in_transit"


def test_neither_what_is_new_nor_what_is_tried_again_starves_the_other(desk: TestDesk) -> None:
    (case,) = under_way(desk, 1)
    for _ in range(10):
        keep(desk, document("nobody's", COLLECTED, at("2026-03-02 09:00")))
    drain(case)
    desk.clock.forward(minutes=30)
    arrive([case], reports(1) * 3)
    with desk.context.database.write() as session:
        claimed = [delivery.attempts for delivery in claim(session, desk.clock.now(), 8)]
    assert sorted(claimed) == [0] * 6 + [1] * 2


def collected(neighbour: Case) -> Case:
    """Let the operator report that it has collected another dossier's papers; nobody has looked at that yet."""
    case = Case.opened(neighbour.desk)
    case.order("send")
    keep(case.desk, document(case.s1, COLLECTED, case.now("2026-03-02 09:00")), key=case.code)
    return case


def delivery(case: Case) -> InboxDelivery:
    with case.desk.read() as session:
        return session.scalars(select(InboxDelivery).where(InboxDelivery.key == case.code)).one()


def deadlocked_once(number: str) -> Callable[..., None]:
    """Return how shipments move on when the database breaks off the first move of the shipment ``number``."""
    broken_off = iter([OperationalError("UPDATE shipment", None, DeadlockDetected("deadlock detected"))])

    def move(session: Session, context: Context, office: Office, shipment: Shipment, before: Journey) -> None:
        if shipment.order_number == number and (error := next(broken_off, None)) is not None:
            raise error
        move_on(session, context, office, shipment, before)

    return move


def test_a_deadlock_parks_no_delivery_and_the_whole_batch_is_taken_up_again(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = [collected(case) for _ in range(3)]
    monkeypatch.setattr(placing, "move_on", deadlocked_once(batch[1].s1))
    with pytest.raises(OperationalError, match="deadlock"):
        drain(case)
    assert [(delivery(one).state, delivery(one).attempts) for one in batch] == [(InboxState.NEW, 0)] * 3
    assert [codes(one, one.s1) for one in batch] == [[], [], []]
    drain(case)
    assert [(delivery(one).state, delivery(one).attempts) for one in batch] == [(InboxState.APPLIED, 1)] * 3
    assert [codes(one, one.s1) for one in batch] == [["2"], ["2"], ["2"]]
