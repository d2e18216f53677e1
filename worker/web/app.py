"""The FastAPI application."""

from __future__ import annotations

from fastapi import FastAPI

from worker.runtime import Runtime
from worker.web import docs, dossiers, handovers, operations, orders, problems, webhooks
from worker.web.limits import BodyLimit


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
    problems.install(app)
    limit = runtime.context.settings.max_body_bytes
    app.add_middleware(BodyLimit, limit=limit, in_own_words=f"{webhooks.router.prefix}/")
    for router in (docs.router, dossiers.router, orders.router, handovers.router, webhooks.router, operations.router):
        app.include_router(router)
    return app
