from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from config.clock import wall_time
from config.database import Database
from tests.support.schema import empty_database, with_tables

KEY = Fernet.generate_key().decode()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A SQLite database of the test's own."""
    database = Database(empty_database(tmp_path / "postal.db"), KEY)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def on_postgres(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A PostgreSQL database for the tests of a module, each of which begins without an audit trail."""
    with with_tables(request.getfixturevalue("postgres_url")) as url:
        database = Database(url, KEY)
        yield database
        database.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])
def either(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of either kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    database: Database = request.getfixturevalue("on_postgres")
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        connection.execute(text("TRUNCATE audit_entry"))
        connection.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER ALL"))
    yield database


@dataclass
class Watch:
    """Real time as the test wants it."""

    instant: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def forward(self, **how: float) -> None:
        self.instant += timedelta(**how)


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Real time, which the test moves."""
    watch = Watch()
    with wall_time(watch):
        yield watch
