"""Ground on which simulations run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from worker.simulation.campaign import quiet
from worker.simulation.grounds import Ground, ground


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Each test alone: what comes after them looks into the log again."""
    with quiet():
        yield


@pytest.fixture(scope="session")
def sqlite_ground() -> Iterator[Ground]:
    """A SQLite file, empty at the beginning of each run."""
    with ground("") as floor:
        yield floor


@pytest.fixture(scope="session")
def postgres_ground(postgres_url: str) -> Iterator[Ground]:
    """A PostgreSQL database, empty at the beginning of each run."""
    with ground(postgres_url) as floor:
        yield floor
