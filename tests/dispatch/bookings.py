"""Words of the booking stories: trouble at the operator, what it holds, and time that passes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from carriers.vnpost_ngsp.simulator import Fault, FaultRule
from config.clock import wall_now
from dispatch import booking
from dispatch.order_changes import ask_to_cancel
from dispatch.outbox import OutboxMessage
from dispatch.shipment_queries import get_shipment, shipments_of
from dispatch.shipments import Shipment
from tests.support.desk import CODE, TestDesk

SEND = f"{CODE}-S1"
HEIR = f"{CODE}-S2"


def trouble(desk: TestDesk, *rules: FaultRule) -> None:
    """Let the operator have exactly these faults."""
    desk.operator.faults.replace(rules)


def once(fault: Fault, operation: str = "order", **more: Any) -> FaultRule:
    """Return a fault that strikes one call."""
    return FaultRule(fault=fault, operation=operation, times=1, **{"seconds": 0, **more})


def held(desk: TestDesk, number: str = SEND) -> dict[str, Any]:
    """Return what the operator has in its books about an order number."""
    nothing = {"live": 0, "created": 0, "create_calls": 0, "calls": []}
    return next((o for o in desk.operator.orders() if o["order_number"] == number), nothing)


def cancel_calls(desk: TestDesk, number: str = SEND) -> list[str]:
    """Return the operator's answers to cancellations of an order."""
    return [call["answer"] for call in held(desk, number)["calls"] if call["operation"] == "cancel"]


def let_pass(desk: TestDesk, minutes: float) -> None:
    """Let time pass, with the bookings looked at every five minutes."""
    for _ in range(int(minutes // 5)):
        desk.clock.forward(minutes=5)
        booking.drain(desk.context)


def ask_cancel(desk: TestDesk, number: str = SEND) -> None:
    """Ask for the cancellation of one shipment, as the citizen does."""
    with desk.context.database.write() as session:
        ask_to_cancel([get_shipment(session, number)], desk.clock.now())


def leases_run_out(desk: TestDesk) -> None:
    """Let so much real time pass that no worker can still be at work."""
    with desk.context.database.write() as session:
        session.execute(update(Shipment).values(lease_until=wall_now()))


def all_shipments(desk: TestDesk, code: str = CODE) -> list[Shipment]:
    """Return every shipment of a dossier."""
    with desk.read() as session:
        return shipments_of(session, code)


def owed(desk: TestDesk, kind: str) -> list[str]:
    """Return the ids of the messages of a type that were ever owed to anybody."""
    with desk.read() as session:
        return sorted(m.id for m in session.query(OutboxMessage).filter_by(type=kind))
