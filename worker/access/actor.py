"""Whoever does something here: a person, a program, a command, the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from worker.access.roles import Grants, Permission, Role, Scope, may, scope_of


class ActorKind(StrEnum):
    """Where an actor's name comes from; one name may be two people's in two of these."""

    STAFF = "staff"  # a local account
    OIDC = "oidc"  # an account at the identity provider
    CLIENT = "client"  # an API client
    COMMAND = "command"  # somebody at the command line of this machine
    CITIZEN = "citizen"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, as the audit trail names him."""

    kind: ActorKind
    name: str


COMMAND = Actor(ActorKind.COMMAND, "postal")
SYSTEM = Actor(ActorKind.SYSTEM, "postal")


@dataclass(frozen=True, slots=True)
class Staff:
    """A person who is logged in.

    Attributes:
        actor: how the audit trail names the person.
        session: the digest by which the session is known; no secret.
        csrf_token: what every form of this session has to carry in the field ``csrf_token``.
        must_change: the password was given by somebody else and has to be changed before anything else.
    """

    actor: Actor
    display_name: str
    grants: Grants
    session: str
    csrf_token: str
    must_change: bool = False

    @property
    def username(self) -> str:
        """The name of the account."""
        return self.actor.name

    @property
    def roles(self) -> frozenset[Role]:
        """Every role that the person has somewhere."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def agencies(self) -> Scope:
        """Every agency at which the person has some role."""
        found = Scope()
        for grant in self.grants:
            found |= grant.scope
        return found

    def may(self, permission: Permission, agency: str | None = None) -> bool:
        """Whether something is allowed at an agency; without one, whether it is allowed anywhere."""
        if agency is None:
            return bool(self.scope(permission))
        return may(self.grants, permission, agency)

    def scope(self, permission: Permission) -> Scope:
        """Return the agencies at which something is allowed, by which lists are to be narrowed."""
        return scope_of(self.grants, permission)
