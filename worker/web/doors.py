"""The doors of ``/v1``: what each needs of a client, what its requests name, and what the audit trail is told.

A client that has a scope gets through only where every thing that the request names is its own. A door that is not in
this list is shut for it, so a new one cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from dispatch.documents.kinds import DocumentKind
from dispatch.problems import Problem
from worker.access import audit
from worker.access.clients import Client
from worker.access.reach import Kind, Named, agency_of, code_not_yours, may_be_registered, unknown
from worker.access.roles import Permission, Scope, scope_of
from worker.runtime import Runtime

_P, _K = Permission, Kind
_PATHS = {
    "code": _K.DOSSIER,
    "order_id": _K.ORDER,
    "order_number": _K.SHIPMENT,
    "handover_id": _K.HANDOVER,
    "incident_id": _K.INCIDENT,
    "apology_id": _K.APOLOGY,
    "postage_id": _K.POSTAGE,
}
"""What stands in the place of a path's parameter, whichever door it is."""

_DOCUMENTS: dict[DocumentKind, Kind] = {
    DocumentKind.HANDOVER: _K.HANDOVER,
    DocumentKind.APOLOGY: _K.APOLOGY,
    DocumentKind.SUPPLEMENT: _K.SUPPLEMENT,
    DocumentKind.MANIFEST: _K.AGENCY,
}
"""What a document is named by, where it is not an order number."""


@dataclass(frozen=True, slots=True)
class Door:
    """One route.

    Attributes:
        needs: what the client must be allowed to do.
        body: where in the body or the query something is named, and what; ``lines.order`` leads into lists.
        documents: names documents, as ``kind`` and ``subject`` or ``subjects``.
        reads: how the audit trail calls it where personal data is read.
        changes: how it calls it where something of a dossier's or a citizen's is changed.
        everywhere: about no single agency, so that only a client for all of them may use it.
        narrowed: a list, which the route narrows by itself to the client's agencies.
        may_be_new: the dossier that the path names may not be there yet.
    """

    needs: Permission
    body: Mapping[str, Kind] = field(default_factory=dict)
    documents: bool = False
    reads: str | None = None
    changes: str | None = None
    everywhere: bool = False
    narrowed: bool = False
    may_be_new: bool = False


_DOSSIER, _ORDER, _INCIDENT = "/v1/dossiers/{code}", "/v1/orders/{order_id}", "/v1/incidents/{incident_id}"
_APOLOGY, _SHIPMENT = "/v1/apologies/{apology_id}", "/v1/shipments/{order_number}"
_CHECKLIST = "/v1/procedures/{code}/checklist"

DOORS: dict[tuple[str, str], Door] = {
    ("PUT", _DOSSIER): Door(
        _P.REGISTER_DOSSIERS, {"agency.code": _K.AGENCY}, changes="dossier.registered", may_be_new=True
    ),
    ("POST", f"{_DOSSIER}/events"): Door(_P.REGISTER_DOSSIERS, changes="dossier.event"),
    ("GET", f"{_DOSSIER}/deadline"): Door(_P.READ_DOSSIERS),
    ("GET", f"{_DOSSIER}/deadline.svg"): Door(_P.READ_DOSSIERS),
    ("GET", _DOSSIER): Door(_P.READ_PERSONAL_DATA, reads="dossier.read"),
    ("GET", f"{_DOSSIER}/money"): Door(_P.SEE_MONEY, reads="money.read"),
    ("POST", f"{_DOSSIER}/payments"): Door(_P.MANAGE_MONEY, {"order": _K.SHIPMENT}, changes="payment.told"),
    ("GET", f"{_DOSSIER}/supplement-forms"): Door(_P.READ_PERSONAL_DATA, reads="supplement-forms.read"),
    ("POST", f"{_DOSSIER}/second-sending"): Door(_P.PLACE_ORDERS, changes="result.sent-again"),
    ("POST", f"{_DOSSIER}/counter-pickup"): Door(_P.SIGN_HANDOVERS, changes="result.handed-out"),
    ("POST", "/v1/quotes"): Door(_P.PLACE_ORDERS, {"agency": _K.AGENCY, "dossier": _K.DOSSIER}),
    ("POST", "/v1/orders"): Door(_P.PLACE_ORDERS, {"dossier": _K.DOSSIER}, changes="order.placed"),
    ("POST", "/v1/orders/transfer"): Door(_P.PLACE_ORDERS, {"dossier": _K.DOSSIER}, changes="transfer.placed"),
    ("GET", _ORDER): Door(_P.SEE_SHIPMENTS),
    ("POST", f"{_ORDER}/cancel"): Door(_P.CHANGE_ORDERS, changes="order.cancelled"),
    ("POST", f"{_ORDER}/address"): Door(_P.CHANGE_ORDERS, changes="order.readdressed"),
    ("POST", f"{_ORDER}/forward"): Door(_P.CHANGE_ORDERS, changes="order.forwarded"),
    ("POST", f"{_ORDER}/operator"): Door(_P.CHANGE_ORDERS, changes="order.given-to-another"),
    ("GET", f"{_ORDER}/labels/{{order_number}}"): Door(_P.READ_PERSONAL_DATA, reads="label.read"),
    ("POST", "/v1/parcels"): Door(
        _P.PLACE_ORDERS, {"orders": _K.SHIPMENT, "dossiers": _K.DOSSIER}, changes="parcel.formed"
    ),
    ("GET", "/v1/handovers/expected"): Door(_P.SIGN_HANDOVERS, {"agency": _K.AGENCY}),
    ("POST", "/v1/handovers"): Door(
        _P.SIGN_HANDOVERS, {"agency": _K.AGENCY, "orders": _K.SHIPMENT}, changes="handover.drawn-up"
    ),
    ("POST", "/v1/handovers/{handover_id}/sign"): Door(_P.SIGN_HANDOVERS, changes="handover.signed"),
    ("POST", "/v1/handovers/{handover_id}/fault"): Door(_P.SIGN_HANDOVERS, changes="handover.fault-named"),
    ("POST", f"{_SHIPMENT}/finding"): Door(_P.SETTLE_DOUBTS, changes="order.settled"),
    ("POST", f"{_SHIPMENT}/delivery-record"): Door(_P.REPORT_CARRIAGE, changes="delivery.recorded"),
    ("POST", f"{_SHIPMENT}/pickup-record"): Door(_P.REPORT_CARRIAGE, changes="pickup.recorded"),
    ("POST", f"{_SHIPMENT}/reversal"): Door(_P.MANAGE_INCIDENTS, changes="delivery.reversed"),
    ("POST", "/v1/postage/{postage_id}"): Door(_P.MANAGE_MONEY, changes="postage.named"),
    ("POST", "/v1/remittances"): Door(
        _P.MANAGE_MONEY, {"agency": _K.AGENCY, "lines.order": _K.SHIPMENT}, changes="remittance.confirmed"
    ),
    ("POST", "/v1/incidents"): Door(
        _P.REPORT_INCIDENTS, {"dossier": _K.DOSSIER, "order_number": _K.SHIPMENT}, changes="incident.reported"
    ),
    ("GET", "/v1/incidents"): Door(_P.READ_PERSONAL_DATA, reads="incidents.list", narrowed=True),
    ("GET", _INCIDENT): Door(_P.READ_PERSONAL_DATA, reads="incident.read"),
    ("POST", f"{_INCIDENT}/facts"): Door(_P.MANAGE_INCIDENTS, changes="incident.fact"),
    ("POST", f"{_INCIDENT}/evidence"): Door(_P.REPORT_INCIDENTS, changes="evidence.added"),
    ("GET", f"{_INCIDENT}/evidence"): Door(_P.READ_PERSONAL_DATA, reads="evidence.list"),
    ("GET", f"{_INCIDENT}/evidence/{{sha256}}"): Door(_P.READ_PERSONAL_DATA, reads="evidence.read"),
    ("GET", "/v1/apologies"): Door(
        _P.READ_PERSONAL_DATA, {"dossier": _K.DOSSIER}, reads="apologies.list", narrowed=True
    ),
    ("GET", _APOLOGY): Door(_P.READ_PERSONAL_DATA, reads="apology.read"),
    ("GET", f"{_APOLOGY}/letter"): Door(_P.READ_PERSONAL_DATA, reads="letter.read"),
    ("POST", f"{_APOLOGY}/sign"): Door(_P.APPROVE_APOLOGIES, changes="apology.signed"),
    ("POST", f"{_APOLOGY}/dismiss"): Door(_P.APPROVE_APOLOGIES, changes="apology.dismissed"),
    ("PUT", _CHECKLIST): Door(_P.REGISTER_DOSSIERS, everywhere=True),
    ("GET", _CHECKLIST): Door(_P.SEE_SHIPMENTS),
    ("GET", "/v1/attention"): Door(_P.SEE_ATTENTION, narrowed=True),
    ("POST", "/v1/documents"): Door(_P.PRINT_DOCUMENTS, documents=True, reads="document.print"),
    ("GET", "/v1/documents"): Door(_P.PRINT_DOCUMENTS, documents=True),
    ("GET", "/v1/inbox"): Door(_P.SEE_OPERATIONS, everywhere=True),
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a door, as far as the guard looks at it."""

    method: str
    route: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any


def pass_through(runtime: Runtime, client: Client, request: Request) -> tuple[Scope, list[audit.Fields]]:
    """Let a client through, or not; returns the agencies for which it may see lists, and what the trail is told once
    something is changed. What is read it is told here.

    Raises:
        Problem: it may not do this, or names what is not its own.
    """
    door = DOORS.get((request.method, request.route))
    scope = _scope(client, door)
    named = list(_named(door, request)) if door is not None else []
    if door is None or (scope.everywhere and door.reads is None and door.changes is None):
        return scope, []  # whatever there is, it may: not one statement is spent
    looked_at = named[:1] if scope.everywhere and door.reads is None else named
    with runtime.context.database.read() as session:
        owners = _owners(session, scope, door, looked_at)
    if door.reads is not None:
        _note(runtime, client, door, list(zip(named, owners, strict=True)))
    return scope, _changes(client, door, named, owners)


def _changes(client: Client, door: Door, named: list[Named], owners: list[str | None]) -> list[audit.Fields]:
    """Return what the trail is told of a change: each thing that the request names; whether it is there, that tells."""
    if door.changes is None:
        return []
    acting = [one.value for one in named if one.kind is Kind.AGENCY]
    agency = next((one for one in (*owners, *acting) if one is not None), None)
    things = dict.fromkeys(one.value for one in named if one.kind is not Kind.AGENCY)
    return [audit.entry(client.actor, door.changes, subject=one, agency=agency) for one in things]


def _note(runtime: Runtime, client: Client, door: Door, named: list[tuple[Named, str | None]]) -> None:
    """Tell the trail what is read: each document, else what the request names first; a list has no name."""
    owned = named[: None if door.documents else 1]
    read: list[tuple[str | None, str | None]] = [(one.value, agency) for one, agency in owned if agency is not None]
    if not read and named:
        return  # what is not there is not read
    with runtime.context.database.write() as session:
        for subject, agency in read or [(None, None)]:
            audit.note(session, client.actor, door.reads or "", subject=subject, agency=agency)


def _scope(client: Client, door: Door | None) -> Scope:
    if client.grants is None:
        return Scope(everywhere=True)
    scope = scope_of(client.grants, door.needs) if door is not None else Scope()
    if scope and (scope.everywhere or (door is not None and not door.everywhere)):
        return scope
    raise Problem(
        "not-allowed",
        "This client may not do this",
        "Neither its role nor its agencies allow this request.",
        "Send it with another client, or ask operations for a role that has it.",
        next_step_vi="Dùng tài khoản kết nối khác, hoặc đề nghị bộ phận vận hành phân quyền.",
        status=403,
    )


def _owners(session: Session, scope: Scope, door: Door | None, named: list[Named]) -> list[str | None]:
    """Return whose each named thing is; None for what is not there."""
    owners = []
    for one in named:
        agency = agency_of(session, one)
        registers = door is not None and door.may_be_new and one.kind is Kind.DOSSIER
        new = registers and agency is None and may_be_registered(one.value, scope)
        if not (scope.everywhere or new or (agency is not None and scope.covers(agency))):
            raise code_not_yours() if registers else unknown(one)
        owners.append(agency)
    return owners


def _named(door: Door, request: Request) -> Iterator[Named]:
    for name, value in request.path.items():
        if name in _PATHS and request.route != _CHECKLIST:
            yield Named(_PATHS[name], str(value))
    if door.documents:
        yield from _documents(request.body if isinstance(request.body, Mapping) else request.query)
    for place, kind in door.body.items():
        for source in (request.query, request.body):
            yield from (Named(kind, text) for text in _texts(source, place.split(".")))


def _documents(said: Mapping[str, Any]) -> Iterator[Named]:
    kind = next((kind for name, kind in _DOCUMENTS.items() if name == said.get("kind")), Kind.SHIPMENT)
    for place in ("subject", "subjects"):
        for text in _texts(said, [place]):
            # A manifest is named by agency and operator.
            yield Named(kind, text.partition(":")[0] if kind is Kind.AGENCY else text)


def _texts(value: Any, place: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _texts(one, place)
    elif not place:
        if isinstance(value, str):
            yield value
    elif isinstance(value, Mapping):
        yield from _texts(value.get(place[0]), place[1:])
