"""A ceiling on the size of a request, kept while it is read and not after."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.web.problems import answer, too_large


class BodyLimit:
    """ASGI middleware: stops reading as soon as a body grows beyond ``limit`` bytes, and answers 413.

    Under a path that begins with ``in_own_words`` the route answers instead: it gets no body at all, and finds
    ``request.state.body_too_long`` set.
    """

    def __init__(self, app: ASGIApp, limit: int, in_own_words: str) -> None:
        self._app = app
        self._limit = limit
        self._in_own_words = in_own_words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._limit:
                await self._refuse(scope, receive, send)
                return
        await self._app(scope, _replay(bytes(body), receive), send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith(self._in_own_words):
            await answer(too_large(self._limit))(scope, receive, send)
            return
        scope.setdefault("state", {})["body_too_long"] = True
        await self._app(scope, _replay(b"", receive), send)


def _replay(body: bytes, receive: Receive) -> Receive:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
