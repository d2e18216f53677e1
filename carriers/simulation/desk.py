"""A simulated operator's desk over HTTP: calls with trouble on either side, and ``/_control`` for the director."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from carriers.simulation.faults import Fault, FaultRule
from carriers.simulation.operator import SimulatedOperator


class _Push(BaseModel):
    model_config = ConfigDict(extra="forbid")

    order_number: str
    code: str | int
    event_time: datetime
    place: str | None = None
    message: str = ""


class _CutOff(Response):
    """Announces a body and hangs up: the caller cannot know what it would have said."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"64")]})
        await send({"type": "http.response.body", "body": b'{"Status":', "more_body": True})


class Desk:
    """Puts an operator's handlers behind its faults. How an operator says no is its own: override what differs."""

    half_an_answer: ClassVar[bytes] = b'{"status": 200, "mess'

    def __init__(self, operator: SimulatedOperator) -> None:
        self._operator = operator

    def control(self) -> list[Route]:
        """Return the routes by which a test or a demo directs the operator."""
        return [
            Route("/_control/orders", self._show_orders, methods=["GET"]),
            Route("/_control/faults", self._set_faults, methods=["POST"]),
            Route("/_control/events", self._push_event, methods=["POST"]),
        ]

    async def with_faults(self, request: Request, operation: str, number: str, act: Callable[[], Response]) -> Response:
        """Carry out a call, unless trouble strikes before it; trouble after it hides the answer."""
        if (trouble := await self._before(request, operation, number)) is not None:
            return trouble
        response = act()
        return await self._after(request, operation, number, response)

    def expire_credentials(self) -> None:
        """Let every token that was issued be refused from now on."""

    def throttled(self, seconds: int) -> Response:
        """Ask the caller to slow down."""
        return JSONResponse({"message": "Too many requests"}, 429, {"Retry-After": str(seconds)})

    def expired(self) -> Response:
        """Refuse the caller's credential."""
        return JSONResponse({"message": "Invalid Credentials"}, 401)

    async def _before(self, request: Request, operation: str, number: str) -> Response | None:
        for fault in (Fault.THROTTLED, Fault.EXPIRED_TOKEN, Fault.ERROR_BEFORE, Fault.TIMEOUT_BEFORE):
            if rule := self._operator.faults.strike(fault, operation, number):
                self._operator.books.note_call(self._operator.now(), operation, number, fault)
                return await self._trouble(request, rule)
        return None

    async def _after(self, request: Request, operation: str, number: str, response: Response) -> Response:
        for fault in (Fault.ERROR_AFTER, Fault.TIMEOUT_AFTER):
            if rule := self._operator.faults.strike(fault, operation, number):
                return await self._trouble(request, rule)
        if self._operator.faults.strike(Fault.MALFORMED, operation, number):
            return Response(self.half_an_answer, response.status_code, media_type="application/json")
        return response

    async def _trouble(self, request: Request, rule: FaultRule) -> Response:
        if rule.fault is Fault.THROTTLED:
            return self.throttled(math.ceil(rule.seconds))
        if rule.fault is Fault.EXPIRED_TOKEN:
            self.expire_credentials()
            return self.expired()
        if rule.fault in (Fault.ERROR_BEFORE, Fault.ERROR_AFTER):
            return Response("Internal Server Error", 500)
        return await _silence(request, rule.seconds)

    async def _show_orders(self, request: Request) -> Response:
        return JSONResponse(self._operator.books.summary())

    async def _set_faults(self, request: Request) -> Response:
        try:
            self._operator.faults.replace([FaultRule.model_validate(rule) for rule in await request.json()])
        except (ValidationError, ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 422)
        return JSONResponse([rule.model_dump(mode="json") for rule in self._operator.faults.rules])

    async def _push_event(self, request: Request) -> Response:
        try:
            push = _Push.model_validate_json(await request.body())
            event = self._operator.push_event(push.order_number, push.code, push.event_time, push.place, push.message)
        except (ValidationError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 422)
        return JSONResponse({"id": event})


def json_object(content: bytes) -> dict[str, Any]:
    """Return the object that ``content`` holds, or an empty one."""
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


async def _silence(request: Request, seconds: float) -> Response:
    """Say nothing until the caller has given up or ``seconds`` are over, then hang up."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not await request.is_disconnected():
                await asyncio.sleep(0.02)
    return _CutOff()
