"""What needs a hand, looked up for everybody at once: however many people watch, the database is asked by one.

A look that costs little is had anew each time. One that takes long, because very much needs a hand, is kept for ten
times as long as it took, so that looking never takes more than a tenth of a processor.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.batch import among
from dispatch.dossiers import Dossier
from tracking.watch import attention
from tracking.watching.items import Attention
from tracking.watching.kinds import by_urgency
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime

_QUICK = 0.25
_KEPT_TIMES = 10
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Seen:
    """What needed a hand at one moment, most urgent first, and whose dossiers it is about.

    Attributes:
        agencies: the agency of each dossier, by the dossier's code; ``names`` what agencies are called.
        at: when it was looked up, by the machine's steady clock; ``took`` so many seconds.
    """

    items: Sequence[Attention]
    agencies: Mapping[str, str]
    names: Mapping[str, str]
    at: float
    took: float

    def of(self, staff: Staff) -> list[Attention]:
        """Return what one person may see: what concerns no dossier is for those who look after all of the system."""
        scope = staff.scope(Permission.SEE_ATTENTION)
        system = staff.scope(Permission.SEE_OPERATIONS).everywhere
        shown = {code for code, agency in self.agencies.items() if scope.covers(agency)}
        return [one for one in self.items if (one.dossier in shown if one.dossier is not None else system)]


class Lookout:
    """The eyes of one process. Thread-safe."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._seen: Seen | None = None

    def look(self, old_enough: float = 0.0) -> Seen:
        """Return what needs a hand; ``old_enough``: what was seen so many seconds ago will do."""
        with self._lock:
            if self._seen is None or time.monotonic() - self._seen.at > max(old_enough, _kept(self._seen)):
                self._seen = self._look()
            return self._seen

    def forget(self) -> None:
        """Look anew next time: somebody has just settled something."""
        with self._lock:
            self._seen = None

    def _look(self) -> Seen:
        runtime, began = self._runtime, time.monotonic()
        with runtime.context.database.read() as session:
            items = attention(session, runtime.context, runtime.office)
            found = _agencies(session, {one.dossier for one in items if one.dossier is not None})
        now = time.monotonic()
        agencies = {dossier: agency for dossier, agency, _ in found}
        return Seen(by_urgency(items), agencies, {agency: name for _, agency, name in found}, now, now - began)


def digest(items: Sequence[Attention]) -> str:
    """Return what tells one list from another, and tells nobody what is in it."""
    return hashlib.sha256("\n".join(one.key for one in items).encode()).hexdigest()[:16]


def _kept(seen: Seen) -> float:
    return seen.took * _KEPT_TIMES if seen.took > _QUICK else 0.0


def _agencies(session: Session, codes: set[str]) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    wanted = sorted(codes)
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        query = select(Dossier.code, Dossier.agency_code, Dossier.agency_name)
        rows = session.execute(query.where(among(session, Dossier.code, some)))
        found.extend((code, agency, name) for code, agency, name in rows)
    return found
