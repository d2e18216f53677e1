from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.news import cloud_event, tell_onestop
from dispatch.outbox import OutboxMessage
from tests.dispatch.people import ACCOUNTS, NOW, register
from tests.support.desk import CODE


def _owed(session: Session) -> list[OutboxMessage]:
    session.flush()
    return list(session.scalars(select(OutboxMessage)))


def test_an_event_is_a_cloud_event_in_vietnams_time() -> None:
    told = cloud_event("e1", "postal.order_booked", CODE, datetime(2026, 3, 2, 1, 30, tzinfo=UTC), {"nơi": "Cao Bằng"})
    assert json.loads(told) == {
        "specversion": "1.0",
        "id": "e1",
        "source": "onestop-postal",
        "type": "postal.order_booked",
        "subject": CODE,
        "time": "2026-03-02T08:30:00+07:00",
        "datacontenttype": "application/json",
        "data": {"nơi": "Cao Bằng"},
    }
    assert "Cao Bằng" in told


def test_the_same_fact_told_twice_is_one_message_under_an_id_of_its_own(session: Session) -> None:
    dossier = register(session)
    for _ in range(2):
        tell_onestop(session, ACCOUNTS, dossier, "postal.order_booked", "S1", {}, NOW)
    tell_onestop(session, ACCOUNTS, dossier, "postal.order_booked", "S2", {}, NOW)
    assert [(m.id, m.destination) for m in _owed(session)] == [
        (f"{CODE}:postal.order_booked:S1", "onestop:igate"),
        (f"{CODE}:postal.order_booked:S2", "onestop:igate"),
    ]


def test_the_id_inside_the_envelope_is_the_messages_id(session: Session) -> None:
    tell_onestop(session, ACCOUNTS, register(session), "postal.order_booked", "S1", {}, NOW)
    (message,) = _owed(session)
    assert json.loads(message.payload)["id"] == message.id


def test_a_system_that_is_not_configured_is_owed_the_message_under_its_own_name(session: Session) -> None:
    dossier = register(session, source_system="unheard-of")
    tell_onestop(session, ACCOUNTS, dossier, "postal.order_booked", "S1", {}, NOW)
    assert [message.destination for message in _owed(session)] == ["onestop:unheard-of"]
