"""``POST /oauth/token``: an API client changes its key for a token of some minutes (RFC 6749 section 4.4)."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from worker.access import clients
from worker.web.deps import RuntimeDep

router = APIRouter(tags=["clients"])

Part = Annotated[str, Form(max_length=500)]
_NO_STORE = {"Cache-Control": "no-store"}


class TokenAnswer(BaseModel):
    """The token, to be sent as ``Authorization: Bearer``; ``expires_in`` seconds from now it is worth nothing."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int


@router.post("/oauth/token", response_model=TokenAnswer, responses={401: {}, 400: {}})
def token(
    request: Request, runtime: RuntimeDep, grant_type: Part = "", client_id: Part = "", client_secret: Part = ""
) -> JSONResponse:
    """Give a token for a client's name and key, which come by HTTP Basic or as ``client_id`` and ``client_secret``."""
    name, key = _basic(request.headers.get("authorization", "")) or (client_id, client_secret)
    with runtime.context.database.read() as session:
        client = clients.by_key(session, key, name)
    if client is None:
        headers = {**_NO_STORE, "WWW-Authenticate": 'Basic realm="onestop-postal"'}
        return JSONResponse(_error("invalid_client", "No client has this name and key."), 401, headers)
    if grant_type != "client_credentials":
        said = "Send grant_type=client_credentials, as a form."
        return JSONResponse(_error("unsupported_grant_type", said), 400, _NO_STORE)
    with runtime.context.database.write() as session:
        bearer = clients.new_bearer(session, client)
    life = int(clients.TOKEN_LIFE.total_seconds())
    answer = TokenAnswer(access_token=bearer, token_type="Bearer", expires_in=life)
    return JSONResponse(answer.model_dump(), 200, _NO_STORE)


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, sent = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, key = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return unquote_plus(name), unquote_plus(key)


def _error(kind: str, said: str) -> dict[str, str]:
    return {"error": kind, "error_description": said}
