"""Staff accounts, what opens them, sessions, and API clients. No secret is stored: only digests, by which it is known.

All times are real time (``config.clock.wall_now``): they guard real people and real calls.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, EncryptedText, UtcDateTime
from worker.access.actor import ActorKind
from worker.access.roles import Role


class StaffUser(Base):
    """A local account.

    Attributes:
        password_hash: argon2id; none until its owner has chosen a password by a link.
        grants: roles with their agencies, as ``worker.access.roles`` writes them.
        must_change: the password was handed over by somebody else.
        disabled_at: since when nobody logs in with it. Accounts are not deleted: the audit trail names them.
    """

    __tablename__ = "staff_user"

    username: Mapped[str] = mapped_column(String(60), primary_key=True)
    display_name: Mapped[str] = mapped_column(EncryptedText)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    grants: Mapped[list[Any]]
    must_change: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OneTimeLink(Base):
    """A link that lets somebody choose a password once; without a ``username``, it makes the first supervisor."""

    __tablename__ = "one_time_link"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    username: Mapped[str | None] = mapped_column(String(60), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LogInFailure(Base):
    """Wrong passwords for a name in a row, whether there is such an account or not; the name itself is not kept."""

    __tablename__ = "log_in_failure"

    name_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffSession(Base):
    """A browser that is logged in. ``grants`` are those of the log-in for accounts of the identity provider.

    Attributes:
        digest: of the cookie's token.
        kind, username: whose it is; a local account is looked up at every request, so what it loses, it loses at once.
        agent: what the browser calls itself, for the list of one's own sessions.
        seen_at: when it was last used, within a minute.
    """

    __tablename__ = "staff_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[ActorKind]
    username: Mapped[str] = mapped_column(String(200), index=True)
    display_name: Mapped[str] = mapped_column(EncryptedText)
    grants: Mapped[list[Any]]
    agent: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ApiClientRow(Base):
    """A program that may call the HTTP interface. Of its key ``postal_<prefix>_<secret>`` this has the digest."""

    __tablename__ = "api_client"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    key_digest: Mapped[str] = mapped_column(String(64))
    role: Mapped[Role]
    agencies: Mapped[list[Any]]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(Base):
    """A bearer token that a client got for its key, good for some minutes."""

    __tablename__ = "api_token"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    client: Mapped[str] = mapped_column(String(60), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
