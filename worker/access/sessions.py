"""Who is logged in: rows, known by the digest of a token that only the browser has. All times are real time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from config.clock import wall_now
from config.settings import Settings
from worker.access.actor import Actor, ActorKind, Staff
from worker.access.roles import Grants, read_grants, written_grants
from worker.access.secrets import derived, digest_of, new_token
from worker.access.tables import StaffSession, StaffUser

_CSRF = "form"
_TOUCH = timedelta(minutes=1)
"""A session that was seen so lately is not written again: reading pages then costs no write."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has just proven who he is."""

    actor: Actor
    display_name: str
    grants: Grants


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives: without use, and in all."""

    idle: timedelta
    whole: timedelta

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours))


def begin(session: Session, person: Person, agent: str, before: str | None = None) -> str:
    """Begin a session and return its token, which is told once; the one of the token ``before`` ends."""
    token, now = new_token(), wall_now()
    if before:
        end(session, before)
    session.add(
        StaffSession(
            digest=digest_of(token),
            kind=person.actor.kind,
            username=person.actor.name,
            display_name=person.display_name,
            grants=written_grants(person.grants),
            agent=agent[:200],
            made_at=now,
            seen_at=now,
        )
    )
    return token


def whose(session: Session, token: str, limits: Limits) -> Staff | None:
    """Return who holds a token; None where its session is over, or its account is disabled."""
    row = session.get(StaffSession, digest_of(token))
    if row is None or _is_over(row, limits, wall_now()):
        return None
    grants, must_change = read_grants(row.grants), False
    display_name = row.display_name
    if row.kind is ActorKind.STAFF:
        user = session.get(StaffUser, row.username)
        if user is None or user.disabled_at is not None:
            return None
        grants, must_change, display_name = read_grants(user.grants), user.must_change, user.display_name
    return Staff(
        actor=Actor(row.kind, row.username),
        display_name=display_name,
        grants=grants,
        session=row.digest,
        csrf_token=derived(token, _CSRF),
        must_change=must_change,
    )


def wants_touch(session: Session, digest: str) -> bool:
    """Whether it is long ago that a session's use was written down."""
    row = session.get(StaffSession, digest)
    return row is not None and wall_now() - row.seen_at >= _TOUCH


def touch(session: Session, digest: str) -> None:
    """Write down that a session is used."""
    session.execute(update(StaffSession).where(StaffSession.digest == digest).values(seen_at=wall_now()))


def end(session: Session, token: str) -> None:
    """End the session of a token."""
    end_one(session, digest_of(token))


def end_one(session: Session, digest: str) -> None:
    """End a session."""
    session.execute(delete(StaffSession).where(StaffSession.digest == digest))


def end_all(session: Session, actor: Actor, but_not: str | None = None) -> int:
    """End every session of a person, but for the one with the digest ``but_not``; returns how many."""
    theirs = delete(StaffSession).where(StaffSession.kind == actor.kind, StaffSession.username == actor.name)
    if but_not is not None:
        theirs = theirs.where(StaffSession.digest != but_not)
    return int(session.execute(theirs).rowcount)  # type: ignore[attr-defined]


def of_person(session: Session, actor: Actor, limits: Limits) -> list[StaffSession]:
    """Return a person's sessions, the latest used first."""
    query = select(StaffSession).where(StaffSession.kind == actor.kind, StaffSession.username == actor.name)
    now = wall_now()
    rows = session.scalars(query.order_by(StaffSession.seen_at.desc()))
    return [row for row in rows if not _is_over(row, limits, now)]


def drop_old(session: Session, limits: Limits) -> None:
    """Drop sessions that are over."""
    now = wall_now()
    over = or_(StaffSession.seen_at <= now - limits.idle, StaffSession.made_at <= now - limits.whole)
    session.execute(delete(StaffSession).where(over))


def _is_over(row: StaffSession, limits: Limits, now: datetime) -> bool:
    return now - row.seen_at >= limits.idle or now - row.made_at >= limits.whole
