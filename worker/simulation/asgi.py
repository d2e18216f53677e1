"""An ASGI application called like a function: no socket, no event loop, no other thread."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import httpx
from starlette.types import ASGIApp, Message


class WouldWaitError(Exception):
    """The application waits for something, which in here never comes."""


def exchange(app: ASGIApp, request: httpx.Request) -> httpx.Response:
    """Give a request to an application and return its answer.

    Raises:
        httpx.RemoteProtocolError: the answer was cut off.
        WouldWaitError: the application waits for time, for a thread or for the network.
    """
    body, answered = request.read(), _Answered()
    incoming: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return incoming.pop() if incoming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answered.take(message)

    _run(app(_scope(request), receive, send))
    if not answered.complete:
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
    return httpx.Response(answered.status, headers=answered.headers, content=bytes(answered.body), request=request)


class _Answered:
    """An answer while it comes in."""

    def __init__(self) -> None:
        self.status, self.headers, self.body, self.complete = 0, list[tuple[bytes, bytes]](), bytearray(), False

    def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", []))
        else:
            self.body += message.get("body", b"")
            self.complete = not message.get("more_body", False)


def _scope(request: httpx.Request) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.partition(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "server": (request.url.host, 443),
    }


def _run(work: Awaitable[None]) -> None:
    """Run a coroutine that only ever gives way to others, of whom there are none."""
    steps = work.__await__()
    try:
        while True:
            if next(steps) is not None:
                raise WouldWaitError("a simulated application waits for the event loop")
    except StopIteration:
        return
