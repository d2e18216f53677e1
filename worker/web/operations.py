"""Routes for operations and monitoring staff: health, readiness, metrics, what needs a hand."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from config.clock import local
from tracking import inbox
from tracking.watch import attention
from worker.access.reach import mine
from worker.web.answers import AttentionAnswer, AttentionList, CheckAnswer, InboxAnswer, ReadyAnswer
from worker.web.auth import ClientDep, ScopeDep
from worker.web.deps import FiguresDep, HealthDep, RuntimeDep

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """This process answers. It looks at nothing else: to restart it mends nothing that is elsewhere."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(runtime: RuntimeDep, health: HealthDep, response: Response) -> ReadyAnswer:
    """Whether deliveries can be taken (200, or 503 when ``down``), and what behind it needs a person (``degraded``)."""
    # In a thread that no delivery waits for: under load this has to answer, too.
    seen = await asyncio.to_thread(health.readiness)
    response.status_code = 200 if seen.ready else 503
    return ReadyAnswer(
        status=seen.state,
        ready=seen.ready,
        checks=[CheckAnswer(**asdict(check)) for check in seen.checks],
        worker_seen_at=seen.worker_seen_at,
        backlog=seen.backlog,
        now=local(runtime.context.clock.now()),
    )


@router.get("/metrics")
async def metrics(figures: FiguresDep) -> Response:
    """Figures for Prometheus."""
    return Response(await asyncio.to_thread(figures.render), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/inbox")
def kept_deliveries(runtime: RuntimeDep, _client: ClientDep) -> InboxAnswer:
    """How many deliveries are kept, per source and state; parked ones are among what needs a hand."""
    with runtime.context.database.read() as session:
        return InboxAnswer(sources=inbox.counts(session))


@router.get("/v1/attention")
def needs_attention(runtime: RuntimeDep, scope: ScopeDep) -> AttentionList:
    """Everything that needs a hand now, oldest first, each with its next step."""
    with runtime.context.database.read() as session:
        items = mine(session, scope, attention(session, runtime.context, runtime.office))
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
