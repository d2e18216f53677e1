from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from dispatch.calls import CarrierCall
from dispatch.retention import drop_old_calls
from tests.support.desk import TestDesk


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
