"""Routes for operations and monitoring staff: health, readiness, metrics, what needs a hand."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from config.clock import local
from tracking import inbox
from tracking.watch import attention
from worker.health import readiness
from worker.metrics import render
from worker.web.answers import AttentionAnswer, AttentionList, InboxAnswer, ReadyAnswer
from worker.web.auth import ClientDep
from worker.web.deps import RuntimeDep

router = APIRouter(tags=["operations"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(runtime: RuntimeDep, response: Response) -> ReadyAnswer:
    """The database answers and a worker has finished a task lately; what is due now. 503 when not ready."""
    state = readiness(runtime.context)
    response.status_code = 200 if state.ready else 503
    return ReadyAnswer(
        ready=state.ready,
        worker_seen_at=state.worker_seen_at,
        backlog=state.backlog,
        now=local(runtime.context.clock.now()),
    )


@router.get("/metrics")
def metrics(runtime: RuntimeDep) -> Response:
    """Figures for Prometheus."""
    return Response(render(runtime), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/inbox")
def kept_deliveries(runtime: RuntimeDep, _client: ClientDep) -> InboxAnswer:
    """How many deliveries are kept, per source and state; parked ones are among what needs a hand."""
    with runtime.context.database.read() as session:
        return InboxAnswer(sources=inbox.counts(session))


@router.get("/v1/attention")
def needs_attention(runtime: RuntimeDep, _client: ClientDep) -> AttentionList:
    """Everything that needs a hand now, oldest first, each with its next step."""
    with runtime.context.database.read() as session:
        items = attention(session, runtime.context, runtime.office)
    return AttentionList(
        items=[
            AttentionAnswer(
                kind=item.kind,
                dossier=item.dossier,
                shipment=item.shipment,
                since=local(item.since),
                what_vi=item.what_vi,
                what_en=item.what_en,
                next_step_vi=item.next_step_vi,
                next_step_en=item.next_step_en,
            )
            for item in items
        ]
    )
