"""Routes for apologies: what is owed, the letter, and an officer's word on it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import PlainTextResponse
from pydantic import Field

from dispatch.forms import Code
from tracking.apologies.forms import ApologySignatureForm, DismissalForm
from tracking.apologies.listing import MOST, page
from tracking.apologies.signing import dismiss, get_apology, letter_text, sign
from worker.access.reach import dossiers_within
from worker.web.apology_answers import ApologyAnswer, ApologyList
from worker.web.auth import ClientDep, ScopeDep
from worker.web.deps import RuntimeDep

router = APIRouter(prefix="/v1/apologies", tags=["apologies"])

ApologyId = Annotated[int, Path(ge=1, lt=2**31)]
ApologyRef = Annotated[int, Field(ge=1, lt=2**31)]


@router.get("")
def apologies(
    runtime: RuntimeDep,
    scope: ScopeDep,
    open: Annotated[bool, Query(description="Only those that wait for a signature.")] = False,
    dossier: Annotated[Code | None, Query(description="Only those of one dossier.")] = None,
    after: Annotated[ApologyRef | None, Query(description="What the page before gave as `next`.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> ApologyList:
    """Apologies that are owed, signed, dismissed or void, in pages; each promise has one."""
    with runtime.context.database.read() as session:
        own = dossiers_within(scope)
        found, more_after = page(session, only_open=open, dossier=dossier, after=after, most=limit, dossiers=own)
        return ApologyList(items=[ApologyAnswer.of(session, apology) for apology in found], next=more_after)


@router.get("/{apology_id}")
def apology(apology_id: ApologyId, runtime: RuntimeDep, _client: ClientDep) -> ApologyAnswer:
    """One apology with everything that happened to it."""
    with runtime.context.database.read() as session:
        return ApologyAnswer.of(session, get_apology(session, apology_id))


@router.get("/{apology_id}/letter", response_class=PlainTextResponse)
def letter(apology_id: ApologyId, runtime: RuntimeDep, _client: ClientDep) -> str:
    """The letter as it was signed, or its draft: Vietnamese, and what it means in English."""
    with runtime.context.database.read() as session:
        return letter_text(session, runtime.office, get_apology(session, apology_id))


@router.post("/{apology_id}/sign")
def sign_letter(
    apology_id: ApologyId, form: ApologySignatureForm, runtime: RuntimeDep, client: ClientDep
) -> ApologyAnswer:
    """Sign a letter, which sends it. Form 04 with its new date is the extension; the same signature changes nothing."""
    with runtime.context.database.write() as session:
        answer = ApologyAnswer.of(session, sign(session, runtime.context, runtime.office, apology_id, form, client))
    runtime.context.ring("notices")
    return answer


@router.post("/{apology_id}/dismiss")
def dismiss_letter(
    apology_id: ApologyId, form: DismissalForm, runtime: RuntimeDep, _client: ClientDep
) -> ApologyAnswer:
    """Say that no apology is owed, and why: force majeure, or a wrong record."""
    with runtime.context.database.write() as session:
        return ApologyAnswer.of(session, dismiss(session, runtime.context, runtime.office, apology_id, form))
