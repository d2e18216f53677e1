"""The FastAPI application."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.formparsers import MultiPartParser
from starlette.types import Receive, Scope, Send

from worker.health import Health
from worker.metrics import Figures
from worker.runtime import Runtime
from worker.web import (
    apologies,
    deliveries,
    docs,
    documents,
    dossiers,
    handovers,
    incidents,
    log_in,
    money,
    oauth,
    operations,
    optouts,
    orders,
    own_account,
    parcels,
    pickups,
    problems,
    returns,
    set_up,
    staff,
    webhooks,
)
from worker.web.board import routes as board
from worker.web.caution import Caution
from worker.web.citizen import address, cancelling, dossier, messages, ordering, proving, receiver, start, visiting
from worker.web.citizen.guard import Guard
from worker.web.limits import BodyLimit
from worker.web.pages import assets
from worker.web.request_ids import RequestIds
from worker.web.senders import Allowance
from worker.web.webhooks import SHORT_WAY, WebhookDoor

_PARTS = (
    *(docs, dossiers, pickups, parcels, orders, returns, handovers, deliveries),
    *(incidents, money, apologies, documents, operations, optouts, assets),
    *(oauth, log_in, set_up, own_account),
    *(start, proving, dossier, ordering, address, receiver, cancelling, messages),
)


class Web:
    """The web interface: the operators' deliveries by the short way, everything else through FastAPI."""

    def __init__(self, app: FastAPI, door: WebhookDoor, runtime: Runtime) -> None:
        self.app = app
        self.door = door
        self._runtime = runtime

    def close(self) -> None:
        """Close every connection of an interface that is not served."""
        self._runtime.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        status = await self.door.takes(scope, receive, send)
        if status is None:
            await self.app(scope, receive, send)
        else:
            self.app.state.figures.requests.note("POST", SHORT_WAY, status, time.perf_counter() - started)


def make_web(runtime: Runtime) -> Web:
    """Return the web interface of a runtime; when its server stops, what it has taken in is committed first."""
    door = WebhookDoor(runtime.context)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(door.keeper.close)

    app = FastAPI(
        title="onestop-postal",
        summary="The postal desk of a Vietnamese one-stop (một cửa liên thông)",
        version="0.1.0",
        docs_url=None,  # FastAPI's own pages fetch their scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.runtime = runtime
    app.state.health = Health(runtime.context)
    app.state.figures = Figures(runtime, app.state.health)
    app.state.keeper = door.keeper
    app.state.log_ins = Allowance(log_in.ATTEMPTS_A_MINUTE)
    app.state.guard = Guard()
    problems.install(app)
    staff.install(app)
    visiting.install(app)
    settings = runtime.context.settings
    files = (incidents.FILES, settings.max_evidence_bytes)
    # A body is held whole until it is answered; a photo of somebody's papers is not laid unsealed on a disk besides.
    MultiPartParser.spool_max_size = settings.max_evidence_bytes
    app.add_middleware(
        BodyLimit,
        limit=settings.max_body_bytes,
        seconds=settings.body_seconds,
        but_not=webhooks.PREFIX,
        files=files,
    )
    app.add_middleware(Caution)
    app.add_middleware(RequestIds, requests=app.state.figures.requests)
    webhooks.install(app, door)
    for part in _PARTS:
        app.include_router(part.router)
    board.install(app, runtime)
    return Web(app, door, runtime)
