"""A batch whose transaction the database broke off: nobody's delivery is at fault, so all of it is taken up again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from psycopg.errors import DeadlockDetected
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from dispatch.context import Context
from dispatch.shipments import Shipment
from tests.tracking.case import COLLECTED, Case, document, keep
from tracking import apply
from tracking.effects import move_on
from tracking.events import events_of
from tracking.inbox import InboxDelivery, InboxState
from tracking.office import Office


def collected(neighbour: Case) -> Case:
    """Let the operator report that it has collected another dossier's papers; nobody has looked at that yet."""
    case = Case.opened(neighbour.desk)
    case.order("send")
    keep(case.desk, document(case.s1, COLLECTED, case.now("2026-03-02 09:00")), key=case.code)
    return case


def delivery(case: Case) -> InboxDelivery:
    with case.desk.read() as session:
        return session.scalars(select(InboxDelivery).where(InboxDelivery.key == case.code)).one()


def events(case: Case) -> list[str]:
    with case.desk.read() as session:
        return [row.code for row in events_of(session, case.s1)]


def deadlocked_once(number: str) -> Callable[..., None]:
    """Return how shipments move on when the database breaks off the first move of the shipment ``number``."""
    waiting = iter([OperationalError("UPDATE shipment", None, DeadlockDetected("deadlock detected"))])

    def move(session: Session, context: Context, office: Office, shipment: Shipment, *more: Any) -> None:
        if shipment.order_number == number and (error := next(waiting, None)) is not None:
            raise error
        move_on(session, context, office, shipment, *more)

    return move


def test_a_deadlock_parks_no_delivery_and_the_whole_batch_is_taken_up_again(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = [collected(case) for _ in range(3)]
    monkeypatch.setattr(apply, "move_on", deadlocked_once(batch[1].s1))
    with pytest.raises(OperationalError, match="deadlock"):
        apply.drain(case.desk.context, case.desk.office)
    assert [(delivery(one).state, delivery(one).attempts) for one in batch] == [(InboxState.NEW, 0)] * 3
    assert [events(one) for one in batch] == [[], [], []]
    apply.drain(case.desk.context, case.desk.office)
    assert [(delivery(one).state, delivery(one).attempts) for one in batch] == [(InboxState.APPLIED, 1)] * 3
    assert [events(one) for one in batch] == [["2"], ["2"], ["2"]]
