"""Routes for the one-stop: dossiers, their events, and the explained due date."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BeforeValidator
from sqlalchemy.orm import Session

from config.clock import local
from dispatch import custody
from dispatch.dossiers import get_dossier
from dispatch.forms import DossierEventForm, DossierForm
from dispatch.shipment_queries import shipments_of
from tracking import inbox, registering
from tracking.clock_facts import latest_version, ledger_of
from tracking.deadlines.day_marks import ledger_strip
from tracking.deadlines.explain import explain_ledger
from tracking.deadlines.promises import pass_on_by
from tracking.deadlines.strip_drawing import strip_svg
from tracking.dossier_events import take_event
from tracking.result_standing import newest_standing
from tracking.views import timeline
from worker.runtime import Runtime
from worker.web.answers import (
    DeadlineAnswer,
    DossierAnswer,
    DossierView,
    EventAnswer,
    MomentAnswer,
    PaperAnswer,
    ShipmentAnswer,
)
from worker.web.auth import ClientDep
from worker.web.deps import RuntimeDep
from worker.web.return_answers import StandingAnswer

router = APIRouter(prefix="/v1/dossiers", tags=["dossiers"])

EMPTY_STRIP = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><title>Chưa có ngày hẹn trả</title></svg>'
"""Drawn while the clock has not started."""

# A query is text, which a literal number does not take by itself.
WeeksQuery = Annotated[
    Literal[1, 2], BeforeValidator(int), Query(description="Weeks in a row: 1 for a narrow screen, else 2.")
]
CodePath = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,59}$", examples=["H14.10-260302-0001"])]


@router.put("/{code}")
def register(
    code: CodePath, form: DossierForm, runtime: RuntimeDep, client: ClientDep, response: Response
) -> DossierAnswer:
    """Register a dossier or bring it up to date; the same body again changes nothing."""
    now = runtime.context.clock.now()
    body = form.model_dump_json()
    with runtime.context.database.write() as session:
        dossier, new = registering.register(session, runtime.context.accounts, code, form, now)
        inbox.keep(
            session,
            source=f"onestop:{client}",
            key=f"{code}:dossier:{inbox.digest(body.encode())}",
            kind="dossier.registered",
            body=body,
            now=now,
            subject=code,
            state=inbox.InboxState.APPLIED,
        )
        response.status_code = 201 if new else 200
        return DossierAnswer(code=code, revision=dossier.revision)


@router.post("/{code}/events", status_code=202)
def event(code: CodePath, form: DossierEventForm, runtime: RuntimeDep, client: ClientDep) -> EventAnswer:
    """Tell what happened to a dossier. The same event id again changes nothing."""
    with runtime.context.database.write() as session:
        applied = take_event(session, runtime.context, runtime.office, code, form, client)
    runtime.context.ring("booking")
    runtime.context.ring("notices")
    return EventAnswer(
        applied=applied.contradiction is None,
        contradiction=applied.contradiction,
        due=local(applied.due) if applied.due else None,
        revision=applied.revision,
    )


@router.get("/{code}/deadline")
def deadline(code: CodePath, runtime: RuntimeDep, _client: ClientDep) -> DeadlineAnswer:
    """The due date, and every change of it with event, evidence, rule, legal source and calendar version."""
    with runtime.context.database.read() as session:
        return explained_deadline(session, runtime, code)


@router.get("/{code}/deadline.svg", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}})
def strip(code: CodePath, runtime: RuntimeDep, _client: ClientDep, weeks: WeeksQuery = 2) -> Response:
    """The days on the way to the due date as a small drawing: which counted, which did not, and why."""
    with runtime.context.database.read() as session:
        ledger = ledger_of(session, runtime.office, get_dossier(session, code))
    marks = ledger_strip(ledger, runtime.office.calendars)
    return Response(strip_svg(marks, weeks) if marks else EMPTY_STRIP, media_type="image/svg+xml")


@router.get("/{code}")
def view(code: CodePath, runtime: RuntimeDep, _client: ClientDep) -> DossierView:
    """Shipments, papers with their holders, the story so far, and the due date."""
    with runtime.context.database.read() as session:
        dossier = get_dossier(session, code)
        papers = [
            PaperAnswer(
                name=h.paper.name,
                kind=h.paper.kind,
                originals=h.paper.originals,
                copies=h.paper.copies,
                holder=h.holder,
            )
            for h in custody.holdings(session, code)
        ]
        return DossierView(
            code=code,
            agency=dossier.agency_name,
            procedure=dossier.procedure_name,
            shipments=[ShipmentAnswer.of(s) for s in shipments_of(session, code)],
            papers=papers,
            timeline=[
                MomentAnswer(at=local(m.at), source=m.source, what_vi=m.what_vi, what_en=m.what_en)
                for m in timeline(session, runtime.office, code)
            ],
            deadline=explained_deadline(session, runtime, code),
            result=StandingAnswer.of(newest_standing(session, runtime.context, runtime.office, code)),
        )


def explained_deadline(session: Session, runtime: Runtime, code: str) -> DeadlineAnswer:
    """Return the due date of a dossier with its explanation.

    Raises:
        Problem: the dossier is unknown.
    """
    dossier = get_dossier(session, code)
    office = runtime.office
    ledger = ledger_of(session, office, dossier)
    version, started = latest_version(session, code), ledger.started_at
    ours = dossier.due_date_owner == "us"  # else the source system sets the date, and we show none beside it
    return DeadlineAnswer(
        code=code,
        state=ledger.state,
        due=local(ledger.current_due) if ours and ledger.current_due else None,
        original_due=local(ledger.original_due) if ours and ledger.original_due else None,
        pass_on_by=pass_on_by(started, office.rules, office.working_time) if started else None,
        revision=version.revision if version else 0,
        verdict_original=ledger.verdict_original,
        verdict_current=ledger.verdict_current,
        explanation=[dict(line) for line in explain_ledger(ledger, office.calendars, office.rules)],
        strip=[asdict(mark) for mark in ledger_strip(ledger, office.calendars)],
        contradictions=[line.contradiction.value for line in ledger.contradictions if line.contradiction],
    )
