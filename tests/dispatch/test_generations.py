"""A dead shipment has an heir."""

from __future__ import annotations

from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from dispatch.generations import next_generation
from tests.dispatch.people import NOW, has_moved, place, register
from tests.support.desk import CODE


def test_an_heir_is_booked_at_once_and_carries_everything_but_the_number(session: Session) -> None:
    register(session)
    _, (dead,) = place(session, "send")
    has_moved(dead, ShipmentState.CANCELLED)
    heir = next_generation(session, dead, NOW)
    assert (heir.order_number, heir.generation, heir.next_at) == (f"{CODE}-S2", 2, NOW)
    assert (heir.order_id, heir.citizen, heir.contents) == (dead.order_id, dead.citizen, dead.contents)
