"""Desks on both databases. A desk is shared by the tests of a module, and each test tells the story of its own dossier.

The keys for personal data belong to the process, so a module either shares a desk or opens one for each test.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.desk import TestDesk, opened_desk
from tests.support.schema import with_tables
from tests.tracking.case import Case

ON_BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres))


ON_SQLITE = pytest.mark.parametrize("shared_desk", ["sqlite"], indirect=True)
"""For modules whose stories say nothing that depends on the database."""


def _opened(request: pytest.FixtureRequest, folder: Path) -> Iterator[TestDesk]:
    with ExitStack() as stack:
        url = None
        if getattr(request, "param", "sqlite") == "postgresql":
            url = stack.enter_context(with_tables(request.getfixturevalue("postgres_url")))
        yield stack.enter_context(opened_desk(folder, url))


@pytest.fixture(scope="module", params=ON_BOTH)
def shared_desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    """One desk for the whole module, on SQLite and then on PostgreSQL."""
    yield from _opened(request, tmp_path_factory.mktemp("desk"))


@pytest.fixture
def case(shared_desk: TestDesk) -> Case:
    """A dossier that nobody else knows; it is Monday, 2 March 2026, 08:00, and its sender was there at 07:45."""
    return Case.opened(shared_desk)


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestDesk]:
    """A desk of the test's own with one dossier; on SQLite, unless parametrised indirectly with :data:`ON_BOTH`."""
    for desk in _opened(request, tmp_path):
        desk.register()
        yield desk
