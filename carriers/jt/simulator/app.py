"""The simulated J&T over HTTP: signed forms, and ``/_control`` for whoever runs the show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers.jt.simulator.customers import BASE
from carriers.jt.simulator.operator import JtOperator, Said
from carriers.simulation import Desk, json_object

Body = dict[str, Any]


def create_app(operator: JtOperator) -> Starlette:
    """Return the ASGI application of ``operator``."""
    desk = _Desk(operator)
    calls = {
        "/api/order/addOrder": desk.create,
        "/api/order/cancelOrder": desk.cancel,
        "/api/order/printOrder": desk.label,
        "/api/spmComCost/getComCost": desk.price,
        "/api/logistics/trace": desk.trace,
    }
    routes = [Route(f"{BASE}{path}", endpoint, methods=["POST"]) for path, endpoint in calls.items()]
    return Starlette(routes=[*desk.control(), *routes])


class _Desk(Desk):
    half_an_answer: ClassVar[bytes] = b'{"code":"1","msg":"success","data":{"billCo'

    def __init__(self, operator: JtOperator) -> None:
        super().__init__(operator)
        self._jt = operator

    def expired(self) -> Response:
        return _no("145003030", "Chữ ký không hợp lệ")

    async def create(self, request: Request) -> Response:
        content, body = await _form(request)
        number = str(body.get("txlogisticId") or "")
        return await self._answer(request, "order", number, content, lambda: self._jt.create(body))

    async def cancel(self, request: Request) -> Response:
        content, body = await _form(request)
        number = str(body.get("txlogisticId") or self._number_of(body.get("billCode")))
        return await self._answer(request, "cancel", number, content, lambda: self._jt.cancel(body))

    async def label(self, request: Request) -> Response:
        content, body = await _form(request)
        number = self._number_of(body.get("billCode"))
        return await self._answer(request, "label", number, content, lambda: self._jt.label(body))

    async def price(self, request: Request) -> Response:
        content, body = await _form(request)
        return await self._answer(request, "price", "", content, lambda: self._jt.price(body))

    async def trace(self, request: Request) -> Response:
        content, body = await _form(request)
        waybills = str(body.get("billCodes") or "").split(",")
        number = next(filter(None, map(self._number_of, waybills)), "")
        return await self._answer(request, "tracking", number, content, lambda: self._jt.trace(waybills))

    async def _answer(
        self, request: Request, operation: str, number: str, content: str, act: Callable[[], Said]
    ) -> Response:
        def answer() -> Response:
            if (refusal := self._refusal(request, content)) is not None:
                return refusal
            said = act()
            return JSONResponse({"code": said.code, "msg": said.msg, "data": said.data})

        return await self.with_faults(request, operation, number, answer)

    def _refusal(self, request: Request, content: str) -> Response | None:
        """Who calls is looked at before what is wanted."""
        customer, headers = self._jt.customer, request.headers
        signed = headers.get("digest") == customer.digest(content) and headers.get("timestamp", "").isdecimal()
        if not signed or headers.get("apiaccount") != customer.api_account:
            return self.expired()
        login = json_object(content.encode())
        if (login.get("customerCode"), login.get("password")) != (customer.code, customer.password):
            return _no("145003052", "Mã khách hàng hoặc mật khẩu không đúng")
        return None

    def _number_of(self, waybill: Any) -> str:
        order = self._jt.order_of(str(waybill))
        return order.number if order else ""


async def _form(request: Request) -> tuple[str, Body]:
    """Return ``bizContent`` as it came, and what is in it."""
    fields = parse_qs((await request.body()).decode("ascii", "replace"))
    content = fields.get("bizContent", [""])[0]
    return content, json_object(content.encode())


def _no(code: str, msg: str) -> Response:
    return JSONResponse({"code": code, "msg": msg, "data": None})
