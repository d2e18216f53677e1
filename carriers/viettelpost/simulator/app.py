"""The simulated Viettel Post over HTTP: its calls, and ``/_control`` for whoever runs the show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from carriers.simulation import Desk, json_object
from carriers.viettelpost.simulator.operator import Said, ViettelPostOperator

# Real numbers of refusals are not published; these are made up and no client may depend on them.
_REFUSED, _TOKEN_REFUSED = 204, 202

Body = dict[str, Any]


def create_app(operator: ViettelPostOperator) -> Starlette:
    """Return the ASGI application of ``operator``."""
    desk = _Desk(operator)
    return Starlette(
        routes=[
            *desk.control(),
            Route("/v2/user/Login", desk.login, methods=["POST"]),
            Route("/v2/user/ownerconnect", desk.connect, methods=["POST"]),
            Route("/v2/user/listInventory", desk.inventories, methods=["GET"]),
            Route("/v2/order/createOrderNlp", desk.create, methods=["POST"]),
            Route("/v2/order/UpdateOrder", desk.update, methods=["POST"]),
            Route("/v2/order/getPriceAllNlp", desk.prices, methods=["POST"]),
            Route("/v2/order/printing-code", desk.print_code, methods=["POST"]),
            Route("/v2/order/registerOrderHook", desk.tell_again, methods=["GET"]),
            Route("/DigitalizePrint/report.do", desk.label, methods=["GET"]),
        ]
    )


class _Desk(Desk):
    half_an_answer: ClassVar[bytes] = b'{"status":200,"error":false,"message":"OK","data":{"ORDER_NUM'

    def __init__(self, operator: ViettelPostOperator) -> None:
        super().__init__(operator)
        self._viettel = operator

    def expire_credentials(self) -> None:
        self._viettel.tokens.expire_all()

    def expired(self) -> Response:
        return self._token_refused("Token invalid or expired")

    async def login(self, request: Request) -> Response:
        body = json_object(await request.body())
        return await self.with_faults(request, "token", "", lambda: _login(self._viettel.tokens.login(body)))

    async def connect(self, request: Request) -> Response:
        body, short = json_object(await request.body()), request.headers.get("token", "")
        return await self.with_faults(request, "token", "", lambda: _login(self._viettel.tokens.connect(short, body)))

    async def create(self, request: Request) -> Response:
        body = json_object(await request.body())
        number = str(body.get("ORDER_NUMBER") or "")
        return await self._admitted(request, "order", number, lambda: _envelope(self._viettel.create(body)))

    async def update(self, request: Request) -> Response:
        body = json_object(await request.body())
        number = self._number_of(body.get("ORDER_NUMBER"))
        return await self._admitted(request, "cancel", number, lambda: _envelope(self._viettel.update(body)))

    async def prices(self, request: Request) -> Response:
        body = json_object(await request.body())
        return await self._admitted(request, "price", "", lambda: _price_list(self._viettel.prices(body)))

    async def print_code(self, request: Request) -> Response:
        codes = json_object(await request.body()).get("ORDER_ARRAY")
        return await self._admitted(request, "label", "", lambda: _envelope(self._viettel.print_code(codes)))

    async def tell_again(self, request: Request) -> Response:
        code = request.query_params.get("oid", "")
        number = self._number_of(code)
        return await self._admitted(request, "resend", number, lambda: _envelope(self._viettel.tell_again(code)))

    async def inventories(self, request: Request) -> Response:
        place = {"groupaddressId": 5818802, "cusId": 722, "name": "Kho của mô phỏng"}
        return await self._admitted(request, "check", "", lambda: _yes([place]))

    async def label(self, request: Request) -> Response:
        printed = self._viettel.printed(request.query_params.get("bill", ""))
        if printed is None:
            return PlainTextResponse("Mã in không hợp lệ", 404)
        return PlainTextResponse(f"Viettel Post (mô phỏng) - {printed}")

    async def _admitted(self, request: Request, operation: str, number: str, act: Callable[[], Response]) -> Response:
        def answer() -> Response:
            token = request.headers.get("token", "")
            if not token:
                return self._token_refused("Header Token is required")
            return act() if self._viettel.tokens.admits(token) else self._token_refused("Token invalid")

        return await self.with_faults(request, operation, number, answer)

    def _number_of(self, code: Any) -> str:
        order = self._viettel.order_of(str(code))
        return order.number if order else str(code)

    def _token_refused(self, words: str) -> Response:
        return _no(words, _TOKEN_REFUSED, 401 if self._viettel.http_refusals else 200)


def _login(token: str | None) -> Response:
    if token is None:
        return _no("Invalid owner account or password!", _REFUSED)
    return _yes({"userId": 7856551, "token": token, "expired": 0, "source": 5})


def _envelope(said: Said) -> Response:
    return _yes(said.data, said.message) if said.refusal is None else _no(said.refusal, _REFUSED)


def _yes(data: Any, message: str = "OK") -> Response:
    return JSONResponse({"status": 200, "error": False, "message": message, "data": data})


def _no(words: str, status: int, http_status: int = 200) -> Response:
    return JSONResponse({"status": status, "error": True, "message": words, "data": None}, http_status)


def _price_list(prices: dict[str, int]) -> Response:
    offers = [{"MA_DV_CHINH": service, "GIA_CUOC": price, "EXTRA_SERVICE": []} for service, price in prices.items()]
    return JSONResponse({"SENDER_ADDRESS": {}, "RECEIVER_ADDRESS": {}, "RESULT": offers})
