"""Headers of caution on every answer that brings none of its own: what a browser must not do with it.

Pages have stricter and more of them (``pages.rendering``); these are for what else a browser may be led to: problem
documents, drawings, PDFs, files of an incident, answers to programs.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
}
_PDF = "application/pdf"


class Caution:
    """ASGI middleware that adds what is missing: no guessing of types, nothing that runs, nothing kept in a cache."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if headers.get("content-type") == _PDF:  # the browser's own viewer is made of scripts
                    del headers["Content-Security-Policy"]
            await send(message)

        await self._app(scope, receive, careful if scope["type"] == "http" else send)
