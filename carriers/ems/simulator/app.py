"""The simulated EMS over HTTP: the MerchantSite v1, and ``/_control`` for whoever runs the show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers.ems.simulator.operator import EmsOperator
from carriers.simulation import Desk, json_object

_SERVICES = [{"id": 1, "name": "EMS trong nước"}, {"id": 2, "name": "EMS hỏa tốc"}]


def create_app(operator: EmsOperator) -> Starlette:
    """Return the ASGI application of ``operator``."""
    desk = _Desk(operator)
    return Starlette(
        routes=[
            *desk.control(),
            Route("/api/v1/orders/create-v2", desk.create, methods=["POST"]),
            Route("/api/v1/orders/tracking/{tracking_code}", desk.track, methods=["GET"]),
            Route("/api/v1/config/service", desk.services, methods=["GET"]),
        ]
    )


class _Desk(Desk):
    half_an_answer: ClassVar[bytes] = b'{"code":"success","data":{"tracking'

    def __init__(self, operator: EmsOperator) -> None:
        super().__init__(operator)
        self._ems = operator

    def expired(self) -> Response:
        return JSONResponse({"code": "error", "message": "merchant_token không hợp lệ"})

    async def create(self, request: Request) -> Response:
        body = json_object(await request.body())
        number = str(body.get("order_code") or "")
        return await self._answer(request, "order", number, lambda: self._ems.create(body))

    async def track(self, request: Request) -> Response:
        code = request.path_params["tracking_code"]
        number = self._ems.number_of(code)
        return await self._answer(request, "tracking", number, lambda: self._ems.tracking(code))

    async def services(self, request: Request) -> Response:
        listed = {"code": "success", "message": "Thành công", "data": _SERVICES}
        return await self._answer(request, "service", "", lambda: listed)

    async def _answer(self, request: Request, operation: str, number: str, act: Callable[[], Any]) -> Response:
        def answer() -> Response:
            known = self._ems.recognises(request.query_params.get("merchant_token", ""))
            return JSONResponse(act()) if known else self.expired()

        return await self.with_faults(request, operation, number, answer)
