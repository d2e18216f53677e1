"""Logging in with a user name and a password, and what slows down whoever guesses.

Whether there is such an account shows neither in the answer nor in the time it takes: the same rows are written, and a
password is checked in any case. An attempt is counted before it is made, so that many at one moment count, too.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from config.clock import wall_now
from config.database import Database, keyring
from worker.access import audit
from worker.access.accounts import actor_of
from worker.access.actor import Actor, ActorKind
from worker.access.passwords import is_right
from worker.access.roles import read_grants
from worker.access.sessions import Person
from worker.access.tables import LogInFailure, StaffUser

FREE = 5
"""So many wrong passwords in a row cost nothing but the time they take."""

_FIRST_LOCK, _LONGEST_LOCK = timedelta(minutes=1), timedelta(minutes=15)
_FORGOTTEN = timedelta(days=1)
_NOBODY = Actor(ActorKind.STAFF, "(no such account)")


def log_in(database: Database, username: str, password: str, doing: str = "log-in") -> Person | None:
    """Return who has logged in; None for a wrong name or password, a closed account, or one that is locked for now.

    ``doing`` is what the audit trail calls it.
    """
    name = username.strip().lower()[:200].replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL takes no NUL
    with database.write() as session:
        locked = _count_attempt(session, name)
    with database.read() as session:
        user = session.get(StaffUser, name)
    usable = user if user is not None and user.disabled_at is None and not locked else None
    right = is_right(password, usable.password_hash if usable is not None else None)
    with database.write() as session:
        # A name that nobody has may be a password in the wrong field: it is not written down.
        actor = actor_of(user.username) if user is not None else _NOBODY
        if usable is None or not right:
            audit.note(session, actor, doing, outcome=audit.Outcome.REFUSED, details={"locked": locked})
            return None
        session.execute(delete(LogInFailure).where(LogInFailure.name_index == _index(name)))
        audit.note(session, actor, doing, details={"by": "password"})
        return Person(actor, usable.display_name, read_grants(usable.grants))


def unlock(session: Session, username: str) -> None:
    """Forget the wrong passwords of an account."""
    session.execute(delete(LogInFailure).where(LogInFailure.name_index == _index(username)))


def lock_after(count: int) -> timedelta | None:
    """Return for how long an account is locked after so many wrong passwords in a row."""
    if count < FREE:
        return None
    return min(_FIRST_LOCK * (1 << min(count - FREE, 10)), _LONGEST_LOCK)


def _count_attempt(session: Session, name: str) -> bool:
    now, index = wall_now(), _index(name)
    session.execute(delete(LogInFailure).where(LogInFailure.last_at < now - _FORGOTTEN))
    row = session.get(LogInFailure, index, with_for_update=True)
    if row is None:
        session.add(LogInFailure(name_index=index, count=1, last_at=now, locked_until=None))
        return False
    if row.locked_until is not None and now < row.locked_until:
        return True
    row.count, row.last_at = row.count + 1, now
    lock = lock_after(row.count)
    row.locked_until = now + lock if lock else None
    return False


def _index(name: str) -> str:
    return keyring.blind_index(f"log-in:{name}")
