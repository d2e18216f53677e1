"""Routes for incidents: report one, add facts and files, look how it stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import StringConstraints

from dispatch.problems import Problem
from tracking.incidents.evidence import EvidenceStore
from tracking.incidents.forms import EvidenceForm, FactBody, IncidentForm
from tracking.incidents.records import report, standing_of, standings
from tracking.incidents.reports import add_evidence, find_evidence, report_incident
from tracking.incidents.rows import MOST, page
from worker.access.reach import dossiers_within
from worker.web.auth import ClientDep, ScopeDep
from worker.web.deps import RuntimeDep
from worker.web.incident_answers import EvidenceAnswer, EvidenceList, IncidentAnswer, IncidentList, IncidentView

router = APIRouter(prefix="/v1/incidents", tags=["incidents"])

FILES = "/evidence"
"""The end of the paths at which files are taken."""

_ID = r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,99}$"
IncidentId = Annotated[str, Path(pattern=_ID, examples=["H14.10-260302-0001-I1"])]
IncidentRef = Annotated[str, StringConstraints(pattern=_ID)]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


async def _file(request: Request) -> bytes:
    return await request.body()


File = Annotated[bytes, Depends(_file)]


@router.post("", status_code=201)
def open_new(form: IncidentForm, runtime: RuntimeDep, client: ClientDep) -> IncidentAnswer:
    """Report that something went wrong with papers. The same report again is the same incident."""
    with runtime.context.database.write() as session:
        answer = IncidentAnswer.of(report_incident(session, runtime.context, runtime.office, form, client))
    runtime.context.ring("notices")
    return answer


@router.get("")
def show_all(
    runtime: RuntimeDep,
    scope: ScopeDep,
    open_ones: Annotated[bool | None, Query(alias="open", description="Only open ones, or only closed ones.")] = None,
    after: Annotated[IncidentRef | None, Query(description="What the page before gave as `next`.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> IncidentList:
    """Incidents with their owner and what is due next, newest first, in pages."""
    with runtime.context.database.read() as session:
        rows, more_after = page(session, open_ones=open_ones, after=after, most=limit, dossiers=dossiers_within(scope))
        found = standings(session, runtime.office, rows)
        return IncidentList(incidents=[IncidentAnswer.of(one) for one in found], next=more_after)


@router.get("/{incident_id}")
def show(incident_id: IncidentId, runtime: RuntimeDep, _client: ClientDep) -> IncidentView:
    """One incident with every fact."""
    with runtime.context.database.read() as session:
        return IncidentView.of(standing_of(session, runtime.office, incident_id))


@router.post("/{incident_id}/facts")
def add_fact(incident_id: IncidentId, form: FactBody, runtime: RuntimeDep, _client: ClientDep) -> IncidentAnswer:
    """Add a fact. The same fact again changes nothing; one that cannot follow is refused with its rule."""
    with runtime.context.database.write() as session:
        answer = IncidentAnswer.of(report(session, runtime.context, runtime.office, incident_id, form))
    runtime.context.ring("notices")
    return answer


@router.post(
    "/{incident_id}" + FILES,
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
)
def upload(
    incident_id: IncidentId,
    said: Annotated[EvidenceForm, Query()],
    content: File,
    runtime: RuntimeDep,
    _client: ClientDep,
) -> EvidenceAnswer:
    """Keep a photo or a document (JPEG, PNG, PDF): the body is the file. The same file again is kept once."""
    with runtime.context.database.write() as session:
        return EvidenceAnswer.of(add_evidence(session, runtime.context, runtime.office, incident_id, content, said)[1])


@router.get("/{incident_id}" + FILES)
def show_evidence(incident_id: IncidentId, runtime: RuntimeDep, _client: ClientDep) -> EvidenceList:
    """The files of an incident."""
    with runtime.context.database.read() as session:
        incident = standing_of(session, runtime.office, incident_id).incident
    return EvidenceList(evidence=[EvidenceAnswer.of(one) for one in incident.evidence])


@router.get("/{incident_id}" + FILES + "/{sha256}", response_class=Response)
def download(incident_id: IncidentId, sha256: Sha256, runtime: RuntimeDep, _client: ClientDep) -> Response:
    """One file, checked against its SHA-256."""
    with runtime.context.database.read() as session:
        fact = find_evidence(standing_of(session, runtime.office, incident_id), sha256)
    if fact is None:
        raise unknown_evidence(incident_id, sha256)
    content = EvidenceStore.of(runtime.context.settings).get(sha256)
    return Response(content, media_type=fact.media_type, headers={"Content-Disposition": "attachment"})


def unknown_evidence(incident_id: str, sha256: str) -> Problem:
    """The incident has no such file."""
    return Problem(
        "unknown-evidence",
        "Unknown evidence",
        f"Incident {incident_id} has no file {sha256}.",
        "Look its files up at the incident.",
        next_step_vi="Tra danh sách chứng cứ của sự cố.",
        next_step_api="Look its files up with GET /v1/incidents/{id}/evidence.",
        status=404,
    )
