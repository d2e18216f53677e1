"""API clients with keys of their own, and the short-lived tokens that they get for them. All times are real time."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config.clock import wall_now
from dispatch.problems import Problem
from worker.access import audit
from worker.access.actor import Actor, ActorKind
from worker.access.roles import CLIENT_ROLES, Grant, Grants, Role, Scope
from worker.access.secrets import digest_of, new_token, same
from worker.access.tables import ApiClientRow, ApiToken

TOKEN_LIFE = timedelta(minutes=15)
_KEY, _TOKEN = "postal_", "postal-token_"
_FORM = re.compile(rf"{_KEY}([0-9a-f]{{8}})_")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")


@dataclass(frozen=True, slots=True)
class Client:
    """A program that has proven who it is. Without ``grants``, as clients of the file are, it may do everything."""

    name: str
    grants: Grants | None = None

    @property
    def actor(self) -> Actor:
        """How the audit trail names it."""
        return Actor(ActorKind.CLIENT, self.name)


def add(session: Session, name: str, role: Role, scope: Scope, by: Actor) -> str:
    """Add a client and return its key, which is told once.

    Raises:
        Problem: the name cannot be used or is taken, the role is none of programs, or no agency is given.
    """
    if not _NAME.fullmatch(name) or role not in CLIENT_ROLES or not scope:
        raise Problem(
            "client",
            "The client cannot be added",
            "A client has a name of small letters, digits, dots and hyphens, a role of "
            f"{' or '.join(sorted(CLIENT_ROLES))}, and at least one agency.",
            "Write `postal clients add NAME --role ROLE --agency CODE`.",
        )
    if session.get(ApiClientRow, name) is not None:
        raise Problem(
            "client-taken",
            "The name is taken",
            f"There is a client '{name}' already, or there was one: names are not given twice.",
            "Choose another name.",
            status=409,
        )
    prefix, secret = secrets.token_hex(4), new_token()
    key = f"{_KEY}{prefix}_{secret}"
    session.add(
        ApiClientRow(
            name=name,
            prefix=prefix,
            key_digest=digest_of(key),
            role=role,
            agencies=scope.written(),
            made_at=wall_now(),
            revoked_at=None,
        )
    )
    audit.note(session, by, "client.add", subject=name, details={"role": role.value, "agencies": scope.written()})
    return key


def revoke(session: Session, name: str, by: Actor) -> None:
    """Take a client's key and tokens back, for good.

    Raises:
        Problem: there is no such client.
    """
    row = session.get(ApiClientRow, name)
    if row is None:
        raise Problem(
            "unknown-client",
            "Unknown client",
            f"No client of the table is called '{name}'.",
            "`postal clients list` shows them; those of the configuration file are taken out there.",
            status=404,
        )
    row.revoked_at = row.revoked_at or wall_now()
    session.execute(delete(ApiToken).where(ApiToken.client == name))
    audit.note(session, by, "client.revoke", subject=name)


def listed(session: Session) -> list[ApiClientRow]:
    """Return every client, those whose key was taken back among them."""
    return list(session.scalars(select(ApiClientRow).order_by(ApiClientRow.name)))


def by_bearer(session: Session, sent: str) -> Client | None:
    """Return whose key or token was sent."""
    if sent.startswith(_TOKEN):
        token = session.get(ApiToken, digest_of(sent))
        row = session.get(ApiClientRow, token.client) if token and wall_now() < token.expires_at else None
        return _client(row)
    return by_key(session, sent)


def by_key(session: Session, key: str, name: str | None = None) -> Client | None:
    """Return whose key it is; with a ``name``, only if it is that client's."""
    form = _FORM.match(key)  # whatever else it is: PostgreSQL takes no NUL
    query = select(ApiClientRow).where(ApiClientRow.prefix == form[1]) if form else None
    row = session.scalars(query).one_or_none() if query is not None else None
    if row is None or not same(digest_of(key), row.key_digest) or name not in (None, row.name):
        return None
    return _client(row)


def new_bearer(session: Session, client: Client) -> str:
    """Return a token that is good for some minutes in the place of the client's key."""
    token, now = f"{_TOKEN}{new_token()}", wall_now()
    session.execute(delete(ApiToken).where(ApiToken.expires_at <= now))
    session.add(ApiToken(digest=digest_of(token), client=client.name, expires_at=now + TOKEN_LIFE))
    audit.note(session, client.actor, "client.token")
    return token


def _client(row: ApiClientRow | None) -> Client | None:
    if row is None or row.revoked_at is not None:
        return None
    return Client(row.name, (Grant(row.role, Scope.of(row.agencies)),))
