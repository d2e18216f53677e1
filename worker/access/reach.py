"""Whose something is: the agency behind a dossier, an order, a record; and the refusal where it is somebody else's.

What belongs to another agency is answered exactly as what does not exist: a code that was guessed tells nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from config.batch import among
from dispatch.dossier_codes import agency_in
from dispatch.dossiers import Dossier
from dispatch.handover_lines import Handover
from dispatch.handovers import unknown_handover
from dispatch.money.unnamed import UnnamedPostage, nothing_to_name
from dispatch.orders import PostalOrder
from dispatch.problems import Problem, unknown_dossier, unknown_order
from dispatch.shipments import Shipment
from dispatch.supplement_form import SupplementForm
from tracking.apologies import refusals
from tracking.apologies.rows import Apology
from tracking.incidents.rows import IncidentRow, unknown_incident
from tracking.watching.items import Attention
from worker.access.filters import within
from worker.access.roles import Scope


class Kind(StrEnum):
    """What a request names."""

    AGENCY = "agency"
    DOSSIER = "dossier"
    ORDER = "order"
    SHIPMENT = "shipment"
    HANDOVER = "handover"
    INCIDENT = "incident"
    APOLOGY = "apology"
    POSTAGE = "postage"
    SUPPLEMENT = "supplement"


@dataclass(frozen=True, slots=True)
class Named:
    """One thing that a request names."""

    kind: Kind
    value: str


def agency_of(session: Session, named: Named) -> str | None:
    """Return whose it is; None where there is no such thing."""
    if not _can_be_kept(named.value):
        return None
    query = _QUERIES[named.kind](named.value)
    return named.value if query is None else session.scalar(query)


def unknown(named: Named) -> Problem:
    """Return the refusal of what is not there; the same that its own room gives."""
    return _UNKNOWN[named.kind](named.value.encode("utf-8", "replace").decode())


def may_be_registered(code: str, scope: Scope) -> bool:
    """Whether a client may take a code that no dossier has. Elsewhere it is told what it is told of a taken one:
    if it could take whatever is free, it would learn which codes of another agency are not."""
    return scope.everywhere or scope.covers(agency_in(code) or "")


def code_not_yours() -> Problem:
    """Return the refusal to register a dossier; whether there is one under the code it does not tell."""
    return Problem(
        "code-not-yours",
        "The dossier's code is not one of yours",
        "This client registers dossiers under codes that carry one of its agencies, like H14.10-260302-0001, and "
        "brings dossiers of its agencies up to date. Whether there is a dossier under another code is not told.",
        "Send it with the agency's own client, or ask operations for a wider scope.",
        next_step_vi="Dùng đúng tài khoản kết nối của cơ quan có mã trong mã hồ sơ, hoặc đề nghị mở rộng phạm vi.",
        status=404,
    )


def dossiers_within(scope: Scope) -> Select[str] | None:
    """Return the query of the codes of every dossier of some agencies; None where all of them are meant."""
    return None if scope.everywhere else select(Dossier.code).where(within(Dossier.agency_code, scope))


def mine(session: Session, scope: Scope, items: list[Attention]) -> list[Attention]:
    """Return what needs a hand at some agencies; what is no dossier's is for those who look after all of them."""
    if scope.everywhere:
        return items
    named = {item.dossier for item in items if item.dossier is not None}
    query = select(Dossier.code).where(among(session, Dossier.code, named), within(Dossier.agency_code, scope))
    own = set(session.scalars(query))
    return [item for item in items if item.dossier in own]


def _can_be_kept(text: str) -> bool:
    """Whether a database takes a text: half of a surrogate pair none does, and PostgreSQL no NUL. So nothing is it."""
    return "\0" not in text and text.encode("utf-8", "ignore").decode() == text


def _number(text: str) -> int:
    # Larger than any id is none at all.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _not_this_agency(_agency: str) -> Problem:
    return Problem(
        "agency-not-yours",
        "The agency is not one of yours",
        "This client may not act for the agency that the request names.",
        "Send it with the agency's own client, or ask operations for a wider scope.",
        next_step_vi="Dùng đúng tài khoản kết nối của cơ quan, hoặc đề nghị mở rộng phạm vi.",
        status=403,
    )


def _unknown_form(number: str) -> Problem:
    return Problem(
        "unknown-supplement-form",
        "Unknown form 02",
        f"No form '{number}' was issued here.",
        "Look the forms up at the dossier.",
        next_step_vi="Tra danh sách phiếu yêu cầu bổ sung của hồ sơ.",
        next_step_api="Look the forms up with GET /v1/dossiers/{code}/supplement-forms.",
        status=404,
    )


_BY_DOSSIER = select(Dossier.agency_code)
_QUERIES: dict[Kind, Callable[[str], Select[str] | None]] = {
    Kind.AGENCY: lambda _value: None,
    Kind.DOSSIER: lambda value: _BY_DOSSIER.where(Dossier.code == value),
    Kind.ORDER: lambda value: _BY_DOSSIER.join(PostalOrder, PostalOrder.dossier_code == Dossier.code).where(
        PostalOrder.id == value
    ),
    Kind.SHIPMENT: lambda value: _BY_DOSSIER.join(Shipment, Shipment.dossier_code == Dossier.code).where(
        Shipment.order_number == value
    ),
    Kind.HANDOVER: lambda value: select(Handover.agency_code).where(Handover.id == _number(value)),
    Kind.INCIDENT: lambda value: _BY_DOSSIER.join(IncidentRow, IncidentRow.dossier_code == Dossier.code).where(
        IncidentRow.id == value
    ),
    Kind.APOLOGY: lambda value: _BY_DOSSIER.join(Apology, Apology.dossier_code == Dossier.code).where(
        Apology.id == _number(value)
    ),
    Kind.SUPPLEMENT: lambda value: _BY_DOSSIER.join(SupplementForm, SupplementForm.dossier_code == Dossier.code).where(
        SupplementForm.number == value
    ),
    Kind.POSTAGE: lambda value: _BY_DOSSIER.join(UnnamedPostage, UnnamedPostage.dossier_code == Dossier.code).where(
        UnnamedPostage.id == value
    ),
}
_UNKNOWN: dict[Kind, Callable[[str], Problem]] = {
    Kind.AGENCY: _not_this_agency,
    Kind.DOSSIER: unknown_dossier,
    Kind.ORDER: unknown_order,
    Kind.SHIPMENT: unknown_order,
    Kind.HANDOVER: lambda value: unknown_handover(_number(value)),
    Kind.INCIDENT: unknown_incident,
    Kind.APOLOGY: lambda value: refusals.unknown(_number(value)),
    Kind.POSTAGE: nothing_to_name,
    Kind.SUPPLEMENT: _unknown_form,
}
