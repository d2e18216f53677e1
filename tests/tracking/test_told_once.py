"""The one-stop hears of a cancellation once, whoever finds it out: the citizen's request, our lane, or the operator."""

from __future__ import annotations

from typing import Any

import pytest

from carriers.states import ShipmentState
from dispatch import booking
from dispatch.order_changes import ask_to_cancel
from dispatch.outbox import OutboxMessage
from dispatch.settlements import announce_cancelled, cancelled
from dispatch.settling import settle
from dispatch.shipment_queries import get_shipment, shipments_of
from tests.tracking.case import Case, happen_unforeseen


@pytest.fixture
def booked(case: Case) -> Case:
    """A dossier whose papers the operator is to collect, until the citizen asks to cancel that."""
    case.order("send")
    booking.drain(case.desk.context)
    with case.desk.context.database.write() as session:
        ask_to_cancel(shipments_of(session, case.code), case.desk.clock.now())
    return case


def we_cancel(case: Case) -> None:
    settle(case.desk.context, case.s1, cancelled)


def operator_reports_it(case: Case, when: str = "2026-03-02 09:00") -> None:
    with case.desk.context.database.write() as session:
        happen_unforeseen(session, case, ShipmentState.CANCELLED, when)


def told_of_cancellation(case: Case) -> list[dict[str, Any]]:
    return [data for data in case.told_onestop("postal.shipment_moved") if data["state"] == "cancelled"]


def test_our_cancellation_and_the_operators_own_report_of_it_are_one_message(booked: Case) -> None:
    we_cancel(booked)
    assert len(told_of_cancellation(booked)) == 1
    operator_reports_it(booked)
    assert len(told_of_cancellation(booked)) == 1


def test_a_report_that_overtakes_our_cancellation_is_the_message(booked: Case) -> None:
    operator_reports_it(booked)
    booked.now("2026-03-02 09:05")
    we_cancel(booked)
    (told,) = told_of_cancellation(booked)
    assert (told["order_number"], told["at"]) == (booked.s1, "2026-03-02T09:00:00+07:00")


def test_a_cancellation_that_the_operator_reports_twice_is_one_message(booked: Case) -> None:
    for when in ("2026-03-02 09:00", "2026-03-02 10:00"):
        operator_reports_it(booked, when)
    assert len(told_of_cancellation(booked)) == 1


def test_the_message_is_named_after_the_order_and_not_after_the_moment(booked: Case) -> None:
    we_cancel(booked)
    booked.now("2026-03-02 12:00")
    with booked.desk.context.database.write() as session:
        announce_cancelled(session, booked.desk.context, get_shipment(session, booked.s1), booked.desk.clock.now())
        assert session.get(OutboxMessage, f"{booked.code}:postal.shipment_moved:{booked.s1}:cancelled")
    assert len(told_of_cancellation(booked)) == 1
