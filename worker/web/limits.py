"""Ceilings on the size of a request and on the time it takes to come, kept while it is read and not after."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dispatch.problems import Problem
from worker.web.pages.rendering import is_page
from worker.web.problems import file_too_large, said, too_large, too_slow

_GLANCES = 10
"""How often in the time that is allowed somebody looks whether it is over."""


_BEYOND = 8
"""How many times as long as allowed a body may be that is still taken to its end, to be answered with a page."""

Got = TypeVar("Got")


class BodyTooLongError(Exception):
    """The body is longer than allowed; the rest of it, if there is ``more``, was not read."""

    def __init__(self, *, more: bool) -> None:
        super().__init__()
        self.more = more


class BodyReader:
    """Reads bodies of at most ``limit`` bytes, each within ``seconds``.

    One timer looks after all of them: one for each would cost more than all else that is done to read a body.
    """

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit, self.seconds = limit, seconds
        self._reading: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()
        self._watch: asyncio.TimerHandle | None = None

    async def read(self, receive: Receive) -> bytes:
        """Return the body of a request.

        Raises:
            BodyTooLongError: it is longer than allowed.
            TimeoutError: it was not here in time.
            ClientDisconnect: the sender is gone.
        """
        return await self._in_time(_read(receive, self.limit))

    async def drop(self, receive: Receive) -> None:
        """Take the rest of a body that is too long and keep nothing of it: a browser hears no answer before its end.

        Raises:
            TimeoutError: it was not here in time.
        """
        await self._in_time(_drop(receive, _BEYOND * self.limit))

    async def _in_time(self, coming: Coroutine[Any, Any, Got]) -> Got:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type checker: a server runs each request in a task
        self._reading[task] = loop.time()
        if self._watch is None:
            self._watch = loop.call_later(self.seconds / _GLANCES, self._look, loop)
        try:
            return await coming
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise TimeoutError from None
        finally:
            del self._reading[task]
            self._late.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        before = loop.time() - self.seconds
        for task in [task for task, since in self._reading.items() if since <= before]:
            self._late.add(task)
            task.cancel()
        self._watch = loop.call_later(self.seconds / _GLANCES, self._look, loop) if self._reading else None


async def _read(receive: Receive, limit: int) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False) and len(body) <= limit and message["type"] == "http.request":
        return body
    return await _read_on(message, receive, limit)


async def _read_on(message: Message, receive: Receive, limit: int) -> bytes:
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > limit:
            raise BodyTooLongError(more=message.get("more_body", False))
        if not message.get("more_body", False):
            return bytes(body)
        message = await receive()


async def _drop(receive: Receive, most: int) -> None:
    dropped, more = 0, True
    while more and dropped <= most:
        message = await receive()
        dropped += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)


class BodyLimit:
    """ASGI middleware: stops reading as soon as a body grows beyond ``limit`` bytes or takes longer than ``seconds``.

    What lies under a path that begins with ``but_not`` reads for itself. ``files`` is where files are sent, as the end
    of a path, and the limit of one file.
    """

    def __init__(
        self, app: ASGIApp, limit: int, seconds: float, but_not: str, files: tuple[str, int] | None = None
    ) -> None:
        self._app = app
        self._reader = BodyReader(limit, seconds)
        self._files = files and (files[0], BodyReader(files[1], seconds))
        self._but_not = but_not

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._but_not):
            await self._app(scope, receive, send)
            return
        reader = self._files[1] if self._files and scope["path"].endswith(self._files[0]) else self._reader
        try:
            body = await reader.read(receive)
        except ClientDisconnect:
            return
        except BodyTooLongError as error:
            if error.more and is_page(Request(scope)):  # behind its end there is nothing to wait for but the sender
                with suppress(TimeoutError):
                    await reader.drop(receive)
            problem = too_large if reader is self._reader else file_too_large
            await refuse(problem(reader.limit), scope, receive, send)
        except TimeoutError:
            await refuse(too_slow(reader.seconds), scope, receive, send)
        else:
            await self._app(scope, _replay(body, receive), send)


async def refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request whose body was not read to its end; the connection cannot be used again."""
    response = said(Request(scope), problem)
    response.headers["Connection"] = "close"
    await response(scope, receive, send)


def _replay(body: bytes, receive: Receive) -> Receive:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
