"""Whoever guesses is slowed down, and learns nothing about who has an account."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from pwdlib import PasswordHash
from sqlalchemy import select

from config.clock import wall_now
from config.database import Database
from tests.worker.access.conftest import Watch
from worker.access import accounts, audit, clients, passwords
from worker.access.actor import COMMAND
from worker.access.log_in import FREE, lock_after, log_in
from worker.access.roles import Grant, Role, Scope
from worker.access.tables import LogInFailure

PASSWORD = "con mèo trèo cây cau"


@pytest.fixture
def mai(database: Database) -> str:
    with database.write() as session:
        user = accounts.add(session, "Mai", "Hà Thị Mai", (Grant(Role.CLERK, Scope.of(["H14.10"])),), COMMAND)
        accounts.set_password(session, user, PASSWORD, COMMAND)
    return "mai"


def refusals(database: Database) -> list[tuple[str, object]]:
    with database.read() as session:
        rows = audit.entries(session)
    return [(row.actor, row.details.get("locked")) for row in rows if row.outcome == "refused"]


def test_the_right_password_opens_whatever_the_case_of_the_name(database: Database, mai: str) -> None:
    person = log_in(database, " MAI ", PASSWORD)
    assert person is not None
    assert (person.actor.name, person.display_name) == (mai, "Hà Thị Mai")


def test_five_wrong_passwords_lock_the_account_for_a_minute_and_then_for_longer(
    database: Database, mai: str, watch: Watch
) -> None:
    assert [log_in(database, mai, "sai") for _ in range(FREE)] == [None] * FREE
    assert log_in(database, mai, PASSWORD) is None, "locked, even for who knows it"
    assert refusals(database)[0] == ("mai", True)
    watch.forward(seconds=61)
    assert log_in(database, mai, "sai") is None
    watch.forward(seconds=61)
    assert log_in(database, mai, PASSWORD) is None, "now it is two minutes"
    watch.forward(seconds=60)
    assert log_in(database, mai, PASSWORD) is not None
    assert log_in(database, mai, "sai") is None
    assert log_in(database, mai, PASSWORD) is not None, "the count began anew"


def test_a_lock_is_never_longer_than_a_quarter_of_an_hour() -> None:
    assert lock_after(FREE - 1) is None
    assert lock_after(10_000) == timedelta(minutes=15)


def test_many_guesses_at_one_moment_are_counted_each(database: Database, mai: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: log_in(database, mai, "sai"), range(8)))
    with database.read() as session:
        row = session.scalars(select(LogInFailure)).one()
    assert row.count == FREE
    assert row.locked_until is not None
    assert row.locked_until > wall_now()


def test_a_name_that_nobody_has_leaves_the_same_traces_and_is_not_written_down(database: Database, mai: str) -> None:
    for _ in range(FREE + 1):
        assert log_in(database, "con mèo trèo cây cau", "x") is None
    with database.read() as session:
        row = session.scalars(select(LogInFailure)).one()
        assert row.locked_until is not None
        assert all("mèo" not in entry.actor for entry in audit.entries(session))
    assert refusals(database)[0] == ("(no such account)", True)


def test_an_unknown_name_takes_as_long_as_a_wrong_password(
    database: Database, mai: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = PasswordHash.recommended()
    nobodys = slow.hash("nobody's")
    monkeypatch.setattr(passwords, "_hasher", lambda: slow)
    monkeypatch.setattr(passwords, "_nobodys", lambda: nobodys)
    with database.write() as session:
        accounts.set_password(session, accounts.get(session, mai), PASSWORD, COMMAND)

    def seconds(name: str) -> float:
        started = time.process_time()  # of this process alone: whoever else works on the machine does not count
        assert log_in(database, name, "sai mật khẩu") is None
        return time.process_time() - started

    seconds("warm-up")
    known, unknown = [], []
    for _ in range(FREE):
        known.append(seconds(mai))
        unknown.append(seconds("hoa"))
    assert 0.4 < statistics.median(known) / statistics.median(unknown) < 2.5


def test_a_closed_account_is_answered_as_a_wrong_password(database: Database, mai: str) -> None:
    with database.write() as session:
        accounts.set_disabled(session, accounts.get(session, mai), wall_now(), COMMAND)
    assert log_in(database, mai, PASSWORD) is None


def test_an_account_whose_owner_has_chosen_no_password_opens_to_nobody(database: Database) -> None:
    with database.write() as session:
        accounts.add(session, "hoa", "Hoa", (Grant(Role.CLERK, Scope.of(["H14"])),), COMMAND)
    assert log_in(database, "hoa", "") is None


def test_names_and_keys_that_postgres_cannot_even_ask_for_are_nobodys(either: Database) -> None:
    assert log_in(either, "mai\0", "x\0") is None
    with either.read() as session:
        assert clients.by_bearer(session, "postal_01ab\0cde_secret") is None
        assert clients.by_key(session, "postal_\0_secret", "one\0stop") is None
