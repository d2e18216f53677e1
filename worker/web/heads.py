"""How long a sender may take for the head of a request: by itself the server waits for ever for the rest of one."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from worker.web.endings import ending_of

_SECONDS = 10.0
_GLANCES = 10
"""How often in the time that is allowed somebody looks whether it is over."""

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

log = structlog.get_logger()


class PromptProtocol(HttpToolsProtocol):
    """Speaks HTTP with whoever connects, and hangs up on a head that is not whole in time.

    Between two requests the server's own limit for idle connections counts.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._heads = _WATCHES.setdefault(self.loop, _Watch(self.loop))

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a request from now on."""
        super().connection_made(transport)
        self._heads.expect(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._heads.forget(self)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Expect the rest of a head that has begun."""
        super().on_message_begin()
        self._heads.expect(self)

    def on_headers_complete(self) -> None:
        """Expect nothing of a head that is whole."""
        self._heads.forget(self)
        super().on_headers_complete()

    def shutdown(self) -> None:
        """Let answers without an end of their own end, too."""
        ending_of(self.loop).set()
        super().shutdown()

    def hang_up(self) -> None:
        """Tell the sender why, and close."""
        log.warning("request_head_too_slow", sender=self.client[0] if self.client else "")
        self.transport.write(_TOO_SLOW)
        self.transport.close()


class _Watch:
    """One timer for all connections of a loop: one for each would cost more than all else that is done for a head."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._since: dict[PromptProtocol, float] = {}
        self._next_look: asyncio.TimerHandle | None = None

    def expect(self, protocol: PromptProtocol) -> None:
        self._since.setdefault(protocol, self._loop.time())
        if self._next_look is None:
            self._next_look = self._loop.call_later(_SECONDS / _GLANCES, self._look)

    def forget(self, protocol: PromptProtocol) -> None:
        self._since.pop(protocol, None)

    def _look(self) -> None:
        before = self._loop.time() - _SECONDS
        for protocol in [protocol for protocol, since in self._since.items() if since <= before]:
            del self._since[protocol]
            protocol.hang_up()
        self._next_look = self._loop.call_later(_SECONDS / _GLANCES, self._look) if self._since else None


_WATCHES: WeakKeyDictionary[asyncio.AbstractEventLoop, _Watch] = WeakKeyDictionary()
