"""The simulated iGate over HTTP: Keycloak's token address, the search, and ``/_control`` for whoever runs the show."""

from __future__ import annotations

import json
from datetime import UTC
from email.utils import format_datetime
from typing import Any, get_args
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from carriers.simulation import json_object
from dispatch.onestop.igate.simulator.office import IgateOffice, Trouble

_LOG_IN = "<!doctype html><html lang='vi'><title>Đăng nhập</title><body>Phiên làm việc đã hết hạn</body></html>"


def create_app(office: IgateOffice, realm: str = "digo") -> Starlette:
    """Return the ASGI application of ``office``; gateway and Keycloak share its address."""
    desk = _Desk(office)
    return Starlette(
        routes=[
            Route(f"/auth/realms/{realm}/protocol/openid-connect/token", desk.token, methods=["POST"]),
            Route("/pa/dossier/search", desk.search, methods=["GET"]),
            Route("/_control/dossiers", desk.dossiers, methods=["GET", "POST"]),
            Route("/_control/trouble", desk.trouble, methods=["POST"]),
        ]
    )


class _Desk:
    def __init__(self, office: IgateOffice) -> None:
        self._office = office

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        token = self._office.token(form.get("client_id", ""), form.get("client_secret", ""))
        if token is None:
            return JSONResponse({"error": "invalid_client", "error_description": "Invalid client secret"}, 401)
        return JSONResponse({"access_token": token, "expires_in": self._office.token_seconds, "token_type": "Bearer"})

    async def search(self, request: Request) -> Response:
        trouble = self._office.next_trouble()
        if trouble == "expired":
            self._office.forget_tokens()
        if not self._office.recognises(request.headers.get("authorization", "").removeprefix("Bearer ")):
            return JSONResponse({"error": "invalid_token"}, 401)
        if trouble == "html":
            return HTMLResponse(_LOG_IN)
        if trouble == "error":
            return JSONResponse({"status": 500, "message": "Internal Server Error"}, 500)
        if trouble == "throttled":
            return JSONResponse({"message": "Too Many Requests"}, 429, {"retry-after": "7"})
        answer = self._office.search(dict(request.query_params))
        content = json.dumps(answer)
        content = content[: len(content) // 2] if trouble == "cut" else content
        headers = {"date": format_datetime(self._office.now().astimezone(UTC), usegmt=True)}
        return Response(content, headers=headers, media_type="application/json")

    async def dossiers(self, request: Request) -> Response:
        if request.method == "POST":
            self._office.put(json_object(await request.body()))
        return JSONResponse({"dossiers": self._office.dossiers()})

    async def trouble(self, request: Request) -> Response:
        kind: Any = json_object(await request.body()).get("kind")
        if kind not in get_args(Trouble):
            return JSONResponse({"detail": f"kind is one of {', '.join(get_args(Trouble))}"}, 422)
        self._office.make_trouble(kind)
        return JSONResponse({"kind": kind}, 201)
