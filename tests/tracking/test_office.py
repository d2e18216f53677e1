"""The office whose hours and law count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config.database import Database
from config.errors import ConfigurationError
from config.settings import Settings
from tracking.deadlines.terms import DueTime
from tracking.office import load_office


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'postal.db'}", Fernet.generate_key().decode())
    yield opened
    opened.dispose()


def test_the_office_of_cao_bang_knows_tet_and_the_law(tmp_path: Path, database: Database) -> None:
    office = load_office(Settings(home=tmp_path), database)
    assert office.working_time.next_working_day(date(2026, 2, 13)) == date(2026, 2, 23)
    assert office.rules.at("start.handover", date(2026, 3, 2)).legal_source.startswith("Quyết định 45/2016")
    assert office.due_time is DueTime.END_OF_DAY


def test_an_office_may_promise_the_clock_time_of_the_start(tmp_path: Path, database: Database) -> None:
    assert load_office(Settings(home=tmp_path, due_time="same-clock"), database).due_time is DueTime.SAME_CLOCK


def test_an_office_without_a_calendar_is_an_error_and_no_guess(tmp_path: Path, database: Database) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        load_office(Settings(home=tmp_path, calendar_office="nowhere"), database)
