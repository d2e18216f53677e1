"""The one door through which a citizen's pages read and change what is personal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from worker.runtime import Runtime
from worker.web.citizen.sessions import Visitor


@contextmanager
def reading(runtime: Runtime, visitor: Visitor, what: str) -> Iterator[Session]:
    """Read of the dossier that ``visitor`` has open; ``what`` is which page, for the audit trail."""
    with runtime.context.database.read() as session:
        yield session


@contextmanager
def changing(runtime: Runtime, visitor: Visitor, what: str) -> Iterator[Session]:
    """Change something about the dossier that ``visitor`` has open, and ring for what follows."""
    with runtime.context.database.write() as session:
        yield session
    runtime.context.ring("booking")
    runtime.context.ring("notices")
