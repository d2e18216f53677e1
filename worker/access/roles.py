"""What each role may do, and for which agencies. Pure.

A person or client has grants: a role, and the agencies for which it holds. Nothing is allowed that no grant allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

EVERYWHERE = "*"
"""How the scope of all agencies is written in a grant, a claim or on the command line."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,59}")


class Role(StrEnum):
    """Who somebody is to the system."""

    CLERK = "clerk"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    OPERATOR_PARTNER = "operator-partner"
    ONE_STOP_CLIENT = "one-stop-client"


STAFF_ROLES = frozenset({Role.CLERK, Role.OFFICER, Role.SUPERVISOR, Role.AUDITOR, Role.OPERATOR_PARTNER})
"""Roles of people, who log in."""

CLIENT_ROLES = frozenset({Role.ONE_STOP_CLIENT, Role.OPERATOR_PARTNER})
"""Roles of programs, which have a key."""


class Permission(StrEnum):
    """One thing that may be allowed. The words are kept in no table, so they may be renamed."""

    SEE_ATTENTION = "see-attention"  # what needs a hand now
    SEE_SHIPMENTS = "see-shipments"  # lists, searches, states, waybills: no personal data
    READ_DOSSIERS = "read-dossiers"  # one dossier's course: timeline, custody, due date
    READ_PERSONAL_DATA = "read-personal-data"  # names, telephone numbers, addresses; always in the audit trail
    REGISTER_DOSSIERS = "register-dossiers"  # dossiers and their events, as the one-stop reports them
    PLACE_ORDERS = "place-orders"
    CHANGE_ORDERS = "change-orders"  # cancel, send elsewhere, give to another operator
    SIGN_HANDOVERS = "sign-handovers"  # draw up, count, sign
    REPORT_CARRIAGE = "report-carriage"  # pickup slips and delivery records
    SETTLE_DOUBTS = "settle-doubts"  # what the operator told of an order whose outcome is unknown
    REPORT_INCIDENTS = "report-incidents"
    MANAGE_INCIDENTS = "manage-incidents"  # findings, compensation, closing
    SEE_MONEY = "see-money"
    MANAGE_MONEY = "manage-money"  # payments, waivers, remittances, statements
    APPROVE_APOLOGIES = "approve-apologies"  # sign or dismiss a letter, and with it an extension
    PRINT_DOCUMENTS = "print-documents"
    SEE_FIGURES = "see-figures"  # charts, reports, operators' health
    SEE_OPERATIONS = "see-operations"  # inbox, outbox, calls to operators
    MANAGE_OPERATIONS = "manage-operations"  # send again, replay, confirm a calendar
    MANAGE_STAFF = "manage-staff"
    READ_AUDIT = "read-audit"


_P = Permission
_CLERK = frozenset(
    {
        *(_P.SEE_ATTENTION, _P.SEE_SHIPMENTS, _P.READ_DOSSIERS, _P.READ_PERSONAL_DATA, _P.PLACE_ORDERS),
        *(_P.SIGN_HANDOVERS, _P.REPORT_CARRIAGE, _P.REPORT_INCIDENTS, _P.PRINT_DOCUMENTS, _P.SEE_FIGURES),
    }
)
_OFFICER = _CLERK | {
    *(_P.CHANGE_ORDERS, _P.SETTLE_DOUBTS, _P.MANAGE_INCIDENTS, _P.SEE_MONEY, _P.MANAGE_MONEY, _P.SEE_OPERATIONS),
}
_MAY = {
    Role.CLERK: _CLERK,
    Role.OFFICER: _OFFICER,
    Role.SUPERVISOR: _OFFICER | {_P.APPROVE_APOLOGIES, _P.MANAGE_OPERATIONS, _P.MANAGE_STAFF, _P.READ_AUDIT},
    # Reads how things went, not whom they concern: what the task does not need is not shown (Law 91/2025/QH15 Art. 3).
    Role.AUDITOR: frozenset(
        {
            *(_P.SEE_ATTENTION, _P.SEE_SHIPMENTS, _P.READ_DOSSIERS, _P.SEE_MONEY, _P.SEE_FIGURES),
            *(_P.SEE_OPERATIONS, _P.READ_AUDIT),
        }
    ),
    Role.OPERATOR_PARTNER: frozenset({_P.SEE_SHIPMENTS, _P.REPORT_CARRIAGE, _P.SETTLE_DOUBTS, _P.REPORT_INCIDENTS}),
    Role.ONE_STOP_CLIENT: frozenset(Permission) - {_P.MANAGE_STAFF, _P.READ_AUDIT, _P.MANAGE_OPERATIONS},
}


def permissions_of(role: Role) -> frozenset[Permission]:
    """Return what a role may do within its agencies."""
    return _MAY[role]


@dataclass(frozen=True, slots=True)
class Scope:
    """Agencies: all of them, or those with one of ``codes`` and whatever lies below it (``H14`` has ``H14.10``)."""

    codes: frozenset[str] = frozenset()
    everywhere: bool = False

    @classmethod
    def of(cls, codes: Iterable[str]) -> Scope:
        """Read a scope as it is written: agency codes, or ``*`` for all.

        Raises:
            ValueError: something is no agency code.
        """
        given = frozenset(codes)
        wrong = sorted(code for code in given - {EVERYWHERE} if not _CODE.fullmatch(code))
        if wrong:
            raise ValueError(f"'{wrong[0]}' is no agency code; write one like H14.10, or {EVERYWHERE} for all")
        return cls(everywhere=True) if EVERYWHERE in given else cls(given)

    def covers(self, agency: str) -> bool:
        """Whether an agency is in it."""
        return self.everywhere or any(agency == code or agency.startswith(f"{code}.") for code in self.codes)

    def __or__(self, other: Scope) -> Scope:
        if self.everywhere or other.everywhere:
            return Scope(everywhere=True)
        return Scope(self.codes | other.codes)

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.codes)

    def written(self) -> list[str]:
        """Return it as :meth:`of` reads it."""
        return [EVERYWHERE] if self.everywhere else sorted(self.codes)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and for which agencies it holds."""

    role: Role
    scope: Scope


Grants = tuple[Grant, ...]


def may(grants: Grants, permission: Permission, agency: str) -> bool:
    """Whether something is allowed at one agency."""
    return scope_of(grants, permission).covers(agency)


def scope_of(grants: Grants, permission: Permission) -> Scope:
    """Return all agencies at which something is allowed; an empty scope where it is nowhere."""
    found = Scope()
    for grant in grants:
        if permission in _MAY[grant.role]:
            found |= grant.scope
    return found


def written_grants(grants: Grants) -> list[dict[str, Any]]:
    """Return grants as they are stored."""
    return [{"role": grant.role.value, "agencies": grant.scope.written()} for grant in grants]


def read_grants(stored: Iterable[dict[str, Any]]) -> Grants:
    """Read stored grants; a role that is no more grants nothing."""
    known = {role.value for role in Role}
    return tuple(Grant(Role(one["role"]), Scope.of(one["agencies"])) for one in stored if one["role"] in known)
