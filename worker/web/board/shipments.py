"""Shipments: narrowed by filters, or found by what stands on a slip; a page costs the same however many there are."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from carriers import registry
from dispatch.agencies import agencies
from dispatch.dossiers import Dossier
from dispatch.scanning import codes_in
from dispatch.shipment_search import Filters, Mark, numbers_of, phone_index
from dispatch.shipment_search import page as page_of
from dispatch.shipments import Leg
from worker.access import audit
from worker.access.filters import within
from worker.access.roles import Permission
from worker.web.board import words
from worker.web.board.entry import ShipmentStaff, operators_called, page, with_query
from worker.web.deps import RuntimeDep
from worker.web.staff import FormStaffDep, check

router = APIRouter(prefix="/board/shipments", include_in_schema=False)

_LONGEST = 500
_Word = Annotated[str, Query(max_length=80)]


@router.get("")
def shipments(
    request: Request,
    staff: ShipmentStaff,
    runtime: RuntimeDep,
    q: Annotated[str, Query(max_length=_LONGEST)] = "",
    phone: Annotated[str, Query(pattern=r"^[0-9a-f]{0,64}$")] = "",
    state: _Word = "",
    leg: _Word = "",
    operator: _Word = "",
    agency: _Word = "",
    since: _Word = "",
    until: _Word = "",
    after: Annotated[str, Query(max_length=120)] = "",
) -> HTMLResponse:
    """One page of shipments. A filter that is none narrows nothing and is not shown as chosen."""
    # Whose telephone it is, is personal: it finds nothing at an agency where that may not be read.
    needed = Permission.READ_PERSONAL_DATA if phone else Permission.SEE_SHIPMENTS
    visible = within(Dossier.agency_code, staff.scope(needed))
    days = _day(since), _day(until)
    chosen = {
        "q": q,
        "state": state if state in words.STATES else "",
        "leg": leg if leg in words.LEGS else "",
        "operator": operator if operator in registry.names() else "",
        "since": days[0].isoformat() if days[0] else "",
        "until": days[1].isoformat() if days[1] else "",
    }
    with runtime.context.database.read() as session:
        desks = {code: name for code, name in agencies(session).items() if staff.agencies.covers(code)}
        numbers = next((hits for code in codes_in(q) if (hits := numbers_of(session, code, visible))), [])
        filters = Filters(
            state=chosen["state"] or None,
            leg=Leg(chosen["leg"]) if chosen["leg"] else None,
            carrier=chosen["operator"] or None,
            agency=agency if agency in desks else None,
            since=days[0],
            until=days[1],
            numbers=numbers if q else None,
            phone_index=phone or None,
        )
        found = page_of(session, filters, visible, Mark.read(after))
    return page(
        request,
        staff,
        "shipments.html",
        here="shipments",
        found=found,
        desks=desks,
        chosen={**chosen, "agency": agency if agency in desks else "", "phone": phone},
        operators=operators_called(registry.names()),
        called=operators_called(shipment.carrier for shipment, _ in found.rows),
        link=partial(with_query, request),
    )


@router.post("/search")
def search(
    staff: FormStaffDep, runtime: RuntimeDep, q: Annotated[str, Form(max_length=_LONGEST)] = ""
) -> RedirectResponse:
    """Lead to what was looked for. A telephone number is in no address: its keyed digest is."""
    check(runtime, staff, Permission.SEE_SHIPMENTS)
    text = q.strip()
    index = phone_index(text) if staff.may(Permission.READ_PERSONAL_DATA) else None
    if index is not None:
        audit.note_now(runtime.context.database, staff.actor, "shipments.searched-by-phone")
        return RedirectResponse(f"/board/shipments?{urlencode({'phone': index})}", 303)
    return RedirectResponse(f"/board/shipments?{urlencode({'q': text})}" if text else "/board/shipments", 303)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
