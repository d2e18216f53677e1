"""Our own style sheet and script, at addresses that carry their digest: a browser fetches each version once."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

router = APIRouter(include_in_schema=False)

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_FOLDER = files("worker.web.pages") / "static"


@cache
def _content(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


@cache
def address(name: str) -> str:
    """Return where a file of ours is served."""
    return f"/static/{hashlib.sha256(_content(name)).hexdigest()[:16]}/{name}"


@router.get("/static/{digest}/{name}")
def asset(digest: str, name: str) -> Response:
    """Serve a file; an address of an earlier version is none any more."""
    known = {entry.name for entry in _FOLDER.iterdir()}
    if name not in known or address(name) != f"/static/{digest}/{name}":
        raise HTTPException(404, "There is no such file")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(_content(name), media_type=_TYPES[name.rpartition(".")[2]], headers=headers)
