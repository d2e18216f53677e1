from __future__ import annotations

import json
from datetime import UTC, datetime

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.accounts import OneStopSystem
from dispatch.news import cloud_event, tell_copies, tell_onestop
from dispatch.outbox import OutboxMessage
from tests.dispatch.people import ACCOUNTS, NOW, register
from tests.support.desk import CODE, signing_secret

SIGNING_SECRET = SecretStr(signing_secret("c"))


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


def test_whoever_keeps_a_copy_of_the_dossier_is_told_too_under_an_id_of_its_own(session: Session) -> None:
    portal = OneStopSystem(
        id="portal", copies=("igate", "other"), callback_url="http://127.0.0.1:1/x", signing_secret=SIGNING_SECRET
    )
    accounts = ACCOUNTS.model_copy(update={"onestops": (*ACCOUNTS.onestops, portal)})
    tell_onestop(session, accounts, register(session), "postal.order_booked", "S1", {}, NOW)
    owner, copy = _owed(session)
    assert (owner.id, owner.destination) == (f"{CODE}:postal.order_booked:S1", "onestop:igate")
    assert (copy.id, copy.destination) == (f"{CODE}:postal.order_booked:S1@portal", "onestop:portal")
    assert json.loads(copy.payload)["id"] == copy.id


def test_that_something_has_changed_is_news_for_keepers_of_copies_alone(session: Session) -> None:
    portal = OneStopSystem(id="portal", connector="dvcqg", copies=("igate",))
    accounts = ACCOUNTS.model_copy(update={"onestops": (*ACCOUNTS.onestops, portal)})
    dossier = register(session)
    for _ in range(2):
        tell_copies(session, accounts, dossier, "registered:1", NOW)
    (message,) = _owed(session)
    assert (message.id, message.destination) == (f"{CODE}:dossier.changed:registered:1@portal", "onestop:portal")
    assert json.loads(message.payload)["data"] == {}
