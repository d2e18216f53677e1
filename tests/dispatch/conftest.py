"""Desks with one registered dossier, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.support.accounts import opened_pool_desk
from tests.support.desk import TestDesk, opened_desk


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
    """A desk on a PostgreSQL database that is empty before and after."""
    _empty(postgres_url)
    with opened_desk(tmp_path, postgres_url) as desk:
        desk.register()
        yield desk
    _empty(postgres_url)


def _empty(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
