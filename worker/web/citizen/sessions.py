"""A citizen who has proven whose dossier it is: a row, known by the digest of a token that only the browser has.

It opens one dossier and no other. Times are real time, since they guard a person at a screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ForeignKey, String, delete, or_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.clock import wall_now
from config.database import Base, UtcDateTime
from worker.access.secrets import derived, digest_of, new_token

IDLE = timedelta(minutes=30)
WHOLE = timedelta(hours=4)
"""How long a session lives in all, however much it is used."""

_TOUCH = timedelta(minutes=1)
_FORMS = "citizen's forms"

Way = Literal["code", "link"]


class CitizenSession(Base):
    """One session. ``way`` is how it was opened."""

    __tablename__ = "citizen_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"))
    way: Mapped[str] = mapped_column(String(10))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the screen.

    Attributes:
        dossier: the code of the dossier that is open.
        forms: what every form of this session carries, so that no other page can send one.
        stale: whether the use of the session is to be written down again.
    """

    dossier: str
    digest: str
    forms: str
    stale: bool


def begin(session: Session, dossier_code: str, way: Way) -> str:
    """Begin a session and return its token, which is told once. Sessions that are over are dropped."""
    now, token = wall_now(), new_token()
    over = or_(CitizenSession.seen_at <= now - IDLE, CitizenSession.began_at <= now - WHOLE)
    session.execute(delete(CitizenSession).where(over))
    row = CitizenSession(digest=digest_of(token), dossier_code=dossier_code, way=way, began_at=now, seen_at=now)
    session.add(row)
    return token


def whose(session: Session, token: str) -> Visitor | None:
    """Return who holds a token; None where it is none, or its session is over."""
    row, now = session.get(CitizenSession, digest_of(token)), wall_now()
    if row is None or now - row.seen_at >= IDLE or now - row.began_at >= WHOLE:
        return None
    return Visitor(row.dossier_code, row.digest, derived(token, _FORMS), stale=now - row.seen_at >= _TOUCH)


def touch(session: Session, visitor: Visitor) -> None:
    """Write down that a session is used."""
    used = update(CitizenSession).where(CitizenSession.digest == visitor.digest)
    session.execute(used.values(seen_at=wall_now()))


def end(session: Session, visitor: Visitor) -> None:
    """End a session; the token is good for nothing from now on."""
    session.execute(delete(CitizenSession).where(CitizenSession.digest == visitor.digest))
