"""How clients get through the doors of ``/v1`` (:mod:`worker.web.doors`).

A client that has a scope gets through only where every thing that the request names is its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from dispatch.documents.kinds import DocumentKind
from dispatch.problems import Problem
from worker.access import audit
from worker.access.clients import Client
from worker.access.reach import Kind, Named, agency_of, code_not_yours, may_be_registered, unknown
from worker.access.roles import Scope, scope_of
from worker.runtime import Runtime
from worker.web.doors import CHECKLIST, DOORS, Door

_PATHS = {
    "code": Kind.DOSSIER,
    "order_id": Kind.ORDER,
    "order_number": Kind.SHIPMENT,
    "handover_id": Kind.HANDOVER,
    "incident_id": Kind.INCIDENT,
    "apology_id": Kind.APOLOGY,
    "postage_id": Kind.POSTAGE,
}
"""What stands in the place of a path's parameter, whichever door it is."""

_DOCUMENTS: dict[DocumentKind, Kind] = {
    DocumentKind.HANDOVER: Kind.HANDOVER,
    DocumentKind.APOLOGY: Kind.APOLOGY,
    DocumentKind.SUPPLEMENT: Kind.SUPPLEMENT,
    DocumentKind.MANIFEST: Kind.AGENCY,
}
"""What a document is named by, where it is not an order number."""


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
        if name in _PATHS and request.route != CHECKLIST:
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
