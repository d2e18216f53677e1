"""Desks with one registered dossier, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from carriers import registry
from carriers.plugin import Runtime
from config.database import Database
from config.settings import Settings
from dispatch.context import CarrierPool, Context
from tests.dispatch.people import ACCOUNTS
from tests.support.accounts import opened_pool_desk
from tests.support.desk import TestClock, TestDesk, opened_desk
from tests.support.schema import empty_database, with_tables


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """One transaction on an empty SQLite database."""
    database = Database(empty_database(tmp_path / "postal.db"), Fernet.generate_key().decode())
    with database.write() as session:
        yield session
    database.dispose()


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A province's desk without a world around it: a SQLite database and a clock that the test moves."""
    with _opened(empty_database(tmp_path / "postal.db"), tmp_path) as context:
        yield context


@pytest.fixture
def postgres_context(tmp_path: Path, postgres_url: str) -> Iterator[Context]:
    """The same on PostgreSQL."""
    with with_tables(postgres_url) as url, _opened(url, tmp_path) as context:
        yield context


@contextmanager
def _opened(url: str, folder: Path) -> Iterator[Context]:
    database = Database(url, Fernet.generate_key().decode())
    settings = Settings(home=folder, call_timeout=2.0, lease_seconds=5.0)
    runtime = Runtime(lambda record: None, timeout=2.0, patient=False)
    pool = CarrierPool(ACCOUNTS, lambda account: registry.build(account, runtime))
    yield Context(database, TestClock(), settings, ACCOUNTS, pool)
    database.dispose()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    """A desk on SQLite that knows one dossier."""
    with opened_desk(tmp_path) as desk:
        desk.register()
        yield desk


@pytest.fixture
def pool_desk(tmp_path: Path) -> Iterator[TestDesk]:
    """A desk that books with waybills from a pool, which is empty."""
    with opened_pool_desk(tmp_path) as desk:
        desk.register()
        yield desk


@pytest.fixture
def postgres_desk(tmp_path: Path, postgres_url: str) -> Iterator[TestDesk]:
    """A desk on a PostgreSQL database of its own that knows one dossier."""
    with with_tables(postgres_url) as url, opened_desk(tmp_path, url) as desk:
        desk.register()
        yield desk
