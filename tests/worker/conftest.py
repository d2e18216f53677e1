from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from tests.support.desk import TestDesk, opened_desk
from worker.access import passwords


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    """A desk of the test's own."""
    with opened_desk(tmp_path) as desk:
        yield desk


@pytest.fixture(autouse=True, scope="session")
def _quick_hashes() -> Iterator[None]:
    """Passwords of tests are hashed by the same algorithm with less work; one test looks at the real cost."""
    light = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: light)
        yield


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests reaches them, and nothing is written outside their own folder."""
    for name in [name for name in os.environ if name.startswith("POSTAL_") and not name.startswith("POSTAL_TEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("POSTAL_HOME", str(tmp_path / "home"))
