"""Where postal operators tell us of events. Each is answered in its own dialect."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from carriers.webhooks import WebhookRequest
from tracking import intake
from worker.web.deps import RuntimeDep

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

CarrierName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
AccountId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


@router.post("/{carrier}/{account}")
async def deliver(carrier: CarrierName, account: AccountId, request: Request, runtime: RuntimeDep) -> Response:
    """Take a delivery of a postal operator: verified, kept once, and answered in the operator's own words."""
    return await _take(carrier, account, "", request, runtime)


@router.post("/{carrier}/{account}/{path_secret}", include_in_schema=False)
async def deliver_in_secret(
    carrier: CarrierName, account: AccountId, path_secret: str, request: Request, runtime: RuntimeDep
) -> Response:
    """The same, for operators that can prove who they are only by knowing the address."""
    return await _take(carrier, account, path_secret, request, runtime)


async def _take(carrier: str, account: str, path_secret: str, request: Request, runtime: RuntimeDep) -> Response:
    context = runtime.context
    delivery = WebhookRequest(
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
        path_secret=path_secret,
        sender=request.client.host if request.client else "",
        received_at=context.clock.now(),
    )
    if getattr(request.state, "body_too_long", False):  # see worker.web.limits
        longest = context.settings.max_body_bytes
        reply = await run_in_threadpool(intake.refuse_too_long, context, carrier, account, delivery, longest)
    else:
        reply = await run_in_threadpool(intake.take, context, carrier, account, delivery)
    return Response(reply.body, reply.status, media_type=reply.media_type)
