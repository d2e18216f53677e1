"""The simulated portal over HTTP.

Session adapter: ``POST /auth`` · ``POST /integration``. LGSP: ``POST /api/SynsTTHCC/{service}``. Gateway:
``POST /gateway/add`` · ``/gateway/update`` · ``/gateway/progress``. Directed by ``POST /_control/faults``;
``GET /_control/dossiers`` and ``GET /_control/calls`` show its books.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from dispatch.onestop.dvcqg.simulator.books import TAKEN, PortalBooks, Ruling
from dispatch.onestop.dvcqg.simulator.faults import PortalFault, PortalFaults

USERNAME, PASSWORD, DSTCODE, UNIT = "caobang", "mat-khau-cua-cong", "VN:COM:DVCQG", "000.00.00.H14"
_FAULTS = TypeAdapter(list[PortalFault])
_CODES: Mapping[str, Mapping[str, str]] = {
    "session": {"taken": "00", "exists": "3", "missing": "-1", "refused": "-5", "busy": "-9"},
    "lgsp": {"taken": "0", "exists": "-3", "missing": "-1", "refused": "-5", "busy": "-9"},
    "gateway": {"taken": "0", "exists": "3", "missing": "-1", "refused": "-5", "busy": "-9"},
}
"""``error_code`` as each style says it; only those of success and of "already exists" are known from the field."""


class _CutOff(Response):
    """An answer that ends before it is complete, as when a line breaks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def create_app(books: PortalBooks) -> Starlette:
    """Return the ASGI application of a portal with these books."""
    desk = _Desk(books)
    return Starlette(
        routes=[
            Route("/auth", desk.login, methods=["POST"]),
            Route("/integration", desk.by_session, methods=["POST"]),
            Route("/api/SynsTTHCC/{service}", desk.by_lgsp, methods=["POST"]),
            Route("/gateway/{service}", desk.by_gateway, methods=["POST"]),
            Route("/_control/faults", desk.set_faults, methods=["POST"]),
            Route("/_control/dossiers", desk.show_dossiers),
            Route("/_control/calls", desk.show_calls),
        ]
    )


def options_at(base: str, style: str) -> dict[str, Any]:
    """Return the options of a connector that speaks to the simulator at ``base`` in a style."""
    return {
        "session": {
            "adapter": base,
            "auth": "/auth",
            "integration": "/integration",
            "dstcode": DSTCODE,
            "madonvi": UNIT,
        },
        "lgsp": {"base": f"{base}/api/SynsTTHCC", "unit": UNIT},
        "gateway": {name: f"{base}/gateway/{name}" for name in ("add", "update", "progress")},
    }[style] | {"style": style}


class _Desk:
    def __init__(self, books: PortalBooks) -> None:
        self._books, self._faults = books, PortalFaults()

    async def login(self, request: Request) -> Response:
        body = _object(await request.body())
        if (trouble := self._faults.strike("auth", [])) is not None and trouble.kind in ("down", "page"):
            return _away(trouble)
        if (body.get("username"), body.get("password")) != (USERNAME, PASSWORD) or "dstcode" not in request.headers:
            return JSONResponse({"error_code": -1, "message": "Sai tài khoản hoặc mật khẩu"})
        self._books.note_call("auth", [], "taken")
        return JSONResponse({"error_code": 0, "session": self._books.open_session()})

    async def by_session(self, request: Request) -> Response:
        body = _object(await request.body())
        service, rows = str(body.get("service")), _rows(body.get("data"))

        def act() -> Ruling | dict[str, Any]:
            if not self._books.is_open(body.get("session")):
                return {"error_code": "-2", "message": "Session hết hạn"}
            if service == "TraCuuHoSo":
                found = self._books.dossier(str(body.get("mahoso")))
                return {"error_code": "00", "result": [found] if found else []}
            return self._serve(service, rows, updating=body.get("isUpdating") == "True")

        return await self._answer("session", service, rows, act)

    async def by_lgsp(self, request: Request) -> Response:
        service, rows = request.path_params["service"], _rows(_json(await request.body()))
        if not request.query_params.get("MaDinhDanhDV"):
            return JSONResponse({"error_code": "-1", "message": "Thiếu mã định danh đơn vị"})
        updating = request.query_params.get("isUpdating") == "True"
        return await self._answer("lgsp", service, rows, lambda: self._serve(service, rows, updating=updating))

    async def by_gateway(self, request: Request) -> Response:
        name, rows = request.path_params["service"], _rows(_json(await request.body()))
        service = "CapNhatTienDoHoSoMC" if name == "progress" else "DongBoHoSoMC"
        return await self._answer(
            "gateway", service, rows, lambda: self._serve(service, rows, updating=name == "update")
        )

    async def set_faults(self, request: Request) -> Response:
        try:
            faults = _FAULTS.validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"error": str(error)}, 422)
        self._faults.replace(faults)
        return JSONResponse([fault.model_dump() for fault in faults])

    async def show_dossiers(self, _request: Request) -> Response:
        copies = self._books.dossiers()
        return JSONResponse([{**copy, "TienDo": self._books.history(code)} for code, copy in copies.items()])

    async def show_calls(self, _request: Request) -> Response:
        named = ("service", "codes", "answer")
        return JSONResponse([dict(zip(named, call, strict=True)) for call in self._books.calls()])

    def _serve(self, service: str, rows: list[Any], *, updating: bool) -> Ruling:
        if service == "DongBoHoSoMC":
            return self._books.synchronise(rows, updating=updating)
        if service == "CapNhatTienDoHoSoMC":
            return self._books.progress(rows)
        return Ruling("refused", f"Không có dịch vụ {service}")

    async def _answer(
        self, style: str, service: str, rows: list[Any], act: Callable[[], Ruling | dict[str, Any]]
    ) -> Response:
        codes = [str(row.get("MaHoSo")) for row in rows if isinstance(row, dict)]
        trouble = self._faults.strike(service, codes)
        if trouble is not None and (instead := self._instead(style, trouble)) is not None:
            self._books.note_call(service, codes, trouble.kind)
            return instead
        ruling = act()
        said = ruling if isinstance(ruling, dict) else _said(style, ruling)
        self._books.note_call(service, codes, ruling.kind if isinstance(ruling, Ruling) else said["error_code"])
        if trouble is None or trouble.kind == "expired":
            return JSONResponse(said)
        if trouble.kind == "drop":
            return _CutOff()
        await asyncio.sleep(trouble.seconds if trouble.kind == "slow" else 0)
        return JSONResponse({"error_code": "-1", "message": TAKEN.words} if trouble.kind == "doubtful" else said)

    def _instead(self, style: str, trouble: PortalFault) -> Response | None:
        """Return what is answered without the call being looked at; None where it is."""
        if trouble.kind == "expired":
            self._books.end_sessions()
        if trouble.kind in ("down", "page"):
            return _away(trouble)
        words = {"busy": "Hệ thống đang bận, vui lòng thử lại sau", "refused": "Mã TTHC không có hiệu lực"}
        if trouble.kind in words:
            return JSONResponse(_said(style, Ruling(trouble.kind, words[trouble.kind])))
        if trouble.kind == "pretended":
            return JSONResponse({"error_code": "-1", "message": TAKEN.words})
        return None


def _said(style: str, ruling: Ruling) -> dict[str, Any]:
    return {"error_code": _CODES[style][ruling.kind], "message": ruling.words}


def _away(trouble: PortalFault) -> Response:
    if trouble.kind == "down":
        return Response("Service Unavailable", 503)
    return HTMLResponse("<!DOCTYPE html><html><body>Hệ thống đang được nâng cấp</body></html>")


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _object(content: bytes) -> dict[str, Any]:
    read = _json(content)
    return read if isinstance(read, dict) else {}


def _rows(data: Any) -> list[Any]:
    return data if isinstance(data, list) else []
