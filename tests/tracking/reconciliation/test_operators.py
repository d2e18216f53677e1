"""Orders at every operator that can be asked: nothing is found where nothing is wrong, and what was missed is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from carriers.simulation import Fault, FaultRule, SimulatedOperator
from carriers.states import ShipmentState
from config.errors import ConfigurationError
from dispatch.order_changes import ask_to_cancel
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BookingState, Shipment
from tests.support.desk import CODE, TestDesk, opened_desk
from tests.support.operators import joined
from tracking import apply
from tracking.reconciliation import mending, operators, rounds
from tracking.reconciliation.rows import differences_of, rounds_of

ASKED = ("ems", "jt", "myvnpost", "vnpost_ngsp")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    with opened_desk(tmp_path) as desk:
        desk.register()
        yield desk


@pytest.fixture(params=ASKED)
def operator(request: pytest.FixtureRequest, desk: TestDesk) -> Iterator[SimulatedOperator]:
    """Each operator that can be asked about its orders; the desk's one order is there."""
    if request.param == "vnpost_ngsp":
        booked(desk, request.param)
        yield desk.operator
        return
    with joined(desk, request.param) as operator:
        booked(desk, request.param)
        yield operator


def booked(desk: TestDesk, carrier: str) -> None:
    (number,) = desk.order("send", carrier=carrier)
    desk.work()
    shipment = desk.shipment(number)
    assert (number, shipment.carrier, shipment.booking) == (f"{CODE}-S1", carrier, BookingState.BOOKED)


def compared(desk: TestDesk) -> list[tuple[str, str]]:
    rounds.compare_now(desk.context, desk.office, ())
    with desk.read() as session:
        assert {row.peer: row.trouble for row in rounds_of(session) if row.trouble} == {}
        return [(one.kind.value, one.cause.value) for one in differences_of(session)]


def days_pass(desk: TestDesk, days: int = 1) -> None:
    for _ in range(days * 4):
        desk.clock.forward(hours=6)
        desk.work()
        desk.work()


def change(desk: TestDesk, **values: Any) -> None:
    with desk.context.database.write() as session:
        session.execute(update(Shipment).values(**values))


def test_nothing_is_found_where_nothing_is_wrong(desk: TestDesk, operator: SimulatedOperator) -> None:
    assert compared(desk) == []
    days_pass(desk, 2)
    assert compared(desk) == []
    for state in (ShipmentState.IN_TRANSIT, ShipmentState.OUT_FOR_DELIVERY, ShipmentState.DELIVERED):
        operator.report(f"{CODE}-S1", state, desk.clock.now())
        days_pass(desk)
        assert (desk.shipment(f"{CODE}-S1").journey, compared(desk)) == (state, [])


def test_news_that_was_missed_is_found_and_listened_to(desk: TestDesk, operator: SimulatedOperator) -> None:
    days_pass(desk)
    operator.report(f"{CODE}-S1", ShipmentState.IN_TRANSIT, desk.clock.now())
    change(desk, poll_at=desk.clock.now() + timedelta(days=9))
    assert compared(desk) == []  # there was no time yet to hear of it
    desk.clock.forward(hours=7)
    assert compared(desk) == [("news-unheard", "not-read-since")]
    assert desk.shipment(f"{CODE}-S1").journey != ShipmentState.IN_TRANSIT
    assert mending.listen(desk.context, f"{CODE}-S1") > 0
    assert mending.listen(desk.context, f"{CODE}-S1") == 0
    apply.drain(desk.context, desk.office)
    assert compared(desk) == []


def test_an_operator_that_does_not_answer_is_a_line(desk: TestDesk, operator: SimulatedOperator) -> None:
    desk.clock.forward(hours=30)
    operator.faults.replace([FaultRule(fault=Fault.ERROR_BEFORE)])
    rounds.compare_now(desk.context, desk.office, ())
    with desk.read() as session:
        assert len([row for row in rounds_of(session) if row.trouble]) == 1
        assert differences_of(session) == []


def test_an_order_of_which_an_operator_does_not_tell_stops_no_other(desk: TestDesk) -> None:
    other = "H14.10-260302-0002"
    desk.register(other)
    with joined(desk, "myvnpost") as operator:
        booked(desk, "myvnpost")
        desk.order("send", carrier="myvnpost", dossier=other)
        desk.work()
        desk.clock.forward(hours=30)
        operator.faults.replace([FaultRule(fault=Fault.ERROR_BEFORE, operation="tracking", order=f"{CODE}-S1")])
        operator.report(f"{other}-S1", ShipmentState.IN_TRANSIT, desk.clock.now() - timedelta(hours=20))
        change(desk, poll_at=desk.clock.now() + timedelta(days=9))
        assert compared(desk) == [("news-unheard", "not-read-since")]
        with desk.read() as session:
            notes = [row.note for row in rounds_of(session) if row.note]
        assert [note.partition(" (")[0] for note in notes] == [f"{CODE}-S1 is not told of"]


def test_a_feed_that_is_too_long_is_not_read_to_its_end(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    booked(desk, "vnpost_ngsp")
    desk.clock.forward(hours=30)
    monkeypatch.setattr(operators, "_PAGE", 1)
    monkeypatch.setattr(operators, "_MOST_PAGES", 1)
    for _ in range(3):
        desk.report("H14-another", 2)
    assert compared(desk) == []
    with desk.read() as session:
        assert "more than 1 pages" in next(row.note or "" for row in rounds_of(session))


def test_an_order_whose_cancellation_is_under_way_is_not_compared(desk: TestDesk) -> None:
    booked(desk, "vnpost_ngsp")
    with desk.context.database.write() as session:
        ask_to_cancel([get_shipment(session, f"{CODE}-S1")], desk.clock.now())
    desk.clock.forward(minutes=1)
    desk.report(f"{CODE}-S1", 10)
    desk.clock.forward(hours=7)
    assert [kind for kind, _ in compared(desk)] == ["news-unheard"]  # it was not heard, and nothing is called live


def test_an_account_that_is_gone_stops_nobody(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    booked(desk, "vnpost_ngsp")

    def gone(_account: str) -> None:
        raise ConfigurationError("carrier account is not in the configuration; put it back")

    monkeypatch.setattr(desk.context.carriers, "get", gone)
    rounds.compare_now(desk.context, desk.office, ())
    with desk.read() as session:
        assert "put it back" in next(row.trouble or "" for row in rounds_of(session))


def test_who_only_reports_by_itself_cannot_be_listened_to(desk: TestDesk) -> None:
    with joined(desk, "viettelpost"):
        booked(desk, "viettelpost")
        with pytest.raises(Problem, match="only reports by itself"):
            mending.listen(desk.context, f"{CODE}-S1")
