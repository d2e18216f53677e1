"""The FastAPI application."""

from __future__ import annotations

from fastapi import FastAPI

from worker.health import Health
from worker.metrics import Figures
from worker.runtime import Runtime
from worker.web import docs, dossiers, handovers, operations, orders, problems, webhooks
from worker.web.limits import BodyLimit
from worker.web.request_ids import RequestIds


def make_web(runtime: Runtime) -> FastAPI:
    """Return the web interface of a runtime."""
    app = FastAPI(
        title="onestop-postal",
        summary="The postal desk of a Vietnamese one-stop (một cửa liên thông)",
        version="0.1.0",
        docs_url=None,  # FastAPI's own pages fetch their scripts from elsewhere
        redoc_url=None,
    )
    app.state.runtime = runtime
    app.state.health = Health(runtime.context)
    app.state.figures = Figures(runtime, app.state.health)
    problems.install(app)
    limit = runtime.context.settings.max_body_bytes
    app.add_middleware(BodyLimit, limit=limit, in_own_words=f"{webhooks.router.prefix}/")
    app.add_middleware(RequestIds, requests=app.state.figures.requests)
    for router in (docs.router, dossiers.router, orders.router, handovers.router, webhooks.router, operations.router):
        app.include_router(router)
    return app
