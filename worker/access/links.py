"""One-time links: whoever opens one chooses a password, once, within a day. All times are real time."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from config.clock import wall_now
from worker.access.secrets import digest_of, new_token
from worker.access.tables import OneTimeLink

PATH = "/board/setup/"
GOOD_FOR = timedelta(hours=24)
_REMEMBERED = timedelta(days=30)
"""For so long a used link is told apart from one that never was."""


class LinkState(StrEnum):
    """What a link is worth."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


def offer(session: Session, username: str | None) -> str:
    """Return the token of a new link for an account, or for the first supervisor; earlier ones are worth no more."""
    token, now = new_token(), wall_now()
    withdraw(session, username)
    session.execute(delete(OneTimeLink).where(OneTimeLink.made_at < now - _REMEMBERED))
    session.add(
        OneTimeLink(digest=digest_of(token), username=username, made_at=now, expires_at=now + GOOD_FOR, used_at=None)
    )
    return token


def withdraw(session: Session, username: str | None) -> None:
    """Take back the links of an account that nobody has used."""
    whose = OneTimeLink.username.is_(None) if username is None else OneTimeLink.username == username
    session.execute(delete(OneTimeLink).where(whose, OneTimeLink.used_at.is_(None)))


def look(session: Session, token: str) -> tuple[LinkState, str | None]:
    """Return what a link is worth, and for whose account it is."""
    row = session.get(OneTimeLink, digest_of(token))
    if row is None:
        return LinkState.UNKNOWN, None
    if row.used_at is not None:
        return LinkState.USED, row.username
    return LinkState.EXPIRED if wall_now() >= row.expires_at else LinkState.OPEN, row.username


def use(session: Session, token: str, username: str) -> bool:
    """Use a link up for an account; tells whether it was still good. Of two clicks at one moment, one gets it."""
    now = wall_now()
    good = update(OneTimeLink).where(
        OneTimeLink.digest == digest_of(token), OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now
    )
    return bool(session.execute(good.values(used_at=now, username=username)).rowcount)  # type: ignore[attr-defined]
