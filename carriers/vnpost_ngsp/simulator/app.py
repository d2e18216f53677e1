"""The simulated VNPost over HTTP: the adapter's calls, and ``/_control`` for whoever runs the show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers.simulation import Desk, json_object
from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.simulator.adapter import HTTP_JUDGED, Client, cancelled_order, operation_of
from carriers.vnpost_ngsp.simulator.operator import NgspOperator

_FIRST_CURSOR = "0" * 24


def create_app(operator: NgspOperator) -> Starlette:
    """Return the ASGI application of ``operator``."""
    desk = _Desk(operator)
    return Starlette(
        routes=[
            *desk.control(),
            Route("/token", desk.token, methods=["POST"]),
            Route("/{call:path}", desk.call, methods=["GET", "POST"]),
        ]
    )


class _Desk(Desk):
    half_an_answer: ClassVar[bytes] = b'{"Status": 100, "Mess'

    def __init__(self, operator: NgspOperator) -> None:
        super().__init__(operator)
        self._vnpost = operator
        self._handlers: dict[str, Callable[[Client, Request, dict[str, Any]], Response]] = {
            "order": self._order,
            "cancel": self._cancel,
            "tracking": self._tracking,
            "price": self._price,
            "document": self._document,
        }

    def expire_credentials(self) -> None:
        self._vnpost.tokens.expire_all()

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        return await self.with_faults(request, "token", "", lambda: self._issue(request, form))

    async def call(self, request: Request) -> Response:
        operation = operation_of(request, self._vnpost.variant)
        if operation is None:
            return JSONResponse({"message": "No matching resource found"}, 404)
        body = json_object(await request.body())
        number = _order_number(operation, request, body, self._vnpost.variant)
        return await self.with_faults(request, operation, number, lambda: self._answer(request, operation, body))

    def _issue(self, request: Request, form: dict[str, str]) -> Response:
        token = self._vnpost.tokens.issue(request, form)
        if token is None:
            return JSONResponse({"error": "invalid_client"}, 401)
        lifetime = self._vnpost.tokens.lifetime
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": lifetime})

    def _answer(self, request: Request, operation: str, body: dict[str, Any]) -> Response:
        client = self._vnpost.tokens.client_of(request)
        if client is None:
            return JSONResponse({"message": "Invalid Credentials"}, 401)
        return self._handlers[operation](client, request, body)

    def _order(self, client: Client, request: Request, body: dict[str, Any]) -> Response:
        return self._said(self._vnpost.create(client, body))

    def _cancel(self, client: Client, request: Request, body: dict[str, Any]) -> Response:
        return self._said(self._vnpost.cancel(client, *cancelled_order(request, body, self._vnpost.variant)))

    def _tracking(self, client: Client, request: Request, body: dict[str, Any]) -> Response:
        try:
            after = request.query_params.get("lastId", _FIRST_CURSOR)
            size = int(request.query_params.get("pagesize", "100"))
            return JSONResponse(self._vnpost.feed(client, after, size))
        except ValueError:
            return JSONResponse({"message": "lastId or pagesize is not valid"}, 400)

    def _price(self, client: Client, request: Request, body: dict[str, Any]) -> Response:
        try:
            same = body["sender"]["provCode"] == body["receiver"]["provCode"]
            price = self._vnpost.price(int(body["weight"]), same_province=same)
        except (KeyError, TypeError, ValueError):
            return JSONResponse({"message": "Expectation Failed"}, 417)
        return JSONResponse({"content": {"price": price}})

    def _document(self, client: Client, request: Request, body: dict[str, Any]) -> Response:
        known = body.get("CustomerCode") == client.customer_code and isinstance(body.get("Procedure"), dict)
        return self._said((100, "Thành công") if known else (201, "Thiếu thông tin hồ sơ"))

    def _said(self, answer: tuple[int, str]) -> Response:
        status, message = answer
        refused = self._vnpost.variant in HTTP_JUDGED and status not in (100, 101, 110)
        shown = str(status) if self._vnpost.status_as == "str" else status
        return JSONResponse({"Status": shown, "Message": message}, 400 if refused else 200)


def _order_number(operation: str, request: Request, body: dict[str, Any], variant: Variant) -> str:
    if operation == "cancel":
        return cancelled_order(request, body, variant)[1]
    return str(body.get("OrderNumber") or "")
