"""Shipments: narrowed by filters, or found by what stands on a slip; a page costs the same however many there are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for; what is no filter is empty, so that it narrows nothing and is not shown as chosen.

    Attributes:
        q: what was typed to find something.
        phone: the keyed digest of a telephone number.
    """

    q: str
    phone: str
    state: str
    leg: str
    operator: str
    agency: str
    since: date | None
    until: date | None

    @property
    def needs(self) -> Permission:
        """What somebody needs to see it. Whose telephone it is, is personal: where that may not be read, none is."""
        return Permission.READ_PERSONAL_DATA if self.phone else Permission.SEE_SHIPMENTS

    def among(self, desks: Collection[str]) -> Asked:
        """Return the same without an agency that is none of the reader's."""
        return self if self.agency in desks else replace(self, agency="")

    def filters(self, numbers: list[str]) -> Filters:
        """Return it as the search takes it; ``numbers`` are the orders that ``q`` means."""
        return Filters(
            state=self.state or None,
            leg=Leg(self.leg) if self.leg else None,
            carrier=self.operator or None,
            agency=self.agency or None,
            since=self.since,
            until=self.until,
            numbers=numbers if self.q else None,
            phone_index=self.phone or None,
        )

    def shown(self) -> dict[str, str]:
        """Return it as the fields of the form show it."""
        return {name: str(value) if value else "" for name, value in asdict(self).items()}


def _asked(
    q: Annotated[str, Query(max_length=_LONGEST)] = "",
    phone: Annotated[str, Query(pattern=r"^[0-9a-f]{0,64}$")] = "",
    state: _Word = "",
    leg: _Word = "",
    operator: _Word = "",
    agency: _Word = "",
    since: _Word = "",
    until: _Word = "",
) -> Asked:
    return Asked(
        q=q,
        phone=phone,
        state=state if state in words.STATES else "",
        leg=leg if leg in words.LEGS else "",
        operator=operator if operator in registry.names() else "",
        agency=agency,
        since=_day(since),
        until=_day(until),
    )


@router.get("")
def shipments(
    request: Request,
    staff: ShipmentStaff,
    runtime: RuntimeDep,
    asked: Annotated[Asked, Depends(_asked)],
    after: Annotated[str, Query(max_length=120)] = "",
) -> HTMLResponse:
    """One page of shipments."""
    visible = within(Dossier.agency_code, staff.scope(asked.needs))
    with runtime.context.database.read() as session:
        desks = {code: name for code, name in agencies(session).items() if staff.agencies.covers(code)}
        numbers = next((hits for code in codes_in(asked.q) if (hits := numbers_of(session, code, visible))), [])
        chosen = asked.among(desks)
        found = page_of(session, chosen.filters(numbers), visible, Mark.read(after))
    return page(
        request,
        staff,
        "shipments.html",
        here="shipments",
        found=found,
        desks=desks,
        chosen=chosen.shown(),
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
