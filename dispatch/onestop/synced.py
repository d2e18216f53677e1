"""What a system that keeps states was last brought in line with, dossier by dossier.

One sender at a time works on a dossier, whichever message made it: a call that is still under way with an older state
could otherwise arrive after a newer one. What is under way counts as unknown until its answer is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, String, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.batch import insert_or_update
from config.clock import wall_now
from config.database import Base, Database, UtcDateTime


class OnestopSynced(Base):
    """One dossier at one system.

    Attributes:
        digest: of the state that the system certainly has; empty while that is not known.
        at: when it was brought there (real time).
        existed: whether the system has the dossier, as far as we know.
        steps: digests of the steps of which it was told.
        busy_until: one sender is at work until then (real time).
    """

    __tablename__ = "onestop_synced"

    system: Mapped[str] = mapped_column(String(40), primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), primary_key=True)
    digest: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    existed: Mapped[bool]
    steps: Mapped[list[Any]]
    busy_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Synced:
    """What is known of a dossier at the system; ``digest`` None: its state there is not known."""

    digest: str | None = None
    existed: bool = False
    steps: frozenset[str] = frozenset()


class SyncedStates:
    """The records of one system. Thread-safe.

    Args:
        seconds: for how long one sender may be at work on a dossier; then it is taken to be dead.
    """

    def __init__(self, database: Database, system: str, seconds: float) -> None:
        self._database, self._system, self._seconds = database, system, seconds

    def look(self, code: str) -> Synced:
        """Return what is known, without a claim; nothing is known while somebody is at work."""
        with self._database.read() as session:
            row = session.get(OnestopSynced, (self._system, code))
        if row is None or row.busy_until is not None:
            return Synced()
        return _known(row)

    def claim(self, code: str) -> tuple[datetime, Synced] | None:
        """Make us the one sender and return our claim with what was known; None where there is another one.

        From now on the state at the system counts as unknown, so that whoever finds us dead sends it again.
        """
        until = wall_now() + timedelta(seconds=self._seconds)
        with self._database.write() as session:
            empty = {"system": self._system, "dossier_code": code, "existed": False, "steps": []}
            session.execute(insert_or_update(session, OnestopSynced).values(**empty).on_conflict_do_nothing())
            row = session.get_one(OnestopSynced, (self._system, code), with_for_update=True)
            if row.busy_until is not None and row.busy_until > wall_now():
                return None
            known = _known(row)
            row.digest, row.busy_until = None, until
        return until, known

    def keep(self, code: str, claim: datetime, *, existed: bool) -> None:
        """Write down that the system has the dossier, while we go on."""
        self._write(code, claim, existed=existed)

    def keep_steps(self, code: str, claim: datetime, steps: Sequence[str]) -> None:
        """Write down of which steps the system was told, while we go on."""
        self._write(code, claim, steps=sorted(steps))

    def release(self, code: str, claim: datetime, digest: str | None) -> None:
        """End our work; ``digest`` is of the state that the system has now, None where we cannot say."""
        self._write(code, claim, digest=digest, at=wall_now() if digest else None, busy_until=None)

    def _write(self, code: str, claim: datetime, **values: Any) -> None:
        """Change a row as long as the claim is ours; whoever took it over knows better."""
        ours = (
            OnestopSynced.system == self._system,
            OnestopSynced.dossier_code == code,
            OnestopSynced.busy_until == claim,
        )
        with self._database.write() as session:
            session.execute(update(OnestopSynced).where(*ours).values(**values))


def forget(session: Session, system: str, code: str) -> None:
    """Let the state that a system has count as unknown, so that the next message brings it there again."""
    ours = (OnestopSynced.system == system, OnestopSynced.dossier_code == code)
    session.execute(update(OnestopSynced).where(*ours).values(digest=None))


def _known(row: OnestopSynced) -> Synced:
    return Synced(row.digest, row.existed, frozenset(row.steps))
