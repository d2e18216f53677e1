"""Several dossiers in one parcel, and people who decide about two of them at once. On PostgreSQL, which locks rows.

Whoever decides about something in a parcel locks the order of the parcel before anything else of it. Nothing here
depends on luck: see :func:`tests.tracking.test_lock_order.run_into`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from dispatch import booking, settlements
from dispatch.riders import riders_of
from dispatch.settling import settle
from dispatch.shipment_queries import get_shipment, shipments_of
from dispatch.shipments import BookingState, Shipment
from tests.support.desk import TestDesk, opened_desk
from tests.support.schema import with_tables
from tests.tracking.case import Case
from tests.tracking.test_lock_order import run_into, until_somebody_waits
from tests.tracking.test_parcels import created, together

pytestmark = pytest.mark.needs_postgres

WHEN = "2026-03-03 09:00"


@pytest.fixture
def desk(tmp_path: Path, postgres_url: str) -> Iterator[TestDesk]:
    with with_tables(postgres_url) as url, opened_desk(tmp_path, url) as desk:
        yield desk


@pytest.fixture
def parcel(desk: TestDesk) -> list[Case]:
    """Three dossiers of one citizen whose results are to go in one parcel; none of them is there yet."""
    cases = [Case.opened(desk) for _ in range(3)]
    for one in cases:
        one.order("receive")
        one.happens("accepted", "2026-03-02 09:00")
    together(desk, [one.r1 for one in cases])
    return cases


Act = Callable[[Case], object]


def is_ready(case: Case) -> None:
    case.finished(WHEN)


def is_withdrawn(case: Case) -> None:
    case.happens("withdrawn", WHEN)


def lock_riders(parcel: list[Case]) -> Callable[[Session], object]:
    return lambda session: riders_of(session, get_shipment(session, parcel[0].r1))


@pytest.mark.parametrize("act", [is_ready, is_withdrawn])
def test_whoever_decides_about_a_rider_locks_the_order_of_its_parcel_first(
    desk: TestDesk, parcel: list[Case], act: Act
) -> None:
    """The dossier with the order is being decided about: its shipment is locked, and the riders come next."""
    first, rider, other = parcel
    run_into(
        desk,
        lambda: act(rider),
        lambda session: shipments_of(session, first.code, lock=True),
        lock_riders(parcel),
    )
    for one in (first, other):
        one.finished(WHEN)
    booking.drain(desk.context)
    assert created(desk, *parcel) == [first.r1]


@pytest.mark.parametrize("act", [is_ready, is_withdrawn])
def test_two_who_decide_about_two_riders_come_one_after_the_other(desk: TestDesk, parcel: list[Case], act: Act) -> None:
    first, rider, other = parcel
    run_into(
        desk,
        lambda: act(other),
        lambda session: shipments_of(session, rider.code, lock=True),
        lock_riders(parcel),
    )
    for one in (first, rider):
        one.finished(WHEN)
    booking.drain(desk.context)
    assert created(desk, *parcel) == [first.r1]


@pytest.mark.parametrize("act", [is_ready, is_withdrawn])
def test_a_parcel_goes_though_the_last_two_that_it_waits_for_are_settled_in_one_moment(
    desk: TestDesk, parcel: list[Case], act: Act
) -> None:
    """Each of the two must see what the other has done, or the parcel would wait for ever."""
    first, rider, other = parcel
    first.finished(WHEN)
    run_into(
        desk,
        lambda: act(other),
        lambda session: rider.take(session, "result_ready", WHEN, result_papers=[{"name": "Kết quả", "originals": 1}]),
        lambda session: session.flush(),
    )
    booking.drain(desk.context)
    assert created(desk, *parcel) == [first.r1]
    assert desk.shipment(first.r1).booking is BookingState.BOOKED


def test_a_rider_that_gets_off_while_the_lane_settles_the_end_of_its_order_waits_its_turn(
    desk: TestDesk, parcel: list[Case]
) -> None:
    """The lane ends the parcel's order and gives what lies in it an order of its own, while a rider is withdrawn."""
    first, rider, other = parcel
    with ThreadPoolExecutor(1) as rival:
        meanwhile: list[Future[object]] = []

        def ended(session: Session, shipment: Shipment, now: datetime) -> None:
            meanwhile.append(rival.submit(is_withdrawn, rider))
            until_somebody_waits(desk, meanwhile[0])
            settlements.cancelled(session, shipment, now)

        assert settle(desk.context, first.r1, ended)
    meanwhile[0].result()
    assert rider.shipment(rider.r1).state == "cancelled"
    other.finished(WHEN)
    booking.drain(desk.context)
    assert created(desk, *parcel) == [other.r1]
