"""Raw deliveries: each is kept once, as it came, and nobody reads it in the database file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config.database import Database
from tests.support.schema import empty_database
from tests.tracking.deadlines.story import at
from tracking import inbox
from tracking.inbox import InboxDelivery, InboxState

NOW = at("2026-03-02 08:00")
KEEP = partial(inbox.keep, source="carrier:vnpost", key="66f0", kind="tracking", body={"name": "Bế Đức Hiếu"}, now=NOW)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(empty_database(tmp_path / "postal.db"), Fernet.generate_key().decode())
    with database.write() as session:
        yield session
    database.dispose()


def test_a_delivery_is_kept_once(session: Session) -> None:
    assert KEEP(session) is True
    assert KEEP(session, body={"another": "body"}) is False
    assert [row.body for row in session.scalars(select(InboxDelivery))] == [json.dumps({"name": "Bế Đức Hiếu"})]


def test_two_senders_may_use_the_same_id(session: Session) -> None:
    assert KEEP(session)
    assert KEEP(session, source="carrier:ems")
    assert inbox.counts(session) == {"carrier:vnpost": {"new": 1}, "carrier:ems": {"new": 1}}


def test_text_is_kept_to_the_letter(session: Session) -> None:
    KEEP(session, body=' {"a":1}\n')
    assert session.scalars(select(InboxDelivery)).one().body == ' {"a":1}\n'


def test_a_body_is_encrypted_at_rest(session: Session) -> None:
    KEEP(session)
    session.flush()
    stored = session.execute(text("SELECT body FROM inbox_delivery")).scalar_one()
    assert "Hiếu" not in stored
    assert "name" not in stored


def test_what_is_applied_at_once_does_not_wait(session: Session) -> None:
    KEEP(session, state=InboxState.APPLIED)
    row = session.scalars(select(InboxDelivery)).one()
    assert (row.applied_at, inbox.due_count(session, NOW)) == (NOW, 0)


def test_what_waits_is_counted_when_its_time_has_come(session: Session) -> None:
    KEEP(session)
    assert inbox.due_count(session, NOW) == 1
    assert inbox.due_count(session, NOW - timedelta(seconds=1)) == 0


def test_a_delivery_without_an_id_is_known_by_its_content() -> None:
    assert inbox.digest(b"one") == inbox.digest(b"one")
    assert inbox.digest(b"one") != inbox.digest(b"two")
