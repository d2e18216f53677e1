"""Stands for the province's one-stop system and the agency's message gateway (ASGI, Starlette).

It believes nobody: every delivery's signature is verified with the Standard Webhooks library, every ``webhook-id`` is
taken once, and what it was told is folded into a copy of its own (:mod:`dispatch.onestop.copy`).

``POST /callbacks`` · ``POST /gateway/messages`` · ``POST /_control/faults`` · ``GET /_control/dossiers`` ·
``GET /_control/messages``
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from dispatch.onestop.copy import DossierCopy, apply
from dispatch.onestop.deliveries import Deliveries, Door, Fault


class _CutOff(Response):
    """An answer that ends before it is complete, as when a line breaks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


class OneStopSimulator:
    """The one-stop and the gateway on one port; :attr:`app` is the ASGI application, :attr:`deliveries` its records.

    Args:
        path: SQLite file, made on first use.
        callback_secret: ``whsec_...`` of the one-stop's callbacks.
        gateway_secret: ``whsec_...`` of the message gateway.
        now: domain time, for the record of when something came.
    """

    def __init__(self, path: Path, callback_secret: str, gateway_secret: str, now: Callable[[], datetime]) -> None:
        self._doors = {"callbacks": Webhook(callback_secret), "messages": Webhook(gateway_secret)}
        self._now = now
        self.deliveries = Deliveries(path)
        self._copies: dict[str, DossierCopy] = {}
        for received in self.deliveries.received("callbacks"):
            self._take_into_copy(received.body)
        self.app = Starlette(
            routes=[
                Route("/callbacks", self._callback, methods=["POST"]),
                Route("/gateway/messages", self._message, methods=["POST"]),
                Route("/_control/faults", self._set_fault, methods=["POST"]),
                Route("/_control/dossiers", self._show_dossiers),
                Route("/_control/messages", self._show_messages),
            ]
        )

    def copies(self) -> dict[str, DossierCopy]:
        """Return the one-stop's copy of every dossier it was told of, by dossier code."""
        return dict(self._copies)

    async def _callback(self, request: Request) -> Response:
        return await self._take("callbacks", request)

    async def _message(self, request: Request) -> Response:
        return await self._take("messages", request)

    async def _take(self, door: Door, request: Request) -> Response:
        body = await request.body()
        try:
            event = self._doors[door].verify(body, dict(request.headers))
        except (WebhookVerificationError, ValueError) as error:
            return _refusal(401, f"The signature does not fit the body: {error}")
        if not _is_cloud_event(event) or event["id"] != request.headers["webhook-id"]:
            return _refusal(400, "The body is not a CloudEvents 1.0 envelope under the webhook-id it came with.")
        fault = self.deliveries.next_fault(event)
        if fault and fault.kind == "error":
            return _refusal(500, "Switched-on fault.")
        if self.deliveries.keep(door, event, body.decode(), self._now()) and door == "callbacks":
            self._take_into_copy(event)
        if fault and fault.kind == "drop":
            return _CutOff()
        await asyncio.sleep(fault.seconds if fault else 0)
        return Response(status_code=204)

    def _take_into_copy(self, event: dict[str, Any]) -> None:
        code = event["subject"]
        self._copies[code] = apply(self._copies.get(code, DossierCopy(code)), event)

    async def _set_fault(self, request: Request) -> Response:
        try:
            fault = Fault.model_validate_json(await request.body())
        except ValidationError as error:
            return _refusal(422, str(error))
        self.deliveries.add_fault(fault)
        return JSONResponse(fault.model_dump(), status_code=201)

    async def _show_dossiers(self, _request: Request) -> Response:
        return JSONResponse({"dossiers": [asdict(copy) for copy in self.copies().values()]})

    async def _show_messages(self, _request: Request) -> Response:
        return JSONResponse({"messages": [received.body for received in self.deliveries.received("messages")]})


def _is_cloud_event(event: Any) -> bool:
    needed = {"specversion", "id", "source", "type", "subject", "time", "data"}
    return isinstance(event, dict) and needed <= event.keys() and isinstance(event["data"], dict)


def _refusal(status: int, detail: str) -> Response:
    return JSONResponse({"status": status, "detail": detail}, status_code=status)
