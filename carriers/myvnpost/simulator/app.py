"""The simulated MyVNPost over HTTP: its calls, and ``/_control`` for whoever runs the show."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers.myvnpost.simulator.changes import RefusedError
from carriers.myvnpost.simulator.news import entry, order_id
from carriers.myvnpost.simulator.operator import MyVnPostOperator
from carriers.simulation import Desk, Order, json_object

_LARGEST_PAGE = 500
_MOST_LABELS = 100

_Handler = Callable[[Request, Any], Response]


def create_app(operator: MyVnPostOperator) -> Starlette:
    """Return the ASGI application of ``operator``."""
    desk = _Desk(operator)
    return Starlette(routes=[*desk.control(), *desk.calls()])


class _Desk(Desk):
    half_an_answer: ClassVar[bytes] = b'{"orderHdrID": "MVN0000'

    def __init__(self, operator: MyVnPostOperator) -> None:
        super().__init__(operator)
        self._myvnpost = operator

    def calls(self) -> list[Route]:
        """Return the routes of MyVNPost's own calls, under the names by which faults know them."""
        return [
            Route("/GetAccessToken", self._token, methods=["POST"]),
            self._route("POST", "/CreateOrder", "order", self._create),
            self._route("POST", "/orderCancel", "cancel", self._cancel),
            self._route("POST", "/orderCorrection", "correction", self._correct),
            self._route("POST", "/ServicesCharge", "price", self._charge),
            self._route("POST", "/exportListReport", "label", self._label),
            self._route("GET", "/getOrder", "lookup", self._lookup),
            self._route("GET", "/GetListOrder", "list", self._list),
            self._route("GET", "/GetStatusHistoryOrder", "tracking", self._history),
        ]

    def expire_credentials(self) -> None:
        self._myvnpost.tokens.expire_all()

    def expired(self) -> Response:
        return JSONResponse({"message": "Token không hợp lệ hoặc đã hết hạn"}, self._myvnpost.expired_status)

    def _route(self, method: str, path: str, operation: str, handler: _Handler) -> Route:
        async def call(request: Request) -> Response:
            body = _json(await request.body())
            number = self._number(request, body)
            return await self.with_faults(request, operation, number, lambda: self._answer(request, handler, body))

        return Route(path, call, methods=[method])

    async def _token(self, request: Request) -> Response:
        body = json_object(await request.body())
        return await self.with_faults(request, "token", "", lambda: self._issue(body))

    def _issue(self, body: dict[str, Any]) -> Response:
        customer = self._myvnpost.customer
        shown = [str(body.get(name) or "").encode() for name in ("username", "password", "customerCode")]
        ours = [text.encode() for text in (customer.username, customer.password, customer.code)]
        if not all(secrets.compare_digest(one, other) for one, other in zip(shown, ours, strict=True)):
            return JSONResponse({"success": False, "errorMessage": "Sai tên đăng nhập hoặc mật khẩu", "token": None})
        return JSONResponse({"success": True, "errorMessage": None, "token": self._myvnpost.tokens.issue()})

    def _answer(self, request: Request, handler: _Handler, body: Any) -> Response:
        if not self._myvnpost.tokens.is_good(request.headers.get("token", "")):
            return self.expired()
        return handler(request, body)

    def _create(self, request: Request, body: Any) -> Response:
        try:
            return self._wrapped(self._myvnpost.create(_object(body)))
        except RefusedError as refusal:
            return _refused(str(refusal))

    def _cancel(self, request: Request, body: Any) -> Response:
        # The real answer may be a list of one.
        return JSONResponse([self._myvnpost.changes.cancel(str(_object(body).get("OriginalId") or ""))])

    def _correct(self, request: Request, body: Any) -> Response:
        said = _object(body)
        answer = self._myvnpost.changes.correct(str(said.get("OriginalId") or ""), _object(said.get("Receiver")))
        # Its names are in lower case here, and in capitals in the answer to a cancellation.
        return JSONResponse({name[0].lower() + name[1:]: value for name, value in answer.items()})

    def _charge(self, request: Request, body: Any) -> Response:
        try:
            return self._wrapped(self._myvnpost.prices(_object(body)["data"]))
        except (KeyError, TypeError, ValueError):
            return _gateway_error(400, "Dữ liệu tính cước không hợp lệ")

    def _label(self, request: Request, body: Any) -> Response:
        if not isinstance(body, list) or len(body) > _MOST_LABELS:
            return _gateway_error(400, "Danh sách số hiệu không hợp lệ")
        return JSONResponse(self._myvnpost.labels([str(code) for code in body]))

    def _lookup(self, request: Request, body: Any) -> Response:
        order = self._asked_for(request)
        return JSONResponse([{"results": [self._myvnpost.record(order)] if order else []}])

    def _history(self, request: Request, body: Any) -> Response:
        order = self._asked_for(request)
        if order is None:
            return _refused("Không tìm thấy đơn hàng")
        entries = [entry(event) for event in self._myvnpost.events(order)]
        history = {"itemCode": order.item_code, "statusHistory": entries}
        return JSONResponse({"data": [history]} if self._myvnpost.lists == "wrapped" else history)

    def _list(self, request: Request, body: Any) -> Response:
        query = request.query_params
        try:
            first, last = (
                datetime.strptime(query[name], "%d-%m-%Y").date()  # noqa: DTZ007 - a day has no zone
                for name in ("lastUpdateFrom", "lastUpdateTo")
            )
            page, size = int(query["page"]), min(int(query["size"]), _LARGEST_PAGE)
        except (KeyError, ValueError):
            return _gateway_error(400, "Ngày hoặc trang không hợp lệ")
        found = self._myvnpost.listing(first, last)[page * size : (page + 1) * size]
        return JSONResponse({"results": found} if self._myvnpost.lists == "wrapped" else found)

    def _wrapped(self, content: Any) -> Response:
        return JSONResponse({"data": content} if self._myvnpost.lists == "wrapped" else content)

    def _asked_for(self, request: Request) -> Order | None:
        return self._myvnpost.find(request.query_params.get("type", ""), request.query_params.get("code", ""))

    def _number(self, request: Request, body: Any) -> str:
        """Return the order number that a call is about, by whichever name it uses."""
        said = _object(body)
        if sale_order_code := _object(said.get("informationOrder")).get("saleOrderCode"):
            return str(sale_order_code)
        if original_id := said.get("OriginalId"):
            customer = self._myvnpost.customer.code
            order = self._myvnpost.books.order_by_id(customer, order_id(str(original_id)))
        else:
            order = self._asked_for(request)
        return order.number if order else request.query_params.get("code", "")


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _refused(words: str) -> Response:
    return JSONResponse({"success": False, "errorMessage": words})


def _gateway_error(status: int, words: str) -> Response:
    return JSONResponse({"status": status, "error": "Bad Request", "message": words}, status)
