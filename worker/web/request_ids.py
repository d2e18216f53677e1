"""One id for each request: the caller's own where it sends a sane one, else ours; answered, and in every log line.

Pure ASGI, outermost: whatever breaks inside is logged and counted under the id, too.
"""

from __future__ import annotations

import re
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.tracing import new_id
from worker.metrics.requests import Requests
from worker.spans import span

_SANE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:-]{7,63}")
_NONE_OF_OURS = "(none)"
_WEBHOOKS = "/webhooks/"


class RequestIds:
    """ASGI middleware that binds ``request_id`` for the log and counts the answer."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, status = _request_id(scope), 500
        started = time.perf_counter()

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id), span("request", request_id=request_id):
            try:
                await self._app(scope, receive, answered)
            finally:
                took = time.perf_counter() - started
                self._requests.note(scope["method"], _route(scope), status, took)


def sent_id(sent: bytes) -> str:
    """Return the caller's own id of its request; empty when it is none."""
    return sent.decode() if _SANE.fullmatch(sent) else ""


def _request_id(scope: Scope) -> str:
    return sent_id(next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")) or new_id()


def _route(scope: Scope) -> str:
    """Return the route as it is written down, never what stands in its place: that may be a secret or a name."""
    if scope["path"].startswith(_WEBHOOKS):  # those go by a short way of their own, which knows no routes
        return f"{_WEBHOOKS}…"
    return str(getattr(scope.get("route"), "path", _NONE_OF_OURS))
