"""The simulated VNPost over HTTP: the adapter's calls, and ``/_control`` for whoever runs the show."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.simulator.adapter import HTTP_JUDGED, Client, cancelled_order, operation_of
from carriers.vnpost_ngsp.simulator.faults import Fault, FaultRule
from carriers.vnpost_ngsp.simulator.operator import NgspOperator

_FIRST_CURSOR = "0" * 24


class _Push(BaseModel):
    model_config = ConfigDict(extra="forbid")

    order_number: str
    code: int
    event_time: datetime
    pos_id: str = "271000"
    message: str = ""


class _CutOff(Response):
    """Announces a body and hangs up: the caller cannot know what it would have said."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"64")]})
        await send({"type": "http.response.body", "body": b'{"Status":', "more_body": True})


def create_app(operator: NgspOperator) -> Starlette:
    """Return the ASGI application of ``operator``."""
    desk = _Desk(operator)
    return Starlette(
        routes=[
            Route("/_control/orders", desk.show_orders, methods=["GET"]),
            Route("/_control/faults", desk.set_faults, methods=["POST"]),
            Route("/_control/events", desk.push_event, methods=["POST"]),
            Route("/token", desk.token, methods=["POST"]),
            Route("/{call:path}", desk.call, methods=["GET", "POST"]),
        ]
    )


class _Desk:
    def __init__(self, operator: NgspOperator) -> None:
        self._operator = operator
        self._handlers: dict[str, Callable[[Client, Request, dict[str, Any]], Response]] = {
            "order": self._order,
            "cancel": self._cancel,
            "tracking": self._tracking,
            "price": self._price,
            "document": self._document,
        }

    async def show_orders(self, request: Request) -> Response:
        return JSONResponse(self._operator.orders())

    async def set_faults(self, request: Request) -> Response:
        try:
            self._operator.faults.replace([FaultRule.model_validate(rule) for rule in await request.json()])
        except (ValidationError, ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 422)
        return JSONResponse([rule.model_dump(mode="json") for rule in self._operator.faults.rules])

    async def push_event(self, request: Request) -> Response:
        try:
            push = _Push.model_validate_json(await request.body())
            oid = self._operator.push_event(push.order_number, push.code, push.event_time, push.pos_id, push.message)
        except (ValidationError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 422)
        return JSONResponse({"oid": oid})

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        return await self._with_faults(request, "token", "", lambda: self._issue(request, form))

    async def call(self, request: Request) -> Response:
        operation = operation_of(request, self._operator.variant)
        if operation is None:
            return JSONResponse({"message": "No matching resource found"}, 404)
        body = _object(await request.body())
        number = _order_number(operation, request, body, self._operator.variant)
        return await self._with_faults(request, operation, number, lambda: self._answer(request, operation, body))

    async def _with_faults(
        self, request: Request, operation: str, number: str, act: Callable[[], Response]
    ) -> Response:
        if (trouble := await self._before(request, operation, number)) is not None:
            return trouble
        response = act()
        return await self._after(request, operation, number, response)

    async def _before(self, request: Request, operation: str, number: str) -> Response | None:
        for fault in (Fault.THROTTLED, Fault.EXPIRED_TOKEN, Fault.ERROR_BEFORE, Fault.TIMEOUT_BEFORE):
            if rule := self._operator.faults.strike(fault, operation, number):
                self._operator.note_unprocessed(operation, number, fault)
                return await self._trouble(request, rule)
        return None

    async def _after(self, request: Request, operation: str, number: str, response: Response) -> Response:
        for fault in (Fault.ERROR_AFTER, Fault.TIMEOUT_AFTER):
            if rule := self._operator.faults.strike(fault, operation, number):
                return await self._trouble(request, rule)
        if self._operator.faults.strike(Fault.MALFORMED, operation, number):
            return Response(b'{"Status": 100, "Mess', response.status_code, media_type="application/json")
        return response

    async def _trouble(self, request: Request, rule: FaultRule) -> Response:
        if rule.fault is Fault.THROTTLED:
            return JSONResponse({"message": "Too many requests"}, 429, {"Retry-After": str(math.ceil(rule.seconds))})
        if rule.fault is Fault.EXPIRED_TOKEN:
            self._operator.tokens.expire_all()
            return JSONResponse({"message": "Invalid Credentials"}, 401)
        if rule.fault in (Fault.ERROR_BEFORE, Fault.ERROR_AFTER):
            return Response("Internal Server Error", 500)
        return await _silence(request, rule.seconds)

    def _issue(self, request: Request, form: dict[str, str]) -> Response:
        token = self._operator.tokens.issue(request, form)
        if token is None:
            return JSONResponse({"error": "invalid_client"}, 401)
        lifetime = self._operator.tokens.lifetime
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": lifetime})

    def _answer(self, request: Request, operation: str, body: dict[str, Any]) -> Response:
        client = self._operator.tokens.client_of(request)
        if client is None:
            return JSONResponse({"message": "Invalid Credentials"}, 401)
        return self._handlers[operation](client, request, body)

    def _order(self, client: Client, request: Request, body: dict[str, Any]) -> Response:
        return self._said(self._operator.create(client, body))

    def _cancel(self, client: Client, request: Request, body: dict[str, Any]) -> Response:
        return self._said(self._operator.cancel(client, *cancelled_order(request, body, self._operator.variant)))

    def _tracking(self, client: Client, request: Request, body: dict[str, Any]) -> Response:
        try:
            after = request.query_params.get("lastId", _FIRST_CURSOR)
            size = int(request.query_params.get("pagesize", "100"))
            return JSONResponse(self._operator.feed(client, after, size))
        except ValueError:
            return JSONResponse({"message": "lastId or pagesize is not valid"}, 400)

    def _price(self, client: Client, request: Request, body: dict[str, Any]) -> Response:
        try:
            same = body["sender"]["provCode"] == body["receiver"]["provCode"]
            price = self._operator.price(int(body["weight"]), same_province=same)
        except (KeyError, TypeError, ValueError):
            return JSONResponse({"message": "Expectation Failed"}, 417)
        return JSONResponse({"content": {"price": price}})

    def _document(self, client: Client, request: Request, body: dict[str, Any]) -> Response:
        known = body.get("CustomerCode") == client.customer_code and isinstance(body.get("Procedure"), dict)
        return self._said((100, "Thành công") if known else (201, "Thiếu thông tin hồ sơ"))

    def _said(self, answer: tuple[int, str]) -> Response:
        status, message = answer
        refused = self._operator.variant in HTTP_JUDGED and status not in (100, 101, 110)
        shown = str(status) if self._operator.status_as == "str" else status
        return JSONResponse({"Status": shown, "Message": message}, 400 if refused else 200)


def _order_number(operation: str, request: Request, body: dict[str, Any], variant: Variant) -> str:
    if operation == "cancel":
        return cancelled_order(request, body, variant)[1]
    return str(body.get("OrderNumber") or "")


def _object(content: bytes) -> dict[str, Any]:
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
