"""One dossier: both legs, who holds which paper, the due date with its reasons, money, messages, calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from dispatch import custody
from dispatch.calls import calls_of
from dispatch.citizens import Citizen
from dispatch.dossiers import Dossier, DossierPaper
from dispatch.money.books import books_of
from dispatch.papers import Paper, describe_papers
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import Leg, Shipment
from dispatch.supplement_form import forms_of
from tracking.apologies.letters import what_happened
from tracking.apologies.rows import apologies_of
from tracking.apologies.signing import letter_text
from tracking.clock_facts import ledger_of
from tracking.counter_facts import open_wait
from tracking.deadlines.day_marks import ledger_strip
from tracking.deadlines.strip_drawing import strip_svg
from tracking.deadlines.strip_inks import IN_THE_DARK, ON_WHITE
from tracking.incidents.records import standings
from tracking.incidents.rows import incidents_of
from tracking.incidents.wording import kind_words, next_words
from tracking.result_standing import newest_standing
from tracking.telling.told import told
from tracking.views import next_step_words, timeline
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.attention import Holder, name_of, operators_in
from worker.web.board.buttons import Button
from worker.web.board.changes import changes, of_stay
from worker.web.board.entry import DossierStaff, operators_called, operators_for, page
from worker.web.deps import RuntimeDep
from worker.web.dossiers import EMPTY_STRIP, CodePath, WeeksQuery, explained_deadline
from worker.web.staff import dossier_for

router = APIRouter(prefix="/board/dossiers", include_in_schema=False)

_MOST_CALLS = 50
_NAMES_PEOPLE = frozenset({"message"})
"""Sources of the story whose words may name the citizen."""


@dataclass(frozen=True, slots=True)
class LegView:
    """One order as the page shows it; ``citizen`` is None for whoever may not know whom it is for."""

    shipment: Shipment
    next_vi: str
    next_en: str
    citizen: Citizen | None
    operator: str
    buttons: list[Button]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of hands."""

    at: datetime
    paper: str
    to: Holder
    evidence: str


@router.get("/{code}")
def dossier(request: Request, code: CodePath, staff: DossierStaff, runtime: RuntimeDep) -> HTMLResponse:
    """Everything about one dossier; who it concerns is shown to those who may read that, and noted."""
    with runtime.context.database.read() as session:
        found = dossier_for(session, staff, Permission.READ_DOSSIERS, code)
        personal = staff.may(Permission.READ_PERSONAL_DATA, found.agency_code)
    read = {"subject": code, "agency": found.agency_code, "details": {"personal_data": personal}}
    audit.note_now(runtime.context.database, staff.actor, "dossier.read", **read)
    with runtime.context.database.read() as session:
        found = dossier_for(session, staff, Permission.READ_DOSSIERS, code)
        values = _story(session, runtime, found, personal) | _papers(session, found)
        legs = _legs(session, runtime, found, staff, personal)
        values |= _extras(session, runtime, found, staff, legs)
    values |= {"sources": {leg.shipment.carrier: leg.operator for leg in legs}}
    values |= {"noted": request.query_params.get("noted", "")}
    return page(request, staff, "dossier.html", dossier=found, personal=personal, legs=legs, **values)


@router.get("/{code}/deadline.svg")
def strip(
    code: CodePath,
    staff: DossierStaff,
    runtime: RuntimeDep,
    weeks: WeeksQuery = 2,
    ground: Literal["light", "dark"] = "light",
) -> Response:
    """The days on the way to the due date, drawn. The page has them on both grounds, as it has charts."""
    with runtime.context.database.read() as session:
        found = dossier_for(session, staff, Permission.READ_DOSSIERS, code)
        ledger = ledger_of(session, runtime.office, found)
    marks = ledger_strip(ledger, runtime.office.calendars)
    drawn = strip_svg(marks, weeks, IN_THE_DARK if ground == "dark" else ON_WHITE) if marks else EMPTY_STRIP
    return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _story(session: Session, runtime: Runtime, found: Dossier, personal: bool) -> dict[str, Any]:
    moments = timeline(session, runtime.office, found.code)
    return {
        "moments": [one for one in moments if personal or one.source not in _NAMES_PEOPLE],
        "deadline": explained_deadline(session, runtime, found.code),
        "told": told(session, found.code) if personal else None,
        "result": newest_standing(session, runtime.context, runtime.office, found.code),
    }


def _papers(session: Session, found: Dossier) -> dict[str, Any]:
    held, chain = custody.holdings(session, found.code), custody.chain(session, found.code)
    called = operators_called(operators_in([*(one.holder for one in held), *(fact.holder for _, fact in chain)]))

    def holder(name: str) -> Holder:
        return Holder(name, name_of(name, found, called), 1)

    return {
        "held": [(_described(one.paper), holder(one.holder), one.since) for one in held],
        "chain": [Change(fact.at, paper.name, holder(fact.holder), fact.evidence) for paper, fact in chain],
    }


def _legs(session: Session, runtime: Runtime, found: Dossier, staff: Staff, personal: bool) -> list[LegView]:
    shipments = shipments_of(session, found.code)
    called = operators_called(one.carrier for one in shipments)
    operators = operators_for(runtime.context.accounts, found.agency_code)
    offered = changes(shipments, found.agency_code, staff, operators)
    if (wait := open_wait(session, found.code)) is not None:
        goes_out = any(one.leg is Leg.RETURN and one.live for one in shipments)
        offered[wait.order_number] += of_stay(found.code, found.agency_code, staff, goes_out=goes_out)
    return [
        LegView(
            one,
            *(next_step_words(one) or ("", "")),
            citizen=Citizen.from_text(one.citizen) if personal else None,
            operator=called[one.carrier],
            buttons=offered[one.order_number],
        )
        for one in shipments
    ]


def _extras(session: Session, runtime: Runtime, found: Dossier, staff: Staff, legs: list[LegView]) -> dict[str, Any]:
    """What only some may see: money, letters, and what was said between us and the operators."""
    agency, office = found.agency_code, runtime.office
    numbers = [leg.shipment.order_number for leg in legs]
    sees_calls = staff.may(Permission.SEE_OPERATIONS, agency)
    return {
        "supplements": forms_of(session, found.code),
        "incidents": [
            (one, kind_words(one.incident.kind), next_words(one.next, one.incident) if one.next else None)
            for one in standings(session, office, incidents_of(session, found.code))
        ],
        "letters": [
            (
                one,
                what_happened(one.failing),
                letter_text(session, office, one) if staff.may(Permission.READ_PERSONAL_DATA, agency) else None,
            )
            for one in apologies_of(session, found.code)
        ],
        "books": books_of(session, found.code) if staff.may(Permission.SEE_MONEY, agency) else None,
        "calls": calls_of(session, numbers, _MOST_CALLS) if sees_calls and numbers else None,
    }


def _described(paper: DossierPaper) -> str:
    return describe_papers([Paper(paper.name, paper.originals, paper.copies)])
