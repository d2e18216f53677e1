from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography.fernet import Fernet

from config.clock import wall_now
from config.database import Database
from tests.support.schema import empty_database, with_tables
from worker import leases


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    key = Fernet.generate_key().decode()
    if request.param == "sqlite":
        opened = Database(empty_database(tmp_path / "postal.db"), key)
        yield opened
        opened.dispose()
        return
    with with_tables(request.getfixturevalue("postgres_url")) as url:
        opened = Database(url, key)
        yield opened
        opened.dispose()


def test_one_holds_it_and_renews_it_and_another_waits_until_it_is_up(database: Database) -> None:
    assert leases.hold(database, "beat", "first", 15)
    assert leases.hold(database, "beat", "first", 15)
    assert not leases.hold(database, "beat", "second", 15)
    with time_machine.travel(wall_now() + timedelta(seconds=16), tick=False):
        assert leases.hold(database, "beat", "second", 15)
        assert not leases.hold(database, "beat", "first", 15)


def test_what_is_given_up_is_free_at_once_and_only_its_owner_can_give_it_up(database: Database) -> None:
    leases.hold(database, "beat", "first", 15)
    leases.give_up(database, "beat", "second")
    assert not leases.hold(database, "beat", "second", 15)
    leases.give_up(database, "beat", "first")
    assert leases.hold(database, "beat", "second", 15)


def test_of_many_that_ask_at_one_moment_exactly_one_gets_it(database: Database) -> None:
    owners = [leases.new_owner() for _ in range(8)]
    assert len(set(owners)) == 8
    with ThreadPoolExecutor(8) as threads:
        for round_ in range(5):
            name = f"task-{round_}"
            got = list(threads.map(lambda owner, name=name: leases.hold(database, name, owner, 60), owners))
            assert got.count(True) == 1
