"""The one door through which a citizen's pages read and change what is personal, and its line in the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from worker.access import audit
from worker.access.actor import Actor, ActorKind
from worker.runtime import Runtime
from worker.web.citizen.sessions import Visitor, Way

_NAMED_BY = 16
"""Characters of a session's digest by which the trail tells one visit from another; it names nobody."""


@contextmanager
def reading(runtime: Runtime, visitor: Visitor, page: str) -> Iterator[Session]:
    """Read of the dossier that ``visitor`` has open, for a page; it is in the trail before anything is shown."""
    database = runtime.context.database
    audit.note_now(database, _actor(visitor), "dossier.read", subject=visitor.dossier, details={"page": page})
    with database.read() as session:
        yield session


@contextmanager
def changing(runtime: Runtime, visitor: Visitor, what: str) -> Iterator[Session]:
    """Change something about the dossier that ``visitor`` has open, and ring for what follows."""
    with runtime.context.database.write() as session:
        audit.note(session, _actor(visitor), f"citizen.{what}", subject=visitor.dossier)
        yield session
    runtime.context.ring("booking")
    runtime.context.ring("notices")


def note_opened(session: Session, dossier: str, way: Way) -> None:
    """Put into the trail that somebody has proven whose dossier it is."""
    audit.note(session, Actor(ActorKind.CITIZEN, "visitor"), "citizen.open", subject=dossier, details={"by": way})


def _actor(visitor: Visitor) -> Actor:
    return Actor(ActorKind.CITIZEN, f"visit {visitor.digest[:_NAMED_BY]}")
