from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.calls import CarrierCall
from dispatch.outbox import OutboxAttempt, OutboxMessage, OutboxState
from dispatch.retention import drop_old_calls, drop_old_messages
from tests.support.desk import CODE, TestDesk


def call(desk: TestDesk, days_ago: float) -> CarrierCall:
    return CarrierCall(
        **{"carrier": "ems", "account": "ems", "operation": "book", "order_number": None, "duration_ms": 7},
        **{"status": 200, "outcome": "ok", "request_excerpt": "", "response_excerpt": ""},
        started_at=desk.clock.now() - timedelta(days=days_ago),
    )


def test_records_of_calls_go_after_ninety_days_however_many_they_are(desk: TestDesk) -> None:
    with desk.context.database.write() as session:
        session.add_all(call(desk, 91) for _ in range(2500))
        session.add_all(call(desk, 89) for _ in range(3))
    assert drop_old_calls(desk.context) == 2500
    with desk.read() as session:
        assert session.scalar(select(func.count()).select_from(CarrierCall)) == 3
    assert drop_old_calls(desk.context) == 0


def add(session: Session, told: tuple[OutboxMessage, OutboxAttempt]) -> None:
    session.add(told[0])
    session.flush()
    session.add(told[1])


def message(desk: TestDesk, number: int, days_ago: float, state: OutboxState) -> tuple[OutboxMessage, OutboxAttempt]:
    at = desk.clock.now() - timedelta(days=days_ago)
    told = OutboxMessage(
        **{"id": f"{state}-{number}", "destination": "onestop:igate", "type": "dossier.due_date_changed"},
        **{"subject": CODE, "payload": "{}", "created_at": at, "state": state, "due_at": at, "attempts": 1},
        sent_at=at if state is OutboxState.SENT else None,
    )
    tried = OutboxAttempt(message_id=told.id, at=at, duration_ms=3, status=200, answer="")
    return told, tried


def test_delivered_messages_go_with_their_attempts_and_undelivered_ones_stay(desk: TestDesk) -> None:
    with desk.context.database.write() as session:
        for number in range(1200):
            add(session, message(desk, number, 401, OutboxState.SENT))
        add(session, message(desk, 1, 401, OutboxState.PARKED))
        add(session, message(desk, 9999, 399, OutboxState.SENT))
    assert drop_old_messages(desk.context) == 2400
    with desk.read() as session:
        assert set(session.scalars(select(OutboxMessage.id))) == {"parked-1", "sent-9999"}
        assert session.scalar(select(func.count()).select_from(OutboxAttempt)) == 2
